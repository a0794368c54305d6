"""Levels are the pieces of a plan that stand still; the bounds of a search decide what they can."""

from __future__ import annotations

from typing import Literal

import pytest

from perfpilot.analysis.capacity.estimate import searched_capacity
from perfpilot.analysis.capacity.ladder import held_levels
from perfpilot.analysis.thresholds.uncounted import decide_capacity
from perfpilot.domain.judgement import Decision
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Kind, Plan
from perfpilot.domain.search import Search, SearchOutcome
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario
from tests.analysis.observed import plan


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


def searched(
    unit: Literal["rate_per_s", "users"], kept: float | None, lost: float | None, **more: object
) -> SearchOutcome:
    search = Search(unit=unit, start=1, end=99, precision=0.05, hold_s=8, longest_s=600)
    found = SearchOutcome(search=search, highest_kept=kept, lowest_lost=lost, because="why")
    return found.model_copy(update=more)


@pytest.mark.parametrize(
    ("kept", "lost", "more", "line", "decision"),
    [
        (600.0, None, {}, "capacity >= 100/s", Decision.MET),  # the limit lies above the end of the search
        (50.0, 90.0, {}, "capacity >= 100/s", Decision.BROKEN),
        (50.0, 120.0, {}, "capacity >= 100/s", Decision.UNDECIDED),
        (None, 90.0, {}, "capacity >= 100/s", Decision.BROKEN),
        (None, None, {}, "capacity >= 100/s", Decision.UNDECIDED),
        (50.0, None, {"generator_limited": "it was slow"}, "capacity >= 100/s", Decision.UNDECIDED),
        (150.0, None, {"generator_limited": "it was slow"}, "capacity >= 100/s", Decision.MET),
    ],
)
def test_a_bound_decides_where_it_can(
    kept: float | None, lost: float | None, more: dict[str, str], line: str, decision: Decision
) -> None:
    capacity = searched_capacity(searched("rate_per_s", kept, lost, **more))
    assert not capacity.estimated
    assert decide_capacity(parse_threshold(line), capacity).decision is decision


@pytest.mark.parametrize(
    ("kept", "lost", "limit", "decision"),
    [
        (14, 15, 14, Decision.MET),
        (14, 15, 15, Decision.BROKEN),
        (8, 16, 12, Decision.UNDECIDED),
        (8, 16, 16, Decision.BROKEN),
        (60, None, 40, Decision.MET),
    ],
)
def test_users_are_decided_as_whole_ones(kept: int, lost: int | None, limit: int, decision: Decision) -> None:
    capacity = searched_capacity(searched("users", kept, lost, finished=True))
    result = decide_capacity(parse_threshold(f"capacity >= {limit} users"), capacity)
    assert (result.decision, result.unit) == (decision, "users")
    assert decide_capacity(parse_threshold("capacity >= 1/s"), capacity).decision is Decision.UNDECIDED
