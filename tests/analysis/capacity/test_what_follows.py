"""The bound, the scalability law and the projections: computed where the levels show them, else why not."""

from __future__ import annotations

import numpy as np
import pytest

from perfpilot.analysis.capacity.bound import asymptotic_bound
from perfpilot.analysis.capacity.from_attempt import capacity_of
from perfpilot.analysis.capacity.projection import head_room, scaling
from perfpilot.analysis.capacity.scalability import scalability
from perfpilot.analysis.thresholds.uncounted import decide_capacity
from perfpilot.domain.capacity import Capacity, CapacityLevel, Scalability
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.spec import Environment
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.stepped import closed_attempt, series, stepped_plan

FOUND = Capacity(estimated=True, rate_per_s=200, low_per_s=180, high_per_s=220)


def level(rate: float, **more: object) -> CapacityLevel:
    seen = {"rate_per_s": rate, "completed_per_s": rate, "reached_per_s": rate, "met": True, "seconds": 30}
    return CapacityLevel.model_validate(seen | more)


def test_the_processor_bounds_what_can_be_carried() -> None:
    # 2 ms of the cores for each arrival, and 5 % of them without any: full at 0.95 / 0.002.
    levels = [level(r, cpu_share=0.05 + 0.002 * r, in_flight=r * 0.02, p50_ms=20.0) for r in (50, 100, 200)]
    bound = asymptotic_bound(levels, think_s=1.0)
    assert bound.per_s == pytest.approx(475)
    assert bound.in_flight == pytest.approx(475 * 1.02)
    assert "processor, 45 % busy at most here" in bound.because


def test_a_saturated_level_bounds_it_where_the_processor_is_idle() -> None:
    levels = [level(r, cpu_share=0.002 * r) for r in (50, 100)]
    saturated = level(150, completed_per_s=120, saturated=True, met=False, cpu_share=0.24)
    bound = asymptotic_bound([*levels, saturated])
    assert bound.per_s == 120 and "completed no more" in bound.because


@pytest.mark.parametrize(
    "levels", [[], [level(50), level(100)], [level(50, cpu_share=0.02), level(100, cpu_share=0.04)]]
)
def test_without_evidence_there_is_no_bound(levels: list[CapacityLevel]) -> None:
    bound = asymptotic_bound(levels)
    assert bound.per_s is None and bound.because.startswith("no bound")


def _law(most: float, *, steps: int = 8, noise: float = 0.0, kappa: float = 0.0005) -> list[CapacityLevel]:
    random = np.random.default_rng(4)
    levels = []
    for n in np.linspace(most / steps, most, steps):
        x = 20 * n / (1 + 0.02 * (n - 1) + kappa * n * (n - 1)) * (1 + noise * random.normal())
        levels.append(level(x, in_flight=float(n)))
    return levels


def test_the_law_is_found_where_the_levels_go_past_its_peak() -> None:
    found = scalability(_law(70, noise=0.01))
    peak = (0.98 / 0.0005) ** 0.5
    assert found.fitted and found.peak_in_flight == pytest.approx(peak, rel=0.1)
    assert found.one_per_s == pytest.approx(20, rel=0.05)
    assert found.contention == pytest.approx(0.02, rel=0.4) and found.coherency == pytest.approx(
        5e-4, rel=0.4
    )
    assert found.peak_low_per_s is not None and found.peak_high_per_s is not None
    assert found.peak_low_per_s <= 20 * peak / (1 + 0.02 * (peak - 1) + 0.0005 * peak * (peak - 1))


@pytest.mark.parametrize(
    ("levels", "fitted", "because"),
    [
        (_law(70, steps=5), False, "6 are needed"),
        (_law(20), True, "not reached: at most 20"),
        (_law(70, kappa=0.0), True, "no peak"),
        (_law(36, noise=0.1), True, ""),
        ([level(r, in_flight=9 + r / 100) for r in (10, 11, 12, 13, 14, 15)], False, "about the same number"),
    ],
)
def test_nothing_is_said_that_the_levels_do_not_show(
    levels: list[CapacityLevel], fitted: bool, because: str
) -> None:
    found = scalability(levels)
    assert found.fitted is fitted and because in found.because
    assert found.peak_in_flight is None and found.peak_per_s is None


def test_head_room_is_against_the_expected_load_with_its_interval() -> None:
    room = head_room(FOUND, 160.0)
    assert room is not None
    assert (room.share, room.low, room.high) == pytest.approx((0.25, 0.125, 0.375))
    assert head_room(FOUND, None) is None
    assert head_room(Capacity(estimated=False), 160.0) is None


