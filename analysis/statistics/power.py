"""How likely an effect is found, and how large it must be, where the noise is an estimate, too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

FOUND = 0.9
"""How often an effect of the size `found_effect` is found."""

_LEAST_ERROR = 1e-9  # noise that was seen as none at all
_POINTS = 21
_STEPS = 30


class Bar(NamedTuple):
    """What an estimate must exceed to be found: a value, and so many of its own standard errors."""

    value: float
    errors: float


def chance_found(effect: float, bars: Sequence[Bar], error: float, degrees: float) -> float:
    """How likely the estimate of an effect exceeds all bars.

    `error`: the standard error as estimated, with that many degrees of freedom. Such an estimate is too low
    more often than too high, and is brought to its median first; each further comparison would have its own.
    So this is the power of a noncentral t where there is one bar, and no more than that where two lie close
    together.
    """
    spreads = _spreads(max(degrees, 1.0))
    true_error = max(error, _LEAST_ERROR) / spreads[_POINTS // 2]
    reached = (max(bar.value + bar.errors * true_error * spread for bar in bars) for spread in spreads)
    return sum(math.erfc((bar - effect) / true_error / math.sqrt(2)) / 2 for bar in reached) / _POINTS


def found_effect(bars: Sequence[Bar], error: float, degrees: float) -> float:
    """The effect that is found with the chance `FOUND`; the rest as in `chance_found`."""
    low, high = 0.0, max(error, _LEAST_ERROR)
    while chance_found(high, bars, error, degrees) < FOUND:
        low, high = high, 2 * high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        enough = chance_found(middle, bars, error, degrees) >= FOUND
        low, high = (low, middle) if enough else (middle, high)
    return high


@lru_cache(maxsize=256)
def _spreads(degrees: float) -> tuple[float, ...]:
    """Equally likely values of estimated / true standard error (chi, by Wilson and Hilferty 1931)."""
    part = 2 / (9 * degrees)
    normal = NormalDist()
    deviations = (normal.inv_cdf((n + 0.5) / _POINTS) for n in range(_POINTS))
    return tuple(max(1 - part + deviation * math.sqrt(part), 0.01) ** 1.5 for deviation in deviations)
