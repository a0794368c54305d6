from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.tools.jmeter.jmx.layers import Layer, layers
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
    assert layers(curve((60, 10, 10), unit="users")) == (Layer(10, 0, 0, 60),)


def test_each_step_up_is_a_group_of_its_own() -> None:
    stack = layers(curve((10, 5, 5), (10, 20, 20), unit="users"))
    assert stack == (Layer(5, 0, 0, 20), Layer(15, 10, 0, 10))


def test_a_rising_ramp_is_one_group_with_a_ramp() -> None:
    assert layers(curve((30, 0, 30), (10, 30, 30), unit="users")) == (Layer(30, 0, 30, 40),)


def test_a_level_that_is_left_and_reached_again_is_two_groups() -> None:
    stack = layers(curve((10, 8, 8), (10, 2, 2), (10, 8, 8), unit="users"))
    assert stack == (Layer(2, 0, 0, 30), Layer(6, 0, 0, 10), Layer(6, 20, 0, 10))


def test_a_falling_ramp_ends_users_in_steps() -> None:
    stack = layers(curve((100, 50, 0), unit="users"))
    assert len(stack) == 10
    assert [users_at(stack, t) for t in (0, 50, 99)] == pytest.approx([50, 25, 0], abs=5)


def test_no_users_are_no_groups() -> None:
    assert layers(curve((10, 0, 0), unit="users")) == ()


@given(
    st.lists(st.tuples(st.integers(30, 300), st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6)
)
def test_the_stack_follows_the_curve(pieces: list[tuple[int, int, int]]) -> None:
    """Within half a step of a falling ramp (5 % of its height), and what a second's rounding moves."""
    load = curve(*((float(d), float(a), float(b)) for d, a, b in pieces), unit="users")
    stack = layers(load)
    assert sum(layer.users for layer in stack if layer.delay_s == 0 and not layer.ramp_s) == pieces[0][1]
    begin = 0.0
    for duration, start, end in pieces:
        for part in (0.3, 0.5, 0.7):
            t_s = begin + duration * part
            allowed = abs(start - end) * (0.06 + 2.0 / duration) + 1.01
            assert users_at(stack, t_s) == pytest.approx(load.level_at(t_s), abs=allowed)
        begin += duration
