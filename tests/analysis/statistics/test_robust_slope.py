"""Slopes that outliers do not turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.statistics.robust_slope import (
    kendall_tau,
    mann_kendall,
    sen_interval,
    theil_sen,
    time_until,
)

TIMES = np.arange(30, dtype=np.float64)


def test_a_quarter_of_outliers_does_not_turn_the_slope() -> None:
    values = 5 + 2 * TIMES
    values[::5] += 1000
    assert theil_sen(TIMES, values) == pytest.approx(2.0, abs=0.5)


def test_the_interval_covers_the_slope_of_independent_values() -> None:
    random = np.random.default_rng(1)
    slopes = [sen_interval(TIMES, 3 * TIMES + random.normal(0, 5, 30)) for _ in range(400)]
    assert 0.92 <= np.mean([slope.low <= 3 <= slope.high for slope in slopes]) <= 0.98
    assert all(slope.low <= slope.middle <= slope.high for slope in slopes)


def test_the_median_of_all_pairs_at_uneven_times() -> None:
    times = np.array([1, 2, 3, 4, 10, 12, 18.0])
    slope = sen_interval(times, np.array([9, 15, 19, 20, 45, 55, 78.0]))
    assert slope.middle == pytest.approx(4.0, abs=0.03)
    assert slope.low < 4.0 < slope.high


def test_values_at_one_time_have_no_slope() -> None:
    with pytest.raises(ValueError, match="two different places"):
        theil_sen(np.zeros(3), np.arange(3.0))


@pytest.mark.parametrize(
    ("values", "tau", "sign"),
    [
        ([1.0, 2, 3, 4, 5], 1.0, 1),
        ([5.0, 4, 3, 2, 1], -1.0, -1),
        ([2.0, 2, 2, 2], 0.0, 0),
        ([1.0, 2], 1.0, 0),
    ],
)
def test_kendall_counts_pairs_that_rise(values: list[float], tau: float, sign: int) -> None:
    assert kendall_tau(np.array(values)) == tau
    assert np.sign(mann_kendall(np.array(values))) == sign


def test_mann_kendall_has_its_variance() -> None:
    random = np.random.default_rng(2)
    scores = [mann_kendall(random.normal(0, 1, 25)) for _ in range(2000)]
    assert np.std(scores) == pytest.approx(1.0, abs=0.06)
    tied = [mann_kendall(random.integers(0, 4, 25).astype(float)) for _ in range(2000)]
    assert np.std(tied) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize(
    ("limit", "slope", "time"),
    [(20.0, 2.0, 3.0), (20.0, -2.0, None), (0.0, -2.0, 3.0), (11.0, 2.0, 0.0), (20.0, 0.0, None)],
)
def test_the_time_until_a_limit(limit: float, slope: float, time: float | None) -> None:
    assert time_until(limit, 10.0, 2.0, slope) == time


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=20), st.floats(-1e3, 1e3))
def test_a_line_that_is_added_is_added_to_the_slope(values: list[float], slope: float) -> None:
    times = np.arange(len(values), dtype=np.float64)
    plain = theil_sen(times, np.array(values))
    assert theil_sen(times, np.array(values) + slope * times) == pytest.approx(plain + slope, abs=1e-6)
