from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.tools.jmeter.jmx.schedule import plain_number, schedule
from tests.tools.jmeter.jmx.examples import curve

_PIECE = re.compile(
    r"rate\((\d+(?:\.\d+)?)/(sec|min|hour)\) (?:even|random)_arrivals\((\d+(?:\.\d+)?) sec\) "
    r"rate\((\d+(?:\.\d+)?)/(sec|min|hour)\) "
)
_SECONDS = {"sec": 1, "min": 60, "hour": 3600}


def test_a_hold_a_ramp_and_the_pauses_around_them() -> None:
    text = schedule(curve((3, 10, 10), (2.5, 10, 100)), even=True, tail_s=11.0)
    assert text == (
        "pause(1 sec) rate(10/sec) even_arrivals(3 sec) rate(10/sec) "
        "rate(10/sec) even_arrivals(2.5 sec) rate(100/sec) pause(11 sec)"
    )


def test_random_arrivals_are_named_so() -> None:
    assert "random_arrivals(3 sec)" in schedule(curve((3, 1, 1)), even=False, tail_s=1)


@pytest.mark.parametrize(
    ("per_s", "text"), [(20 / 60, "rate(20/min)"), (0.5, "rate(0.5/sec)"), (7 / 3600, "rate(7/hour)")]
)
def test_a_rate_is_written_in_the_unit_that_holds_it_exactly(per_s: float, text: str) -> None:
    assert schedule(curve((30, per_s, per_s)), even=True, tail_s=1).startswith(f"pause(1 sec) {text}")


@given(st.floats(min_value=0, max_value=1e9))
def test_numbers_have_only_digits_and_one_point(value: float) -> None:
    """JMeter's grammar takes no sign and no exponent."""
    text = plain_number(value)
    assert re.fullmatch(r"\d+(\.\d+)?", text)
    assert float(text) == pytest.approx(value, abs=1e-9)


@given(
    st.lists(st.tuples(st.floats(0.1, 1e4), st.floats(0, 5000), st.floats(0, 5000)), min_size=1, max_size=8)
)
def test_the_schedule_asks_for_the_arrivals_of_the_curve(pieces: list[tuple[float, float, float]]) -> None:
    load = curve(*pieces)
    text = schedule(load, even=True, tail_s=1)
    found = _PIECE.findall(text)
    assert len(found) == len(pieces)
    asked = sum(
        float(d) * (float(a) / _SECONDS[au] + float(b) / _SECONDS[bu]) / 2 for a, au, d, b, bu in found
    )
    assert asked == pytest.approx(load.area, rel=1e-6, abs=1e-3)
