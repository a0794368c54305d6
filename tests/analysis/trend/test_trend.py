"""Shifts, the newest run, and the days until a limit, over runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.trend.limits import limits_of
from perfpilot.analysis.trend.trend import find_trend, series_of
from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.history import LabelFigures, MetricPoint, PastFigures, PastRun
from perfpilot.domain.thresholds import parse_threshold
from perfpilot.domain.trend import MetricTrend
from tests.analysis.trend.made_runs import DAY_MS, runs, spread


def trend_of(values: object, limit: float | None = None, **series: object) -> MetricTrend:
    made = runs(values, **series)  # type: ignore[arg-type]
    limits = {} if limit is None else {(made.metric, made.label): limit}
    return find_trend([made], limits).metrics[0]


def places(trend: MetricTrend) -> list[int]:
    return [int(shift.run_id[1:]) for shift in trend.shifts]


@pytest.mark.parametrize("seed", range(20))
def test_a_shift_is_found_within_two_runs_with_its_size(seed: int) -> None:
    values = spread(40, seed)
    values[25:] *= 1.15
    (at,) = places(trend := trend_of(values))
    assert abs(at - 25) <= 2
    assert trend.shifts[0].change == pytest.approx(0.15, abs=0.05)
    assert trend.shifts[0].p < 0.001


def test_shifts_up_and_down_are_both_found_in_a_long_history() -> None:
    values = spread(130, 3)
    values[40:90] *= 1.2
    assert [abs(at - true) <= 2 for at, true in zip(places(trend_of(values)), (40, 90), strict=True)] == [
        True
    ] * 2


def test_few_false_shifts_and_few_false_alarms_of_the_newest() -> None:
    trends = [trend_of(spread(40, seed)) for seed in range(200)]
    assert sum(bool(trend.shifts) for trend in trends) <= 6
    out = (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)
    assert sum(trend.decision in out for trend in trends) <= 4


@pytest.mark.parametrize("at", [1, 10, 20, 37, 38])
def test_a_lone_outlier_is_no_shift(at: int) -> None:
    values = spread(40, 5)
    values[at] *= 1.8
    assert places(trend_of(values)) == []


@pytest.mark.parametrize(
    ("metric", "unit", "factor", "decision"),
    [
        ("p95", "ms", 1.25, ChangeDecision.REGRESSION),
        ("p95", "ms", 0.8, ChangeDecision.IMPROVEMENT),
        ("throughput", "/s", 1.25, ChangeDecision.IMPROVEMENT),
        ("throughput", "/s", 0.8, ChangeDecision.REGRESSION),
        ("capacity", "/s", 0.8, ChangeDecision.REGRESSION),
        ("p95", "ms", 1.02, ChangeDecision.UNDECIDED),
    ],
)
def test_the_newest_run_is_judged_by_what_is_worse(
    metric: str, unit: str, factor: float, decision: ChangeDecision
) -> None:
    values = spread(20, 2)
    values[-1] = 200 * factor
    trend = trend_of(values, metric=metric, unit=unit)
    assert trend.decision is decision
    assert trend.expected_low and trend.expected_high and trend.expected_low < 200 < trend.expected_high
    assert trend.visible == pytest.approx(0.13, abs=0.05)


def test_a_steady_newest_run_of_a_quiet_test_has_not_changed() -> None:
    assert trend_of(spread(20, 2, deviation=0.005)).decision is ChangeDecision.NO_CHANGE


@pytest.mark.parametrize("count", [1, 2, 5])
def test_too_few_runs_say_so(count: int) -> None:
    trend = trend_of(spread(count))
    assert (trend.expected_low, trend.slope_per_day, trend.shifts) == (None, None, ())
    assert trend.decision is ChangeDecision.UNDECIDED
    assert trend.because == f"it takes 5 runs before the newest to know what to expect; have {count - 1}"


def test_runs_before_a_shift_tell_nothing_of_the_newest() -> None:
    values = spread(30, 4)
    values[-4:] *= 1.5
    trend = trend_of(values)
    assert places(trend) == [26]
    assert trend.expected_low is None and "since the last shift" in trend.because


def test_equal_runs_have_no_shift_and_a_small_step_of_whole_milliseconds_is_none() -> None:
    assert trend_of([200.0] * 30).decision is ChangeDecision.NO_CHANGE
    assert trend_of([2.0] * 29 + [3.0]).decision is not ChangeDecision.REGRESSION
    assert trend_of([0.0] * 30, metric="p50").shifts == ()


def test_failures_that_begin_are_a_regression_and_a_few_are_not() -> None:
    assert trend_of([0.0] * 20 + [3.0], metric="error_rate", unit="%").decision is ChangeDecision.REGRESSION
    assert (
        trend_of([0.0] * 20 + [0.1], metric="error_rate", unit="%").decision is not ChangeDecision.REGRESSION
    )
    begun = trend_of([0.0] * 20 + [4.0] * 10, metric="error_rate", unit="%")
    assert places(begun) == [20]
    assert (begun.shifts[0].before, begun.shifts[0].after, begun.shifts[0].change) == (0.0, 4.0, None)


def test_a_slow_climb_is_a_slope_and_no_staircase() -> None:
    trend = trend_of(spread(40, 6) * (1 + 0.01 * np.arange(40)), limit=310.0)
    assert places(trend) == []
    assert trend.slope_low and trend.slope_high and trend.slope_low < 2.0 < trend.slope_high
    assert trend.days_low and trend.days_to_limit and trend.days_high
    assert trend.days_low < trend.days_to_limit < trend.days_high
    assert trend.days_to_limit == pytest.approx((310 - 278) / 2, abs=6)
    assert "slope" in trend.because


def test_a_slope_is_followed_down_to_the_limit_of_throughput() -> None:
    values = spread(30, 7) * (1 - 0.01 * np.arange(30))
    trend = trend_of(values, 120.0, metric="throughput", unit="/s")
    assert trend.slope_per_day and trend.slope_per_day < 0
    assert trend.days_to_limit == pytest.approx((142 - 120) / 2, abs=5)


@pytest.mark.parametrize(
    ("values", "limit", "words"),
    [
        (spread(40, 8), 300.0, ""),  # no slope
        (spread(40, 8) * (1 - 0.01 * np.arange(40)), 300.0, "slope"),  # away from the limit
        (spread(40, 8) * (1 + 0.01 * np.arange(40)), 3000.0, "further off"),
        (spread(40, 8) * (1 + 0.01 * np.arange(40)), 150.0, "passed already"),
    ],
    ids=["flat", "away", "far", "passed"],
)
def test_no_days_are_told_without_a_reason(values: np.ndarray, limit: float, words: str) -> None:
    trend = trend_of(values, limit)
    assert (trend.days_to_limit, trend.days_low, trend.days_high) == (None, None, None)
    assert trend.limit == limit and words in trend.because


def test_runs_are_taken_in_the_order_of_time_with_their_gaps() -> None:
    series = runs(spread(30, 9) * (1 + 0.01 * np.arange(30)))
    gaps = series.model_copy(
        update={"points": tuple(p.model_copy(update={"started_ms": p.started_ms * (1 + i // 15)})
                                for i, p in enumerate(series.points))[::-1]}
    )  # fmt: skip
    (trend,) = find_trend([gaps]).metrics
    assert trend.newest == series.points[-1].value
    assert find_trend([series]).metrics[0].slope_per_day != trend.slope_per_day


def test_only_the_newest_of_very_many_runs_are_looked_at() -> None:
    values = spread(450, 10)
    values[:240] *= 2
    trend = trend_of(values)
    assert (trend.runs, trend.shifts, trend.newest) == (200, (), values[-1])


def test_values_that_are_not_finite_are_left_out() -> None:
    trend = trend_of([*spread(10).tolist(), math.nan, math.inf])
    assert trend.runs == 10
    assert find_trend([runs([math.nan])]).metrics == ()
    assert find_trend([]).because == "no run has figures to follow"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=70),
    st.sampled_from([("p95", "ms"), ("error_rate", "%"), ("throughput", "/s")]),
    st.integers(0, 3),
)
def test_any_figures_give_a_trend_without_a_warning(
    values: list[float], metric: tuple[str, str], days: int
) -> None:
    trend = trend_of(values, 100.0, metric=metric[0], unit=metric[1], days=days)
    assert trend.runs == len(values) and trend.newest == values[-1]
    if trend.expected_low is not None and trend.expected_high is not None:
        assert trend.expected_low <= trend.expected_high
    assert sorted(places(trend)) == places(trend)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(1.0, 3.0))
def test_a_worse_newest_run_is_never_judged_better(seed: int, factor: float) -> None:
    rank = [
        ChangeDecision.IMPROVEMENT,
        ChangeDecision.NO_CHANGE,
        ChangeDecision.UNDECIDED,
        ChangeDecision.REGRESSION,
    ]
    values = spread(25, seed)
    worse = values.copy()
    worse[-1] *= factor
    before, after = trend_of(values), trend_of(worse)
    if before.shifts == after.shifts:
        assert rank.index(after.decision) >= rank.index(before.decision)


def test_limits_come_from_goals_in_the_units_of_the_history() -> None:
    lines = (
        "p95(checkout) < 400ms", "p95(checkout) < 300ms", "error_rate < 1%", "throughput >= 80/s",
        "p99 < 1s over 30s", "abort if error_rate > 20% for 10s", "cpu(target) < 85%", "capacity >= 300/s",
    )  # fmt: skip
    assert limits_of(parse_threshold(line) for line in lines) == {
        ("p95", "checkout"): 300.0,
        ("error_rate", ""): 1.0,
        ("throughput", ""): 80.0,
        ("capacity", ""): 300.0,
    }


def test_series_are_made_from_past_runs_for_the_labels_of_the_newest() -> None:
    def past(number: int, *labels: str) -> PastFigures:
        return PastFigures(
            run=PastRun(
                run_id=f"r{number}", test_name="shop", started_ms=number * DAY_MS, status="completed"
            ),
            labels=tuple(
                LabelFigures(label=label, count=100, errors=1, rate_per_s=10.0, p95_ms=200.0 + number)
                for label in ("", *labels)
            ),
        )

    made = series_of([past(0, "home", "gone"), past(1, "home")])
    assert {series.label for series in made} == {"", "home"}
    assert {series.metric for series in made} == {"p95", "error_rate", "throughput"}
    home = next(series for series in made if (series.metric, series.label) == ("p95", "home"))
    assert home.points == tuple(
        MetricPoint(run_id=f"r{number}", started_ms=number * DAY_MS, value=200.0 + number)
        for number in (0, 1)
    )
    assert next(s for s in made if s.metric == "error_rate").points[0].value == pytest.approx(1.0)
