"""Facts of the trend over a test's runs: how fast a figure moves, when it meets its limit, what shifted."""

from __future__ import annotations

import math

from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.row import Row
from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.trend import MetricTrend, Trend

_METRIC_WORDS = {"error_rate": "error rate"}
_MOST = 8
_STANDS_OUT = (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)


def trend_rows(trend: Trend) -> list[Row]:
    """Facts of the series that are spoken of; none where nothing moved."""
    rows = [Row("trend.runs", trend.runs, "", "runs in the trend")] if trend.metrics else []
    for one in spoken_of(trend):
        words = _METRIC_WORDS.get(one.metric, one.metric) + (f" of {one.label}" if one.label else "")
        given: list[tuple[str, float | None, str, str]] = [
            ("newest", one.newest, one.unit, f"{words} in the newest run of the trend"),
            ("expected_low", one.expected_low, one.unit, f"low end of {words} as runs before let expect"),
            ("expected_high", one.expected_high, one.unit, f"high end of {words} as runs before let expect"),
            ("slope_per_day", one.slope_per_day, one.unit, f"change of {words} in each day of the trend"),
            ("slope_low", one.slope_low, one.unit, f"low end of the daily change of {words}"),
            ("slope_high", one.slope_high, one.unit, f"high end of the daily change of {words}"),
        ]  # fmt: skip
        if one.days_to_limit is not None:
            given += [
                ("limit", one.limit, one.unit, f"limit of {words}"),
                ("days_to_limit", one.days_to_limit, "days", f"estimated days until {words} meets its limit"),
                ("days_low", one.days_low, "days", f"low end of the days until {words} meets its limit"),
                ("days_high", one.days_high, "days", f"high end of the days until {words} meets its limit"),
            ]
        if one.shifts:
            last = one.shifts[-1]
            given += [
                ("shift_before", last.before, one.unit, f"{words} before its last shift in the trend"),
                ("shift_after", last.after, one.unit, f"{words} after its last shift in the trend"),
            ]
        rows += [
            Row(fact_name(f"trend.{one.metric}.{name}", one.label), value, unit, text)
            for name, value, unit, text in given
            if value is not None
        ]
    return rows


def spoken_of(trend: Trend) -> tuple[MetricTrend, ...]:
    """Series that move towards a limit, the nearest first, then those whose newest run stands out or that
    shifted: a few, over all samples before single labels."""
    moved = [one for one in trend.metrics if one.days_to_limit is not None or stands_out(one) or one.shifts]
    moved.sort(
        key=lambda one: (
            math.inf if one.days_to_limit is None else one.days_to_limit,
            not stands_out(one),
            bool(one.label),
        )
    )
    return tuple(moved[:_MOST])


def stands_out(one: MetricTrend) -> bool:
    """Whether the newest run is another than those before it."""
    return one.decision in _STANDS_OUT
