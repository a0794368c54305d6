"""Histograms of whole milliseconds in logarithmic buckets (the layout of HdrHistogram).

Each power of two is cut into 2**precision buckets; small values have a bucket of their own. With precision 8
a value lies within 1/512 of the middle of its bucket, so quantiles are within 0.4 % of the exact order
statistic (0.2 %, plus rounding of the middle to whole milliseconds for small ones). Merging is addition:
the order of samples and of merges does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.rows import IntColumn

PRECISION = 8
"""256 buckets an octave: one hour in ms needs 3,840 buckets."""

LARGEST = 2**31 - 1
"""Larger values (24 days in ms) are counted in the last bucket."""


def bucket_of(values: IntColumn, precision: int = PRECISION) -> IntColumn:
    """The bucket of each value. Negative values count as 0."""
    clipped = np.minimum(np.maximum(values, 0), LARGEST)
    # The exponent of a float is its bit length: every value below 2**31 is exact as a float of 53 bits.
    octave: IntColumn = clipped.astype(np.float64).view(np.int64)
    octave >>= 52
    octave -= 1023 + precision
    np.maximum(octave, 0, out=octave)
    clipped >>= octave
    octave <<= precision
    octave += clipped
    return octave


def middle_of(bucket: int, precision: int = PRECISION) -> float:
    """The value that stands for a bucket: the middle of the whole numbers that fall into it."""
    octave = max((bucket >> precision) - 1, 0)
    low = (bucket - (octave << precision)) << octave
    return low + ((1 << octave) - 1) / 2


def quantiles_of(ranks: IntColumn, qs: Sequence[float], precision: int) -> tuple[float | None, ...]:
    """The values at rank ceil(q * n), 0 < q <= 1, from how many samples lie in each bucket or below it."""
    size = int(ranks[-1]) if len(ranks) else 0
    if not size:
        return (None,) * len(qs)
    # 0.07 * 100 is a hair above 7: the small step back keeps its rank at 7.
    wanted = [min(max(math.ceil(q * size * (1 - 1e-12)), 1), size) for q in qs]
    return tuple(middle_of(bucket, precision) for bucket in ranks.searchsorted(wanted).tolist())


def count_in(counts: NDArray[np.integer], at: IntColumn) -> None:
    """Add one at each of these places, which may repeat."""
    np.add.at(counts, at, counts.dtype.type(1))  # a plain 1 would be cast anew for each place


class Histogram:
    """How many samples fell into each bucket."""

    def __init__(self, precision: int = PRECISION, counts: NDArray[np.integer] | None = None) -> None:
        self.precision = precision
        self.counts: IntColumn = np.zeros(0, np.int64) if counts is None else counts.astype(np.int64)

    @property
    def size(self) -> int:
        """Number of samples."""
        return int(self.counts.sum())

    def add(self, values: IntColumn) -> None:
        """Count values in ms."""
        if len(values):
            buckets = bucket_of(values, self.precision)
            self._reserve(int(buckets.max()) + 1)
            count_in(self.counts, buckets)

    def merge(self, other: Histogram) -> None:
        """Add what another one counted. Raises ValueError for another precision."""
        if other.precision != self.precision:
            raise ValueError(f"histograms of precision {self.precision} and {other.precision} do not add up")
        self._reserve(len(other.counts))
        self.counts[: len(other.counts)] += other.counts

    def quantile(self, q: float) -> float | None:
        """The value at rank ceil(q * n), 0 < q <= 1; None without samples."""
        return self.quantiles((q,))[0]

    def quantiles(self, qs: Sequence[float]) -> tuple[float | None, ...]:
        """Several quantiles at the price of one."""
        return quantiles_of(np.cumsum(self.counts), qs, self.precision)

    def _reserve(self, buckets: int) -> None:
        if buckets > len(self.counts):
            self.counts = np.concatenate([self.counts, np.zeros(buckets - len(self.counts), np.int64)])


class HistogramTable:
    """Many histograms side by side, filled in one go: one a row."""

    def __init__(self, precision: int = PRECISION, dtype: type[np.integer] = np.int64) -> None:
        self._precision = precision
        self._counts: NDArray[np.integer] = np.zeros((0, 0), dtype)

    def add(self, rows: IntColumn, values: IntColumn) -> None:
        """Count each value in its row. Rows and buckets are made as they are needed."""
        if not len(values):
            return
        buckets = bucket_of(values, self._precision)
        self._reserve(int(rows.max()) + 1, int(buckets.max()) + 1)
        buckets += rows * self._counts.shape[1]
        count_in(self._counts.reshape(-1), buckets)

    @property
    def rows(self) -> int:
        """How many rows were made."""
        return len(self._counts)

    def row(self, index: int) -> Histogram:
        """A copy of one row; empty for a row that was never filled."""
        if index < len(self._counts):
            return Histogram(self._precision, self._counts[index])
        return Histogram(self._precision)

    def sum_of(self, indices: Sequence[int]) -> Histogram:
        """Several rows pooled."""
        known = [index for index in indices if index < len(self._counts)]
        return Histogram(self._precision, self._counts[known].sum(axis=0, dtype=np.int64))

    def figures(self, groups: IntColumn, qs: Sequence[float]) -> list[tuple[float | None, ...]]:
        """Quantiles of several groups of rows at once: of each line of `groups`, its rows pooled.

        Rows that were never filled count nothing. For live figures, whose cost is that of the Python calls.
        """
        if not len(self._counts):
            return [(None,) * len(qs)] * len(groups)
        empty = groups >= len(self._counts)
        if empty.any():
            self._reserve(int(groups.max()) + 1, 0)
        pooled = self._counts[groups].sum(axis=1, dtype=np.int64)
        return [quantiles_of(ranks, qs, self._precision) for ranks in np.cumsum(pooled, axis=1)]

    def _reserve(self, rows: int, buckets: int) -> None:
        have_rows, have_buckets = self._counts.shape
        if rows <= have_rows and buckets <= have_buckets:
            return
        octave = 1 << self._precision
        new_rows = have_rows if rows <= have_rows else max(rows, have_rows + have_rows // 2)
        new_buckets = max(have_buckets, -(-buckets // octave) * octave)
        grown = np.zeros((new_rows, new_buckets), self._counts.dtype)
        grown[:have_rows, :have_buckets] = self._counts
        self._counts = grown
