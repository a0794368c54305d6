"""Deciding thresholds that are not counted over samples: processor, achieved load, capacity, change.

- cpu(component): mean share of the cores that the component may use, over the readings of the steady phase;
  five readings at least, and two in each window with `over`.
- achieved_load: load reached / load asked in the steady phase, over the requests that are certain (see
  `certain_load`); a plan with rates and users is held to its rates. Where arrivals are random their number
  is, too: a shortfall within three standard deviations of a Poisson count is undecided, not broken.
- capacity: the highest arrival rate that met the thresholds, as estimated over several levels.
- change: relative change of another metric against a baseline that can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.figures import figure
from perfpilot.domain.judgement import Capacity, Comparison, Decision, ThresholdResult
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
    """Decide `capacity`. Marginal: the limit lies within the interval of the estimate.

    Without an estimate a bound may do: a rate that was kept is a capacity of at least that, and one that was
    lost is more than the capacity.
    """
    if capacity and threshold.of_users:
        return _decide_users(threshold, capacity)
    if capacity is None or not capacity.estimated or capacity.rate_per_s is None:
        upward = threshold.operator in (">", ">=")
        low, high = (capacity.low_per_s, capacity.high_per_s) if capacity and upward else (None, None)
        if low is not None and threshold.holds(low):
            return _result(threshold, Decision.MET, low, "that much was kept, the capacity may be higher")
        if high is not None and not threshold.holds(high):
            lost = f"{_shown(threshold, high)} was lost"
            reason = f"{lost}, the limit is {threshold.operator} {_shown(threshold)}"
            return _result(threshold, Decision.BROKEN, high, reason)
        reason = (capacity.because if capacity else "") or "the capacity was not estimated"
        return _result(threshold, Decision.UNDECIDED, reason=reason)
    value = capacity.rate_per_s
    low = value if capacity.low_per_s is None else capacity.low_per_s
    high = value if capacity.high_per_s is None else capacity.high_per_s
    marginal = low < threshold.limit < high
    if threshold.holds(value):
        return _result(threshold, Decision.MET, value, marginal=marginal)
    reason = f"{_shown(threshold, value)}, the limit is {threshold.operator} {_shown(threshold)}"
    return _result(threshold, Decision.BROKEN, value, reason, marginal=marginal)


def _decide_users(threshold: Threshold, capacity: Capacity) -> ThresholdResult:
    """Users are whole: the most that can hold is one less than the fewest that did not."""
    kept, lost = capacity.users_kept, capacity.users_lost
    if kept is not None and threshold.holds(kept):
        return _result(threshold, Decision.MET, kept)
    if lost is not None and not threshold.holds(lost - 1):
        return _result(threshold, Decision.BROKEN, kept, f"{lost} users did not meet the thresholds")
    return _result(threshold, Decision.UNDECIDED, kept, capacity.because or "no users were searched")


def decide_change(threshold: Threshold, comparison: Comparison | None, limited: str) -> ThresholdResult:
    """Decide `change(METRIC)` over all labels pooled."""
    if comparison is None or not comparison.comparable:
        reason = (comparison.because if comparison else "") or "there is no run to compare with"
        return _result(threshold, Decision.UNDECIDED, reason=reason)
    rows = [c for c in comparison.changes if c.label == "" and c.metric == threshold.change_of]
    if not rows:
        reason = (
            f"{threshold.change_of} has no change: it is missing or was zero in {comparison.baseline_run}"
        )
        return _result(threshold, Decision.UNDECIDED, reason=reason)
    value = rows[0].change
    if limited and threshold.change_of != "error_rate":
        return _result(threshold, Decision.UNDECIDED, value, limited)
    if threshold.holds(value):
        return _result(threshold, Decision.MET, value)
    before, after = (figure(number, rows[0].unit) for number in (rows[0].before, rows[0].after))
    reason = f"{threshold.change_of} went from {before} to {after}, {_shown(threshold, value)}"
    return _result(threshold, Decision.BROKEN, value, reason)


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
