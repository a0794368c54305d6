"""Student's distribution against published tables."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.statistics.student_t import t_quantile, t_two_sided

# Published critical values.
TABLE = [
    (0.975, 1, 12.706205), (0.975, 2, 4.302653), (0.975, 9, 2.262157), (0.975, 30, 2.042272),
    (0.995, 4, 4.604095), (0.995, 39, 2.707913), (0.9995, 30, 3.645959), (0.95, 10, 1.812461),
    (0.975, 1000, 1.962339), (0.9, 5, 1.475884),
]  # fmt: skip


@pytest.mark.parametrize(("chance", "freedom", "t"), TABLE)
def test_quantiles_are_those_of_the_tables(chance: float, freedom: int, t: float) -> None:
    assert t_quantile(chance, freedom) == pytest.approx(t, abs=2e-6)
    assert t_quantile(1 - chance, freedom) == pytest.approx(-t, abs=2e-6)
    assert t_two_sided(t, freedom) == pytest.approx(2 * (1 - chance), rel=1e-5)


def test_one_degree_of_freedom_is_cauchys_distribution_and_two_have_a_closed_form() -> None:
    for t in (0.1, 1.0, 7.0, 1e4):
        assert t_two_sided(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t), abs=1e-12)
        assert t_two_sided(t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.floats(0.001, 0.999), st.floats(0.3, 1e5))
def test_quantile_and_chance_are_inverse(chance: float, freedom: float) -> None:
    t = t_quantile(chance, freedom)
    assert t_two_sided(t, freedom) == pytest.approx(2 * min(chance, 1 - chance), rel=1e-6)


@pytest.mark.parametrize(("chance", "freedom"), [(0.0, 3), (1.0, 3), (0.5, 0)])
def test_what_has_no_quantile_is_refused(chance: float, freedom: float) -> None:
    with pytest.raises(ValueError):
        t_quantile(chance, freedom)


def test_an_endless_t_has_no_chance() -> None:
    assert t_two_sided(math.inf, 5) == 0.0
    assert t_two_sided(0.0, 5) == 1.0
