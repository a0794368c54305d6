"""The load curve as a drawing of characters."""

from __future__ import annotations

import pytest

from perfpilot.cli.load_drawing import draw, drawn_plan
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario


def plan(unit: str, *segments: tuple[float, float, float]) -> Plan:
    curve = LoadCurve(
        unit="users" if unit == "users" else "rate_per_s",
        segments=tuple(Segment(duration_s=d, start=a, end=b) for d, a, b in segments),
    )
    steps = tuple(PlannedStep(endpoint=name, label=name) for name in ("a", "b"))
    scenario = Scenario(name="s", engine=Engine.OPEN_SCHEDULE, curve=curve, steps=steps, users=40)
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=curve.duration_s,
        warm_up_s=1,
        peak_rate_per_s=0 if unit == "users" else curve.peak * 2,
        users=40,
        expected_samples=scenario.expected_samples,
        connect_timeout_s=1,
        response_timeout_s=1,
    )


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_ramp_rises_and_a_hold_is_level(columns: int) -> None:
    lines = draw(plan("rate", (10, 0, 50), (10, 50, 50)), columns)
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("100 ┤")  # 50 arrivals a second of two requests each
    top = lines[0].partition("┤")[2]
    assert 0.4 < (len(top) - len(top.lstrip())) / (columns - 6) < 0.6  # full height from half time on
    heights = [
        sum(len(line) > column and line[column] in "▁▂▃▄▅▆▇█" for line in lines[:8])
        for column in range(5, columns - 2)
    ]
    assert heights == sorted(heights)
    assert lines[-1].endswith("20 s")


def test_users_are_drawn_where_only_users_are_given() -> None:
    text = "\n".join(drawn_plan(plan("users", (30, 0, 40), (30, 40, 40)), "closed", 80))
    assert "closed: users asked over 60 s" in text
    assert "40 users" in text
    assert "a > b" in text
    assert "requests   " not in text


def test_a_spike_of_a_second_is_seen() -> None:
    lines = draw(plan("rate", (60, 1, 1), (1, 100, 100), (60, 1, 1)), 80)
    assert "█" in lines[0]
