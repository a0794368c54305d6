"""Runs that ended before their plan did."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.labelled.kinds import (
    LABELS,
    NO_GO,
    Labelled,
    Maker,
    Random,
    drifting,
    limit_off,
    line,
    open_run,
)
from benchmarks.labelled.processes import Samples, truth
from benchmarks.labelled.run_files import Left, Shares
from benchmarks.labelled.undecided import STOPPED, UNDECIDED, ended_as, no_go_if, until
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.thresholds import parse_threshold


def _early(ended: Ended, detail: str, right: frozenset[Verdict | None] | None = None) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        seconds = random.uniform(5, 280)
        target = drifting(random, 300)
        found = no_go_if(not met) if right is None else right
        return open_run(
            random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=found,
            left=Left(ended_as(ended, detail)), change=until(seconds),
        )  # fmt: skip

    return make


def _no_samples(random: Random, met: bool) -> Labelled:
    target = drifting(random, 300)
    return open_run(
        random, target, ["error_rate < 1%"], met, seconds=60, right=UNDECIDED,
        left=Left(ended_as(Ended.NOT_STARTED, "no sample was ever sent")), spoil=lambda rows: [],
    )  # fmt: skip


def _aborted(random: Random, met: bool) -> Labelled:
    """An abort line fired since the target failed; a target that is well is not aborted."""
    if met:
        return _early(Ended.OVERDUE, "JMeter still ran after the end of its plan")(random, met)
    target = drifting(random, 300, errors={name: 0.5 for name in LABELS})
    abort = "abort if error_rate > 20% for 10s"
    detail = f"{abort}: true for 10 s until second 12 of the load, 50 % in the last of them"
    return open_run(
        random, target, ["error_rate < 1%", abort], met, seconds=300, right=frozenset({NO_GO}),
        left=Left(ended_as(Ended.ABORTED, detail)), change=until(14),
    )  # fmt: skip


def _aborted_by_generator(random: Random, met: bool) -> Labelled:
    """An abort line on response times fired while JMeter itself was what made them long."""
    target = drifting(random, 300)
    value = truth(target, parse_threshold("p95 < 1s"))
    goal = f"p95 < {limit_off(random, value, met, '<'):.3f}ms"
    abort = "abort if p95 > 2s for 10s"
    detail = f"{abort}: true for 10 s until second 200 of the load"

    def starved(samples: Samples) -> Samples:
        kept = until(201)(samples)
        kept = kept.pick(random.random(len(kept)) < 0.8)
        return replace(kept, elapsed_ms=kept.elapsed_ms + 3000)

    left = Left(ended_as(Ended.ABORTED, detail), Shares(jmeter=0.93, target=0.02))
    return open_run(
        random, target, [goal, abort], met, seconds=300, right=UNDECIDED, left=left, change=starved
    )  # fmt: skip


EARLY: dict[str, Maker] = {
    "stopped": _early(Ended.STOPPED, "stopped on request", STOPPED),
    "overdue": _early(Ended.OVERDUE, "JMeter still ran after the end of its plan"),
    "out of requests": _early(Ended.LIMIT_REACHED, "the requests that this run may send are used up"),
    "early failure": _early(Ended.EARLY_FAILURE, "only 404", UNDECIDED),
    "not started": _no_samples,
    "aborted": _aborted,
    "aborted for the generator": _aborted_by_generator,
}
"""By how they ended."""
