from __future__ import annotations

import math

import numpy as np
import pytest

from perfpilot.reporting.charts.scales import (
    POINTS,
    linear_ticks,
    log_ticks,
    numbers,
    seconds,
    thinned,
    time_ticks,
)


def test_thinning_keeps_every_bins_peak_and_dip() -> None:
    values = numbers([100.0] * 86_400)
    values[40_000], values[70_001] = 900.0, 1.0
    x, y = thinned(seconds(values), values)
    assert len(x) <= POINTS
    assert 40_000 in x and 70_001 in x
    assert (y.max(), y.min()) == (900.0, 1.0)
    assert (np.diff(x) > 0).all()


def test_a_gap_stays_a_gap_when_thinned() -> None:
    values = numbers([1.0] * 3_000 + [None] * 3_000 + [1.0] * 3_000)
    x, y = thinned(seconds(values), values)
    assert np.isnan(y[(x > 3_100) & (x < 5_900)]).all()
    assert not np.isnan(y[(x < 2_900) | (x > 6_100)]).any()


def test_a_short_series_is_left_alone() -> None:
    values = numbers([1.0, None, math.inf])
    x, y = thinned(seconds(values), values)
    assert len(x) == 3 and np.isnan(y[1]) and np.isnan(y[2])


@pytest.mark.parametrize("high", [0.0, 0.003, 0.7, 1, 7, 49.9, 315, 12_345, 8e9])
def test_linear_ticks_are_round_and_cover_the_data(high: float) -> None:
    top, ticks = linear_ticks(high)
    assert top >= high * 0.998
    assert 2 <= len(ticks) <= 7
    assert len({text for _, text in ticks}) == len(ticks)
    assert all(abs(float(text.replace(",", "")) - place) < 1e-9 * max(1, place) for place, text in ticks)


@pytest.mark.parametrize(("low", "high"), [(20, 500), (0.3, 0.31), (1, 1e6), (99.9, 100.1), (5, 5)])
def test_log_ticks_lie_within_the_axis(low: float, high: float) -> None:
    bottom, top, ticks = log_ticks(low, high)
    assert bottom < low <= high < top
    assert len(ticks) >= 2
    assert all(bottom <= place <= top for place, _ in ticks)


@pytest.mark.parametrize(
    ("duration_s", "last"),
    [
        (1, "1 s"),
        (60, "60 s"),
        (600, "10:00"),
        (3600, "60:00"),
        (8 * 3600, "8:00 h"),
        (7 * 86400, "168:00 h"),
    ],
)
def test_time_ticks_are_readable_from_a_second_to_a_week(duration_s: float, last: str) -> None:
    ticks = time_ticks(duration_s)
    assert 2 <= len(ticks) <= 8
    assert ticks[-1][1] == last
