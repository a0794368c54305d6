"""The runs whose data can't tell: too short, generator limited, spoiled, without a goal, ended early.

A threshold of theirs may truly be met or broken; what was measured does not say, or says the contrary. Where
the target answered with errors of its own, or a goal is broken by far on rows that are good, NO_GO is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.labelled.kinds import (
    GO,
    LABELS,
    NO_GO,
    OPEN,
    Labelled,
    Maker,
    Random,
    closed_run,
    drifting,
    limit_off,
    line,
    open_run,
)
from benchmarks.labelled.processes import Samples, truth
from benchmarks.labelled.run_files import HEADER, START_MS, Left, Shares
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.thresholds import parse_threshold

UNDECIDED: frozenset[Verdict | None] = frozenset({OPEN})
STOPPED: frozenset[Verdict | None] = frozenset({None})
_OWN_FAILURE = 2  # of `CODES`
_FORMS = ("p95 < {}ms", "p99 < {}ms", "mean < {}ms", "p90(search) < {}ms")


def _no_go_if(broken: bool) -> frozenset[Verdict | None]:
    """INCONCLUSIVE, or NO_GO where the target deserves it."""
    return frozenset({OPEN, NO_GO}) if broken else UNDECIDED


def _too_short(form: str, seconds: int, rate_per_s: float) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        target = drifting(random, 6000)
        lines = [line(random, target, form, met)]
        return open_run(
            random, target, lines, met, seconds=seconds, rate_per_s=rate_per_s, right=UNDECIDED
        )  # fmt: skip

    return make


def _ended(ended: Ended, detail: str) -> LoadOutcome:
    return LoadOutcome(attempt=1, ended=ended, detail=detail, started_ms=START_MS)


def _until(seconds: float) -> Callable[[Samples], Samples]:
    def cut(samples: Samples) -> Samples:
        return samples.pick(samples.start_ms + samples.elapsed_ms < 1000 * seconds)

    return cut


def _only_warm_up(random: Random, met: bool) -> Labelled:
    target = drifting(random, 6000)
    return open_run(
        random,
        target,
        [line(random, target, "p95 < {}ms", met)],
        met,
        seconds=300,
        right=UNDECIDED,
        left=Left(_ended(Ended.OVERDUE, "JMeter still ran after the end of its plan")),
        change=_until(25),
    )


def _no_goal(*thresholds: str) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        target = drifting(random, 600, errors={n: 0.0 if met else 0.05 for n in LABELS})
        return open_run(random, target, thresholds, met, seconds=120, right=UNDECIDED)

    return make


def _label_without_samples(random: Random, met: bool) -> Labelled:
    target = drifting(random, 600)
    lines = [line(random, target, "p95(search) < {}ms", met), "error_rate < 1%"]
    return open_run(
        random, target, lines, met, seconds=300, right=UNDECIDED,
        change=lambda samples: samples.pick(samples.label == 0),
    )  # fmt: skip


# The load generator was the limit ---------------------------------------------------------------------------


def _busy_generator(random: Random, met: bool) -> Labelled:
    """JMeter has no processor left: a fifth of the load is missing, and requests wait inside it."""
    target = drifting(random, 300)
    waits = random.uniform(1.2, 3.0)

    def starved(samples: Samples) -> Samples:
        kept = samples.pick(random.random(len(samples)) < 0.8)
        return replace(kept, elapsed_ms=(kept.elapsed_ms * waits).astype(np.int64))

    form = str(random.choice(_FORMS))
    lines = [line(random, target, form, met), "throughput >= 45/s"]
    busy = Left(shares=Shares(jmeter=random.uniform(0.82, 0.97), target=0.02))
    return open_run(random, target, lines, met, seconds=300, right=UNDECIDED, left=busy, change=starved)


def _busy_generator_with_errors(random: Random, met: bool) -> Labelled:
    """The same, and the target answers one request in ten with a 500: that no generator makes."""
    share = 0.0 if met else 0.1
    target = drifting(random, 300, errors={name: share for name in LABELS})
    right = UNDECIDED if met else frozenset({NO_GO})
    busy = Left(shares=Shares(jmeter=0.9, target=0.02))
    return open_run(
        random, target, ["error_rate < 1%", "p95 < 30s"], met, seconds=300, right=right, left=busy,
        change=lambda samples: samples.pick(random.random(len(samples)) < 0.8),
    )  # fmt: skip


def _busy_generator_and_errors_alone(random: Random, met: bool) -> Labelled:
    """No request of the load that was reached failed; at the load asked, one in twenty might."""
    target = drifting(random, 300, errors={})
    busy = Left(shares=Shares(jmeter=0.9, target=0.02))
    return open_run(
        random, target, ["error_rate < 1%"], met, seconds=300, right=UNDECIDED, left=busy,
        change=lambda samples: samples.pick(random.random(len(samples)) < 0.8),
    )  # fmt: skip


def _load_fell_short(random: Random, met: bool) -> Labelled:
    """A part of the load is missing and nothing tells why; no goal says how much of it is enough."""
    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=_no_go_if(not met),
        change=lambda samples: samples.pick(random.random(len(samples)) < random.uniform(0.3, 0.85)),
    )  # fmt: skip


def _users_wait_inside(random: Random, met: bool) -> Labelled:
    """Little's law does not hold: users spend a third of their time neither answered nor in a pause."""
    return closed_run(random, met, waits=random.uniform(0.3, 0.8), right=UNDECIDED)