def test_scaling_goes_by_the_low_end_and_a_safe_share() -> None:
    found = scaling(FOUND, instances=2, cost_per_hour=3.0, currency="EUR", expected_per_s=100.0)
    assert found is not None
    # 75 % of 180/s by two instances: 67.5/s each.
    assert [(s.rate_per_s, s.instances) for s in found.steps] == [(150, 3), (200, 3), (300, 5), (500, 8)]
    assert [s.cost_per_hour for s in found.steps] == pytest.approx([4.5, 4.5, 7.5, 12.0])
    assert found.cost_per_million == pytest.approx(3.0 / (200 * 3600) * 1e6)
    assert any("75 %" in line for line in found.assumptions)
    assert scaling(Capacity(estimated=False)) is None
    free = scaling(FOUND)
    assert free is not None and free.cost_per_million is None and free.steps[0].cost_per_hour is None


def test_contention_between_instances_is_a_second_number_and_may_have_none() -> None:
    law = Scalability(fitted=True, contention=0.2)
    found = scaling(FOUND.model_copy(update={"scalability": law}), expected_per_s=100.0)
    assert found is not None
    # k / (1 + 0.2 (k - 1)) is 1.11 at 1.14, and never 5.
    assert [s.instances for s in found.steps] == [2, 2, 3, 4]
    assert [s.instances_if_contended for s in found.steps] == [2, 2, 4, 12]
    assert any("contention" in line for line in found.assumptions)


def _decided(text: str, decision: Decision) -> ThresholdResult:
    return ThresholdResult(text=text, decision=decision, limit=1, unit="%")


@pytest.mark.parametrize(
    ("decision", "low", "high"),
    [(Decision.MET, 100, None), (Decision.BROKEN, None, 100), (Decision.UNDECIDED, None, None)],
)
def test_a_single_hold_is_a_bound(decision: Decision, low: float | None, high: float | None) -> None:
    plan = stepped_plan((100.0,))
    closed = closed_attempt(plan, series(plan), _decided("error_rate < 1%", decision))
    found = capacity_of(closed, ())
    assert not found.estimated and (found.low_per_s, found.high_per_s) == (low, high)
    assert "only one load level" in found.because


@pytest.mark.parametrize("how", [{"limited": True}, {"valid": False}])
def test_a_load_that_was_not_real_shows_nothing(how: dict[str, bool]) -> None:
    plan = stepped_plan((50.0, 100.0, 150.0))
    levels = [level(50, sure=True), level(100, sure=True), level(150, met=False, sure=True)]
    assert capacity_of(closed_attempt(plan, series(plan)), levels).estimated
    found = capacity_of(closed_attempt(plan, series(plan), **how), levels)
    assert not found.estimated and found.low_per_s is None and found.levels == ()


def test_an_attempt_says_everything_at_once() -> None:
    plan = stepped_plan((50.0, 100.0, 150.0))
    levels = [level(50), level(100), level(150, met=False, completed_per_s=120, saturated=True)]
    environment = Environment(base_url="http://127.0.0.1:1", cost_per_hour=2.0, currency="EUR")
    found = capacity_of(
        closed_attempt(plan, series(plan)), levels, expected_per_s=80.0, environment=environment
    )
    assert (found.rate_per_s, found.low_per_s, found.high_per_s, found.bound_per_s) == (120, 100, 150, 120)
    assert found.head_room is not None and found.head_room.share == pytest.approx(0.5)
    assert found.scaling is not None and found.scaling.currency == "EUR"
    assert not found.scalability.fitted and "6 are needed" in found.scalability.because


@pytest.mark.parametrize(
    ("limit", "decision", "marginal"),
    [
        (">= 180", Decision.MET, False),
        (">= 181", Decision.UNDECIDED, True),
        (">= 219", Decision.UNDECIDED, True),
        (">= 220", Decision.BROKEN, False),
        (">= 300", Decision.BROKEN, False),
        ("< 300", Decision.MET, False),
        ("< 200", Decision.UNDECIDED, True),
        ("< 180", Decision.BROKEN, False),
    ],
)
def test_a_limit_within_the_interval_is_not_decided(limit: str, decision: Decision, marginal: bool) -> None:
    result = decide_capacity(parse_threshold(f"capacity {limit}/s"), FOUND)
    assert (result.decision, result.marginal, result.value) == (decision, marginal, 200)


def test_a_bound_alone_never_says_that_the_capacity_is_no_more() -> None:
    bound = Capacity(estimated=False, low_per_s=100, high_per_s=150, because="why")
    assert decide_capacity(parse_threshold("capacity < 200/s"), bound).decision is Decision.UNDECIDED
