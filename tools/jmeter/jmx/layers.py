"""A curve of concurrent users as a stack of thread groups.

A JMeter thread group starts its users in a straight line and ends them all at once. A curve is cut at its
levels into bands; each stretch of time in which a band is filled becomes one group. A falling ramp is cut
into steps, since a group can't lose its users one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from perfpilot.domain.load import LoadCurve, Segment

FALLING_STEPS = 10
"""Steps of a falling ramp: each is off by at most half a step, 5 % of the ramp's height."""


@dataclass(frozen=True)
class Layer:
    """One thread group: so many users, started over `ramp_s` after `delay_s`, ended together."""

    users: int
    delay_s: int
    ramp_s: int
    duration_s: int


def layers(curve: LoadCurve) -> tuple[Layer, ...]:
    """The stack for a curve in users, ordered by start. Times are whole seconds, as JMeter wants them."""
    bounds = _bounds(curve)
    found = [layer for low, high in pairwise(bounds) for layer in _band(curve.segments, low, high)]
    return tuple(sorted(found, key=lambda layer: layer.delay_s))


def _bounds(curve: LoadCurve) -> list[int]:
    levels = {0}
    for segment in curve.segments:
        start, end = round(segment.start), round(segment.end)
        levels |= {start, end}
        if end < start:
            steps = min(FALLING_STEPS, start - end)
            levels |= {end + round((start - end) * step / steps) for step in range(steps)}
    return sorted(levels)


def _band(segments: tuple[Segment, ...], low: int, high: int) -> list[Layer]:
    """The stretches in which the users from `low` to `high` are there."""
    found: list[Layer] = []
    begin_s = 0.0
    filled: tuple[float, float] | None = None  # when the filling began, and when it was complete
    for segment in segments:
        start, end = round(segment.start), round(segment.end)
        if filled and start <= low:
            found.append(_layer(low, high, filled, begin_s))
            filled = None
        elif not filled and start >= high:
            filled = (begin_s, begin_s)
        if start <= low and end >= high:
            filled = (_crossing(segment, begin_s, low), _crossing(segment, begin_s, high))
        elif filled and end <= low:
            found.append(_layer(low, high, filled, _crossing(segment, begin_s, (low + high) / 2)))
            filled = None
        begin_s += segment.duration_s
    if filled:
        found.append(_layer(low, high, filled, begin_s))
    return found


def _crossing(segment: Segment, begin_s: float, level: float) -> float:
    start, end = round(segment.start), round(segment.end)
    return begin_s + segment.duration_s * (level - start) / (end - start)


def _layer(low: int, high: int, filled: tuple[float, float], end_s: float) -> Layer:
    delay_s = round(filled[0])
    return Layer(
        users=high - low,
        delay_s=delay_s,
        ramp_s=round(filled[1] - filled[0]),
        duration_s=max(1, round(end_s) - delay_s),
    )
