"""How far a ratio lies from its true value, where neighbours are alike."""

from __future__ import annotations

import numpy as np
import pytest

from perfpilot.analysis.statistics.ratio_error import half_width, share_half_width


def _noise(random: np.random.Generator, phi: float, runs: int, seconds: int) -> np.ndarray:
    """First-order autoregressive noise of variance 1, one run a row."""
    noise = random.standard_normal((runs, seconds))
    for second in range(1, seconds):
        noise[:, second] = phi * noise[:, second - 1] + np.sqrt(1 - phi**2) * noise[:, second]
    return noise


@pytest.mark.parametrize(
    ("phi", "seconds"),
    [(0.0, 60), (0.0, 300), (0.0, 3600), (0.9, 300), (0.95, 300), (0.98, 300), (0.98, 600), (0.99, 3600)],
)
def test_the_interval_of_a_mean_covers_it_where_neighbours_are_alike(phi: float, seconds: int) -> None:
    random = np.random.default_rng(7)
    runs = 100 + 5 * _noise(random, phi, 800, seconds)
    whole = np.ones(seconds)
    covered = [abs(run.mean() - 100) <= half_width(run, whole, float(seconds)) for run in runs]
    assert np.mean(covered) >= 0.90


def test_the_interval_is_hardly_wider_than_it_must_be_where_nothing_depends() -> None:
    random = np.random.default_rng(8)
    runs = random.normal(100, 5, (400, 900))
    widths = [half_width(run, np.ones(900), 900.0) for run in runs]
    assert np.median(widths) / (1.96 * 5 / 30) < 1.35


def test_a_ratio_that_never_changes_has_no_width_however_its_parts_do() -> None:
    wholes = np.arange(1.0, 301.0)
    assert half_width(0.25 * wholes, wholes, 300.0) == pytest.approx(0, abs=1e-12)


def test_a_share_is_at_least_as_uncertain_as_that_of_independent_samples() -> None:
    wholes = np.full(300, 10.0)
    parts = 9.5 + 0.5 * (-1.0) ** np.arange(300)
    least = 1.96 * (0.05 * 0.95 / 3000) ** 0.5
    assert half_width(parts, wholes, 300.0) < 0.5 * least
    assert share_half_width(parts, wholes, 300.0, 0.95) == pytest.approx(least)
