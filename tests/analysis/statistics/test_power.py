"""How likely an effect is found: against draws of the same test, and where two bars stand together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.statistics.power import FOUND, Bar, chance_found, found_effect
from perfpilot.analysis.statistics.student_t import t_quantile

DRAWS = 40_000
FLOOR = Bar(0.05, 0.0)

degrees = st.floats(2, 500)
bars = st.lists(st.builds(Bar, st.floats(0, 0.2), st.floats(0, 5)), min_size=1, max_size=3)


def _drawn(effect: float, bars: list[Bar], freedom: float) -> float:
    """The share of tests that find an effect; the true standard error is 0.015."""
    random = np.random.default_rng(1)
    estimates = random.normal(effect, 0.015, DRAWS)
    errors = 0.015 * np.sqrt(random.chisquare(freedom, DRAWS) / freedom)
    highest = np.max([bar.value + bar.errors * errors for bar in bars], axis=0)
    return float(np.mean(estimates > highest))


@pytest.mark.parametrize("freedom", [4, 8, 30, 1000])
@pytest.mark.parametrize(
    "times", [None, 0.99, 0.999], ids=["the floor", "one in a hundred", "one in a thousand"]
)
def test_the_chance_is_that_of_drawn_tests(freedom: int, times: float | None) -> None:
    tested = [FLOOR] if times is None else [FLOOR, Bar(0.0, t_quantile(times, freedom))]
    random = np.random.default_rng(2)
    # What is stated rests on an estimate of the noise; the one in the middle speaks for the others.
    typical = 0.015 * float(np.median(np.sqrt(random.chisquare(freedom, DRAWS) / freedom)))
    stated = found_effect(tested, typical, freedom)
    assert chance_found(stated, tested, typical, freedom) == pytest.approx(FOUND, abs=1e-6)
    assert _drawn(stated, tested, freedom) == pytest.approx(FOUND, abs=0.025)


def test_two_bars_that_lie_close_together_need_more_than_the_higher_one() -> None:
    significant = Bar(0.0, t_quantile(0.995, 8))
    alone = [found_effect([bar], 0.0145, 8) for bar in (FLOOR, significant)]
    assert found_effect([FLOOR, significant], 0.0145, 8) > 1.02 * max(alone)


def test_without_noise_an_effect_is_found_where_it_lies_above_the_bar() -> None:
    assert chance_found(0.06, [FLOOR], 0.0, 8) == 1.0
    assert chance_found(0.04, [FLOOR], 0.0, 8) == 0.0
    assert found_effect([FLOOR], 0.0, 8) == pytest.approx(0.05, abs=1e-6)


@given(bars, st.floats(1e-4, 0.5), degrees)
def test_a_larger_effect_is_found_more_often_and_noise_asks_for_a_larger_one(
    tested: list[Bar], error: float, freedom: float
) -> None:
    effect = found_effect(tested, error, freedom)
    assert effect > max(bar.value for bar in tested)
    assert (
        chance_found(0.9 * effect, tested, error, freedom)
        < FOUND
        <= chance_found(effect, tested, error, freedom)
    )
    assert found_effect(tested, 1.5 * error, freedom) > effect
