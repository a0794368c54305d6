from __future__ import annotations

import pytest
from lxml import etree

from perfpilot.domain.capacity import Capacity
from perfpilot.domain.measure import ResourceSeries, Series
from perfpilot.domain.result import Charts
from perfpilot.domain.soak import Soak
from perfpilot.domain.trend import Trend
from perfpilot.reporting.charts.canvas import TimeAxis
from perfpilot.reporting.charts.capacity import capacity_charts
from perfpilot.reporting.charts.scales import near_ticks
from perfpilot.reporting.charts.soak import soak_charts
from perfpilot.reporting.charts.trend import MOST_CHARTS, trend_charts
from tests.reporting.sample_charts import charts
from tests.reporting.sample_outlook import capacity, soak, trend

AXIS = TimeAxis(60.0, 12.0, 60.0)


def test_a_capacity_is_drawn_by_levels_and_by_the_law() -> None:
    drawn = capacity_charts(capacity())
    assert [chart.name for chart in drawn] == ["carried", "level-p95", "law"]
    assert [key.label for key in drawn[0].keys] == ["as asked", "met", "lost", "undecided", "bound"]
    assert drawn[0].note == "Shaded: the interval of the capacity."


@pytest.mark.parametrize("levels", [0, 1])
def test_fewer_than_two_levels_are_not_drawn(levels: int) -> None:
    assert capacity_charts(capacity().model_copy(update={"levels": capacity().levels[:levels]})) == ()
    assert capacity_charts(Capacity(estimated=False)) == ()


def test_a_far_bound_does_not_squeeze_the_levels() -> None:
    (first, *_) = capacity_charts(capacity().model_copy(update={"bound_per_s": 5000.0}))
    assert "bound" not in [key.label for key in first.keys]


def test_a_trend_is_drawn_for_each_figure_that_moved() -> None:
    (chart,) = trend_charts(trend())
    assert chart.title == "p95 of checkout"
    assert [key.label for key in chart.keys] == ["runs", "shift", "this run", "limit 400 ms"]
    many = trend().model_copy(update={"metrics": trend().metrics[:1] * 20})
    assert len(trend_charts(many)) == MOST_CHARTS
    assert trend_charts(Trend()) == ()


def test_a_trend_of_few_points_is_not_drawn() -> None:
    moved = trend().metrics[0].model_copy(update={"points": trend().metrics[0].points[-3:]})
    assert trend_charts(Trend(metrics=(moved,))) == ()


def test_slow_changes_of_the_target_are_drawn_where_their_series_is_known() -> None:
    drawn = soak_charts(soak(), charts(), AXIS)
    assert [chart.title for chart in drawn] == ["resident memory of target", "p95 of all labels"]
    assert drawn[0].unit == "MiB"
    assert soak_charts(soak(), Charts(series=Series(start_ms=0)), AXIS) == ()
    assert soak_charts(Soak(), charts(), AXIS) == ()


def test_a_share_is_drawn_in_the_unit_of_its_slope() -> None:
    change = soak().changes[0].model_copy(
        update={"component": "db", "metric": "connections_share", "unit": "%", "first": 40.0, "last": 60.0,
                "limit": 100.0}
    )  # fmt: skip
    seen = ResourceSeries(component="db", metric="connections_share", t_s=(0.0, 30.0, 60.0),
                          values=(0.4, 0.5, 0.6))  # fmt: skip
    (chart,) = soak_charts(
        Soak(changes=(change,)), Charts(series=Series(start_ms=0), resources=(seen,)), AXIS
    )
    texts = etree.fromstring(chart.svg.encode()).xpath("//*[local-name()='text']/text()")
    assert chart.unit == "%" and "60" in texts


@pytest.mark.parametrize(
    ("low", "high", "from_zero"),
    [(280.0, 350.0, False), (0.0, 10.0, True), (90.0, 400.0, True), (5.0, 5.0, True), (-3.0, 4.0, True)],
)
def test_an_axis_begins_near_its_values_only_where_they_are_far_from_zero(
    low: float, high: float, from_zero: bool
) -> None:
    bottom, top, ticks = near_ticks(low, high)
    assert bottom <= max(low, 0) and top >= high
    assert (bottom == 0) == from_zero
    assert ticks[0][0] == bottom and ticks[-1][0] == top and len(ticks) <= 8
