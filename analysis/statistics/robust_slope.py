"""Slopes that outliers do not turn: the median of all pairwise slopes, and whether there is any trend."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Slope(NamedTuple):
    """A slope in units of y per unit of x, with an interval."""

    middle: float
    low: float
    high: float

    @property
    def stands_out(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def theil_sen(x: Floats, y: Floats) -> float:
    """The median of the slopes of all pairs (Sen 1968, doi:10.1080/01621459.1968.10480934).

    ValueError: fewer than two different values of x.
    """
    return float(np.median(_pairwise(x, y)))


def sen_interval(x: Floats, y: Floats, deviations: float = 1.96) -> Slope:
    """The slope with the interval of Sen (1968), for values that are independent of each other.

    `deviations` of the normal distribution: 1.96 for 95 %. ValueError: fewer than two different values of x.
    """
    slopes = np.sort(_pairwise(x, y))
    n = len(y)
    reach = deviations * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(math.floor((len(slopes) - reach) / 2), 0)
    high = min(math.ceil((len(slopes) + reach) / 2), len(slopes) - 1)
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))


def kendall_tau(values: Floats) -> float:
    """Share of pairs that rise less those that fall, in order of time: 1 where each later value is higher."""
    earlier, later = np.triu_indices(len(values), 1)
    return float(np.mean(np.sign(values[later] - values[earlier]))) if len(earlier) else 0.0


def mann_kendall(values: Floats) -> float:
    """Standard deviations by which more pairs rise than fall (doi:10.2307/1907187), corrected for ties.

    It takes values for independent: neighbours that are alike make it see trends where there are none.
    """
    n = len(values)
    if n < 3:
        return 0.0
    score = kendall_tau(values) * n * (n - 1) / 2
    _, ties = np.unique(values, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    return (
        (score - math.copysign(1, score)) / math.sqrt(variance) if variance > 0 and abs(score) > 0.5 else 0.0
    )


def time_until(limit: float, centre: float, since: float, slope: float) -> float | None:
    """Time until a line meets a limit, 0 where it has; None: it never does.

    The line turns about the middle of what it was fitted to, `since` ago: so the two ends of an interval of
    slopes differ at the end of the data, too.
    """
    if slope == 0 or (limit > centre) != (slope > 0):
        return None
    return max((limit - centre) / slope - since, 0.0)


def _pairwise(x: Floats, y: Floats) -> Floats:
    earlier, later = np.triu_indices(len(x), 1)
    apart = x[later] - x[earlier]
    told = apart != 0
    if not told.any():
        raise ValueError("a slope needs values at two different places")
    found: Floats = (y[later][told] - y[earlier][told]) / apart[told]
    return found
