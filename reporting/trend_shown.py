"""A trend for a reader: which figures moved over the runs, since when, and what that leads to."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.trend import MetricTrend, Trend, TrendShift
from perfpilot.reporting import figures
from perfpilot.reporting.grouped import grouped

_TONES = {ChangeDecision.REGRESSION: "bad", ChangeDecision.IMPROVEMENT: "good"}
_SHOWN_SHIFTS = 3


@dataclass(frozen=True)
class TrendRow:
    """One figure that moved, in words for a table."""

    subject: str
    tone: str  # a class of the style sheet
    newest: str
    expected: str
    decision: str
    visible: str
    shifts: tuple[str, ...]
    slope: str
    limit: str


def moved(trend: Trend) -> tuple[MetricTrend, ...]:
    """What has something to tell: what became worse first, then what shifted."""
    worse = ChangeDecision.REGRESSION
    return tuple(
        sorted((m for m in trend.metrics if m.moved), key=lambda m: (m.decision is not worse, not m.shifts))
    )


def trend_rows(trend: Trend) -> tuple[TrendRow, ...]:
    """A row for each figure that moved."""
    return tuple(_row(metric) for metric in moved(trend))


def quiet_words(trend: Trend) -> str:
    """The figures that did not move, as one line."""
    still = [metric for metric in trend.metrics if not metric.moved]
    if not trend.metrics:
        return f"No trend: {trend.because}." if trend.because else "No trend."
    runs = "1 run" if trend.runs == 1 else f"{trend.runs} runs"
    if not still:
        return f"Over {runs}."
    other = " other" if len(still) < len(trend.metrics) else ""
    figure = "figure" if len(still) == 1 else "figures"
    return f"{len(still)}{other} {figure} over {runs} neither shifted nor stood out."


def open_questions(trend: Trend) -> tuple[str, ...]:
    """Why the newest run could not be judged, each reason once."""
    undecided = (m for m in trend.metrics if m.decision is ChangeDecision.UNDECIDED)
    return grouped(((subject(m), m.because) for m in undecided), most=3)


def subject(metric: MetricTrend) -> str:
    """`p95 of checkout`, `capacity`."""
    name = metric.metric.replace("_", " ")
    return name if name == "capacity" else f"{name} of {metric.label or 'all endpoints'}"


def told(metric: MetricTrend) -> str:
    """The most telling statement on a figure, for a summary of few lines."""
    if metric.decision in _TONES and metric.expected_low is not None:
        newest = figures.in_unit(metric.newest, metric.unit)
        way = metric.decision.value
        return f"{subject(metric)}: {way}, {newest} now; {_expected(metric)} was expected"
    if metric.shifts:
        return f"{subject(metric)}: {shift_words(metric, metric.shifts[-1])}"
    return f"{subject(metric)}: {limit_words(metric)}"


def shift_words(metric: MetricTrend, shift: TrendShift) -> str:
    """`+12.3 % since 2026-11-12 (run ...), 288 ms to 324 ms`."""
    change = f"{figures.change(shift.change)} " if shift.change is not None else ""
    before, after = (figures.in_unit(value, metric.unit) for value in (shift.before, shift.after))
    return f"{change}since {figures.moment(shift.started_ms)[:10]} (run {shift.run_id}), {before} to {after}"


def limit_words(metric: MetricTrend) -> str:
    """When the slope meets the limit of a threshold; empty where that is not told."""
    if metric.days_to_limit is None or metric.limit is None:
        return ""
    low, high = metric.days_low, metric.days_high
    latest = f"to {days(high)}" if high is not None else "or later"
    between = f" ({days(low)} {latest})" if low is not None else ""
    return f"meets {figures.in_unit(metric.limit, metric.unit)} in {days(metric.days_to_limit)}{between}"


def days(value: float | None) -> str:
    """A number of days: `9 h`, `12 days`."""
    if value is None:
        return figures.DASH
    return f"{24 * value:.0f} h" if value < 2 else f"{value:,.0f} days"


def _row(metric: MetricTrend) -> TrendRow:
    unit = metric.unit
    slope = figures.signed(metric.slope_per_day, unit) if metric.slope_per_day is not None else figures.DASH
    return TrendRow(
        subject=subject(metric),
        tone=_TONES.get(metric.decision, ""),
        newest=figures.in_unit(metric.newest, unit),
        expected=_expected(metric) or figures.DASH,
        decision=metric.decision.value.replace("_", " "),
        visible=figures.share(metric.visible, 2),
        shifts=tuple(shift_words(metric, shift) for shift in metric.shifts[: -_SHOWN_SHIFTS - 1 : -1]),
        slope=slope,
        limit=limit_words(metric),
    )


def _expected(metric: MetricTrend) -> str:
    if metric.expected_low is None or metric.expected_high is None:
        return ""
    low, high = metric.expected_low, metric.expected_high
    return f"{figures.in_unit(low, metric.unit)} to {figures.in_unit(high, metric.unit)}"