def _late(random: Random, met: bool) -> Labelled:
    """JMeter stands still for five seconds of each forty and sends what it owes behind that."""

    def held(samples: Samples) -> Samples:
        inside = samples.start_ms % 40_000
        late = np.where(inside < 5000, 5000 - inside, 0)
        return replace(samples, start_ms=samples.start_ms + late)

    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, even=True,
        right=UNDECIDED, change=held,
    )  # fmt: skip


def _collector(random: Random, met: bool) -> Labelled:
    """JMeter's collector stands still for 1.2 s of each ten: whoever waits, waits for that."""

    def paused(samples: Samples) -> Samples:
        ends = samples.start_ms + samples.elapsed_ms
        within = ends % 10_000
        return replace(samples, elapsed_ms=samples.elapsed_ms + np.where(within < 1200, 1200 - within, 0))

    pauses = "".join(
        f"[{START_MS + 10_000 * n + 1200}ms] GC({n}) Pause Full (G1 Compaction Pause) "
        "250M->240M(256M) 1200.000ms\n"
        for n in range(30)
    )
    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=UNDECIDED,
        left=Left(gc_log=f"[{START_MS - 500}ms] Using G1\n{pauses}"), change=paused,
    )  # fmt: skip


def _own_failures(random: Random, met: bool) -> Labelled:
    """JMeter has no port left for one request in fifty, and those are answered at once."""

    def unsent(samples: Samples) -> Samples:
        lost = random.random(len(samples)) < random.uniform(0.01, 0.2)
        elapsed = np.where(lost, 1, samples.elapsed_ms)
        return replace(samples, elapsed_ms=elapsed, code=np.where(lost, _OWN_FAILURE, samples.code))

    target = drifting(random, 300)
    lines = [line(random, target, "p95 < {}ms", met), "error_rate < 0.5%"]
    return open_run(random, target, lines, met, seconds=300, right=UNDECIDED, change=unsent)


# Something outside spoiled the evidence ---------------------------------------------------------------------


def _neighbour(random: Random, met: bool) -> Labelled:
    target = drifting(random, 300)
    times = random.uniform(1.3, 3.0)
    shares = Shares(neighbours=random.uniform(0.3, 0.8))
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=_no_go_if(not met),
        left=Left(shares=shares),
        change=lambda samples: replace(samples, elapsed_ms=(samples.elapsed_ms * times).astype(np.int64)),
    )  # fmt: skip


def _monitor_died(random: Random, met: bool) -> Labelled:
    target = drifting(random, 300)
    shares = Shares(until_s=random.uniform(20, 280))
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=_no_go_if(not met),
        left=Left(shares=shares),
    )  # fmt: skip


def _monitor_died_with_errors(random: Random, met: bool) -> Labelled:
    """Nobody watched the host, but the target answered with errors of its own: that touches no answer."""
    target = drifting(random, 300, errors={name: 0.0 if met else 0.1 for name in LABELS})
    right = UNDECIDED if met else frozenset({NO_GO})
    left = Left(shares=Shares(until_s=100))
    lines = ["error_rate < 1%", "p95 < 30s"]
    return open_run(random, target, lines, met, seconds=300, right=right, left=left)


