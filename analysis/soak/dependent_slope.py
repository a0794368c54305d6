"""The slope of a series whose neighbours are alike, with an interval that allows for it.

Readings of a process are no independent draws: memory and response times wander. Here the deviations from the
slope of Theil and Sen count as a first-order autoregressive process: its correlation is estimated from them,
made larger by what detrending takes from it, and the error of the slope follows from the covariance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.statistics.robust_slope import Floats, Slope, theil_sen
from perfpilot.analysis.statistics.student_t import t_quantile

LEAST_VALUES = 10
_MOST_ALIKE = 0.95
_SPIKE = 3.0  # robust standard deviations; what lies further off counts as that far
_EFFICIENCY = 1.05  # error of a median of slopes / of least squares: 1.02 for many normal values (Sen 1968)


class DependentSlope(NamedTuple):
    """A slope per step, its standard error, and how many degrees of freedom that error has."""

    per_step: float
    error: float
    freedom: float
    alike: float  # correlation of neighbours, as corrected

    def interval(self, chance: float = 0.95) -> Slope:
        """The slope with the interval that covers it with `chance`."""
        reach = t_quantile((1 + chance) / 2, self.freedom) * self.error
        return Slope(self.per_step, self.per_step - reach, self.per_step + reach)


def dependent_slope(steps: NDArray[np.int64], values: Floats) -> DependentSlope:
    """The slope of values at whole steps of time, in order; steps may be missing.

    ValueError: fewer than `LEAST_VALUES` values.
    """
    n = len(values)
    if n < LEAST_VALUES:
        raise ValueError(f"a slope with an interval needs {LEAST_VALUES} values")
    at = steps.astype(np.float64)
    slope = theil_sen(at, values)
    rest = values - slope * at
    rest = rest - np.median(rest)
    spread = 1.4826 * float(np.median(np.abs(rest)))
    if spread > 0:
        rest = np.clip(rest, -_SPIKE * spread, _SPIKE * spread)
    rest, apart = _detrended(rest, at)
    squares = float(rest @ rest)
    if squares <= 0:
        return DependentSlope(slope, 0.0, float(n - 2), 0.0)
    alike = _alike(rest, steps, squares)
    covariance = alike ** np.abs(at[:, None] - at[None, :])
    # M removes level and slope; squares of what is left have the mean trace(M R) and a chi-square's shape
    # with trace(M R)^2 / trace(M R M R) degrees of freedom (Satterthwaite 1946).
    design = np.column_stack([np.full(n, 1 / math.sqrt(n)), apart / math.sqrt(float(apart @ apart))])
    left = covariance - design @ (design.T @ covariance)
    left = left - (left @ design) @ design.T
    mean = float(np.trace(left))
    freedom = mean * mean / float((left * left.T).sum())
    variance = squares / mean * float(apart @ covariance @ apart) / float(apart @ apart) ** 2
    return DependentSlope(slope, _EFFICIENCY * math.sqrt(variance), max(freedom, 1.0), alike)


def _detrended(rest: Floats, at: Floats) -> tuple[Floats, Floats]:
    """What least squares leave of the values, and the times about their mean."""
    apart = at - at.mean()
    rest = rest - rest.mean()
    return rest - float(apart @ rest) / float(apart @ apart) * apart, apart


def _alike(rest: Floats, steps: NDArray[np.int64], squares: float) -> float:
    """Correlation of neighbours, with the bias of a detrended series, -(2 + 4 r) / n, taken back."""
    n = len(rest)
    next_to = np.diff(steps) == 1
    pairs = int(next_to.sum())
    if pairs < LEAST_VALUES // 2:
        return _MOST_ALIKE
    raw = float((rest[1:] * rest[:-1])[next_to].sum()) / pairs / (squares / n)
    return min(max((n * raw + 2) / (n - 4), 0.0), _MOST_ALIKE)
