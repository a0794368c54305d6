"""A knee lies between neighbouring levels: the lower was kept up with, the upper and all above were not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.knee import SeenLevel, knee, seen_levels
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import Series
from perfpilot.domain.plan import Engine, Plan, PlannedStep
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.stepped import HOLD_S, series, stepped_plan

LEVELS = (100.0, 200.0, 300.0, 400.0)
STEPPED = stepped_plan(LEVELS)


def kept(plan: Plan, seen: Series, *lines: str) -> list[bool]:
    return [level.kept for level in seen_levels(plan, seen, [parse_threshold(line) for line in lines])]


def test_a_target_that_keeps_up_has_no_knee() -> None:
    levels = seen_levels(STEPPED, series(STEPPED))
    assert [level.rate_per_s for level in levels] == list(LEVELS)
    assert all(level.kept for level in levels)
    assert knee(levels) is None


def _queueing(rate: float) -> float:
    return 20.0 if rate < 250 else 130.0


def _failing(rate: float) -> float:
    return 0.0 if rate < 250 else 0.06


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (series(STEPPED, most_per_s=270), "90 % of the load asked was reached"),
        (series(STEPPED, failed=_failing), "6 % of its samples failed"),
        (series(STEPPED, p50_ms=_queueing), "a p95 of 260 ms against 40 ms at the lowest level"),
    ],
    ids=["throughput", "errors", "response time"],
)
def test_each_way_of_not_keeping_up(seen: Series, why: str) -> None:
    pair = knee(seen_levels(STEPPED, seen))
    assert pair is not None
    assert [level.rate_per_s for level in pair] == [200, 300]
    assert pair[1].lost == why


@pytest.mark.parametrize(
    "seen",
    [
        series(STEPPED, most_per_s=390),  # 97.5 % of the highest level
        series(STEPPED, failed=lambda rate: 0.049),
        series(STEPPED, p50_ms=lambda rate: 20 + rate / 10),  # three times as slow
        series(STEPPED, p50_ms=lambda rate: 1.0 if rate < 250 else 10.0),  # ten times, and 18 ms
    ],
    ids=["a little short", "a few errors", "a little slower", "a few milliseconds"],
)
def test_what_is_no_knee(seen: Series) -> None:
    assert kept(STEPPED, seen) == [True] * 4


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["p95 < 50ms"], [True, True, False, False]),
        (["error_rate < 1%"], [True, True, False, False]),
        (
            ["p95(home) < 50ms", "p95 < 50ms over 5s", "abort if p95 > 10ms", "p90 < 1ms", "max < 1ms"],
            [True] * 4,
        ),
    ],
)
def test_thresholds_on_all_samples_judge_a_level(lines: list[str], expected: list[bool]) -> None:
    seen = series(
        STEPPED, p50_ms=lambda rate: 20 + (rate > 250) * 10, failed=lambda rate: 0.02 * (rate > 250)
    )
    assert kept(STEPPED, seen, *lines) == expected


def test_chance_is_no_knee() -> None:
    # 16 s of 10 arrivals a second: three standard deviations of their number are 24 %.
    random, even = stepped_plan((5, 10), even=False), stepped_plan((5, 10))
    assert kept(random, series(random, most_per_s=8)) == [True, True]
    assert kept(even, series(even, most_per_s=8)) == [True, False]
    assert kept(random, series(random, most_per_s=7)) == [True, False]


def test_a_stall_at_the_end_of_a_short_hold_is_no_knee() -> None:
    curve = LoadCurve(
        unit="rate_per_s",
        segments=tuple(Segment(duration_s=4, start=level, end=level) for level in (10, 20, 40)),
    )
    scenario = STEPPED.scenarios[0].model_copy(update={"curve": curve})
    plan = STEPPED.model_copy(update={"scenarios": (scenario,), "duration_s": 12.0})
    seen = series(plan)
    stalled = [*seen.samples[:7], 16, *seen.samples[8:]]  # 56 of 60 samples of the second level
    assert kept(plan, seen.model_copy(update={"samples": tuple(stalled)})) == [True, True, True]
    stalled[7] = 14
    assert kept(plan, seen.model_copy(update={"samples": tuple(stalled)})) == [True, False, True]


def test_requests_under_a_condition_do_not_hide_a_shortfall() -> None:
    steps = (
        PlannedStep(endpoint="a", label="a"),
        PlannedStep(endpoint="b", label="b", only_if="id"),
    )
    plan = stepped_plan(LEVELS, steps=steps)
    seen = series(plan)
    # Every second iteration goes on to the second step; at the highest level a fifth of all is missing.
    samples = [round(1.5 * n * (0.8 if n > 350 else 1.0)) for n in seen.samples]
    seen = seen.model_copy(update={"samples": tuple(samples)})
    assert kept(plan, seen) == [True, True, True, False]


def test_the_begin_of_a_hold_is_left_out() -> None:
    seen = series(STEPPED)
    samples = list(seen.samples)
    for begin in range(0, 80, HOLD_S):
        samples[begin : begin + 4] = [0] * 4
    assert kept(STEPPED, seen.model_copy(update={"samples": tuple(samples)})) == [True] * 4


def test_a_disturbed_level_below_others_that_were_kept_is_not_the_limit() -> None:
    seen = series(STEPPED, failed=lambda rate: 0.5 if rate == 200 else 0.0)
    assert kept(STEPPED, seen) == [True, False, True, True]
    assert knee(seen_levels(STEPPED, seen)) is None
    both = series(STEPPED, failed=lambda rate: 0.5 if rate in (200, 400) else 0.0)
    pair = knee(seen_levels(STEPPED, both))
    assert pair is not None and [level.rate_per_s for level in pair] == [300, 400]


def test_where_the_lowest_level_is_lost_there_is_no_knee() -> None:
    levels = seen_levels(STEPPED, series(STEPPED, failed=lambda rate: 0.5))
    assert [level.kept for level in levels] == [False] * 4
    assert knee(levels) is None
    assert knee(()) is None


def test_an_abort_loses_the_level_in_which_it_fired_and_hides_those_above() -> None:
    cut = series(STEPPED, until_s=47)
    levels = seen_levels(STEPPED, cut, ended_s=47.0, aborted=True)
    assert [(level.rate_per_s, level.kept) for level in levels] == [(100, True), (200, True), (300, False)]
    assert levels[-1].lost == "the load was aborted there"
    stopped = seen_levels(STEPPED, cut, ended_s=47.0)
    assert [level.rate_per_s for level in stopped] == [100, 200], "too little of the third was seen"


def test_an_abort_on_the_way_to_a_level_loses_that_level() -> None:
    curve = LoadCurve(
        unit="rate_per_s",
        segments=(
            Segment(duration_s=20, start=100, end=100),
            Segment(duration_s=10, start=100, end=200),
            Segment(duration_s=20, start=200, end=200),
        ),
    )
    scenario = STEPPED.scenarios[0].model_copy(update={"curve": curve})
    plan = STEPPED.model_copy(update={"scenarios": (scenario,), "duration_s": 50.0})
    levels = seen_levels(plan, series(plan, until_s=25), ended_s=25.0, aborted=True)
    assert [(level.rate_per_s, level.kept) for level in levels] == [(100, True), (200, False)]


@pytest.mark.parametrize("levels", [(100, 200, 100), (100, 300, 200, 400), (400, 300), (100, 100, 200)])
def test_only_what_rises_is_stepped(levels: tuple[float, ...]) -> None:
    plan = stepped_plan(levels)
    rates = [level.rate_per_s for level in seen_levels(plan, series(plan))]
    # What comes after the highest level is left out; anything else before it is no search.
    assert rates == {(100, 200, 100): [100, 200], (400, 300): [400]}.get(levels, [])


def test_levels_of_users_are_not_judged() -> None:
    curve = LoadCurve(unit="users", segments=STEPPED.scenarios[0].curve.segments)
    scenario = STEPPED.scenarios[0].model_copy(update={"curve": curve, "engine": Engine.CLOSED_USERS})
    plan = STEPPED.model_copy(update={"scenarios": (scenario,)})
    assert seen_levels(plan, series(STEPPED)) == ()


def test_seconds_of_the_warm_up_do_not_speak_for_a_level() -> None:
    plan = stepped_plan(LEVELS, warm_up_s=13.0)
    assert [level.rate_per_s for level in seen_levels(plan, series(plan))] == [200, 300, 400]
    plan = stepped_plan(LEVELS, warm_up_s=11.0)
    assert [level.rate_per_s for level in seen_levels(plan, series(plan))] == list(LEVELS)


def _level(rate: float) -> Callable[[bool], SeenLevel]:
    return lambda was_kept: SeenLevel(rate, rate, 20.0, "" if was_kept else "lost")


@given(st.lists(st.booleans(), max_size=12))
def test_a_knee_has_a_kept_level_below_and_only_lost_ones_above(shown: list[bool]) -> None:
    levels = [_level(10.0 * (n + 1))(was_kept) for n, was_kept in enumerate(shown)]
    pair = knee(levels)
    if pair is None:
        assert not shown or shown[-1] or not any(shown)
        return
    at = levels.index(pair[0])
    assert levels[at].kept and levels[at + 1] is pair[1]
    assert not any(level.kept for level in levels[at + 1 :])