def _clock_step(random: Random, met: bool) -> Labelled:
    step_s = float(random.choice([-1, 1])) * random.uniform(1.5, 20)
    at_ms = int(random.integers(50_000, 250_000))
    outcome = LoadOutcome(attempt=1, ended=Ended.COMPLETED, started_ms=START_MS, clock_step_s=step_s)

    def stepped(samples: Samples) -> Samples:
        ends = samples.start_ms + samples.elapsed_ms
        start = np.where(samples.start_ms >= at_ms, samples.start_ms + round(1000 * step_s), samples.start_ms)
        over = (samples.start_ms < at_ms) & (ends >= at_ms)  # measured across the step
        elapsed = np.where(over, samples.elapsed_ms + max(round(1000 * step_s), 0), samples.elapsed_ms)
        return replace(samples, start_ms=start, elapsed_ms=elapsed)

    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=_no_go_if(not met),
        left=Left(outcome), change=stepped,
    )  # fmt: skip


Spoil = Callable[[list[str], Random], Sequence[str | bytes]]


def _damaged(spoil: Spoil, *forms: str) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        target = drifting(random, 300)
        lines = [line(random, target, form, met, rate_per_s=50.0) if "{}" in form else form for form in forms]
        return open_run(
            random, target, lines, met, seconds=300, right=_no_go_if(not met),
            spoil=lambda rows: spoil(rows, random),
        )  # fmt: skip

    return make


