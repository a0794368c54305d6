"""Whether a series climbs slowly and goes on climbing, or only wanders, warms up, or steps.

A climb must stand out twice: by the test of Mann and Kendall, which alone sees one in 20 % of simulated hours
of wandering memory, and by a slope that is worth it and whose interval leaves 0 out. And it must go on: what
grows in the first half and hardly in the second is a cache that filled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.soak.dependent_slope import LEAST_VALUES, dependent_slope
from perfpilot.analysis.statistics.robust_slope import Floats, Slope, mann_kendall, theil_sen

LEAST_SHARE_PER_H = 0.02
"""Growth that is worth it: 2 % of the level an hour, but no less than 2 % and no more than 10 % in all."""

_LEAST_SHARE, _ENOUGH_SHARE = 0.02, 0.10
STILL_CLIMBS = 0.4
"""Slope of the second half / the steeper one of the first half and the whole."""

_STILL_CLIMBS_LATE = 0.7  # of what is left without its first quarter, in which caches fill
_CHANCE = 0.01
_CLEAR = 2.576  # standard deviations of the normal distribution at that chance
_RISEN = 0.5
_BLOCK_S = 60.0
_MOST_BLOCKS = 120
_KNOWN = 2 / 3  # share of blocks that must have values


class Blocks(NamedTuple):
    """One value for each block of time, at whole steps; blocks without values are left out."""

    from_s: float
    block_s: float
    steps: NDArray[np.int64]
    values: Floats

    @property
    def hours(self) -> float:
        """Time from the first block to the end of the last."""
        return float(self.steps[-1] - self.steps[0] + 1) * self.block_s / 3600

    def later(self) -> Blocks:
        """All but the first quarter."""
        begin = len(self.steps) // 4
        return self._replace(steps=self.steps[begin:], values=self.values[begin:])


class Climb(NamedTuple):
    """A slope in the unit of the series per hour (95 %), and its line: in the middle, at begin and end."""

    per_hour: Slope
    middle: float
    first: float
    last: float


def blocks_of(
    t_s: Sequence[float] | Floats,
    values: Sequence[float | None],
    from_s: float,
    to_s: float,
    figure: Callable[[Floats], float] = np.min,
    block_s: float = 0.0,
) -> Blocks | None:
    """A series in blocks of a minute, or of a 120th of its length where that is more; None: too many gaps.

    `figure` makes the value of a block: its minimum, say, which the peaks of a collected heap do not lift.
    """
    block_s = block_s or max(_BLOCK_S, (to_s - from_s) / _MOST_BLOCKS)
    count = math.floor((to_s - from_s) / block_s + 1e-9)
    known = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    step = np.floor((np.asarray(t_s, dtype=np.float64) - from_s) / block_s)
    usable = np.isfinite(known) & (step >= 0) & (step < count)
    known, step = known[usable], step[usable].astype(np.int64)
    order = np.argsort(step, kind="stable")
    steps, begins = np.unique(step[order], return_index=True)
    if len(steps) < max(LEAST_VALUES, _KNOWN * count):
        return None
    pieces = np.split(known[order], begins[1:])
    return Blocks(from_s, block_s, steps, np.array([figure(piece) for piece in pieces]))


def climb(blocks: Blocks, least: float, family: int = 1) -> Climb | None:
    """A climb by at least `least` units over the blocks, and by a share of their level; None: there is none.

    `family`: how many series of the kind are looked at; the chance of a false alarm is shared among them.
    Where the first half climbs much faster, all but the first quarter is judged once more.
    """
    found = _climb(blocks, least, family, STILL_CLIMBS)
    if found is None and len(blocks.steps) >= 2 * LEAST_VALUES:
        found = _climb(blocks.later(), least, family, _STILL_CLIMBS_LATE)
    return found


def line_through(blocks: Blocks) -> Climb:
    """The slope of the blocks with its interval, whatever it may be worth."""
    per_hour = 3600 / blocks.block_s
    slope = dependent_slope(blocks.steps, blocks.values)
    middle, centre = float(np.median(blocks.values)), float(np.median(blocks.steps))
    return Climb(
        Slope(*(bound * per_hour for bound in slope.interval())),
        middle,
        middle + slope.per_step * (float(blocks.steps[0]) - centre),
        middle + slope.per_step * (float(blocks.steps[-1]) - centre),
    )


def _climb(blocks: Blocks, least: float, family: int, still: float) -> Climb | None:
    steps, values = blocks.steps, blocks.values
    if float(np.ptp(values)) == 0 or abs(mann_kendall(values)) < _CLEAR:
        return None
    slope = dependent_slope(steps, values)
    middle = float(np.median(values))
    grown = slope.per_step * float(steps[-1] - steps[0])
    worth = min(max(LEAST_SHARE_PER_H * blocks.hours, _LEAST_SHARE), _ENOUGH_SHARE)
    if grown < max(least, worth * abs(middle)):
        return None
    if slope.interval(1 - _CHANCE / family).low <= 0 or not _goes_on(steps, values, slope.per_step, still):
        return None
    return line_through(blocks)


def _goes_on(steps: NDArray[np.int64], values: Floats, whole: float, still: float) -> bool:
    """Whether the later half climbs too, and the end lies above the begin as far as the slope says.

    A heap that is collected twice an hour has one slope nearly everywhere, and ends where it began.
    """
    half, sixth = len(values) // 2, len(values) // 6
    at = steps.astype(np.float64)
    first, second = theil_sen(at[:half], values[:half]), theil_sen(at[half:], values[half:])
    risen = float(np.median(values[-sixth:]) - np.median(values[:sixth]))
    foretold = whole * float(np.median(at[-sixth:]) - np.median(at[:sixth]))
    return second >= still * max(first, whole) and risen >= _RISEN * foretold
