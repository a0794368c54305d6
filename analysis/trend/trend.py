"""The trend of a test over its runs: shifts, what to expect of the newest, and when a limit is reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.statistics.robust_slope import Floats, Slope, mann_kendall, sen_interval, time_until
from perfpilot.analysis.trend.limits import Limits
from perfpilot.analysis.trend.newest import LEAST_RUNS, Expected, expected_next
from perfpilot.analysis.trend.scale import FLOOR, Scale, scale_of, worse_is_up
from perfpilot.analysis.trend.shifts import Shift, find_shifts, without_spikes
from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.history import UNITS, PastFigures, points_of
from perfpilot.domain.trend import MetricSeries, MetricTrend, Trend, TrendShift

LEAST_RUNS_FOR_SLOPE = 8
MOST_RUNS = 200
"""The newest runs that are looked at: older ones say little of today, and pairs grow as their square."""

MOST_POINTS = 60
"""The newest runs that a result keeps the figures of, where a metric moved."""

FURTHEST = 2.0
"""A slope is followed no further than twice the time that the runs span."""

_DAY_MS = 86_400_000
_CLEAR = 2.576  # standard deviations: 1 %
_STANDS_OUT = (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)
_METRICS = ("p50", "p95", "p99", "error_rate", "throughput", "capacity")


def find_trend(
    series: Sequence[MetricSeries], limits: Limits | None = None, *, floor: float = FLOOR
) -> Trend:
    """How each series moved over its runs. The caller passes only runs of one test under one load.

    `limits`: by metric and label, from `limits_of`. `floor`: the relative change that begins to matter.
    Values that are not finite are left out, and so are all but the newest `MOST_RUNS`.
    """
    found = [_trend(one, (limits or {}).get((one.metric, one.label)), floor) for one in series]
    metrics = tuple(trend for trend in found if trend is not None)
    runs = len({point.run_id for one in series for point in one.points})
    return Trend(runs=runs, because="" if metrics else "no run has figures to follow", metrics=metrics)


def series_of(runs: Sequence[PastFigures], metrics: Sequence[str] = _METRICS) -> tuple[MetricSeries, ...]:
    """The series of the metrics for every label of the newest run, pooled first."""
    newest = max(runs, key=lambda past: past.run.started_ms, default=None)
    labels = dict.fromkeys(["", *(figures.label for figures in newest.labels)]) if newest else {}
    series = [
        MetricSeries(metric=metric, label=label, unit=UNITS[metric], points=points_of(runs, metric, label))
        for label in labels
        for metric in metrics
    ]
    return tuple(one for one in series if one.points)


class _Runs(NamedTuple):
    """The values of a series in the order of time, and what was found of them."""

    days: Floats  # since the first run
    values: Floats
    calm: Floats  # on the scale, without lone outliers
    scale: Scale


def _trend(series: MetricSeries, limit: float | None, floor: float) -> MetricTrend | None:
    points = sorted((p for p in series.points if math.isfinite(p.value)), key=lambda p: p.started_ms)
    points = points[-MOST_RUNS:]
    if not points:
        return None
    values = np.array([point.value for point in points], dtype=np.float64)
    days = np.array([point.started_ms - points[0].started_ms for point in points], dtype=np.float64) / _DAY_MS
    scale = scale_of(series.unit, values, floor)
    runs = _Runs(days, values, without_spikes(scale.to(values), scale.noise), scale)
    shifts, climbs = _shape(runs, find_shifts(scale.to(values), scale.least, scale.noise))
    since = shifts[-1].at if shifts else 0
    expected = _expected(runs, since, climbs)
    decision, because = _judged(series, runs, since, expected, floor)
    if climbs and expected and decision not in _STANDS_OUT:
        because = "it lies along the slope of the runs before it"
    trend = MetricTrend(
        metric=series.metric,
        label=series.label,
        unit=series.unit,
        runs=len(points),
        newest=points[-1].value,
        decision=decision,
        shifts=tuple(
            TrendShift(
                run_id=points[shift.at].run_id,
                started_ms=points[shift.at].started_ms,
                before=before,
                after=after,
                change=after / before - 1 if before else None,
                p=shift.p,
            )
            for shift, before, after in _levels(runs, shifts)
        ),
        limit=limit,
        because=because,
    )
    trend = trend.model_copy(
        update={**_told(expected, runs.scale), **_slope(series.metric, runs, since, limit)}
    )
    return trend.model_copy(update={"points": tuple(points[-MOST_POINTS:])}) if trend.moved else trend


def _levels(runs: _Runs, shifts: Sequence[Shift]) -> list[tuple[Shift, float, float]]:
    """Each shift with the middles of the stretches before and behind it, in the unit."""
    edges = [0, *(shift.at for shift in shifts), len(runs.values)]
    middles = [runs.scale.back(float(runs.calm[a:b].mean())) for a, b in pairwise(edges)]
    return list(zip(shifts, middles, middles[1:], strict=False))


def _shape(runs: _Runs, shifts: tuple[Shift, ...]) -> tuple[tuple[Shift, ...], bool]:
    """The shifts that stay, and whether the runs behind them lie along a straight slope.

    A slow climb looks like a staircase to a search for shifts. So each staircase that ends in a slope is held
    against the one of steps alone by Schwarz's criterion, where a step costs two parameters and a slope one.
    """
    if not shifts:
        return shifts, False
    kept, climbs = shifts, False
    best = _criterion(runs, shifts, False)
    for count in range(len(shifts)):
        since = shifts[count - 1].at if count else 0
        if len(runs.days) - since >= LEAST_RUNS_FOR_SLOPE and runs.days[-1] > runs.days[since]:
            value = _criterion(runs, shifts[:count], True)
            if value < best:
                kept, climbs, best = shifts[:count], True, value
    return kept, climbs


def _criterion(runs: _Runs, shifts: Sequence[Shift], climbs: bool) -> float:
    edges = [0, *(shift.at for shift in shifts), len(runs.calm)]
    squares = 0.0
    for part, (begin, end) in enumerate(pairwise(edges)):
        rest = runs.calm[begin:end] - runs.calm[begin:end].mean()
        if climbs and part == len(shifts):
            apart = runs.days[begin:end] - runs.days[begin:end].mean()
            rest = rest - float(apart @ rest) / float(apart @ apart) * apart
        squares += float(rest @ rest)
    n = len(runs.calm)
    return n * math.log(squares / n + runs.scale.noise**2) + (2 * len(shifts) + 1 + climbs) * math.log(n)


def _expected(runs: _Runs, since: int, climbs: bool) -> Expected | None:
    before, days = runs.calm[since:-1], runs.days[since:-1]
    if len(before) < LEAST_RUNS:
        return None
    along = days if climbs and days[-1] > days[0] else None
    return expected_next(before, runs.scale.noise, at=along, next_at=float(runs.days[-1]))


def _told(expected: Expected | None, scale: Scale) -> dict[str, float | None]:
    if expected is None:
        return {}
    middle, low, high = scale.back(expected.middle), scale.back(expected.low), scale.back(expected.high)
    visible = scale.back(expected.visible) - 1 if scale.logs else None
    if not scale.logs:
        low = max(low, 0.0)
        visible = expected.visible / middle if middle > 0 else None
    return {"expected_low": low, "expected_high": high, "visible": visible}


def _judged(
    series: MetricSeries, runs: _Runs, since: int, expected: Expected | None, floor: float
) -> tuple[ChangeDecision, str]:
    if expected is None:
        have = len(runs.values) - 1 - since
        where = " since the last shift" if since else " before the newest"
        return (
            ChangeDecision.UNDECIDED,
            f"it takes {LEAST_RUNS} runs{where} to know what to expect; have {have}",
        )
    newest, value = float(runs.values[-1]), float(runs.scale.to(runs.values[-1:])[0])
    middle = runs.scale.back(expected.middle)
    if not expected.low <= value <= expected.high:
        if not runs.scale.matters(middle, newest, floor):
            return ChangeDecision.NO_CHANGE, "it stands out, by too little to matter"
        worse = (value > expected.high) == worse_is_up(series.metric)
        return ChangeDecision.REGRESSION if worse else ChangeDecision.IMPROVEMENT, ""
    if max(expected.high - expected.middle, abs(value - expected.middle)) <= runs.scale.least:
        return ChangeDecision.NO_CHANGE, ""
    return (
        ChangeDecision.UNDECIDED,
        "it lies within what the runs before spread; smaller changes can't be seen",
    )


def _slope(metric: str, runs: _Runs, since: int, limit: float | None) -> dict[str, float | str | None]:
    """The slope since the last shift in units per day, and the days until it meets the limit."""
    days, values = runs.days[since:], runs.values[since:]
    if len(values) < LEAST_RUNS_FOR_SLOPE or days[-1] <= days[0]:
        return {}
    slope = sen_interval(days, values)
    told: dict[str, float | str | None] = {
        "slope_per_day": slope.middle,
        "slope_low": slope.low,
        "slope_high": slope.high,
    }
    if limit is None or not _worth_it(runs.scale, days, values, slope):
        return told
    return told | _until(limit, days, values, slope, worse_is_up(metric))


def _worth_it(scale: Scale, days: Floats, values: Floats, slope: Slope) -> bool:
    """Whether the slope stands out from chance and has moved the figure by more than the practical floor."""
    moved = slope.middle * float(days[-1] - days[0])
    level = float(np.median(values))
    return slope.stands_out and abs(mann_kendall(values)) >= _CLEAR and scale.matters(level, level + moved)


def _until(
    limit: float, days: Floats, values: Floats, slope: Slope, up: bool
) -> dict[str, float | str | None]:
    """Days from the newest run until a line meets the limit: the line turns about the middle of the runs."""
    centre, since = float(np.median(values)), float(days[-1] - np.median(days))
    furthest = FURTHEST * float(days[-1] - days[0])
    if (slope.middle > 0) != up:
        return {}
    if (centre >= limit) if up else (centre <= limit):
        return {"because": "the limit is passed already"}
    told = time_until(limit, centre, since, slope.middle)
    if told is None:
        return {}
    if told > furthest:
        return {"because": f"at this slope the limit is further off than can be told ({furthest:.0f} days)"}
    steep, shallow = (slope.high, slope.low) if up else (slope.low, slope.high)
    ends = (time_until(limit, centre, since, end) for end in (steep, shallow))
    low, high = (end if end is not None and end <= furthest else None for end in ends)
    return {"days_to_limit": told, "days_low": low, "days_high": high}
