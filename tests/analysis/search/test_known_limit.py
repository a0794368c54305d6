"""The search finds a limit that is known: c slots of s seconds do c/s a second under even arrivals."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest

from perfpilot.domain.search import Search
from tests.analysis.search.queue_simulator import QueueTarget, Searched, search_load

LADDER = 6.6 * 60
"""Requests of a ladder of 10 %, 20 %, ... 110 % of the capacity, 60 s each, by the capacity."""


def _search(start: float, end: float, **other: float) -> Search:
    figures = {"precision": 0.05, "hold_s": 8.0, "longest_s": 600.0, **other}
    return Search(unit="rate_per_s", start=start, end=end, **figures)


def _assert_found(found: Searched, capacity: float, end: float) -> None:
    outcome = found.outcome
    assert outcome.finished, outcome.because
    assert found.found == pytest.approx(capacity, rel=0.05)
    assert outcome.lowest_lost is not None and outcome.lowest_lost <= found.found * 1.05 + 1e-6
    assert found.sent <= LADDER / 3 * capacity
    assert found.highest_level <= end and found.lowest_level >= 0
    assert not outcome.generator_limited


@pytest.mark.parametrize("start", [0.05, 0.22, 0.5, 1.5])
@pytest.mark.parametrize(
    ("slots", "service_s", "users"),
    [
        (1, 0.1, 3),
        (1, 0.01, 1000),
        (2, 0.2, 100),
        (4, 0.05, 12),
        (4, 0.02, 400),
        (8, 0.16, 24),
        (16, 0.2, 1000),
    ],
)
@pytest.mark.parametrize("end", [2.0, 10.0])
def test_the_capacity_is_found_within_a_third_of_the_requests(
    slots: int, service_s: float, users: int, start: float, end: float
) -> None:
    target = QueueTarget(slots, service_s, users=users)
    capacity = target.capacity
    _assert_found(search_load(target, _search(start * capacity, end * capacity)), capacity, end * capacity)


@pytest.mark.parametrize(("slots", "capacity"), [(1, 10), (4, 25), (2, 50), (8, 200)])
@pytest.mark.parametrize("users_a_slot", [3, 40])
def test_users_who_look_late_at_their_clock_change_nothing(
    slots: int, capacity: float, users_a_slot: int
) -> None:
    target = QueueTarget(slots, slots / capacity, users=users_a_slot * slots, jitter_s=0.02)
    _assert_found(search_load(target, _search(capacity / 8, 5 * capacity)), capacity, 5 * capacity)


def test_arrivals_of_several_samples_are_counted_as_arrivals() -> None:
    found = search_load(QueueTarget(4, 0.05), _search(2, 100), per_arrival=5.0)
    assert found.outcome.finished and found.found == pytest.approx(16, rel=0.05)
    kept = [step for step in found.steps if step.kept]
    assert all(step.reached == pytest.approx(step.level, rel=0.1) for step in kept)


def test_a_few_arrivals_a_second_are_held_longer() -> None:
    target = QueueTarget(2, 0.5)
    found = search_load(target, _search(1.3, 40))
    assert found.outcome.finished and found.found == pytest.approx(4, rel=0.08)


@pytest.mark.parametrize("times", [1.2, 3.0, 50.0])
@pytest.mark.parametrize(("slots", "service_s"), [(1, 0.02), (4, 0.05), (16, 0.2)])
def test_the_capacity_is_found_under_tight_and_loose_thresholds(
    slots: int, service_s: float, times: float
) -> None:
    target = QueueTarget(slots, service_s)
    capacity = target.capacity
    lines = [f"p95 < {times * service_s * 1000:g}ms", "error_rate < 1%", "achieved_load >= 95%"]
    found = search_load(target, _search(capacity / 9, 5 * capacity), lines)
    _assert_found(found, capacity, 5 * capacity)


@pytest.mark.parametrize("precision", [0.02, 0.1, 0.3])
def test_the_bracket_is_as_narrow_as_asked(precision: float) -> None:
    target = QueueTarget(4, 0.05)
    found = search_load(target, _search(7, 400, precision=precision))
    assert found.outcome.finished
    assert found.found / (1 + precision) <= 80 * 1.01
    assert found.outcome.lowest_lost is not None
    assert 80 * 0.99 <= found.outcome.lowest_lost <= found.found * (1 + precision) + 1e-6


def _crossing(slots: int, service_s: float, service: str, limit_ms: float) -> float:
    """The arrival rate at which the p95 of a long simulation crosses the limit."""
    capacity = slots / service_s
    low, high = 0.3 * capacity, 1.1 * capacity
    for _ in range(8):
        middle = (low + high) / 2
        target = QueueTarget(slots, service_s, service, users=10**6, seed=7)
        samples = target.run(0, 40_000 / middle, middle)[2_000:]
        times = np.array([end - begin for begin, end, _ in samples]) * 1000
        low, high = (middle, high) if np.quantile(times, 0.95) < limit_ms else (low, middle)
    return low


@pytest.mark.parametrize(
    ("slots", "service_s", "service", "times", "within"),
    [
        (4, 0.05, "lognormal", 5, 0.08),
        (16, 0.2, "lognormal", 5, 0.08),
        (1, 0.02, "lognormal", 5, 0.12),
        (4, 0.05, "exponential", 10, 0.12),
        (16, 0.2, "exponential", 5, 0.12),
    ],
)
def test_a_threshold_that_breaks_below_saturation_is_found_where_service_times_vary(
    slots: int, service_s: float, service: str, times: float, within: float
) -> None:
    limit_ms = times * service_s * 1000
    truth = _crossing(slots, service_s, service, limit_ms)
    capacity = slots / service_s
    shares = []
    for seed in range(5):
        target = QueueTarget(slots, service_s, service, users=1000, seed=seed)
        found = search_load(target, _search(0.12 * capacity, 5 * capacity), [f"p95 < {limit_ms:g}ms"])
        assert found.outcome.finished
        shares.append(found.found / truth)
    assert median(shares) == pytest.approx(1.0, abs=within)


def test_users_are_whole_and_bisected() -> None:
    # Users without pause go through 4 slots of 50 ms four at a time: 20 of them take 250 ms, 21 some 300 ms.
    target = QueueTarget(4, 0.05)
    search = Search(unit="users", start=1, end=200, precision=0.05, hold_s=8, longest_s=600)
    found = search_load(target, search, ["p95 < 290ms"])
    assert found.outcome.finished
    assert found.found == 20
    assert all(step.level == round(step.level) for step in found.outcome.steps)
    assert found.outcome.lowest_lost == 21
    assert all(step.reached is None for step in found.outcome.steps)


def test_a_limit_above_the_end_is_said() -> None:
    target = QueueTarget(16, 0.05)
    found = search_load(target, _search(10, 70))
    assert found.found == 70 and found.outcome.finished and found.outcome.lowest_lost is None
    assert "above" in found.outcome.because and found.highest_level == 70


def test_a_rate_limiter_is_found_by_its_errors() -> None:
    def refused(start_s: float, waited_s: float) -> bool:
        second = int(start_s)
        counts[second] = counts.get(second, 0) + 1
        return counts[second] > 40

    counts: dict[int, int] = {}
    target = QueueTarget(16, 0.05, broken=refused)
    found = search_load(target, _search(5, 300))
    assert found.outcome.finished and found.found == pytest.approx(41, rel=0.05)
    assert any("failed" in step.lost for step in found.steps)
