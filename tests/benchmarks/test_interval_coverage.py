"""Intervals cover the truth where neighbouring samples are alike: a small part of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import interval_coverage
from benchmarks.dependent_times import Process, processes

_BY_NAME = {process.name: process for process in processes()}


@pytest.mark.parametrize(
    ("name", "length_s"),
    [
        ("independent", 300),
        ("noise 0.95, 10%", 300),
        ("noise 0.98, 2%", 600),
        ("bursts of 3 s each 20 s", 600),
    ],
)
def test_intervals_and_marginal_thresholds_cover_the_truth(name: str, length_s: int) -> None:
    for cell in interval_coverage.simulated(_BY_NAME[name], length_s, (50,), runs=120, seed=3):
        assert cell.coverage is not None and cell.coverage >= 0.90
        assert cell.reached >= 0.90


def test_a_cell_whose_intervals_miss_the_truth_misses_the_aim() -> None:
    cell = interval_coverage.Cell(
        "made up", 300, 50, 95, truth_ms=100, runs=30, covered=26, widths=[5.0] * 30, marginal=30
    )
    assert cell.missed and not cell.__class__(**{**vars(cell), "covered": 27}).missed


@pytest.mark.parametrize("process", _BY_NAME.values(), ids=_BY_NAME)
def test_the_true_percentile_is_that_of_a_long_run(process: Process) -> None:
    random = np.random.default_rng(2)
    seconds = process.draw(random, 400, 500).ravel()
    seen = np.bincount(seconds, minlength=len(process.weights)) / len(seconds)
    assert seen == pytest.approx(process.weights, abs=0.02)
    for share in (0.5, 0.95, 0.99):
        at = process.percentile_ms(share)
        assert seen @ process.below[:, at - 1] < share + 0.01
        assert seen @ process.below[:, at] > share - 0.01
        assert process.weights @ process.share_below(share) == pytest.approx(share)
