"""What users who only pause would have met, had they not waited: an estimate from their usual pace.

The correction of HdrHistogram (`recordValueWithExpectedInterval`): a response time v beyond the usual
distance d between a user's requests stands for further ones of v - d, v - 2d, down to d, which the user did
not send while it waited. On buckets the values are spread evenly: a bucket of width w at x receives w / d for
each response time of at least x + d/2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from perfpilot.analysis.counting.histogram import Histogram, middle_of
from perfpilot.analysis.intended import LATE_MS
from perfpilot.analysis.steadiness import constant
from perfpilot.domain.measure import IntendedTimes, LabelStats, PhaseStats, Series
from perfpilot.domain.plan import Plan, Scenario

GAP = 0.5
"""A stretch with less than this share of the usual throughput, while the users stay, is a gap."""

_LEAST_IN_STRETCH = 30  # with fewer samples a second may be half empty by chance
_LEAST_STRETCHES = 5


def corrected(times: Histogram, distance_ms: float) -> Histogram:
    """A copy with the response times that were not measured, at a distance of `distance_ms` (above 0)."""
    counts = times.counts
    if not counts.any():
        return Histogram(times.precision, counts)
    middles = np.array([middle_of(bucket, times.precision) for bucket in range(len(counts) + 1)])
    widths = np.array([_width(bucket, times.precision) for bucket in range(len(counts))], np.float64)
    middles = middles[: len(counts)]
    # Samples of at least so long, by bucket; only those that are longer than the distance stand for others.
    long = np.where(middles > distance_ms, counts, 0)
    at_least = np.concatenate([np.cumsum(long[::-1])[::-1], [0]])
    beyond = at_least[np.searchsorted(middles, middles + distance_ms / 2)]
    inside = np.clip((middles + widths / 2 - distance_ms / 2) / widths, 0.0, 1.0)
    added = widths * inside / distance_ms * beyond
    # Parts of a sample are carried on to the next bucket, so that none is lost.
    whole = np.diff(np.floor(np.concatenate([[0.0], np.cumsum(added)]) + 1e-9)).astype(np.int64)
    return Histogram(times.precision, counts + whole)


def by_pace(plan: Plan, steady: PhaseStats, times: Mapping[str, Histogram]) -> tuple[IntendedTimes, ...]:
    """Pooled first (under the empty label), then each label. `times`: response times of the phase by label.

    The distance is the median response time and the mean pause: of a label over a whole iteration, since a
    user sends it once in each, pooled over one request of it. A label of several journeys has the longest.
    """
    p50_s = {stats.label: (stats.p50_ms or 0.0) / 1000 for stats in steady.labels}
    found = []
    pooled = Histogram()
    for stats in steady.labels:
        own, distance_ms = times.get(stats.label), 1000 * _iteration_s(plan, stats.label, p50_s)
        if own is not None and own.size and distance_ms > 0:
            pooled.merge(own)
            found.append(_figures(stats, own, distance_ms))
    request_ms = 1000 * _request_s(plan, p50_s)
    if not found or request_ms <= 0:
        return ()
    return _figures(steady.pooled, pooled, request_ms), *found


def gaps(plan: Plan, steady: PhaseStats, series: Series) -> str:
    """A warning where users fell silent: their response times hide what happened then. Empty: no gap.

    Of a load of users only, while their number stands still: in stretches of a second, or as many as give
    30 samples, some had less than half of the usual ones.
    """
    if any(s.curve.unit != "users" for s in plan.scenarios) or not constant(plan, steady.from_s, steady.to_s):
        return ""
    counts = np.array(series.samples[math.ceil(steady.from_s) : math.floor(steady.to_s)], np.int64)
    usual = float(np.median(counts)) if len(counts) else 0.0
    length = math.ceil(_LEAST_IN_STRETCH / usual) if usual > 0 else len(counts) + 1
    if len(counts) // length < _LEAST_STRETCHES:
        return ""
    sums = counts[: len(counts) // length * length].reshape(-1, length).sum(axis=1)
    empty = np.flatnonzero(sums < GAP * np.median(sums))
    if not len(empty):
        return ""
    first_s = math.ceil(steady.from_s) + int(empty[0]) * length
    return (
        f"for {len(empty) * length} s, first at {first_s} s, users got less than half of the usual answers "
        "and sent as little: response times leave out what would have been sent"
    )


def _figures(stats: LabelStats, times: Histogram, distance_ms: float) -> IntendedTimes:
    more = corrected(times, distance_ms)
    p50, p95, p99 = more.quantiles((0.5, 0.95, 0.99))
    longest = stats.max_ms or 0.0
    worst = max(longest - distance_ms, 0.0)
    return IntendedTimes(
        label=stats.label,
        method="pace",
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=stats.max_ms,
        late_share=(more.size - times.size) / more.size,
        worst_late_ms=worst if worst >= LATE_MS else 0.0,
    )


def _iteration_s(plan: Plan, label: str, p50_s: Mapping[str, float]) -> float:
    """The usual time of an iteration with this label."""
    own = [s for s in plan.scenarios if s.measured and label in _labels(s, plan)]
    return max((_usual_s(s, plan, p50_s) for s in own), default=0.0)


def _request_s(plan: Plan, p50_s: Mapping[str, float]) -> float:
    """The usual distance between two requests of a user, over all scenarios by their users."""
    own = [s for s in plan.scenarios if s.measured]
    requests = sum(s.users * s.requests / (_usual_s(s, plan, p50_s) or math.inf) for s in own)
    return sum(s.users for s in own) / requests if requests else 0.0


def _usual_s(scenario: Scenario, plan: Plan, p50_s: Mapping[str, float]) -> float:
    login_s = p50_s.get(plan.login, 0.0) if scenario.login_first else 0.0
    return login_s + sum(
        step.repeat * (p50_s.get(step.label, 0.0) + step.think_time_s) for step in scenario.steps
    )


def _labels(scenario: Scenario, plan: Plan) -> Sequence[str]:
    return [step.label for step in scenario.steps] + ([plan.login] if scenario.login_first else [])


def _width(bucket: int, precision: int) -> int:
    return 1 << max((bucket >> precision) - 1, 0)
