"""The chance within a run, against the spread of many runs with dependent samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perfpilot.analysis.comparison.drift import Chance, added, chance_within


@pytest.mark.parametrize(("memory", "most"), [(0.0, 1.5), (0.5, 1.5), (0.9, 1.2), (0.95, 1.0)])
def test_chance_within_a_run_is_that_between_runs_that_differ_by_chance(memory: float, most: float) -> None:
    random = np.random.default_rng(5)
    seconds, block_s, replicates = 608, 16, 400
    series = np.empty((replicates, seconds))
    steps = random.standard_normal((replicates, seconds))
    series[:, 0] = steps[:, 0]
    for n in range(1, seconds):
        series[:, n] = memory * series[:, n - 1] + math.sqrt(1 - memory**2) * steps[:, n]
    blocks = series.reshape(replicates, -1, block_s).mean(axis=2)
    shares = (blocks - blocks.mean(axis=1, keepdims=True)) / blocks.shape[1]
    told = np.mean([chance_within(own, seconds).variance for own in shares])
    assert 0.7 < told / series.mean(axis=1).var() < most


def test_the_degrees_of_freedom_grow_with_the_length_from_two_to_eight() -> None:
    blocks = np.random.default_rng(1).standard_normal(40)
    freedom = [chance_within(blocks - blocks.mean(), s).freedom for s in (30, 60, 180, 480, 9000)]
    assert freedom == [2, 2, 3, 8, 8]


def test_chances_add_and_the_least_known_counts_most() -> None:
    assert added([Chance(1.0, 4), Chance(1.0, 4)]) == Chance(2.0, 8.0)
    whole = added([Chance(9.0, 4), Chance(1.0, math.inf)])
    assert whole.variance == 10.0 and whole.freedom == pytest.approx(100 / 81 * 4)
    assert added([Chance(0.0, 4)]).freedom == math.inf
