"""Capacity is read off held levels, and not claimed where they do not show it."""

from __future__ import annotations

import pytest

from perfpilot.analysis.capacity import LevelOutcome, estimate_capacity, held_levels, searched_capacity
from perfpilot.analysis.uncounted import decide_capacity
from perfpilot.domain.judgement import Decision
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Kind, Plan
from perfpilot.domain.search import Search, SearchOutcome
from perfpilot.domain.thresholds import parse_threshold
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


def searched(unit: str, kept: float | None, lost: float | None, **more: object) -> SearchOutcome:
    search = Search(unit=unit, start=1, end=99, precision=0.05, hold_s=8, longest_s=600)  # type: ignore[arg-type]
    return SearchOutcome(search=search, highest_kept=kept, lowest_lost=lost, because="why", **more)  # type: ignore[arg-type]


def test_a_finished_search_is_an_estimate_between_what_was_kept_and_lost() -> None:
    found = searched_capacity(searched("rate_per_s", 78.4, 81.0, finished=True))
    assert (found.estimated, found.rate_per_s, found.low_per_s, found.high_per_s) == (True, 78.4, 78.4, 81.0)


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
