"""A shape by name draws what an engineer means by it: its levels, its length, its area."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.errors import SpecError
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.planning.load.curves import curve
from perfpilot.planning.load.shapes import LINES_A_PERIOD, most_pieces, pieces
from perfpilot.planning.load.warm_up import warm_up_s
from tests.planning.drawn_patterns import patterns


def shaped(model: str = "open", **shape: Any) -> LoadPattern:
    return LoadPattern.model_validate({"model": model, **shape})


def drawn(pattern: LoadPattern) -> list[tuple[float, float, float]]:
    return [(s.duration_s, s.start, s.end) for s in pieces(pattern)]


def held(pattern: LoadPattern) -> list[float]:
    return [s.end for s in pieces(pattern) if s.start == s.end]


DRAWN: list[tuple[str, dict[str, Any], list[tuple[float, float, float]]]] = [
    ("the ramp of a constant comes on top", {"constant": {"level": 9, "duration": "60s", "ramp": "5s"}},
     [(5, 0, 9), (60, 9, 9)]),
    ("without a ramp the level comes at once", {"constant": {"level": 9, "duration": "60s"}}, [(60, 9, 9)]),
    ("a ramp is a straight line", {"ramp": {"start": 3, "end": 9, "duration": "60s"}}, [(60, 3, 9)]),
    ("steps begin at start", {"steps": {"start": 10, "end": 30, "step": 10, "hold": "20s"}},
     [(20, 10, 10), (20, 20, 20), (20, 30, 30)]),
    ("steps are joined by ramps, the first from 0",
     {"steps": {"start": 10, "end": 20, "step": 10, "hold": "20s", "ramp": "2s"}},
     [(2, 0, 10), (20, 10, 10), (2, 10, 20), (20, 20, 20)]),
    ("the last step ends at end", {"steps": {"start": 10, "end": 25, "step": 10, "hold": "20s"}},
     [(20, 10, 10), (20, 20, 20), (20, 25, 25)]),
    ("steps go down", {"steps": {"start": 30, "end": 5, "step": 10, "hold": "20s"}},
     [(20, 30, 30), (20, 20, 20), (20, 10, 10), (20, 5, 5)]),
    ("a step that is larger than the way", {"steps": {"start": 1, "end": 5, "step": 10, "hold": "20s"}},
     [(20, 1, 1), (20, 5, 5)]),
    ("a spike comes back", {"spike": {"base": 2, "peak": 8, "before": "30s", "hold": "10s", "after": "40s",
                                      "ramp": "1s"}},
     [(30, 2, 2), (1, 2, 8), (10, 8, 8), (1, 8, 2), (40, 2, 2)]),
    ("a soak ramps for five minutes", {"soak": {"level": 4, "duration": "2h"}}, [(300, 0, 4), (7200, 4, 4)]),
    ("a breakpoint search ends at end",
     {"breakpoint": {"start": 8, "end": 20, "growth": 0.5, "hold": "30s", "ramp": "0s"}},
     [(30, 8, 8), (30, 12, 12), (30, 18, 18), (30, 20, 20)]),
    ("stages are drawn as they are written",
     {"stages": [{"rate_per_s": 9, "duration": "5s", "ramp": True}, {"rate_per_s": 4, "duration": "6s"}]},
     [(5, 0, 9), (6, 4, 4)]),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "expected"), [row[1:] for row in DRAWN], ids=[row[0] for row in DRAWN])
def test_a_shape_is_drawn_as_it_reads(
    shape: dict[str, Any], expected: list[tuple[float, float, float]]
) -> None:
    assert drawn(shaped(**shape)) == expected


def test_decimal_steps_do_not_gain_a_level_by_rounding() -> None:
    levels = held(shaped(steps={"start": 0.1, "end": 0.7, "step": 0.1, "hold": "1s"}))
    assert levels == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


def test_a_search_that_meets_its_end_has_it_once() -> None:
    levels = held(shaped(breakpoint={"start": 0.7, "end": 0.7 * 1.1**9, "growth": 0.1}))
    assert len(levels) == 10
    assert levels == pytest.approx([0.7 * 1.1**n for n in range(10)])


def test_users_are_whole_and_a_level_that_repeats_is_left_out() -> None:
    search = {"start": 1, "end": 10, "growth": 0.25, "hold": "30s"}
    assert held(shaped("closed", breakpoint=search)) == [1, 2, 3, 4, 5, 6, 7, 9, 10]


def test_a_wave_begins_low_is_high_after_half_a_period_and_low_again_after_a_whole() -> None:
    whole = curve(shaped(wave={"low": 10, "high": 50, "period": "160s", "duration": "320s"}))
    assert len(whole.segments) == 2 * LINES_A_PERIOD
    nodes = [10.0, *(segment.end for segment in whole.segments)]
    assert [nodes[0], nodes[8], nodes[16], nodes[24], nodes[32]] == [10, 50, 10, 50, 10]
    assert nodes[4] == pytest.approx(30)


def test_lines_of_a_wave_lie_within_a_hundredth_of_its_height_of_the_sine() -> None:
    whole = curve(shaped(wave={"low": 0, "high": 1, "period": "1000s", "duration": "1000s"}))
    worst = max(
        abs(whole.level_at(float(t)) - (1 - math.cos(2 * math.pi * t / 1000)) / 2) for t in range(1000)
    )
    assert 0.005 < worst < 0.01


def test_a_part_of_a_period_ends_on_the_sine() -> None:
    whole = curve(shaped(wave={"low": 0, "high": 8, "period": "16s", "duration": "18.5s"}))
    assert [s.duration_s for s in whole.segments] == [1.0] * 18 + [0.5]
    assert whole.segments[-1].end == pytest.approx(4 * (1 - math.cos(2 * math.pi * 2.5 / 16)))


def test_a_level_of_interest_is_no_curve_yet() -> None:
    for pattern in (shaped(rate_per_s=50), shaped("closed", users=50)):
        with pytest.raises(SpecError, match=r"level of interest \(50\) and no curve yet\n  mend: .*steps"):
            pieces(pattern)


def _bounds(pattern: LoadPattern) -> tuple[float, float]:
    shape = getattr(pattern, pattern.shape)
    named = {"level", "start", "end", "base", "peak", "low", "high"}
    levels = [value for key, value in shape.model_dump(mode="python").items() if key in named]
    return min(levels), max(levels)


@settings(max_examples=300, deadline=None)
@given(patterns())
def test_levels_stay_within_the_bounds_and_the_peak_is_reached(pattern: LoadPattern) -> None:
    whole, (low, high) = curve(pattern), _bounds(pattern)
    if not (pattern.wave and pattern.wave.duration < pattern.wave.period):
        # A wave reaches its crest at a node of its own, whatever follows.
        assert whole.peak == pytest.approx(high)
    assert whole.peak <= high
    for segment in whole.segments:
        assert segment.duration_s > 0
        assert min(segment.start, segment.end) >= 0
    climbing = {0.0} if getattr(getattr(pattern, pattern.shape), "ramp", 0.0) else set()
    levels = {level for s in whole.segments for level in (s.start, s.end)}
    assert min(levels - climbing) >= low


@settings(max_examples=300, deadline=None)
@given(patterns())
def test_users_are_whole(pattern: LoadPattern) -> None:
    if pattern.model == "closed":
        assert all(level.is_integer() for s in pieces(pattern) for level in (s.start, s.end))


@settings(max_examples=300, deadline=None)
@given(patterns())
def test_the_count_of_pieces_is_known_before_they_are_drawn(pattern: LoadPattern) -> None:
    count, told = len(pieces(pattern)), most_pieces(pattern)
    assert count <= told
    if not (pattern.breakpoint and pattern.model == "closed"):  # users that repeat are left out
        assert told <= 2 * count + 5  # a ramp may have no length


@pytest.mark.parametrize(
    "shape",
    [
        {"steps": {"start": 1, "end": 1e6, "step": 5e-324, "hold": "1s"}},
        {"steps": {"start": 1, "end": 2, "step": 0, "hold": "1s"}},
        {"breakpoint": {"start": 5e-324, "end": 1e6, "growth": 1e-300}},
        {"breakpoint": {"start": 0, "end": 1e6}},
        {"wave": {"low": 1, "high": 2, "period": "0s", "duration": "1s"}},
    ],
)
def test_what_could_not_be_drawn_in_a_lifetime_is_counted_at_once(shape: dict[str, Any]) -> None:
    assert most_pieces(shaped(**shape)) > 1e6


@settings(max_examples=200, deadline=None)
@given(patterns("wave"))
def test_a_wave_has_no_jump(pattern: LoadPattern) -> None:
    assert all(one.end == next_.start for one, next_ in pairwise(pieces(pattern)))


@settings(max_examples=200, deadline=None)
@given(patterns("wave"), st.integers(1, 9))
def test_whole_periods_of_a_wave_have_its_mean(pattern: LoadPattern, periods: int) -> None:
    wave = pattern.wave
    assert wave
    whole = curve(
        shaped(
            wave={
                "low": wave.low,
                "high": wave.high,
                "period": wave.period,
                "duration": periods * wave.period,
            }
        )
    )
    assert whole.area == pytest.approx((wave.low + wave.high) / 2 * periods * wave.period)
    assert whole.duration_s == pytest.approx(periods * wave.period)


def _expected(pattern: LoadPattern) -> tuple[float, float]:
    """Duration and area by the formulas of each shape, from its own fields."""
    if c := pattern.constant or pattern.soak:
        return c.ramp + c.duration, c.level * (c.ramp / 2 + c.duration)
    if r := pattern.ramp:
        return r.duration, (r.start + r.end) / 2 * r.duration
    if s := pattern.spike:
        ramps = 2 * s.ramp
        return (
            s.before + s.hold + s.after + ramps,
            s.base * (s.before + s.after) + s.peak * s.hold + (s.base + s.peak) / 2 * ramps,
        )
    levels = held(pattern)
    shape = pattern.steps or pattern.breakpoint
    assert shape
    ramps = sum((a + b) / 2 * shape.ramp for a, b in pairwise([0.0, *levels]))
    return len(levels) * (shape.hold + shape.ramp), sum(levels) * shape.hold + ramps


@settings(max_examples=300, deadline=None)
@given(patterns().filter(lambda pattern: not pattern.wave))
def test_length_and_area_are_those_of_the_formula(pattern: LoadPattern) -> None:
    whole, (duration_s, area) = curve(pattern), _expected(pattern)
    assert whole.duration_s == pytest.approx(duration_s)
    assert whole.area == pytest.approx(area)


@settings(max_examples=200, deadline=None)
@given(patterns("steps"))
def test_steps_are_even_but_for_the_last(pattern: LoadPattern) -> None:
    steps, levels = pattern.steps, held(pattern)
    assert steps and levels[0] == steps.start and levels[-1] == steps.end
    widths = [abs(b - a) for a, b in pairwise(levels)]
    assert widths[:-1] == pytest.approx([steps.step] * (len(widths) - 1))
    assert not widths or 0 < widths[-1] <= steps.step * 1.002


@settings(max_examples=200, deadline=None)
@given(patterns("breakpoint"))
def test_a_search_grows_and_ends_exactly_at_its_end(pattern: LoadPattern) -> None:
    search, levels = pattern.breakpoint, held(pattern)
    assert search and levels[0] == search.start and levels[-1] == search.end
    assert levels == sorted(set(levels))
    if pattern.model == "open":
        grown = [b / a for a, b in pairwise(levels)]
        assert grown[:-1] == pytest.approx([1 + search.growth] * (len(grown) - 1))


WARM_UPS: list[tuple[str, dict[str, Any], float]] = [
    ("a ramp to the level, and a tenth of the rest",
     {"constant": {"level": 9, "duration": "60s", "ramp": "5s"}}, 11),
    ("the rise of a wave is the load itself",
     {"wave": {"low": 0, "high": 9, "period": "100s", "duration": "200s"}}, 20),
    ("steps: the first ramp only", {"steps": {"start": 1, "end": 2, "step": 1, "hold": "50s", "ramp": "5s"}},
     5 + 10.5),
    ("a ramp that starts above 0 is no start from cold",
     {"ramp": {"start": 5, "end": 9, "duration": "60s"}}, 6),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "seconds"), [row[1:] for row in WARM_UPS], ids=[row[0] for row in WARM_UPS]
)
def test_the_warm_up_of_a_shape(shape: dict[str, Any], seconds: float) -> None:
    whole: LoadCurve = curve(shaped(**shape))
    assert warm_up_s(whole) == pytest.approx(seconds)
