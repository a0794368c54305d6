"""Runs with too few samples for their thresholds, without a goal, or with a truth that is near its limit."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.labelled.kinds import (
    GO,
    LABELS,
    NO_GO,
    OPEN,
    Labelled,
    Maker,
    Random,
    drifting,
    line,
    open_run,
)
from benchmarks.labelled.run_files import Left
from benchmarks.labelled.undecided import FORMS, UNDECIDED, ended_as, until
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import Verdict


def _too_short(form: str, seconds: int, rate_per_s: float) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        target = drifting(random, 6000)
        lines = [line(random, target, form, met)]
        return open_run(
            random, target, lines, met, seconds=seconds, rate_per_s=rate_per_s, right=UNDECIDED
        )  # fmt: skip

    return make


def _only_warm_up(random: Random, met: bool) -> Labelled:
    target = drifting(random, 6000)
    return open_run(
        random,
        target,
        [line(random, target, "p95 < {}ms", met)],
        met,
        seconds=300,
        right=UNDECIDED,
        left=Left(ended_as(Ended.OVERDUE, "JMeter still ran after the end of its plan")),
        change=until(25),
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


def _near(random: Random, met: bool) -> Labelled:
    """Within 5 % of the limit, either side."""
    target = drifting(random, 300)
    lines = [line(random, target, str(random.choice(FORMS)), met, least=0.002, most=0.05)]
    right: frozenset[Verdict | None] = frozenset({GO if met else NO_GO, OPEN})
    return open_run(random, target, lines, met, seconds=300, right=right, near=True)


def _noisy(random: Random, met: bool) -> Labelled:
    """Further off than 5 %, in a run that is too short for how much the target drifts."""
    drift, memory = random.uniform(0.1, 0.2), random.uniform(0.9, 0.97)
    target = replace(drifting(random, 600), drift=drift, memory=memory)
    lines = [line(random, target, str(random.choice(FORMS)), met, most=0.2)]
    seconds = int(random.choice([120, 180, 300]))
    right: frozenset[Verdict | None] = frozenset({GO if met else NO_GO, OPEN})
    return open_run(random, target, lines, met, seconds=seconds, right=right, near=True)


SHORT: dict[str, Maker] = {
    "p99 of 300 samples": _too_short("p99 < {}ms", 60, 6.0),
    "p95 of 100 samples": _too_short("p95 < {}ms", 30, 4.0),
    "p95 of a label": _too_short("p95(home) < {}ms", 60, 6.0),
    "mean of 50 samples": _too_short("mean < {}ms", 30, 2.0),
    "p95 in thin windows": _too_short("p95 < {}ms over 10s", 300, 10.0),
    "longer windows than the run": _too_short("mean < {}ms over 300s", 200, 20.0),
    "only the warm-up": _only_warm_up,
}
"""By what there are too few of."""

NO_GOAL: dict[str, Maker] = {
    "no threshold": _no_goal(),
    "abort lines only": _no_goal("abort if error_rate > 50% for 10s"),
    "label without samples": _label_without_samples,
}
"""By what they have in the place of a goal."""

NEAR: dict[str, Maker] = {"within 5 %": _near, "too short for its noise": _noisy}
"""Runs whose truth is so near the limit, for their noise, that a wrong verdict must be told as marginal."""
