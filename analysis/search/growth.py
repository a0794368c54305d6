"""Whether response times climb while the load stands still: the first sign of a queue that grows.

At an arrival rate 3 % above what a target can do, the response time grows by 30 ms a second, long before
errors or missing throughput show. The slope is the median of the slopes between all pairs of blocks (Theil
1950, Sen 1968), so that a single pause moves nothing; how many pairs rise is Kendall's tau in another form.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatColumn = NDArray[np.float64]

_MOST_BLOCKS = 8
_LEAST_BLOCKS = 5  # that five rise in order is chance once in 120
_BLOCK = 4  # samples at least
_RISING = 0.8  # share of pairs of blocks that rise
_NOISE = 4.0
_OF_MEDIAN = 1.25  # standard error of a median, in standard deviations by the root of the count
_NORMAL = 1.4826  # median absolute deviation -> standard deviation


class Growth(NamedTuple):
    """How response times moved over a stretch of time."""

    rise_ms: float  # along the robust slope, from the first block to the last
    noise_ms: float  # of the medians of blocks: as they lie around it, or as their samples scatter
    rising: float  # share of pairs of blocks of which the later one is slower
    last_ms: float  # median of the last block

    def beyond(self, least_ms: float) -> bool:
        """Whether they climb: steadily, by more than `least_ms` and more than chance."""
        return self.rising >= _RISING and self.rise_ms > max(least_ms, _NOISE * self.noise_ms)


def growth(start_s: FloatColumn, time_ms: FloatColumn) -> Growth | None:
    """How the times of samples, by their start, moved. None: too few samples to say."""
    blocks = min(_MOST_BLOCKS, len(start_s) // _BLOCK)
    if blocks < _LEAST_BLOCKS:
        return None
    order = np.argsort(start_s, kind="stable")
    parts = np.array_split(order, blocks)
    at = np.array([float(np.mean(start_s[part])) for part in parts])
    level = np.array([float(np.median(time_ms[part])) for part in parts])
    scattered = [_deviation(time_ms[part]) * _OF_MEDIAN / np.sqrt(len(part)) for part in parts]
    return climb(at, level, np.array(scattered))


def climb(at: FloatColumn, level: FloatColumn, scattered: FloatColumn) -> Growth | None:
    """How medians of blocks moved, given when each block was and the standard error of its median.

    None: too few blocks, or two at the same time.
    """
    if len(at) < _LEAST_BLOCKS:
        return None
    first, second = np.triu_indices(len(at), 1)
    apart = at[second] - at[first]
    if not (apart > 0).all():
        return None
    change = level[second] - level[first]
    slope = float(np.median(change / apart))
    line = slope * at
    return Growth(
        rise_ms=slope * float(at[-1] - at[0]),
        noise_ms=max(_deviation(level - line), float(np.median(scattered))),
        rising=float(np.mean(change > 0)),
        last_ms=float(level[-1]),
    )


def _deviation(values: FloatColumn) -> float:
    """A standard deviation that outliers do not move."""
    return _NORMAL * float(np.median(np.abs(values - np.median(values))))
