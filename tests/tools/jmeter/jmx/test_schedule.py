from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.load import LoadCurve
from perfpilot.tools.jmeter.jmx.schedule import plain_number, schedule
from tests.tools.jmeter.jmx.examples import curve

_PIECE = re.compile(
    r"pause\((?P<pause>\S+) sec\)|"
    r"rate\((?P<start>\d+(?:\.\d+)?)/(?P<start_unit>sec|min|hour)\) "
    r"(?:even|random)_arrivals\((?P<seconds>\S+) sec\) "
    r"rate\((?P<end>\d+(?:\.\d+)?)/(?P<end_unit>sec|min|hour)\)"
)
_SECONDS = {"sec": 1, "min": 60, "hour": 3600}


def arrivals(text: str) -> list[tuple[float, int]]:
    """End of each piece after the first pause, and its arrivals, as JMeter 5.6.3 computes them."""
    assert re.sub(r"\s", "", _PIECE.sub("", text)) == ""
    at_s, found = 0.0, []
    for piece in list(_PIECE.finditer(text))[1:-1]:
        seconds = float(piece["pause"] or piece["seconds"])
        rates = [float(piece[end] or 0) / _SECONDS[piece[end + "_unit"] or "sec"] for end in ("start", "end")]
        at_s += seconds
        found.append((at_s, int((rates[0] + rates[1]) / 2 * seconds)))
    return found


def test_a_hold_a_ramp_and_the_pauses_around_them() -> None:
    text = schedule(curve((3, 10, 10), (2.5, 10, 100)), even=True, lead_s=1.5, tail_s=11.0)
    assert text == (
        "pause(1.5 sec) rate(10/sec) even_arrivals(3 sec) rate(10/sec) "
        "rate(10/sec) even_arrivals(2.5 sec) rate(100/sec) pause(11 sec)"
    )


def test_random_arrivals_are_named_so() -> None:
    assert "random_arrivals(3 sec)" in schedule(curve((3, 1, 1)), even=False, lead_s=1.5, tail_s=1)


def test_a_level_of_nothing_is_a_pause() -> None:
    text = schedule(curve((4, 0, 0), (2, 5, 5), (3, 0, 0), (2, 5, 5)), even=True, lead_s=1.5, tail_s=1)
    assert text.startswith("pause(1.5 sec) pause(4 sec) rate(5/sec)")
    assert arrivals(text) == [(4, 0), (6, 10), (9, 0), (11, 10)]


@pytest.mark.parametrize(
    ("per_s", "text"), [(20 / 60, "rate(20/min)"), (0.5, "rate(0.5/sec)"), (7 / 3600, "rate(7/hour)")]
)
def test_a_rate_is_written_in_the_unit_that_holds_it_exactly(per_s: float, text: str) -> None:
    assert f" {text} " in schedule(curve((3600, per_s, per_s)), even=True, lead_s=1.5, tail_s=1)


@given(st.floats(min_value=0, max_value=1e9))
def test_numbers_have_only_digits_and_one_point(value: float) -> None:
    """JMeter's grammar takes no sign and no exponent."""
    text = plain_number(value)
    assert re.fullmatch(r"\d+(\.\d+)?", text)
    assert float(text) == pytest.approx(value, abs=1e-9)


def test_an_arrival_is_not_lost_to_floating_point() -> None:
    """0.29 x 100 is 28.999999999999996."""
    assert arrivals(schedule(curve((100, 0.29, 0.29)), even=True, lead_s=1.5, tail_s=1)) == [(100, 29)]


def test_a_wave_of_small_pieces_loses_no_arrivals() -> None:
    """Each piece asks for 3.75; JMeter makes 3 of that."""
    found = arrivals(schedule(curve(*[(3.75, 1, 1)] * 160), even=True, lead_s=1.5, tail_s=1))
    assert sum(count for _, count in found) == 600
    assert {count for _, count in found} == {3, 4}


_levels = st.sampled_from([0.0, 0.0, 0.3, 1.0, 7.0, 20 / 3, 50.0]) | st.floats(0, 5000)
_pieces = st.tuples(st.floats(0.1, 1e4), _levels, _levels)


@st.composite
def shapes(draw: st.DrawFn) -> LoadCurve:
    """Curves of any pieces; spikes; waves; with and without a wait before them."""
    wait = [(draw(st.floats(0.5, 100)), 0.0, 0.0)] if draw(st.booleans()) else []
    kind = draw(st.sampled_from(["any", "spike", "wave"]))
    low, high, seconds = draw(_levels), draw(_levels), draw(st.floats(0.2, 120))
    if kind == "any":
        pieces = draw(st.lists(_pieces, min_size=1, max_size=8))
    elif kind == "spike":
        pieces = [
            (seconds, low, low),
            (1.0, low, high),
            (seconds, high, high),
            (1.0, high, low),
            (seconds, low, low),
        ]
    else:
        corners = [low, (low + high) / 2, high, (low + high) / 2] * draw(st.integers(1, 10)) + [low]
        pieces = [(seconds, a, b) for a, b in pairwise(corners)]
    return curve(*wait, *pieces)


@given(shapes(), st.booleans())
def test_the_schedule_asks_for_the_arrivals_of_the_curve(load: LoadCurve, even: bool) -> None:
    """At the end of every piece within one arrival, whatever the pieces lose by rounding."""
    given_so_far = 0
    found = arrivals(schedule(load, even=even, lead_s=1.5, tail_s=1))
    assert len(found) == len(load.segments)
    for at_s, count in found:
        given_so_far += count
        assert given_so_far == pytest.approx(load.area_between(0, at_s), abs=1.001, rel=1e-9)
    assert found[-1][0] == pytest.approx(load.duration_s, abs=1e-6)


@given(shapes(), st.booleans())
def test_the_same_curve_gives_the_same_schedule(load: LoadCurve, even: bool) -> None:
    first, second = (
        schedule(each, even=even, lead_s=1.5, tail_s=2) for each in (load, load.model_copy(deep=True))
    )
    assert first == second
