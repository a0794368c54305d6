"""Runs as the unit of replication, against published tests and figures computed elsewhere."""

from __future__ import annotations

import math

import pytest

from perfpilot.analysis.comparison.metrics import METRICS
from perfpilot.analysis.comparison.repeated import enough_runs, repeated_shift, run_noise
from perfpilot.analysis.statistics.student_t import t_two_sided

MEAN = METRICS["mean"]


def test_welch_on_logarithms() -> None:
    # What scipy 1's ttest_ind(log(after), log(before), equal_var=False) gives.
    t, freedom, chance = 4.105949758662006, 7.686781223829163, 0.0037138415682846982
    before, after = [100.0, 104.0, 97.0, 101.0, 99.0], [108.0, 103.0, 112.0, 107.0, 110.0]
    shift = repeated_shift(MEAN, "", before, after)
    assert shift.error is not None
    assert shift.log / shift.error == pytest.approx(t)
    assert shift.freedom == pytest.approx(freedom)
    assert t_two_sided(shift.log / shift.error, shift.freedom) == pytest.approx(chance)


def test_one_new_run_gets_a_prediction_interval() -> None:
    before = [100.0, 104.0, 97.0, 101.0, 99.0]
    shift = repeated_shift(MEAN, "", before, [120.0])
    noise = run_noise(before)
    assert shift.freedom == 4 and noise is not None
    assert shift.error == pytest.approx(noise * math.sqrt(1 + 1 / 5))
    assert shift.before == pytest.approx(math.prod(before) ** 0.2)


@pytest.mark.parametrize(
    ("before", "after", "enough"), [(1, 1, False), (4, 1, False), (5, 1, True), (3, 3, True), (2, 3, False)]
)
def test_noise_is_measured_from_so_many_runs(before: int, after: int, enough: bool) -> None:
    assert enough_runs(before, after) is enough


def test_noise_of_history_needs_five_runs_above_zero() -> None:
    assert run_noise([100.0] * 4) is None and run_noise([0.0, *[100.0] * 9]) is None
    assert run_noise([100.0] * 5) == 0.0


def test_equal_figures_in_whole_milliseconds_are_no_proof_of_the_smallest_change() -> None:
    shift = repeated_shift(METRICS["p95"], "", [10.0] * 5, [11.0] * 5)
    assert shift.error is not None and shift.error > 0.02
