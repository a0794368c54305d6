"""The shape that answers the question of a test type around a level of interest; its holds stay open."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from perfpilot.domain.load_pattern import (
    Breakpoint,
    Constant,
    LoadPattern,
    SearchLoad,
    Soak,
    Spike,
    Steps,
)
from perfpilot.domain.spec import TestType
from perfpilot.planning.load.durations import ramp_s

SMOKE_PER_S = 1.0
"""Arrivals of a smoke test; of the closed model it has one user for each scenario."""

GROWTH = 0.25
"""Of a ladder to the breaking point: fine enough to tell a knee, coarse enough to reach it."""

BEYOND: dict[TestType, tuple[float, ...]] = {
    TestType.STRESS: (1.5, 1.25, 1.0),
    TestType.BREAKPOINT: (3.0, 2.0, 1.5, 1.25, 1.0),
}
"""Highest level as a multiple of the level of interest, and what is tried where that is not allowed."""

HOLD_PER_RAMP = 3.0
"""A level is held so many times as long as its ramp: a test is about levels, whatever cuts it short."""

_BELOW = 2  # steps of a stress test below the level of interest
_STEPS = 5  # of a scalability test
_SPIKE_RAMP_S = 5.0
_SOAK_RAMP_S = 300.0
_LOOK_S = 8.0
_SEARCH_HOLDS = 20
LEAST_HOLDS = 5
"""A search needs to climb, to recover and to look twice around the limit."""

Shape = Constant | Steps | Spike | Soak | Breakpoint | SearchLoad


class Sketch(NamedTuple):
    """A shape whose holds are still open."""

    key: str  # of the load pattern
    lowest: float  # the lowest level whose samples must suffice by themselves
    highest: float
    climb_s: float  # a ramp without a jump; it wants a hold that is `HOLD_PER_RAMP` times as long
    words: str  # what it does and why, for people
    draw: Callable[[float], Shape]  # with holds of so many seconds


def sketch(
    test_type: TestType, pattern: LoadPattern, beyond: float, scenarios: int, *, alone: bool = True
) -> Sketch:
    """The shape for a pattern that has a level of interest and drives `scenarios`. `beyond`: see `BEYOND`.

    `alone`: nothing else runs beside it, so that its level may be searched for while it runs.

    Levels of the closed model are whole users, so their shares are as near as whole numbers come.
    """
    whole = pattern.model == "closed"
    level = float((pattern.users if whole else pattern.rate_per_s) or 0.0)
    match test_type:
        case TestType.STRESS:
            return _stress(level, whole, beyond)
        case TestType.SCALABILITY:
            return _scalability(level, whole)
        case TestType.BREAKPOINT:
            return _search(level, whole, beyond) if alone else _breakpoint(level, whole, beyond)
        case TestType.SPIKE:
            return _spike(level, whole)
        case TestType.SOAK:
            return Sketch(
                "soak", level, level, _SOAK_RAMP_S,
                f"a soak test holds {told(level, whole)} for long, because leaks show over time",
                lambda hold: Soak(level=level, duration=hold, ramp=_ramp(_SOAK_RAMP_S, hold)),
            )  # fmt: skip
        case TestType.SMOKE:
            low = min(level, float(scenarios) if whole else SMOKE_PER_S)
            return Sketch(
                "constant", low, low, 0.0,
                f"a smoke test asks whether everything answers, so {told(low, whole)} will do",
                lambda hold: Constant(level=low, duration=hold),
            )  # fmt: skip
    purpose = ", to go through its data" if test_type is TestType.VOLUME else ""
    climb_s = ramp_s(level)
    return Sketch(
        "constant", level, level, climb_s,
        f"a {test_type.value} test holds the level of interest, {told(level, whole)}{purpose}",
        lambda hold: Constant(level=level, duration=hold, ramp=_ramp(climb_s, hold)),
    )  # fmt: skip


def told(level: float, whole: bool) -> str:
    """A level with its unit."""
    return f"{level:g} user{'s' if level != 1 else ''}" if whole else f"{level:g}/s"


def _stress(level: float, whole: bool, beyond: float) -> Sketch:
    step = _part(level, 4, whole)
    start = max(level - _BELOW * step, 1.0) if whole else _tidy(level - _BELOW * step)
    end = _tidy(level + round((beyond - 1) * 4) * step)
    return _steps(
        start, step, end, whole,
        f"a stress test goes through the level of interest, {told(level, whole)}, in even steps of "
        f"{told(step, whole)} from {told(start, whole)} to {told(end, whole)}",
    )  # fmt: skip


def _scalability(level: float, whole: bool) -> Sketch:
    step = _part(level, _STEPS, whole)
    # Whole users: the remainder goes into the first step, so that all others are equal.
    start = level - step * ((level - 1) // step) if whole else step
    return _steps(
        start, step, level, whole,
        f"a scalability test climbs to the level of interest, {told(level, whole)}, in even steps of "
        f"{told(step, whole)}",
    )  # fmt: skip


def _steps(start: float, step: float, end: float, whole: bool, words: str) -> Sketch:
    climb_s = ramp_s(max(start, step))
    return Sketch(
        "steps", start, end, climb_s, words,
        lambda hold: Steps(start=start, end=end, step=step, hold=hold, ramp=_ramp(climb_s, hold)),
    )  # fmt: skip


def _search(level: float, whole: bool, beyond: float) -> Sketch:
    start = max(float(round(level / 4)), 1.0) if whole else _tidy(level / 4)
    end = max(float(round(level * beyond)), start + 1) if whole else _tidy(level * beyond)

    def draw(hold_s: float) -> SearchLoad:
        longest_s = _SEARCH_HOLDS * hold_s
        return SearchLoad(start=start, end=end, hold=min(_LOOK_S, longest_s / LEAST_HOLDS), longest=longest_s)

    return Sketch(
        "search", start, end, 0.0,
        f"a breakpoint test takes {told(level, whole)} for the load that is expected, and searches for the "
        f"highest that meets the thresholds, from {told(start, whole)} to {told(end, whole)}, while the load "
        "runs",
        draw,
    )  # fmt: skip


def _breakpoint(level: float, whole: bool, beyond: float) -> Sketch:
    # Three steps below the level, so that the level itself is one of them.
    start = max(float(round(level / 2)), 1.0) if whole else _tidy(level / (1 + GROWTH) ** 3)
    end = max(float(round(level * beyond)), start + 1) if whole else _tidy(level * beyond)
    climb_s = ramp_s(max(start, end * GROWTH / (1 + GROWTH)))
    times = f", {end / level:.3g} times that" if end > level else ""
    return Sketch(
        "breakpoint", start, end, climb_s,
        f"a breakpoint test takes {told(level, whole)} for the load that is expected, and searches from "
        f"{told(start, whole)} to {told(end, whole)}{times}, each level {GROWTH:.0%} above "
        "the last",
        lambda hold: Breakpoint(start=start, end=end, growth=GROWTH, hold=hold, ramp=_ramp(climb_s, hold)),
    )  # fmt: skip


def _spike(level: float, whole: bool) -> Sketch:
    base = float(round(level / 3)) if whole else _tidy(level / 3)
    return Sketch(
        "spike", level, level, _SPIKE_RAMP_S,
        f"a spike test goes from a third of the level of interest to {told(level, whole)} at once, and back "
        "to see whether the target recovers",
        lambda hold: Spike(
            base=base, peak=level, before=hold, hold=hold, after=hold, ramp=_ramp(_SPIKE_RAMP_S, hold)
        ),
    )  # fmt: skip


def _ramp(climb_s: float, hold_s: float) -> float:
    return min(climb_s, round(hold_s / HOLD_PER_RAMP, 3))


def _part(level: float, parts: int, whole: bool) -> float:
    return max(float(round(level / parts)), 1.0) if whole else _tidy(level / parts)


def _tidy(level: float) -> float:
    """A rate that reads well: six digits."""
    return float(f"{level:.6g}")
