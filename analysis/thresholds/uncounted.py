"""Deciding thresholds that are not counted over samples: processor, achieved load, capacity, change.

- cpu(component): mean share of the cores that the component may use, over the readings of the steady phase;
  five readings at least, and two in each window with `over`.
- achieved_load: load reached / load asked in the steady phase, over the requests that are certain (see
  `certain_load`); a plan with rates and users is held to its rates. Where arrivals are random their number
  is, too: a shortfall within three standard deviations of a Poisson count is undecided, not broken.
- capacity: the highest arrival rate that met the thresholds, as estimated over several levels.
- change: relative change of another metric against a baseline that can be compared. It is met or broken where
  the whole interval of the change is, and undecided where the limit lies within: each end of the interval is
  passed by chance once in twenty times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.figures import figure
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.measure import GeneratorHealth, PhaseStats, ResourceSeries
from perfpilot.domain.plan import Engine, Plan
from perfpilot.domain.thresholds import Threshold

_LEAST_READINGS = 5
_LEAST_IN_WINDOW = 2
_DEVIATIONS = 3.0


def decide_cpu(
    threshold: Threshold,
    resources: Sequence[ResourceSeries],
    from_s: float,
    to_s: float,
    scale: float,
    limited: str,
) -> ThresholdResult:
    """Decide `cpu(component)`. A limit that holds under a load that was not reached proves nothing."""
    readings = [
        (t_s, value * scale)
        for series in resources
        if series.component == threshold.label and series.metric == "cpu_share"
        for t_s, value in zip(series.t_s, series.values, strict=True)
        if from_s <= t_s < to_s
    ]
    if len(readings) < _LEAST_READINGS:
        reason = f"{threshold.label} has {len(readings)} processor readings in the steady phase: "
        return _result(threshold, Decision.UNDECIDED, reason=f"{reason}{_LEAST_READINGS} are needed")
    window_s = math.ceil(threshold.over_s) or to_s - from_s
    means = [
        _mean(readings, from_s + begin, window_s) for begin in range(int(to_s - from_s - window_s + 1e-9) + 1)
    ]
    known = [mean for mean in means if mean is not None]
    if not known:
        return _result(
            threshold, Decision.UNDECIDED, reason=f"no full window of {window_s:g} s was monitored"
        )
    worst = max(known) if threshold.operator in ("<", "<=") else min(known)
    if not threshold.holds(worst):
        reason = f"{_shown(threshold, worst)}, the limit is {threshold.operator} {_shown(threshold)}"
        return _result(threshold, Decision.BROKEN, worst, reason)
    if limited or len(known) < len(means):
        reason = limited or f"{len(means) - len(known)} of {len(means)} windows were not monitored"
        return _result(threshold, Decision.UNDECIDED, worst, reason)
    return _result(threshold, Decision.MET, worst)


def decide_achieved_load(
    threshold: Threshold, plan: Plan, steady: PhaseStats, generator: GeneratorHealth, limited: str
) -> ThresholdResult:
    """Decide `achieved_load`. Short load is no verdict on the target if the generator was the limit."""
    value = generator.achieved_load
    samples = steady.pooled.count
    if value is None:
        return _result(threshold, Decision.UNDECIDED, reason="the load reached is not known", samples=samples)
    if threshold.holds(value):
        return _result(threshold, Decision.MET, value, samples=samples)
    reason = (
        f"{_shown(threshold, value)} of the load asked, the limit is {threshold.operator} {_shown(threshold)}"
    )
    if limited:
        return _result(threshold, Decision.UNDECIDED, value, limited, samples)
    chance = _chance(plan, steady)
    if threshold.operator in (">", ">=") and value > threshold.limit - chance:
        reason += f"; random arrivals alone vary by {figure(100 * chance, '%')}"
        return _result(threshold, Decision.UNDECIDED, value, reason, samples, marginal=True)
    return _result(threshold, Decision.BROKEN, value, reason, samples)


def decide_capacity(threshold: Threshold, capacity: Capacity | None) -> ThresholdResult:
    """Decide `capacity` by the interval of the estimate, or the bounds where there is none.

    An upward limit is met where the low end is at or above it: that much was kept beyond chance. It is broken
    where the high end does not reach it: that much was lost. With an estimate the limit may lie between the
    two: undecided and marginal, for a longer or finer test would tell. A downward limit is the mirror image,
    and needs an estimate: a bound alone never says that the capacity is no more.
    """
    if capacity and threshold.of_users:
        return _decide_users(threshold, capacity)
    upward = threshold.operator in (">", ">=")
    estimated = capacity is not None and capacity.estimated and capacity.rate_per_s is not None
    if capacity is None or not (estimated or upward):
        because = capacity.because if capacity else ""
        return _result(threshold, Decision.UNDECIDED, reason=because or "the capacity was not estimated")
    value = capacity.rate_per_s if estimated else None
    low = value if capacity.low_per_s is None else capacity.low_per_s
    high = value if capacity.high_per_s is None else capacity.high_per_s
    least, most = (low, high) if upward else (high, low)
    if least is not None and threshold.holds(least):
        if estimated:
            return _result(threshold, Decision.MET, value)
        return _result(threshold, Decision.MET, least, "that much was kept, the capacity may be higher")
    lost = upward and most is not None and most <= threshold.limit  # a level that was lost is no capacity
    if most is not None and (lost or not threshold.holds(most)):
        shown = _shown(threshold, value) if estimated else f"{_shown(threshold, most)} was lost"
        reason = f"{shown}, the limit is {threshold.operator} {_shown(threshold)}"
        return _result(threshold, Decision.BROKEN, value if estimated else most, reason)
    if low is None or high is None or not estimated:
        because = capacity.because or "the capacity was not estimated"
        return _result(threshold, Decision.UNDECIDED, value, because)
    between = f"it lies between {_shown(threshold, low)} and {_shown(threshold, high)}"
    reason = f"{between}, the limit is {threshold.operator} {_shown(threshold)}"
    return _result(threshold, Decision.UNDECIDED, value, reason, marginal=True)


def _decide_users(threshold: Threshold, capacity: Capacity) -> ThresholdResult:
    """Users are whole: the most that can hold is one less than the fewest that did not."""
    kept, lost = capacity.users_kept, capacity.users_lost
    if kept is not None and threshold.holds(kept):
        return _result(threshold, Decision.MET, kept)
    if lost is not None and not threshold.holds(lost - 1):
        return _result(threshold, Decision.BROKEN, kept, f"{lost} users did not meet the thresholds")
    return _result(threshold, Decision.UNDECIDED, kept, capacity.because or "no users were searched")


def decide_change(threshold: Threshold, comparison: Comparison | None, limited: str) -> ThresholdResult:
    """Decide `change(METRIC)` over all labels pooled, by the interval of the change.

    Without an interval nothing is decided, but for this: where no request failed, failures have not risen.
    """
    if comparison is None or not comparison.comparable:
        reason = (comparison.because if comparison else "") or "there is no run to compare with"
        return _result(threshold, Decision.UNDECIDED, reason=reason)
    rows = [c for c in comparison.changes if c.label == "" and c.metric == threshold.change_of]
    if not rows:
        reason = (
            f"{threshold.change_of} has no change: it is missing or was zero in {comparison.baseline_run}"
        )
        return _result(threshold, Decision.UNDECIDED, reason=reason)
    row = rows[0]
    if limited and threshold.change_of != "error_rate":
        return _result(threshold, Decision.UNDECIDED, row.change, limited)
    if threshold.change_of == "error_rate" and row.after == 0 and threshold.holds(row.change):
        return _result(threshold, Decision.MET, row.change)
    if row.low is None or row.high is None:
        return _result(threshold, Decision.UNDECIDED, row.change, row.because or "the change has no interval")
    held = {threshold.holds(row.low), threshold.holds(row.high)}
    if held == {True}:
        return _result(threshold, Decision.MET, row.change)
    before, after = (figure(number, row.unit) for number in (row.before, row.after))
    reason = f"{threshold.change_of} went from {before} to {after}, {_shown(threshold, row.change)}"
    if held == {False}:
        return _result(threshold, Decision.BROKEN, row.change, reason)
    low, high = (_shown(threshold, end) for end in (row.low, row.high))
    reason += f"; its interval reaches from {low} to {high}, across the limit"
    if row.visible is not None:
        reason += f"; the smallest change that would be seen is {figure(100 * row.visible, '%')}"
    return _result(threshold, Decision.UNDECIDED, row.change, reason, marginal=True)


def _mean(readings: Sequence[tuple[float, float]], from_s: float, window_s: float) -> float | None:
    inside = [value for t_s, value in readings if from_s <= t_s < from_s + window_s]
    return sum(inside) / len(inside) if len(inside) >= _LEAST_IN_WINDOW else None


def _chance(plan: Plan, steady: PhaseStats) -> float:
    """Three standard deviations of the load reached, as a share; 0 where arrivals are spaced evenly."""
    random = [
        s for s in plan.scenarios if s.measured and s.engine is Engine.OPEN_SCHEDULE and not s.even_arrivals
    ]
    asked = certain_load(plan).asked_between(steady.from_s, steady.to_s)
    if not random or asked <= 0:
        return 0.0
    # One arrival brings all samples of its journey: they come or stay away together.
    requests = max(s.certain_requests for s in random)
    return _DEVIATIONS * math.sqrt(requests / asked)


def _shown(threshold: Threshold, value: float | None = None) -> str:
    value = threshold.limit if value is None else value
    return figure(threshold.in_unit(value), threshold.unit())


def _result(
    threshold: Threshold,
    decision: Decision,
    value: float | None = None,
    reason: str = "",
    samples: int = 0,
    *,
    marginal: bool = False,
) -> ThresholdResult:
    return ThresholdResult(
        text=threshold.text,
        decision=decision,
        value=None if value is None else threshold.in_unit(value),
        limit=threshold.in_unit(threshold.limit),
        unit=threshold.unit(),
        samples=samples,
        reason=reason,
        marginal=marginal,
    )
