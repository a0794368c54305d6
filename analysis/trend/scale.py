"""How a metric is looked at: which way is worse, on which scale it moves, and what its digits can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.statistics.robust_slope import Floats

FLOOR = 0.05
"""A change of less is of no practical matter."""

LEAST_ERRORS = 0.5
"""Percentage points of an error rate that are of no practical matter."""

_LEAST_MS = 1.0  # response times are whole milliseconds
_LEAST_NOISE = 0.005  # relative deviation from run to run that is taken for granted
_LARGEST = 700.0  # the exponential of much more is no number
_BETTER_HIGH = frozenset({"throughput", "rate", "capacity", "apdex", "achieved_load"})


def worse_is_up(metric: str) -> bool:
    """Whether a higher value is worse: true of response times and errors, not of throughput and capacity."""
    return metric not in _BETTER_HIGH


@dataclass(frozen=True)
class Scale:
    """The scale of a series: logarithms where all values are above 0 and no error rates, else as they are.

    On logarithms a run that is noisier at a higher level is no noisier, and changes are ratios.
    """

    logs: bool
    least: float  # the smallest difference on the scale that matters
    noise: float  # the least standard deviation on the scale
    digit: float  # the smallest difference in the unit that is more than rounding

    def to(self, values: Floats) -> Floats:
        """Values on the scale."""
        return np.log(values) if self.logs else values

    def back(self, value: float) -> float:
        """A value in its unit again."""
        return math.exp(min(value, _LARGEST)) if self.logs else value

    def matters(self, before: float, after: float, floor: float = FLOOR) -> bool:
        """Whether a difference, in the unit, is of practical matter."""
        if abs(after - before) <= self.digit:
            return False
        return abs(after - before) >= (floor * abs(before) if self.logs else max(self.least, floor * before))


def scale_of(unit: str, values: Floats, floor: float = FLOOR) -> Scale:
    """The scale for values of a unit: `ms`, `/s`, `%` or none."""
    digit = _LEAST_MS if unit == "ms" else 0.0
    level = float(np.median(values))
    if unit != "%" and float(values.min()) > 0:
        rounding = digit / math.sqrt(12) / level
        return Scale(True, math.log1p(floor), max(_LEAST_NOISE, rounding), digit)
    level = max(abs(level), float(np.abs(values).mean()))
    least = max(LEAST_ERRORS if unit == "%" else digit, floor * level)
    return Scale(False, least, least / 4, digit)
