"""The estimate lies between what was kept and what was lost, covers, and never rises with worse data."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.capacity.estimate import ladder_capacity, searched_capacity
from perfpilot.domain.capacity import CapacityLevel, LevelThreshold
from perfpilot.domain.search import Search, SearchOutcome
from tests.analysis.capacity.known_queue import judged_levels, ladder_plan, samples_of
from tests.analysis.search.queue_simulator import QueueTarget

LIMIT_MS = 500.0


def level(rate: float, p95_ms: float, carried: float | None = None, **more: object) -> CapacityLevel:
    met = p95_ms <= LIMIT_MS
    line = LevelThreshold(
        text="p95 <= 500ms",
        limit=LIMIT_MS,
        unit="ms",
        met=met,
        sure=True,
        value=p95_ms,
        best=p95_ms,
        worst=p95_ms,
    )
    seen = {"rate_per_s": rate, "completed_per_s": carried, "met": met, "thresholds": (line,)}
    return CapacityLevel.model_validate({"seconds": 30.0, "sure": True, **seen, **more})


def plain(*met: bool | None) -> list[CapacityLevel]:
    return [CapacityLevel(rate_per_s=100.0 * (n + 1), met=m, sure=True) for n, m in enumerate(met)]


def test_a_saturated_target_completes_its_capacity() -> None:
    found = ladder_capacity([level(60, 50, 60), level(70, 50, 70), level(90, 9_000, 80)])
    assert (found.estimated, found.rate_per_s, found.low_per_s, found.high_per_s) == (True, 80, 70, 90)
    assert found.because == "70/s met the thresholds and 90/s did not"


def test_below_saturation_a_threshold_is_crossed_in_between() -> None:
    # One over the response time falls in a straight line: 1/250 at 60, 1/1000 at 80, 1/500 in between.
    found = ladder_capacity([level(40, 100, 40), level(60, 250, 60), level(80, 1000, 80)])
    assert found.rate_per_s == pytest.approx(60 + 20 * 2 / 3)


@pytest.mark.parametrize(
    ("levels", "low", "high", "because"),
    [
        ([], None, None, "no load level was judged by itself"),
        (plain(True), 100, None, "only one load level"),
        (plain(True, False), 100, 200, "only 2 load levels"),
        (plain(True, True, True), 300, None, "the limit lies above"),
        (plain(False, False, False), None, 100, "100/s, already failed"),
        (plain(True, True, None), 200, None, "the level of 300/s was undecided"),
        (plain(None, None, None), None, None, "the level of 100/s was undecided"),
    ],
)
def test_nothing_is_estimated_beyond_what_was_seen(
    levels: list[CapacityLevel], low: float | None, high: float | None, because: str
) -> None:
    found = ladder_capacity(levels)
    assert not found.estimated and found.rate_per_s is None
    assert (found.low_per_s, found.high_per_s) == (low, high)
    assert because in found.because


def test_an_undecided_level_in_between_widens_the_interval() -> None:
    found = ladder_capacity(plain(True, True, None, False))
    assert (found.estimated, found.low_per_s, found.high_per_s) == (True, 200, 400)


def test_a_level_lost_below_others_is_a_disturbance_that_the_interval_does_not_forget() -> None:
    found = ladder_capacity(plain(True, False, True, True, False))
    assert (found.low_per_s, found.high_per_s) == (100, 500)
    assert found.rate_per_s is not None and found.rate_per_s >= 400
    often_lost = ladder_capacity(plain(True, False, False, True, False))
    assert (often_lost.low_per_s, often_lost.high_per_s) == (100, 200)


def test_a_level_held_twice_must_hold_both_times() -> None:
    found = ladder_capacity([*plain(True, True, True), *plain(True, False)])
    assert found.low_per_s == 100


def test_what_chance_may_have_done_widens_the_interval() -> None:
    found = ladder_capacity([level(r, ms, chance=0.04) for r, ms in ((40, 50), (60, 60), (80, 900))])
    assert found.low_per_s == pytest.approx(60 * (1 - 1.5 * 0.04))
    assert found.high_per_s == pytest.approx(80 * 1.04)


_LADDERS = st.lists(
    st.tuples(st.floats(10, 2_000), st.floats(0.5, 1.0), st.floats(1, 60)), min_size=3, max_size=9
)


def _ladder(levels: list[tuple[float, float, float]]) -> list[CapacityLevel]:
    return [
        level(10.0 * (n + 1), p95, 10.0 * (n + 1) * share, seconds=held)
        for n, (p95, share, held) in enumerate(levels)
    ]


@given(_LADDERS, st.data())
def test_worse_data_never_raises_the_estimate(
    levels: list[tuple[float, float, float]], data: st.DataObject
) -> None:
    before = ladder_capacity(_ladder(levels))
    n = data.draw(st.integers(0, len(levels) - 1))
    p95, share, held = levels[n]
    slower = (p95 * data.draw(st.floats(1, 50)), share * data.draw(st.floats(0.1, 1)), held)
    after = ladder_capacity(_ladder([*levels[:n], slower, *levels[n + 1 :]]))
    if before.rate_per_s is not None and after.rate_per_s is not None:
        assert after.rate_per_s <= before.rate_per_s * (1 + 1e-9)
    if before.estimated and after.estimated:
        assert after.low_per_s is not None and before.low_per_s is not None
        assert after.low_per_s <= before.low_per_s


@given(_LADDERS)
def test_the_estimate_lies_in_its_interval(levels: list[tuple[float, float, float]]) -> None:
    found = ladder_capacity(_ladder(levels))
    if found.estimated:
        assert found.rate_per_s is not None and found.low_per_s is not None and found.high_per_s is not None
        assert found.low_per_s <= found.rate_per_s <= found.high_per_s


@pytest.mark.parametrize("slots", [1, 2, 4, 16])
@pytest.mark.parametrize("per_s", [10.0, 37.0, 100.0])
def test_ladders_find_what_slots_can_do(slots: int, per_s: float) -> None:
    levels = [per_s * 0.13 * step for step in range(2, 11)]
    target = QueueTarget(slots, slots / per_s, users=10**6)
    lines = [f"p95 < {8000 * slots / per_s:.0f}ms"]
    found = ladder_capacity(judged_levels(ladder_plan(levels), samples_of(target, levels), lines))
    assert found.rate_per_s == pytest.approx(per_s, rel=0.02)
    assert found.low_per_s is not None and found.high_per_s is not None
    assert found.low_per_s <= per_s <= found.high_per_s


def test_intervals_cover_where_arrivals_and_work_are_random() -> None:
    # M/M/1: the p95 is ln(20) / (mu - lambda), so it crosses its limit at mu - ln(20) / limit.
    mu, limit_s = 50.0, 0.3
    truth = mu - math.log(20) / limit_s
    levels = [5.0 * step for step in range(3, 14)]
    covered, errors = 0, []
    for seed in range(20):
        target = QueueTarget(1, 1 / mu, "exponential", users=10**6, even=False, seed=seed)
        seen = judged_levels(ladder_plan(levels, even=False), samples_of(target, levels), ["p95 < 300ms"])
        found = ladder_capacity(seen)
        assert found.rate_per_s is not None and found.low_per_s is not None and found.high_per_s is not None
        covered += found.low_per_s <= truth <= found.high_per_s
        errors.append(abs(found.rate_per_s / truth - 1))
    assert covered >= 17
    assert sorted(errors)[10] <= 0.1


def _searched(kept: float | None, lost: float | None, **more: object) -> SearchOutcome:
    search = Search(unit="rate_per_s", start=1, end=99, precision=0.05, hold_s=8, longest_s=600)
    found = SearchOutcome(search=search, highest_kept=kept, lowest_lost=lost, because="why")
    return found.model_copy(update=more)


def test_a_finished_search_is_an_estimate_between_what_was_kept_and_lost() -> None:
    found = searched_capacity(_searched(78.4, 81.0, finished=True))
    assert found.estimated and (found.low_per_s, found.high_per_s) == (78.4, 81.0)
    levels = [level(50, 50, 50), level(78.4, 60, 78.4), level(81, 900, 79.5)]
    found = searched_capacity(_searched(78.4, 81.0, finished=True), levels)
    assert (found.rate_per_s, found.low_per_s, found.high_per_s) == (79.5, 78.4, 81.0)


@pytest.mark.parametrize(
    ("kept", "lost", "more"),
    [
        (600.0, None, {}),
        (50.0, 90.0, {}),
        (50.0, 90.0, {"finished": True, "generator_limited": "it was slow"}),
    ],
)
def test_an_unfinished_or_limited_search_estimates_nothing(
    kept: float, lost: float | None, more: dict[str, object]
) -> None:
    found = searched_capacity(_searched(kept, lost, **more))
    assert not found.estimated and found.rate_per_s is None and found.low_per_s == kept
