from __future__ import annotations

import math
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.plan import Engine
from perfpilot.planning.load.demand import engine_of
from perfpilot.planning.load.layers import Layer, layers, too_many_layers
from tests.tools.jmeter.jmx.examples import curve


def users_at(stack: tuple[Layer, ...], t_s: float) -> float:
    """Users that the groups have at a moment, with JMeter's straight start and sudden end."""
    total = 0.0
    for layer in stack:
        since = t_s - layer.delay_s
        if 0 <= since < layer.duration_s:
            total += layer.users * (min(1.0, since / layer.ramp_s) if layer.ramp_s else 1.0)
    return total


def test_a_hold_is_one_group() -> None:
    assert layers(curve((60, 10, 10), unit="users")) == (Layer(0, 10, 0, 0, 60),)


def test_each_step_up_is_a_group_of_its_own() -> None:
    stack = layers(curve((10, 5, 5), (10, 20, 20), unit="users"))
    assert stack == (Layer(0, 5, 0, 0, 20), Layer(5, 20, 10, 0, 10))


def test_a_rising_ramp_is_one_group_with_a_ramp() -> None:
    assert layers(curve((30, 0, 30), (10, 30, 30), unit="users")) == (Layer(0, 30, 0, 30, 40),)


def test_a_level_that_is_left_and_reached_again_is_two_groups() -> None:
    stack = layers(curve((10, 8, 8), (10, 2, 2), (10, 8, 8), unit="users"))
    assert stack == (Layer(0, 2, 0, 0, 30), Layer(2, 8, 0, 0, 10), Layer(2, 8, 20, 0, 10))


def test_a_falling_ramp_ends_users_in_steps() -> None:
    stack = layers(curve((100, 50, 0), unit="users"))
    assert len(stack) == 10
    assert [users_at(stack, t) for t in (0, 50, 99)] == pytest.approx([50, 25, 0], abs=5)


def test_no_users_are_no_groups() -> None:
    assert layers(curve((10, 0, 0), unit="users")) == ()


def test_a_fall_has_no_more_steps_than_seconds() -> None:
    stack = layers(curve((10, 50, 50), (3, 50, 0), unit="users"))
    assert [(layer.users, layer.duration_s) for layer in stack] == [(17, 12), (16, 12), (17, 11)]


def test_a_wait_before_the_first_users_is_a_delay() -> None:
    assert layers(curve((60, 0, 0), (30, 4, 4), unit="users")) == (Layer(0, 4, 60, 0, 30),)


def wave(periods: int, low: int = 10, high: int = 100) -> LoadCurve:
    """A sine in users, sixteen straight lines a period."""
    levels = [
        low + (high - low) * (1 - math.cos(2 * math.pi * corner / 16)) / 2
        for corner in range(16 * periods + 1)
    ]
    return curve(*((7.5, round(a), round(b)) for a, b in pairwise(levels)), unit="users")


@pytest.mark.parametrize(("periods", "groups"), [(1, 13), (4, 49)])
def test_a_wave_is_a_bounded_number_of_groups(periods: int, groups: int) -> None:
    assert len(layers(wave(periods))) == groups
    assert not too_many_layers(wave(periods))


def test_a_long_wave_has_too_many_groups_and_the_count_of_them_ends_early() -> None:
    long = wave(2000)
    begun = time.thread_time()
    assert too_many_layers(wave(5)) and too_many_layers(long)
    assert time.thread_time() - begun < 1.0


@pytest.mark.parametrize(("minutes", "engine"), [(4, Engine.CLOSED_USERS), (5, Engine.STEERED_USERS)])
def test_users_of_a_long_wave_are_held_at_a_gate(minutes: int, engine: Engine) -> None:
    drawn = {"low": 10, "high": 100, "period": "60s", "duration": f"{minutes}m"}
    assert engine_of(LoadPattern.model_validate({"model": "closed", "wave": drawn})) is engine


_users = st.sampled_from([0, 0, 1, 5]) | st.integers(0, 60)


@st.composite
def shapes(draw: st.DrawFn) -> LoadCurve:
    """Curves of any pieces; spikes; waves; with and without a wait before them."""
    wait = [(float(draw(st.integers(1, 100))), 0, 0)] if draw(st.booleans()) else []
    kind = draw(st.sampled_from(["any", "spike", "wave"]))
    low, high, seconds = draw(_users), draw(_users), float(draw(st.integers(10, 120)))
    if kind == "any":
        pieces = draw(st.lists(st.tuples(st.integers(10, 300), _users, _users), min_size=1, max_size=6))
    elif kind == "spike":
        pieces = [
            (seconds, low, low),
            (5, low, high),
            (seconds, high, high),
            (5, high, low),
            (seconds, low, low),
        ]
    else:
        corners = [low, (low + high) // 2, high, (low + high) // 2] * draw(st.integers(1, 4)) + [low]
        pieces = [(seconds, a, b) for a, b in pairwise(corners)]
    return curve(*wait, *((float(d), float(a), float(b)) for d, a, b in pieces), unit="users")


@given(shapes())
def test_the_stack_follows_the_curve(load: LoadCurve) -> None:
    """Within half a step of a falling ramp (5 % of the peak), and what rounding to seconds moves."""
    stack = layers(load)
    begin = 0.0
    for segment in load.segments:
        falls = 0.06 * load.peak if segment.end < segment.start else 0.0
        slope = abs(segment.start - segment.end) / segment.duration_s
        for part in (0.3, 0.5, 0.7):
            t_s = begin + segment.duration_s * part
            allowed = falls + 2.0 * slope + 1.01
            assert users_at(stack, t_s) == pytest.approx(load.level_at(t_s), abs=allowed)
        begin += segment.duration_s


@given(shapes())
def test_the_stack_has_the_user_seconds_of_the_curve(load: LoadCurve) -> None:
    """Each corner may move by half a second, for the users between the levels at its sides."""
    stack = layers(load)
    total = sum(layer.users * (layer.duration_s - layer.ramp_s / 2) for layer in stack)
    corners = sum(abs(s.end - s.start) for s in load.segments)
    jumps = sum(abs(a.end - b.start) for a, b in pairwise(load.segments))
    edges = load.segments[0].start + load.segments[-1].end
    assert total == pytest.approx(load.area, abs=0.75 * (corners + jumps + edges) + 1)
    assert max((layer.delay_s + layer.duration_s for layer in stack), default=0) <= load.duration_s


def test_bands_of_a_stack_do_not_overlap_in_time() -> None:
    stack = layers(wave(3))
    for band in {(layer.low, layer.high) for layer in stack}:
        own = sorted((x for x in stack if (x.low, x.high) == band), key=lambda layer: layer.delay_s)
        assert all(a.delay_s + a.duration_s <= b.delay_s for a, b in pairwise(own))
