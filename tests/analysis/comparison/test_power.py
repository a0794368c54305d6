"""A quick version of `benchmarks.regression_power`: false alarms and power on imagined runs."""

from __future__ import annotations

from benchmarks.regression_power import FIVE, Design, shares
from benchmarks.simulated_runs import Service


def test_one_against_one_is_silent_on_healthy_runs_and_finds_a_fifth() -> None:
    found = shares(Design(), 40, (0.0, 0.2))
    assert found.alarms[0] <= 0.05 and found.improvements[0] <= 0.05
    assert found.alarms[1] >= 0.9
    assert 0.14 < found.visible < 0.22


def test_five_against_five_finds_a_tenth() -> None:
    found = shares(Design(5, 5, FIVE), 12, (0.0, 0.1))
    assert found.alarms[0] <= 1 / 12 and found.alarms[1] >= 11 / 12
    assert found.visible < 0.12


def test_a_minute_of_a_service_that_drifts_is_too_short_and_says_so() -> None:
    found = shares(Design(service=Service(seconds=60, rate=20.0)), 40, (0.0, 0.1))
    assert found.alarms[0] <= 0.05
    assert found.alarms[1] <= 0.5 and found.visible > 0.25
