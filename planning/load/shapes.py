"""Shapes of load by name, drawn as straight pieces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

from perfpilot.domain.errors import SpecError
from perfpilot.domain.load import Segment
from perfpilot.domain.load_pattern import (
    SHAPES,
    Breakpoint,
    Constant,
    LoadPattern,
    Ramp,
    SearchLoad,
    Soak,
    Spike,
    Steps,
    Wave,
)

LINES_A_PERIOD = 16
"""Straight lines for one period of a wave: nowhere more than 1 % of its height away from the sine."""

_SAME_STEP = 1e-3  # of a step: a level so near to the end is the end, whatever rounding did to the steps
_SAME_LEVEL = 1e-9  # of a level, likewise


def pieces(pattern: LoadPattern) -> tuple[Segment, ...]:
    """The pieces of a pattern, without the wait before it begins.

    A ramp starts at the level before it, the first one at 0. Levels of the closed model are whole users.
    Raises `SpecError` for a pattern that has only a level of interest: its curve has not been chosen yet.
    """
    drawn = [segment for segment in _pieces(pattern) if segment.duration_s > 0]
    if pattern.model == "open":
        return tuple(drawn)
    return tuple(
        Segment(duration_s=s.duration_s, start=float(round(s.start)), end=float(round(s.end))) for s in drawn
    )


def most_pieces(pattern: LoadPattern) -> float:
    """How many pieces the pattern is drawn with at most. Cheap, and right for any number, infinity too."""
    match pattern:
        case LoadPattern(steps=Steps() as steps):
            return 2 * (_ratio(abs(steps.end - steps.start), steps.step) + 2)
        case LoadPattern(breakpoint=Breakpoint() as search):
            if search.start <= 0:
                return math.inf
            grown = math.log(search.end) - math.log(search.start) if search.end > search.start else 0.0
            return 2 * (_ratio(grown, math.log1p(search.growth)) + 2)
        case LoadPattern(wave=Wave() as wave):
            return _ratio(wave.duration, wave.period) * LINES_A_PERIOD + 1
    return max(len(pattern.stages), 5)


def _pieces(pattern: LoadPattern) -> Iterable[Segment]:
    match pattern:
        case LoadPattern(constant=Constant() as shape) | LoadPattern(soak=Soak() as shape):
            return _held([shape.level], shape.duration, shape.ramp)
        case LoadPattern(ramp=Ramp() as ramp):
            return [Segment(duration_s=ramp.duration, start=ramp.start, end=ramp.end)]
        case LoadPattern(steps=Steps() as steps):
            return _held(_even_levels(steps), steps.hold, steps.ramp)
        case LoadPattern(spike=Spike() as spike):
            return _spike(spike)
        case LoadPattern(wave=Wave() as wave):
            return _wave(wave)
        case LoadPattern(breakpoint=Breakpoint() as search):
            return _held(_grown_levels(search, pattern.model == "closed"), search.hold, search.ramp)
        case LoadPattern(search=SearchLoad() as search):
            # The most that it may ask for: the levels themselves are chosen while the load runs.
            return [Segment(duration_s=search.longest, start=search.end, end=search.end)]
    if not pattern.stages:
        level = pattern.rate_per_s if pattern.model == "open" else pattern.users
        raise SpecError(
            f"the load pattern has a level of interest ({level:g}) and no curve yet",
            mend="let planning.defaults.with_defaults draw it, or give it one of " + ", ".join(SHAPES),
        )
    return _stages(pattern)


def _stages(pattern: LoadPattern) -> Iterator[Segment]:
    level = 0.0
    for stage in pattern.stages:
        end = float((stage.rate_per_s if pattern.model == "open" else stage.users) or 0.0)
        yield Segment(duration_s=stage.duration, start=level if stage.ramp else end, end=end)
        level = end


def _held(levels: Iterable[float], hold_s: float, ramp_s: float) -> Iterator[Segment]:
    """Every level is held, and reached from the one before it (the first one from 0) in a ramp."""
    before = 0.0
    for level in levels:
        if level != before:
            yield Segment(duration_s=ramp_s, start=before, end=level)
        yield Segment(duration_s=hold_s, start=level, end=level)
        before = level


def _even_levels(steps: Steps) -> Iterator[float]:
    """`start`, then a step further each, up or down, and `end` as the last."""
    way = steps.end - steps.start
    if way:
        yield steps.start
    for number in range(1, math.ceil(abs(way) / steps.step - _SAME_STEP)):
        yield round(steps.start + math.copysign(number * steps.step, way), 9)
    yield steps.end


def _grown_levels(search: Breakpoint, whole: bool) -> Iterator[float]:
    """`start`, then a share more each, and `end` as the last. A number of whole users stands once."""
    before, level = 0.0, search.start
    while 0 < level < search.end * (1 - _SAME_LEVEL):
        shown = float(round(level)) if whole else level
        if before < shown < search.end:
            yield shown
            before = shown
        level *= 1 + search.growth
    yield search.end


def _spike(spike: Spike) -> Iterator[Segment]:
    yield Segment(duration_s=spike.before, start=spike.base, end=spike.base)
    yield Segment(duration_s=spike.ramp, start=spike.base, end=spike.peak)
    yield Segment(duration_s=spike.hold, start=spike.peak, end=spike.peak)
    yield Segment(duration_s=spike.ramp, start=spike.peak, end=spike.base)
    yield Segment(duration_s=spike.after, start=spike.base, end=spike.base)


def _wave(wave: Wave) -> Iterator[Segment]:
    """Chords of the sine. The last period may be a part of one, and so may its last line."""
    line_s = wave.period / LINES_A_PERIOD
    whole = max(math.ceil(wave.duration / line_s - _SAME_STEP), 1) - 1
    # Nodes are computed within one period, so that the hundredth begins at `low` exactly, as the first does.
    levels = [_sine(wave, number % LINES_A_PERIOD / LINES_A_PERIOD) for number in range(whole + 1)]
    for start, end in pairwise(levels):
        yield Segment(duration_s=line_s, start=start, end=end)
    rest_s = wave.duration - whole * line_s
    part = whole % LINES_A_PERIOD + min(rest_s / line_s, 1.0)
    yield Segment(
        duration_s=rest_s, start=levels[-1], end=_sine(wave, part % LINES_A_PERIOD / LINES_A_PERIOD)
    )


def _sine(wave: Wave, part: float) -> float:
    """The level after a part of a period."""
    share = (1 - math.cos(2 * math.pi * part)) / 2
    return min(wave.low + (wave.high - wave.low) * share, wave.high)


def _ratio(whole: float, part: float) -> float:
    return whole / part if part > 0 else math.inf
