"""Capacity is read off held levels, and not claimed where they do not show it."""

from __future__ import annotations

import pytest

from perfpilot.analysis.capacity import LevelOutcome, estimate_capacity, held_levels
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Kind, Plan
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario
from tests.analysis.observed import plan


def levels(*met: bool | None) -> list[LevelOutcome]:
    return [LevelOutcome(rate_per_s=100.0 * (n + 1), met=value) for n, value in enumerate(met)]


def test_the_capacity_lies_between_the_last_level_that_held_and_the_next() -> None:
    found = estimate_capacity(levels(True, True, False, False))
    assert (found.estimated, found.rate_per_s, found.low_per_s, found.high_per_s) == (True, 200, 200, 300)


def test_the_order_of_the_levels_does_not_matter() -> None:
    assert estimate_capacity(levels(True, True, False)[::-1]) == estimate_capacity(levels(True, True, False))


def test_a_level_above_one_that_failed_counts_for_nothing() -> None:
    assert estimate_capacity(levels(True, False, True, True)).rate_per_s == 100


@pytest.mark.parametrize(
    ("outcomes", "low", "high", "because"),
    [
        ([], None, None, "no load level was judged by itself"),
        (levels(True), None, None, "only one load level"),
        (levels(True, False), None, None, "only 2 load levels"),
        (levels(True, True, True), 300, None, "the limit lies above"),
        (levels(False, False, False), None, 100, "the lowest level, 100/s, already failed"),
        (levels(True, None, False), 100, None, "the level of 200/s was undecided"),
    ],
)
def test_nothing_is_estimated_beyond_what_was_seen(
    outcomes: list[LevelOutcome], low: float | None, high: float | None, because: str
) -> None:
    found = estimate_capacity(outcomes)
    assert not found.estimated and found.rate_per_s is None
    assert (found.low_per_s, found.high_per_s) == (low, high)
    assert because in found.because


def test_a_level_that_was_not_reached_did_not_hold() -> None:
    short = [*levels(True, True), LevelOutcome(rate_per_s=300, met=True, achieved=0.8)]
    assert estimate_capacity(short).rate_per_s == 200


def test_a_level_held_twice_must_hold_both_times() -> None:
    twice = [*levels(True, True, True), LevelOutcome(rate_per_s=200, met=False)]
    assert estimate_capacity(twice).rate_per_s == 100


def stepped(*segments: tuple[float, float, float]) -> Plan:
    curve = LoadCurve(
        unit="rate_per_s", segments=tuple(Segment(duration_s=d, start=a, end=b) for d, a, b in segments)
    )
    made = plan()
    return made.model_copy(update={"scenarios": (made.scenarios[0].model_copy(update={"curve": curve}),)})


def test_levels_are_the_pieces_that_stand_still() -> None:
    held = held_levels(stepped((10, 0, 50), (30, 50, 50), (5, 50, 100), (30, 100, 100), (10, 0, 0)))
    assert [(level.from_s, level.to_s, level.rate_per_s) for level in held] == [(10, 40, 50), (45, 75, 100)]


def test_a_triangle_around_its_middle_is_no_level() -> None:
    assert held_levels(stepped((20, 0, 100))) == ()


def test_users_beside_the_rate_must_stand_still_too_and_cases_count_for_nothing() -> None:
    rate = scenario("browse", rate=20)
    case = scenario("odd", rate=3, kind=Kind.EDGE)
    users = LoadCurve(
        unit="users",
        segments=(Segment(duration_s=20, start=0, end=10), Segment(duration_s=40, start=10, end=10)),
    )
    office = scenario("office", users=10).model_copy(update={"curve": users})
    held = held_levels(plan_of(rate, case, office))
    assert [(level.from_s, level.to_s, level.rate_per_s) for level in held] == [(20, 60, 20)]
    assert held_levels(plan_of(case)) == held_levels(plan_of(office)) == ()
