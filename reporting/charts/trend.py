"""Charts of a trend: one for each figure that moved, a point a run."""

from __future__ import annotations

from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.trend import MetricTrend, Trend
from perfpilot.reporting import figures
from perfpilot.reporting.charts.canvas import Chart, Key, Panel
from perfpilot.reporting.charts.scales import near_ticks
from perfpilot.reporting.trend_shown import moved, subject

MOST_CHARTS = 6

_LEAST_RUNS = 4
_NEAR = 1.4  # a limit further off than this would squeeze the runs
_DATES = 5
_TONES = {ChangeDecision.REGRESSION: "bad", ChangeDecision.IMPROVEMENT: "s4"}


def trend_charts(trend: Trend) -> tuple[Chart, ...]:
    """One chart a figure that moved, those that became worse first."""
    shown = [metric for metric in moved(trend) if len(metric.points) >= _LEAST_RUNS]
    return tuple(_chart(f"trend{number}", one) for number, one in enumerate(shown[:MOST_CHARTS], start=1))


def _chart(name: str, metric: MetricTrend) -> Chart:
    values = [point.value for point in metric.points]
    last = len(values) - 1
    places = {point.run_id: number for number, point in enumerate(metric.points)}
    shifts = [places[shift.run_id] for shift in metric.shifts if shift.run_id in places]
    panel, keys = Panel(), [Key("runs", "s1")]
    top = max(values)
    if metric.expected_low is not None and metric.expected_high is not None:
        panel.band(
            shifts[-1] - 0.5 if shifts else -0.5, last + 0.5, metric.expected_low, metric.expected_high
        )
        top = max(top, min(metric.expected_high, _NEAR * top))
    for place in shifts:
        panel.upright(place - 0.5, "s2")
    if shifts:
        keys.append(Key("shift", "s2", dashed=True))
    panel.marked_line(range(len(values)), values, "s1")
    panel.points([last], [values[-1]], _TONES.get(metric.decision, "ink"))
    keys.append(Key("this run", _TONES.get(metric.decision, "ink")))
    if metric.limit is not None and 0 < metric.limit <= _NEAR * top:
        panel.limit(metric.limit)
        top = max(top, metric.limit)
        keys.append(Key(f"limit {figures.in_unit(metric.limit, metric.unit)}", "limit", dashed=True))
    panel.y_axis(*near_ticks(min(values), top))
    panel.x_axis(-0.5, last + 0.5, _dates(metric))
    svg = panel.svg(name, "The figure in each run, oldest first")
    note = "Shaded: where the newest run was expected." if metric.expected_low is not None else ""
    return Chart(name, subject(metric), metric.unit, tuple(keys), svg, note)


def _dates(metric: MetricTrend) -> list[tuple[float, str]]:
    """The days of some runs: month and day."""
    last = len(metric.points) - 1
    some = sorted({round(last * step / (_DATES - 1)) for step in range(_DATES)})
    return [(place, figures.moment(metric.points[place].started_ms)[5:10]) for place in some]