def _torn_rows(rows: list[str], random: Random) -> Sequence[str]:
    """Some rows lost their ends."""
    hit = set(random.choice(len(rows), int(random.integers(1, 60)), replace=False).tolist())
    return [row[: len(row) // 2].replace(",", " ") + "\n" if n in hit else row for n, row in enumerate(rows)]


def _hole(rows: list[str], random: Random) -> Sequence[str | bytes]:
    """A fifth of the file is empty blocks of the disk."""
    begin = int(random.uniform(0.2, 0.7) * len(rows))
    end = begin + len(rows) // 5
    return [*rows[:begin], bytes(sum(map(len, rows[begin:end])) - 1) + b"\n", *rows[end:]]


def _slow_rows_lost(rows: list[str], random: Random) -> Sequence[str]:
    """What is damaged are the slowest tenth: the rest looks better than the target is."""
    elapsed = np.array([int(row.split(",", 2)[1]) for row in rows])
    lost = elapsed >= np.quantile(elapsed, 0.9)
    return [row.replace(",", "", 3) if gone else row for row, gone in zip(rows, lost.tolist(), strict=True)]


def _second_header(rows: list[str], random: Random) -> Sequence[str]:
    at = int(random.integers(1, len(rows)))
    return [*rows[:at], f"{HEADER}\n", *rows[at:]]


def _killed(told: bool) -> Maker:
    """JMeter is killed; perfpilot saw that, or was killed as well."""

    def make(random: Random, met: bool) -> Labelled:
        seconds = random.uniform(5, 290)
        detail = "the load generator was killed by signal 9 before its plan ended"
        left = Left(_ended(Ended.GENERATOR_DIED, detail) if told else None)
        target = drifting(random, 300)
        return open_run(
            random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300,
            right=_no_go_if(not met), left=left, change=_until(seconds),
        )  # fmt: skip

    return make


# Ended early -----------------------------------------------------------------------------------------------


def _early(ended: Ended, detail: str, right: frozenset[Verdict | None] | None = None) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        seconds = random.uniform(5, 280)
        target = drifting(random, 300)
        found = _no_go_if(not met) if right is None else right
        return open_run(
            random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=found,
            left=Left(_ended(ended, detail)), change=_until(seconds),
        )  # fmt: skip

    return make


def _no_samples(random: Random, met: bool) -> Labelled:
    target = drifting(random, 300)
    return open_run(
        random, target, ["error_rate < 1%"], met, seconds=60, right=UNDECIDED,
        left=Left(_ended(Ended.NOT_STARTED, "no sample was ever sent")), spoil=lambda rows: [],
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
        left=Left(_ended(Ended.ABORTED, detail)), change=_until(14),
    )  # fmt: skip


def _aborted_by_generator(random: Random, met: bool) -> Labelled:
    """An abort line on response times fired while JMeter itself was what made them long."""
    target = drifting(random, 300)
    value = truth(target, parse_threshold("p95 < 1s"))
    goal = f"p95 < {limit_off(random, value, met, '<'):.3f}ms"
    abort = "abort if p95 > 2s for 10s"
    detail = f"{abort}: true for 10 s until second 200 of the load"

    def starved(samples: Samples) -> Samples:
        kept = _until(201)(samples)
        kept = kept.pick(random.random(len(kept)) < 0.8)
        return replace(kept, elapsed_ms=kept.elapsed_ms + 3000)

    left = Left(_ended(Ended.ABORTED, detail), Shares(jmeter=0.93, target=0.02))
    return open_run(
        random, target, [goal, abort], met, seconds=300, right=UNDECIDED, left=left, change=starved
    )  # fmt: skip


# Near the limit ---------------------------------------------------------------------------------------------


def _near(random: Random, met: bool) -> Labelled:
    """Within 5 % of the limit, either side."""
    target = drifting(random, 300)
    lines = [line(random, target, str(random.choice(_FORMS)), met, least=0.002, most=0.05)]
    right: frozenset[Verdict | None] = frozenset({GO if met else NO_GO, OPEN})
    return open_run(random, target, lines, met, seconds=300, right=right, near=True)


def _noisy(random: Random, met: bool) -> Labelled:
    """Further off than 5 %, in a run that is too short for how much the target drifts."""
    drift, memory = random.uniform(0.1, 0.2), random.uniform(0.9, 0.97)
    target = replace(drifting(random, 600), drift=drift, memory=memory)
    lines = [line(random, target, str(random.choice(_FORMS)), met, most=0.2)]
    seconds = int(random.choice([120, 180, 300]))
    right: frozenset[Verdict | None] = frozenset({GO if met else NO_GO, OPEN})
    return open_run(random, target, lines, met, seconds=seconds, right=right, near=True)


UNDECIDABLE: dict[str, dict[str, Maker]] = {
    "too short": {
        "p99 of 300 samples": _too_short("p99 < {}ms", 60, 6.0),
        "p95 of 100 samples": _too_short("p95 < {}ms", 30, 4.0),
        "p95 of a label": _too_short("p95(home) < {}ms", 60, 6.0),
        "mean of 50 samples": _too_short("mean < {}ms", 30, 2.0),
        "p95 in thin windows": _too_short("p95 < {}ms over 10s", 300, 10.0),
        "longer windows than the run": _too_short("mean < {}ms over 300s", 200, 20.0),
        "only the warm-up": _only_warm_up,
    },
    "generator limited": {
        "no processor left": _busy_generator,
        "no processor left, 500s": _busy_generator_with_errors,
        "no processor left, errors alone": _busy_generator_and_errors_alone,
        "the load fell short": _load_fell_short,
        "users wait inside": _users_wait_inside,
        "behind the schedule": _late,
        "collecting garbage": _collector,
        "no ports left": _own_failures,
    },
    "spoiled": {
        "a neighbour": _neighbour,
        "monitor died": _monitor_died,
        "monitor died, 500s": _monitor_died_with_errors,
        "clock step": _clock_step,
        "torn rows, p95": _damaged(_torn_rows, "p95 < {}ms"),
        "hole, p95": _damaged(_hole, "p95 < {}ms"),
        "hole, throughput": _damaged(_hole, "throughput >= {}/s"),
        "hole, achieved load": _damaged(_hole, "throughput >= {}/s", "achieved_load >= 95%"),
        "slow rows lost": _damaged(_slow_rows_lost, "p99 < {}ms"),
        "second header": _damaged(_second_header, "p95 < {}ms"),
        "JMeter killed": _killed(True),
        "both killed": _killed(False),
    },
    "no goal": {
        "no threshold": _no_goal(),
        "abort lines only": _no_goal("abort if error_rate > 50% for 10s"),
        "label without samples": _label_without_samples,
    },
    "ended early": {
        "stopped": _early(Ended.STOPPED, "stopped on request", STOPPED),
        "overdue": _early(Ended.OVERDUE, "JMeter still ran after the end of its plan"),
        "out of requests": _early(Ended.LIMIT_REACHED, "the requests that this run may send are used up"),
        "early failure": _early(Ended.EARLY_FAILURE, "only 404", UNDECIDED),
        "not started": _no_samples,
        "aborted": _aborted,
        "aborted for the generator": _aborted_by_generator,
    },
}
"""Runs whose data can't tell, by kind and by what is wrong with them."""

NEAR: dict[str, Maker] = {"within 5 %": _near, "too short for its noise": _noisy}
"""Runs whose truth is so near the limit, for their noise, that a wrong verdict must be told as marginal."""
