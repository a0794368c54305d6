"""The interval of a slope covers it, however much neighbours are alike."""

from __future__ import annotations

import numpy as np
import pytest

from perfpilot.analysis.soak.climb import blocks_of
from perfpilot.analysis.soak.dependent_slope import dependent_slope
from tests.analysis.soak.made_series import wandering


@pytest.mark.parametrize("seconds", [1200, 3600])
@pytest.mark.parametrize("alike", [0.0, 0.9, 0.99])
def test_the_interval_covers_the_slope(alike: float, seconds: int) -> None:
    random = np.random.default_rng(11)
    t_s = np.arange(seconds, dtype=np.float64)
    covered = 0
    for _ in range(150):
        values = 100 + 0.001 * t_s + wandering(random, seconds, 1.0, alike)
        blocks = blocks_of(t_s, values.tolist(), 0.0, float(seconds), np.mean)
        assert blocks is not None
        slope = dependent_slope(blocks.steps, blocks.values).interval()
        covered += slope.low <= 0.001 * blocks.block_s <= slope.high
    assert covered >= 0.87 * 150  # 90 % less what 150 draws leave to chance; the benchmark has 1,000


def test_a_line_without_noise_has_no_width() -> None:
    steps = np.arange(20)
    slope = dependent_slope(steps, 3.0 * steps + 1)
    assert slope.per_step == pytest.approx(3.0)
    assert slope.interval().high - slope.interval().low == pytest.approx(0.0, abs=1e-6)


def test_a_constant_has_no_slope() -> None:
    assert dependent_slope(np.arange(20), np.full(20, 7.0)).interval()[:] == (0.0, 0.0, 0.0)


def test_spikes_do_not_turn_it() -> None:
    steps = np.arange(60)
    values = 2.0 * steps + np.random.default_rng(4).normal(0, 1, 60)
    spiked = values.copy()
    spiked[::10] += 500
    assert dependent_slope(steps, spiked).per_step == pytest.approx(2.0, abs=0.1)
    width = np.ptp(dependent_slope(steps, spiked).interval()[1:])
    assert width < 4 * np.ptp(dependent_slope(steps, values).interval()[1:])


def test_more_confidence_is_wider() -> None:
    slope = dependent_slope(np.arange(30), np.random.default_rng(5).normal(0, 1, 30))
    assert slope.interval(0.99).low < slope.interval(0.95).low < slope.per_step


def test_missing_steps_are_no_neighbours_and_few_values_are_refused() -> None:
    steps = np.arange(0, 60, 2)
    assert dependent_slope(steps, np.random.default_rng(6).normal(0, 1, 30)).alike == pytest.approx(0.95)
    with pytest.raises(ValueError, match="10 values"):
        dependent_slope(np.arange(9), np.zeros(9))
