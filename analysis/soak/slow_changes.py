"""Leaks, drift and degradation within one run: what climbs slowly while the load stands still."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from perfpilot.analysis.alerts.memory_climb import climb_of
from perfpilot.analysis.counting.time_blocks import TimeBlock
from perfpilot.analysis.soak.answers import Answers, answers_of
from perfpilot.analysis.soak.climb import Blocks, Climb, blocks_of, climb, line_through
from perfpilot.analysis.soak.watched import Watched, watched_among
from perfpilot.analysis.statistics.robust_slope import theil_sen, time_until
from perfpilot.analysis.steadiness import constant
from perfpilot.analysis.trend.limits import Limits
from perfpilot.domain.measure import PhaseStats, ResourceSeries, Series
from perfpilot.domain.plan import Plan
from perfpilot.domain.soak import SlowChange, Soak

LEAST_S = 1200.0
"""Shorter phases show only what climbs beyond doubt."""

FURTHEST = 30.0
"""A time to exhaustion is told up to so many times the length of what was seen."""

_SHORTEST_S = 120.0
_SLOT_S = 10.0  # of `climb_of`
_SAME_LOAD = 0.15
_BOTH = 0.5  # memory of one process must climb by half the share of all
_TARGET = "target"
_LOCAL_MEMORY = "rss_bytes"
_NONE_LEFT = "memory_available_bytes"


def find_slow_changes(
    plan: Plan,
    steady: PhaseStats | None,
    series: Series,
    resources: Sequence[ResourceSeries],
    *,
    times: Mapping[str, Sequence[TimeBlock]] | None = None,
    restarts_s: Sequence[float] = (),
    limits: Limits | None = None,
    bounds: Mapping[tuple[str, str], float] | None = None,
    generator_limited: bool = False,
) -> Soak:
    """What changed slowly through the steady phase, with time to exhaustion where a bound is known.

    `times`: response times by block of time and label (`Measurement.blocks`), for degradation by label.
    `restarts_s`: when the target became another process; its figures are looked at between restarts only.
    `limits`: of thresholds by metric and label (`limits_of`). `bounds`: by component and metric, such as the
    memory that a container may use. A limited generator says nothing of slower answers.
    """
    because = _nothing(plan, steady, series)
    if steady is None or because:
        return Soak(because=because)
    window = (steady.from_s, steady.to_s)
    hours = (steady.to_s - steady.from_s) / 3600
    watched = watched_among(tuple(resources))
    if steady.to_s - steady.from_s < LEAST_S:
        changes = _strong(watched, window, restarts_s, resources, bounds or {})
        return Soak(hours=hours, looked_at=len(watched), changes=changes, because=_too_short(hours))
    found, looked_at = _resources(watched, window, restarts_s, resources, bounds or {})
    if not generator_limited:
        answers = answers_of(series, times or {}, *window)
        looked_at += len(answers)
        found += _degraded(answers, limits or {}, hours)
    return Soak(
        hours=hours,
        looked_at=looked_at,
        changes=tuple(sorted(found, key=_rank)),
        because="answers were not looked at: the load generator was limited" if generator_limited else "",
    )


def _nothing(plan: Plan, steady: PhaseStats | None, series: Series) -> str:
    if steady is None or steady.to_s <= steady.from_s:
        return "there is no steady phase"
    if any(scenario.searched for scenario in plan.scenarios) or not constant(
        plan, steady.from_s, steady.to_s
    ):
        return (
            "the load changes through the steady phase: a slow change shows only under one that stands still"
        )
    if not plan.scenarios and not _one_load(series, steady):
        return "the throughput changes through the steady phase, and what load was asked is not known"
    return ""


def _one_load(series: Series, steady: PhaseStats) -> bool:
    """Whether a load of which only results are known stood still: no twentieth of it is far from the rest."""
    samples = np.array(series.samples[int(np.ceil(steady.from_s)) : int(steady.to_s)], dtype=np.float64)
    if len(samples) < 20:
        return False
    means = np.array([part.mean() for part in np.array_split(samples, 20)])
    middle = float(np.median(means))
    return middle > 0 and bool((np.abs(means / middle - 1) <= _SAME_LOAD).all())


def _too_short(hours: float) -> str:
    return (
        f"too short to tell: {hours * 60:.0f} min of steady load; {LEAST_S / 60:.0f} min show a fast leak, "
        "an hour a slow one"
    )


def _resources(
    watched: Sequence[tuple[ResourceSeries, Watched]],
    window: tuple[float, float],
    restarts_s: Sequence[float],
    resources: Sequence[ResourceSeries],
    bounds: Mapping[tuple[str, str], float],
) -> tuple[list[SlowChange], int]:
    family = Counter(what.kind for _, what in watched)
    found, looked_at = [], 0
    for series, what in watched:
        from_s, to_s = _between_restarts(series.component, window, restarts_s)
        blocks = _blocks(series, what, from_s, to_s) if to_s - from_s >= LEAST_S else None
        if blocks is None:
            continue
        looked_at += 1
        climbs = climb(blocks, what.least, family[what.kind])
        if climbs and (what.kind != "leak" or _of_one_process(series, blocks, resources)):
            found.append(_change(series, what, climbs, blocks, _bound(series, what, resources, bounds, to_s)))
    return found, looked_at


def _strong(
    watched: Sequence[tuple[ResourceSeries, Watched]],
    window: tuple[float, float],
    restarts_s: Sequence[float],
    resources: Sequence[ResourceSeries],
    bounds: Mapping[tuple[str, str], float],
) -> tuple[SlowChange, ...]:
    """Memory that climbs so fast, without a break, that minutes are enough: as the live alert judges it."""
    found = []
    for series, what in watched:
        from_s, to_s = _between_restarts(series.component, window, restarts_s)
        if what.kind != "leak" or to_s - from_s < _SHORTEST_S:
            continue
        blocks = blocks_of(series.t_s, series.values, from_s, to_s, what.figure, _SLOT_S)
        if blocks is None or not (seen := climb_of(tuple(blocks.values.tolist()))).certain or not seen.fast:
            continue
        if (line := line_through(blocks)).per_hour.low > 0:
            found.append(_change(series, what, line, blocks, _bound(series, what, resources, bounds, to_s)))
    return tuple(sorted(found, key=_rank))


def _between_restarts(
    component: str, window: tuple[float, float], restarts_s: Sequence[float]
) -> tuple[float, float]:
    """The longest stretch of the window in which the component was one process."""
    from_s, to_s = window
    if component != _TARGET:
        return window
    edges = [from_s, *sorted(moment for moment in restarts_s if from_s < moment < to_s), to_s]
    return max(pairwise(edges), key=lambda stretch: stretch[1] - stretch[0])


def _blocks(series: ResourceSeries, what: Watched, from_s: float, to_s: float) -> Blocks | None:
    """Turned round where the figure is what is left, so that up is always worse."""
    blocks = blocks_of(series.t_s, series.values, from_s, to_s, what.figure)
    return blocks and blocks._replace(values=blocks.values * (-what.times if what.falls else what.times))


def _of_one_process(series: ResourceSeries, blocks: Blocks, resources: Sequence[ResourceSeries]) -> bool:
    """Whether each process grows: more processes of one size are another matter."""
    counts = _series(resources, series.component, "processes")
    if counts is None or len(set(counts.values)) <= 1:
        return True
    number = blocks_of(
        counts.t_s, counts.values, blocks.from_s, blocks.from_s + (blocks.steps[-1] + 1) * blocks.block_s,
        np.median, blocks.block_s,
    )  # fmt: skip
    if number is None:
        return True
    both, ours, theirs = np.intersect1d(blocks.steps, number.steps, return_indices=True)
    each = blocks.values[ours] / np.maximum(number.values[theirs], 1.0)
    at = both.astype(np.float64)
    all_share = theil_sen(blocks.steps.astype(np.float64), blocks.values) / float(np.median(blocks.values))
    return theil_sen(at, each) / float(np.median(each)) >= _BOTH * all_share


def _bound(
    series: ResourceSeries,
    what: Watched,
    resources: Sequence[ResourceSeries],
    bounds: Mapping[tuple[str, str], float],
    to_s: float,
) -> float | None:
    """What the figure may reach: as told, or all the memory that this machine has left at the end."""
    known = [what.bound] if what.bound is not None else []
    if (series.component, series.metric) in bounds:
        known.append(bounds[series.component, series.metric] * what.times)
    left = _series(resources, "host", _NONE_LEFT)
    if series.metric == _LOCAL_MEMORY and left is not None:
        known += [_last(series, to_s) + _last(left, to_s)]
    return min(known, default=None)


def _last(series: ResourceSeries, to_s: float) -> float:
    """The last value up to a moment, or the first there is."""
    before = [value for t_s, value in zip(series.t_s, series.values, strict=True) if t_s <= to_s]
    return before[-1] if before else series.values[0]


def _series(resources: Sequence[ResourceSeries], component: str, metric: str) -> ResourceSeries | None:
    return next((s for s in resources if (s.component, s.metric) == (component, metric) and s.values), None)


def _degraded(answers: Sequence[Answers], limits: Limits, hours: float) -> list[SlowChange]:
    found = []
    for one in answers:
        climbs = climb(one.blocks, one.least, len(answers))
        if climbs:
            limit = limits.get((one.metric, one.label))
            left = _hours_left(limit, climbs, one.blocks, hours) if limit is not None else {}
            found.append(
                SlowChange(
                    kind="degradation",
                    component=one.label,
                    metric=one.metric,
                    unit=one.unit,
                    per_hour=climbs.per_hour.middle,
                    low_per_hour=climbs.per_hour.low,
                    high_per_hour=climbs.per_hour.high,
                    first=climbs.first,
                    last=climbs.last,
                    limit=limit,
                    **left,
                )
            )
    return found


def _change(
    series: ResourceSeries, what: Watched, climbs: Climb, blocks: Blocks, bound: float | None
) -> SlowChange:
    sign = -1.0 if what.falls else 1.0
    low, high = sorted((sign * climbs.per_hour.low, sign * climbs.per_hour.high))
    left = _hours_left(sign * bound, climbs, blocks, blocks.hours) if bound is not None else {}
    return SlowChange(
        kind=what.kind,
        component=series.component,
        metric=series.metric,
        unit=what.unit,
        per_hour=sign * climbs.per_hour.middle,
        low_per_hour=low,
        high_per_hour=high,
        first=sign * climbs.first,
        last=sign * climbs.last,
        limit=bound,
        **left,
    )


def _hours_left(limit: float, climbs: Climb, blocks: Blocks, hours: float) -> dict[str, float]:
    """Hours from the end of the load until the line meets the limit, as far as they can be told."""
    since = float(blocks.steps[-1] + 1 - np.median(blocks.steps)) * blocks.block_s / 3600
    named = zip(
        ("hours_left", "hours_low", "hours_high"),
        (climbs.per_hour.middle, climbs.per_hour.high, climbs.per_hour.low),
        strict=True,
    )
    left = {name: time_until(limit, climbs.middle, since, slope) for name, slope in named}
    if climbs.middle >= limit:
        return {"hours_left": 0.0}
    told = {name: value for name, value in left.items() if value is not None and value <= FURTHEST * hours}
    return told if "hours_left" in told else {}


def _rank(change: SlowChange) -> tuple[object, ...]:
    kinds = ("leak", "exhaustion", "degradation")
    share = abs(change.per_hour) / max(abs(change.first), 1e-9)
    return (not change.of_target, kinds.index(change.kind), -share, change.component, change.metric)
