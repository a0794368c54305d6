"""A curve delivers what its stages ask for, and its parts are the whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.load import LoadCurve
from perfpilot.planning.load.curves import curve, split, whole_parts
from tests.planning.sample_specs import mappings, pattern, spec


def made(*stages: dict[str, Any], **keys: Any) -> LoadCurve:
    return curve(spec(load_patterns=pattern(*stages, **keys)).load_patterns[0])


def test_a_ramp_starts_where_the_stage_before_it_ended() -> None:
    whole = made(
        {"rate_per_s": 10, "duration": "10s", "ramp": True},
        {"rate_per_s": 10, "duration": "20s"},
        {"rate_per_s": 30, "duration": "10s", "ramp": True},
        {"rate_per_s": 5, "duration": "10s"},
    )
    assert [(s.start, s.end) for s in whole.segments] == [(0, 10), (10, 10), (10, 30), (5, 5)]
    assert whole.area == 50 + 200 + 200 + 50
    assert (whole.unit, whole.peak, whole.duration_s) == ("rate_per_s", 30, 50)


@settings(max_examples=100, deadline=None)
@given(mappings())
def test_the_integral_is_the_sum_of_the_stages(data: dict[str, Any]) -> None:
    described = data["load_patterns"][0]
    level = "rate_per_s" if described["model"] == "open" else "users"
    parsed = spec(load_patterns=[described]).load_patterns[0]
    expected, before = 0.0, 0.0
    for stage in parsed.stages:
        now = float(getattr(stage, level))
        expected += stage.duration * ((before + now) / 2 if stage.ramp else now)
        before = now
    assert curve(parsed).area == pytest.approx(expected)


@settings(max_examples=100, deadline=None)
@given(mappings(), st.lists(st.floats(0.1, 9), min_size=1, max_size=5))
def test_parts_add_up_to_the_whole(data: dict[str, Any], weights: list[float]) -> None:
    whole = curve(spec(load_patterns=data["load_patterns"]).load_patterns[0])
    parts = split(whole, weights)
    assert sum(part.area for part in parts) == pytest.approx(whole.area)
    for moment in (0.0, whole.duration_s / 3, whole.duration_s * 0.99):
        assert sum(part.level_at(moment) for part in parts) == pytest.approx(whole.level_at(moment))


@given(st.integers(0, 1000), st.lists(st.floats(0.01, 100), min_size=1, max_size=9))
def test_whole_parts_sum_up_and_lie_next_to_their_share(total: int, weights: list[float]) -> None:
    parts = whole_parts(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1 + 1e-9


def test_equal_remainders_go_to_the_earlier_part() -> None:
    assert whole_parts(5, [1, 1]) == (3, 2)
    assert whole_parts(2, [1, 1, 1]) == (1, 1, 0)
