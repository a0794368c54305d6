"""The throughput of generated plans against that of a plan which an expert tuned by hand.

    python benchmarks/hand_tuned.py [--quick] [--pairs N] [--seconds N]

Both plans send the same requests of the same five journeys to the same target on loopback, as fast as they
can: `peers/hand_tuned.jmx` with one thread group, perfpilot's with one for each journey, with as many users
in all. JMeter, heap, properties and columns of the result file are the same. The plans take turns; the figure
is what the target counted in the second half of each run, when the JVM has compiled what it will. Nothing is
decided where others used more than a tenth of the machine.

Then perfpilot's open plans are asked for shares of that ceiling: an open schedule, in which each arrival is a
new user with a new connection, and paced users (`steered`). Takes about four minutes, `--quick` about three.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from peers import recorded, running
from peers.cases import Case, Stage
from peers.journeys import JOURNEYS, STEPS, WORDS, equally_weighted, without_pauses
from peers.layout import Layout
from peers.ours import Perfpilot

from perfpilot.tools.jmeter.installation.home import Generator

LEAST = 0.95
SHARES = (0.5, 0.9)
_OPEN_S = 10
_USERS = 2 * len(STEPS)
_QUIET = 0.1
_PLAN = Path(__file__).parent / "peers" / "hand_tuned.jmx"

Writer = Callable[[Case, int, Path], Layout]
"""Writes the plan of a case for a port into a directory."""


@dataclass(frozen=True)
class Reached:
    """What a run reached in its second half, and what that cost."""

    per_s: float  # requests that the target answered well
    refused: int
    jmeter_us: float  # processor time of JMeter for a request
    target: float  # share of one processor
    others: float  # share of the machine


def main() -> int:
    """Pairs in turns, the ratio of the medians, then the open plans."""
    parser = argparse.ArgumentParser(description="generated plans against a hand-tuned one")
    parser.add_argument("--quick", action="store_true", help="runs of 8 s")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=15)
    options = parser.parse_args()
    seconds = 8 if options.quick else options.seconds
    generator = running.find_generator()
    print(f"JMeter {generator.jmeter.version}, {_USERS} users, {seconds} s a run")
    with tempfile.TemporaryDirectory(prefix="perfpilot-hand-tuned-") as path:
        ceiling, enough = _pairs(generator, Path(path), options.pairs, seconds)
        _open(generator, Path(path), ceiling, min(seconds, _OPEN_S))
    return 0 if enough else 1


def _pairs(generator: Generator, directory: Path, pairs: int, seconds: int) -> tuple[float, bool]:
    """The hand-tuned plan's median throughput, and whether perfpilot's surely reaches enough of it."""
    case = Case(
        "closed", "as fast as they can", "closed", True, (Stage(_USERS, seconds),), without_pauses(JOURNEYS)
    )
    writers: dict[str, Writer] = {"hand-tuned": _hand_tuned, "perfpilot": Perfpilot().write}
    found: dict[str, list[Reached]] = {name: [] for name in writers}
    for number in range(pairs):
        # The second of a pair meets a warmer machine: each goes first as often.
        for name in sorted(writers, reverse=bool(number % 2)):
            reached = _reach(generator, directory, writers[name], case)
            found[name].append(reached)
            print(f"pair {number + 1}  {name:<11} {_shown(reached)}", flush=True)
    tuned, ours = (statistics.median(each.per_s for each in found[name]) for name in writers)
    tuned_us, ours_us = (statistics.median(each.jmeter_us for each in found[name]) for name in writers)
    ratio = ours / tuned
    print(
        f"closed: {ours:,.0f}/s of {tuned:,.0f}/s (medians), {ratio:.1%} of what the hand-tuned plan reaches"
    )
    print(f"        with {ours_us / tuned_us:.1%} of its processor time a request")
    others = max(each.others for runs in found.values() for each in runs)
    verdict = "pass" if ratio >= LEAST else "FAIL"
    if others > _QUIET:
        verdict = f"undecided, others used up to {others:.0%} of the machine: repeat it in quiet"
    print(f"at least {LEAST:.0%}: {verdict}", flush=True)
    return tuned, verdict == "pass"


def _open(generator: Generator, directory: Path, ceiling: float, seconds: int) -> None:
    """What open plans reach of shares of the ceiling. An arrival brings a journey's requests."""
    per_arrival = len(STEPS) / len(JOURNEYS)
    journeys = equally_weighted(without_pauses(JOURNEYS))
    response_s = _USERS / ceiling  # Little's law
    for name, steered in (("open schedule", False), ("paced users", True)):
        for share in SHARES:
            rate = round(share * ceiling / per_arrival / len(journeys)) * len(journeys)
            asked = rate * per_arrival
            case = Case("open", name, "open", True, (Stage(rate, seconds),), journeys)
            print(f"{name}, {share:.0%} of the ceiling, {asked:,.0f}/s: ", end="", flush=True)
            try:
                writer = Perfpilot(steered=steered, response_s=response_s).write
                reached = _reach(generator, directory, writer, case)
                print(f"{reached.per_s / asked:.1%} reached  {_shown(reached)}", flush=True)
            except RuntimeError as error:
                print(error, flush=True)


def _reach(generator: Generator, directory: Path, write: Writer, case: Case) -> Reached:
    own = Path(tempfile.mkdtemp(dir=directory))
    port = running.free_port()
    layout = write(case, port, own)
    ran = running.run(generator, own, layout.plans, layout.properties, port, case.duration_s)
    record = recorded.read(ran.record)
    from_s, to_s = case.duration_s / 2, case.duration_s - 1
    inside = (record.done_s >= from_s) & (record.done_s < to_s)
    count = int((inside & (record.status == 200)).sum())
    spent = ran.spent(record.begun_ns + from_s * 1e9, record.begun_ns + to_s * 1e9)
    return Reached(
        per_s=count / (to_s - from_s),
        refused=record.failed,
        jmeter_us=spent.jmeter_s / max(count, 1) * 1e6,
        target=spent.target,
        others=spent.others,
    )


def _hand_tuned(case: Case, port: int, directory: Path) -> Layout:
    text = _PLAN.read_text(encoding="utf-8")
    # Numbers in the place of functions: nothing is evaluated while the plan runs.
    for function, value in (
        ("${__P(users,26)}", case.peak),
        ("${__P(seconds,15)}", case.duration_s),
        ("${__P(port,8080)}", port),
    ):
        text = text.replace(function, f"{value:.0f}")
    (directory / "plan.jmx").write_text(text, encoding="utf-8")
    (directory / "words.csv").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    return Layout(("plan.jmx",))


def _shown(reached: Reached) -> str:
    return (
        f"{reached.per_s:>7,.0f}/s  {reached.refused} refused  {reached.jmeter_us:>4.0f} us of JMeter each"
        f"  target {reached.target:>4.0%} of a processor  others {reached.others:>4.0%} of the machine"
    )


if __name__ == "__main__":
    sys.exit(main())
