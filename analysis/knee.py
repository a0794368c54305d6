"""Where a stepped load stopped being kept up with: the two levels between which the limit of the target lies.

It places the levels of the next attempt and decides nothing: a level's percentiles are the medians of its
seconds' percentiles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from perfpilot.analysis.capacity.ladder import HeldLevel, held_levels
from perfpilot.analysis.figures import figure
from perfpilot.domain.measure import Series
from perfpilot.domain.plan import Engine, Plan
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.thresholds import Metric, Threshold

KEPT_UP = 0.95
"""Less than this share of the load asked is not keeping up."""

MOST_ERRORS = 0.05
SLOWER = 5.0
"""A p95 so many times that of the lowest level: requests wait for each other."""

SLOWER_MS = 50.0
"""And by so much at least: between 2 and 10 ms lies no knee."""

SETTLING = 0.2
"""Share of a hold that is left out at its begin: the level before still drains."""

STALL_S = 0.25
"""A pause so long at the end of a hold, of the target or of the machine, is no lack of capacity."""

_DEVIATIONS = 3.0
_PERCENTILES = {50.0: "p50_ms", 95.0: "p95_ms", 99.0: "p99_ms"}


@dataclass(frozen=True)
class SeenLevel:
    """A held level and what it showed."""

    rate_per_s: float  # arrivals, over all measured scenarios
    samples_per_s: float  # that ended, failed ones included
    p50_ms: float | None
    lost: str  # how the target did not keep up; empty: it did
    short: bool = False  # the only thing wrong is that the load was not reached

    @property
    def kept(self) -> bool:
        """Whether the target kept up."""
        return not self.lost


def seen_levels(
    plan: Plan,
    series: Series,
    thresholds: Sequence[Threshold] = (),
    *,
    ended_s: float = math.inf,
    aborted: bool = False,
) -> tuple[SeenLevel, ...]:
    """The levels of a stepped load, lowest first, as far as the load came. Empty: it was not stepped.

    Stepped: the levels held rise from one to the next up to the highest; what comes after that is left out.
    Not for loads in users, which a slow target gets less of. A level was lost where less than 95 % of the
    load asked was reached (and neither chance nor a short stall explains it), 5 % of its samples failed, its
    p95 was five times that of the lowest level, a threshold on all samples was broken, or the load was
    `aborted` there, at `ended_s`.
    """
    holds = _rising(plan)
    found: list[SeenLevel] = []
    lowest: _Figures | None = None
    for hold in holds:
        if aborted and ended_s <= hold.to_s:
            found.append(SeenLevel(hold.rate_per_s, 0.0, None, "the load was aborted there"))
            break
        seconds = _seconds(hold, plan, min(ended_s, len(series.samples)))
        if hold.from_s >= ended_s:
            break
        figures = _figures(series, seconds)
        if figures is None:
            continue
        lowest = lowest or figures
        lost, short = _lost(figures, lowest, plan, thresholds)
        found.append(SeenLevel(hold.rate_per_s, figures.samples_per_s, figures.p50_ms, lost, short))
    return tuple(found)


def levels_of(closed: ClosedAttempt, thresholds: Sequence[Threshold] = ()) -> tuple[SeenLevel, ...]:
    """The levels of an attempt: see `seen_levels`."""
    whole = closed.attempt.phase("all")
    return seen_levels(
        closed.plan,
        closed.charts.series,
        thresholds,
        ended_s=whole.to_s if whole else 0.0,
        aborted=closed.attempt.ended == "aborted",
    )


def knee(levels: Sequence[SeenLevel]) -> tuple[SeenLevel, SeenLevel] | None:
    """The neighbouring levels of which the lower was kept up with and neither the upper nor any above it was.

    A level that was lost below one that was kept is a disturbance, not the limit. None where the highest
    level was kept, and where none was.
    """
    for lower, upper in reversed(list(pairwise(levels))):
        if upper.kept:
            return None
        if lower.kept:
            return lower, upper
    return None


@dataclass(frozen=True)
class _Figures:
    seconds: int
    samples: int
    errors: int
    asked: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None

    @property
    def samples_per_s(self) -> float:
        return self.samples / self.seconds

    @property
    def reached(self) -> float:
        return self.samples / self.asked


def _rising(plan: Plan) -> list[HeldLevel]:
    holds = held_levels(plan)
    if not holds or any(s.curve.unit != "rate_per_s" for s in plan.scenarios if s.measured):
        return []
    top = max(range(len(holds)), key=lambda index: holds[index].rate_per_s)
    rising = list(holds[: top + 1])
    return rising if all(a.rate_per_s < b.rate_per_s for a, b in pairwise(rising)) else []


def _seconds(hold: HeldLevel, plan: Plan, until_s: float) -> range:
    """Whole seconds of a hold that speak for it; none where more than half of them are missing."""
    begin = max(hold.from_s + SETTLING * (hold.to_s - hold.from_s), plan.warm_up_s)
    end = min(hold.to_s, until_s)
    whole = range(math.ceil(begin - 1e-9), math.floor(end + 1e-9))
    return whole if len(whole) >= (1 - SETTLING) * (hold.to_s - hold.from_s) / 2 else range(0)


def _figures(series: Series, seconds: range) -> _Figures | None:
    asked = [series.asked_per_s[second] or 0.0 for second in seconds]
    if not sum(asked):
        return None
    middle = {name: _median(getattr(series, name), seconds) for name in _PERCENTILES.values()}
    return _Figures(
        seconds=len(seconds),
        samples=sum(series.samples[second] for second in seconds),
        errors=sum(series.errors[second] for second in seconds),
        asked=sum(asked),
        **middle,
    )


def _median(values: Sequence[float | None], seconds: range) -> float | None:
    known = [value for second in seconds if (value := values[second]) is not None]
    return median(known) if known else None


def _lost(now: _Figures, lowest: _Figures, plan: Plan, thresholds: Sequence[Threshold]) -> tuple[str, bool]:
    """How a level was not kept up with, and whether it fell short and nothing else."""
    failed = now.errors / now.samples if now.samples else 0.0
    if failed > MOST_ERRORS:
        return f"{figure(100 * failed, '%')} of its samples failed", False
    p95, calm = now.p95_ms or 0.0, lowest.p95_ms or 0.0
    if p95 > SLOWER * calm and p95 - calm > SLOWER_MS:
        return f"a p95 of {figure(p95, 'ms')} against {figure(calm, 'ms')} at the lowest level", False
    for threshold in thresholds:
        value = _value(threshold, now, failed)
        if value is not None and not threshold.holds(value):
            return f"{threshold.text} was broken", False
    # Steps that run under a condition are not asked for, yet they count: the lowest level says how many.
    usual = max(lowest.reached, 1.0) if _conditional(plan) else 1.0
    reached = now.reached / usual
    if reached < KEPT_UP and 1 - reached > max(_chance(plan, now.asked), STALL_S / now.seconds):
        return f"{figure(100 * reached, '%')} of the load asked was reached", True
    return "", False


def _value(threshold: Threshold, now: _Figures, failed: float) -> float | None:
    """What a level says to a threshold on all samples; None: nothing."""
    if threshold.abort or threshold.label or threshold.over_s or not now.samples:
        return None
    if threshold.metric is Metric.ERROR_RATE:
        return failed
    if threshold.metric is Metric.PERCENTILE and threshold.percentile in _PERCENTILES:
        value: float | None = getattr(now, _PERCENTILES[threshold.percentile])
        return value
    return None


def _conditional(plan: Plan) -> bool:
    return any(step.only_if for scenario in plan.scenarios if scenario.measured for step in scenario.steps)


def _chance(plan: Plan, asked: float) -> float:
    """Three standard deviations of the load reached where arrivals are random, as a share."""
    random = [
        s for s in plan.scenarios if s.measured and s.engine is Engine.OPEN_SCHEDULE and not s.even_arrivals
    ]
    if not random:
        return 0.0
    # One arrival brings all samples of its journey: they come or stay away together.
    return _DEVIATIONS * math.sqrt(max(s.certain_requests for s in random) / asked)
