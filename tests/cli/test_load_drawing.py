"""The load curve as a drawing of characters, and what would run in words."""

from __future__ import annotations

import math

import pytest

from perfpilot.cli.load_drawing import draw, drawn_plan
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Kind, LeftOut, Plan, PlannedStep, Scenario
from perfpilot.reporting.plain_text import width

BLOCKS = "▁▂▃▄▅▆▇█"
Pieces = tuple[tuple[float, float, float], ...]


def scenario(
    name: str, unit: str, *segments: tuple[float, float, float], kind: Kind = Kind.JOURNEY
) -> Scenario:
    curve = LoadCurve(
        unit="users" if unit == "users" else "rate_per_s",
        segments=tuple(Segment(duration_s=d, start=a, end=b) for d, a, b in segments),
    )
    steps = tuple(PlannedStep(endpoint=end, label=end) for end in ("a", "b"))
    return Scenario(name=name, engine=Engine.OPEN_SCHEDULE, curve=curve, steps=steps, users=40, kind=kind)


def plan(*scenarios: Scenario, before: tuple[Scenario, ...] = (), left_out: tuple[LeftOut, ...] = ()) -> Plan:
    return Plan(
        attempt=1,
        scenarios=scenarios,
        duration_s=max(each.curve.duration_s for each in scenarios),
        warm_up_s=1,
        peak_rate_per_s=sum(s.curve.peak * 2 for s in scenarios if s.curve.unit == "rate_per_s"),
        users=40,
        expected_samples=sum(each.expected_samples for each in scenarios),
        connect_timeout_s=1,
        response_timeout_s=1,
        before=before,
        left_out=left_out,
        notes=("a note",),
    )


def one(unit: str, *segments: tuple[float, float, float]) -> Plan:
    return plan(scenario("s", unit, *segments))


def heights(lines: list[str], columns: int) -> list[int]:
    """Eighths of every column of the first drawing."""
    first = next(i for i, line in enumerate(lines) if "┤" in line)
    rows = [line.partition("┤")[2].ljust(columns) for line in lines[first : first + 8]]
    cells = len(next(line for line in lines if "└" in line).partition("└")[2])
    return [sum(BLOCKS.find(row[at]) + 1 for row in rows) for at in range(cells)]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_ramp_rises_and_a_hold_is_level(columns: int) -> None:
    lines = draw(one("rate", (10, 0, 50), (10, 50, 50)), columns)
    assert max(map(width, lines)) <= columns
    assert lines[1].startswith("100 ┤")  # 50 arrivals a second of two requests each
    top = lines[1].partition("┤")[2]
    assert 0.4 < (len(top) - len(top.lstrip())) / (columns - 6) < 0.6  # full height from half time on
    assert heights(lines, columns) == sorted(heights(lines, columns))
    assert lines[-2].endswith("20 s")


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_steps_are_as_many_levels(columns: int) -> None:
    lines = draw(one("rate", *((20, 10.0 * n, 10.0 * n) for n in range(1, 6))), columns)
    seen = heights(lines, columns)
    assert list(dict.fromkeys(seen)) == sorted(set(seen))
    assert len(set(seen)) == 5


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_wave_has_its_hills_and_valleys(columns: int) -> None:
    def level(part: int) -> float:
        return 10 - 8 * math.cos(2 * math.pi * part / 16)

    pieces = [(60 / 16, level(part), level(part + 1)) for _ in range(3) for part in range(16)]
    seen = heights(draw(one("rate", *pieces), columns), columns)
    turns = [
        at for at in range(1, len(seen) - 1)
        if seen[at - 1] < seen[at] == max(seen[at : at + 9]) and seen[at] > 56
    ]  # fmt: skip
    assert len(turns) >= 3
    assert sum(1 for at in range(len(seen)) if seen[at] <= 16) >= 6


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_spike_of_a_second_is_seen(columns: int) -> None:
    lines = draw(one("rate", (60, 1, 1), (1, 100, 100), (600, 1, 1)), columns)
    assert "█" in lines[1]
    assert sum(1 for height in heights(lines, columns) if height > 32) <= 2


def test_users_are_drawn_where_only_users_are_given() -> None:
    text = "\n".join(drawn_plan(one("users", (30, 0, 40), (30, 40, 40)), "closed", 80))
    assert "closed: 60 s of load" in text
    assert "users, 40 at the peak" in text
    assert "s: journey, 40 users" in text
    assert "a > b" in text
    assert "requests" not in text


def test_each_unit_has_its_drawing_and_each_shape_too() -> None:
    rising, falling = scenario("up", "rate", (60, 0, 5)), scenario("down", "rate", (60, 5, 0))
    same = scenario("up too", "rate", (60, 0, 3))
    text = "\n".join(draw(plan(rising, falling, same, scenario("desk", "users", (60, 3, 3))), 80))
    assert "requests per second, 16 at the peak" in text
    assert "users, 3 at the peak" in text
    assert "up, up too (requests per second)" in text
    assert "down (requests per second)" in text
    assert "desk" not in text  # alone in its unit: the drawing of the unit is its own


def test_the_peak_is_that_of_the_sum_and_not_the_sum_of_the_peaks() -> None:
    early, late = (
        scenario("early", "rate", (10, 8, 8), (50, 0, 0)),
        scenario("late", "rate", (50, 0, 0), (10, 8, 8)),
    )
    assert "requests per second, 16 at the peak" in draw(plan(early, late), 80)


def test_cases_are_listed_with_what_they_share_said_once() -> None:
    journey = scenario("buy", "rate", (60, 5, 5))
    cases = tuple(
        scenario(name, "users", kind=Kind.EDGE).model_copy(update={"why": f"shows {name}; before the load"})
        for name in ("empty q", "longest q")
    )
    text = "\n".join(drawn_plan(plan(journey, before=cases), "t", 80))
    assert text.count("before the load") == 1
    assert "1 empty q: edge, 2 requests\n      shows empty q" in text


def test_what_is_left_out_is_counted_by_reason() -> None:
    left = [
        LeftOut(name=f"c{n}", kind=Kind.FAILURE if n % 2 else Kind.EDGE, why="say run: all") for n in range(9)
    ]
    left.append(LeftOut(name="alone", kind=Kind.EDGE, why="other"))
    text = "\n".join(drawn_plan(plan(scenario("s", "rate", (9, 1, 1)), left_out=tuple(left)), "t", 80))
    assert "  5 edge, 4 failure: say run: all\n" in text
    assert "  1 edge: other\n    alone" in text


@pytest.mark.parametrize("columns", [30, 40, 80, 120])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    named = scenario(
        "a name of sixty four characters that is as long as a name may be xx", "rate", (60, 1, 5)
    )
    named = named.model_copy(update={"why": "one reason " * 12, "login_first": True})
    made = plan(named, scenario("other", "rate", (60, 5, 1)), before=(named,))
    assert max(map(width, drawn_plan(made, "t", columns))) <= columns


def test_a_thousand_scenarios_of_one_shape_are_one_drawing() -> None:
    many = plan(*(scenario(f"s{n}", "rate", (60, 0, 1 + n), (60, 1 + n, 1 + n)) for n in range(1000)))
    assert len(draw(many, 80)) < 15
