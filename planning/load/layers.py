"""A curve of concurrent users as a stack of thread groups.

A JMeter thread group starts its users in a straight line and ends them all at once. A curve is cut at its
levels into bands; each stretch of time in which a band is filled becomes one group. A falling ramp is cut
into steps, since a group can't lose its users one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from perfpilot.domain.load import LoadCurve, Segment

FALLING_STEPS = 10
"""Steps of a ramp that falls from the peak to 0: each is off by at most half a step, 5 % of the peak."""

MOST_LAYERS = 60
"""More thread groups than these nobody reads: users behind a gate follow such a curve better. A wave takes
twelve groups a period."""


@dataclass(frozen=True)
class Layer:
    """One thread group: users `low` + 1 to `high`, started over `ramp_s` after `delay_s`, ended together."""

    low: int
    high: int
    delay_s: int
    ramp_s: int
    duration_s: int

    @property
    def users(self) -> int:
        """Users of the group."""
        return self.high - self.low


def layers(curve: LoadCurve) -> tuple[Layer, ...]:
    """The stack for a curve in users, ordered by start. Times are whole seconds, as JMeter wants them."""
    return tuple(sorted(_layers(curve), key=lambda layer: layer.delay_s))


def too_many_layers(curve: LoadCurve) -> bool:
    """Whether a curve in users takes more than `MOST_LAYERS` groups."""
    return len(list(islice(_layers(curve), MOST_LAYERS + 1))) > MOST_LAYERS


def _layers(curve: LoadCurve) -> Iterator[Layer]:
    end_s = max(1, round(curve.duration_s))
    for low, high in pairwise(_bounds(curve)):
        # Users who would come as the load ends, by rounding, do not come.
        yield from (layer for layer in _band(curve.segments, low, high) if layer.delay_s < end_s)


def _bounds(curve: LoadCurve) -> list[int]:
    levels = {0}
    step = max(1.0, curve.peak / FALLING_STEPS)
    for segment in curve.segments:
        start, end = round(segment.start), round(segment.end)
        levels |= {start, end}
        if end < start:
            # Groups end at whole seconds: more steps than seconds would be no finer.
            steps = max(1, min(math.ceil((start - end) / step), math.floor(segment.duration_s)))
            levels |= {end + round((start - end) * number / steps) for number in range(steps)}
    return sorted(levels)


def _band(segments: tuple[Segment, ...], low: int, high: int) -> Iterator[Layer]:
    """The stretches in which the users from `low` to `high` are there."""
    begin_s = 0.0
    filled: tuple[float, float] | None = None  # when the filling began, and when it was complete
    for segment in segments:
        start, end = round(segment.start), round(segment.end)
        if filled and start <= low:
            yield _layer(low, high, filled, begin_s)
            filled = None
        elif not filled and start >= high:
            filled = (begin_s, begin_s)
        if start <= low and end >= high:
            filled = (_crossing(segment, begin_s, low), _crossing(segment, begin_s, high))
        elif filled and end <= low:
            yield _layer(low, high, filled, _crossing(segment, begin_s, (low + high) / 2))
            filled = None
        begin_s += segment.duration_s
    if filled:
        yield _layer(low, high, filled, begin_s)


def _crossing(segment: Segment, begin_s: float, level: float) -> float:
    start, end = round(segment.start), round(segment.end)
    return begin_s + segment.duration_s * (level - start) / (end - start)


def _layer(low: int, high: int, filled: tuple[float, float], end_s: float) -> Layer:
    delay_s = round(filled[0])
    return Layer(low, high, delay_s, round(filled[1] - filled[0]), max(1, round(end_s) - delay_s))
