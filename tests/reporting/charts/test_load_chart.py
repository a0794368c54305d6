from __future__ import annotations

import re
import struct
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.reporting.asked_load import asked_loads
from perfpilot.reporting.charts.load import load_chart

SVG = "{http://www.w3.org/2000/svg}"


def scenario(name: str, *segments: tuple[float, float, float], unit: Any = "rate_per_s") -> Scenario:
    pieces = tuple(Segment(duration_s=d, start=a, end=b) for d, a, b in segments)
    return Scenario(
        name=name,
        engine=Engine.OPEN_SCHEDULE,
        curve=LoadCurve(unit=unit, segments=pieces),
        steps=(PlannedStep(endpoint="a", label="a"),) * 2,
        users=1,
    )


def plan(*scenarios: Scenario) -> Plan:
    return Plan(
        attempt=1,
        scenarios=scenarios,
        duration_s=max((s.curve.duration_s for s in scenarios), default=0.0),
        warm_up_s=2,
        peak_rate_per_s=1,
        users=1,
        expected_samples=1,
        connect_timeout_s=1,
        response_timeout_s=1,
    )


MIXED = plan(
    scenario("browse", (30, 0, 5), (30, 5, 5)),
    scenario("<sale> & $x$", (20, 1, 1), (5, 9, 9), (35, 1, 1)),
    scenario("desk", (60, 2, 4), unit="users"),
)


def texts(svg: bytes) -> list[str]:
    return ["".join(node.itertext()) for node in etree.fromstring(svg).iter(f"{SVG}text")]


def test_the_svg_names_units_scenarios_and_warm_up() -> None:
    found = texts(load_chart(MIXED, "shop", "svg"))
    assert "shop" in found
    assert "60 s of load; the first 2 s are warm-up (shaded)" in found
    assert any(text.startswith("requests per second, 26.33 at the peak") for text in found)
    assert any(text.startswith("users, 4 at the peak") for text in found)
    assert {"browse, up to 10", "<sale> & $x$, up to 18", "desk, up to 4"} <= set(found)


def test_the_same_plan_gives_the_same_svg() -> None:
    assert load_chart(MIXED, "shop", "svg") == load_chart(MIXED, "shop", "svg")


def test_the_svg_does_nothing_and_loads_nothing() -> None:
    svg = load_chart(MIXED, "shop", "svg").decode()
    assert not re.search(r"<script|<image|<foreignObject|onload|href=\"http", svg)


def test_the_png_is_one_with_a_panel_for_each_unit() -> None:
    one, two = (load_chart(p, "shop", "png") for p in (plan(MIXED.scenarios[0]), MIXED))
    sizes = [struct.unpack(">II", png[16:24]) for png in (one, two)]
    assert one.startswith(b"\x89PNG") and sizes[0][0] == sizes[1][0] == 1720
    assert sizes[1][1] > sizes[0][1] * 1.7


def test_many_scenarios_are_eight_layers() -> None:
    many = plan(*(scenario(f"s{n}", (60, 0, n + 1)) for n in range(40)))
    found = texts(load_chart(many, "t", "svg"))
    assert any(text.startswith("33 more scenarios") for text in found)
    assert sum(", up to " in text for text in found) == 8


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_plan_without_load_is_an_empty_picture(form: Any) -> None:
    assert load_chart(plan(), "nothing", form)


PIECES = st.lists(
    st.tuples(st.floats(0.01, 100), st.floats(0, 1000), st.floats(0, 1000)), min_size=1, max_size=6
)


@settings(deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=4))
def test_what_is_drawn_is_what_the_curves_say(curves: list[list[tuple[float, float, float]]]) -> None:
    """Within every piece the total is the sum of all curves, and its area that of all curves."""
    made = plan(*(scenario(f"s{n}", *pieces) for n, pieces in enumerate(curves)))
    (load,) = asked_loads(made, at=[made.duration_s / 3])
    total = load.total
    area = sum(
        (high - low) * (a + b) / 2
        for (low, high), (a, b) in zip(pairwise(load.moments), total.pieces, strict=True)
    )
    assert area == pytest.approx(sum(s.curve.area * 2 for s in made.scenarios), rel=1e-3, abs=1e-2)
    for (low, high), (start, end) in zip(pairwise(load.moments), total.pieces, strict=True):
        if high - low > 1e-3:
            middle = sum(s.curve.level_at((low + high) / 2) * 2 for s in made.scenarios)
            assert (start + end) / 2 == pytest.approx(middle, rel=1e-3, abs=1e-3)
