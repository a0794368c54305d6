"""Whether the newest run is like those before it."""

from __future__ import annotations

import math
from typing import NamedTuple

from perfpilot.analysis.statistics.robust_slope import Floats
from perfpilot.analysis.statistics.student_t import t_quantile

LEAST_RUNS = 5
"""Runs to compare the newest with. With fewer, only changes by a third or more could be seen."""

CHANCE = 0.992
"""A little more than 99 %: bringing lone outliers back takes something from the spread of the runs."""

_NINE_IN_TEN = 1.2816


class Expected(NamedTuple):
    """Where one more run should lie, on the scale of the values given."""

    middle: float
    low: float
    high: float
    visible: float  # the smallest difference that would lie outside nine times in ten


def expected_next(
    before: Floats, noise: float, *, at: Floats | None = None, next_at: float = 0.0, chance: float = CHANCE
) -> Expected:
    """Student's prediction interval for one more value of the same kind.

    `at` and `next_at`: the times of the values, where they lie about a straight line through the time and not
    about one level. `noise`: the least standard deviation. ValueError: fewer values than the line needs.
    """
    n = len(before)
    freedom = n - (1 if at is None else 2)
    if freedom < 1:
        raise ValueError("a prediction needs two values, along a line three")
    middle, leverage = float(before.mean()), 1 / n
    rest = before - middle
    if at is not None:
        apart = at - at.mean()
        slope = float(apart @ rest) / float(apart @ apart)
        rest = rest - slope * apart
        middle += slope * (next_at - float(at.mean()))
        leverage += (next_at - float(at.mean())) ** 2 / float(apart @ apart)
    deviation = max(math.sqrt(float(rest @ rest) / freedom), noise)
    spread = deviation * math.sqrt(1 + leverage)
    reach = t_quantile((1 + chance) / 2, freedom) * spread
    return Expected(middle, middle - reach, middle + reach, reach + _NINE_IN_TEN * spread)
