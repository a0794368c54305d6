"""Response times over time in bounded memory: histograms of blocks of time that merge as the run grows.

A block is 1 s long at first. When a second comes for which there is no block left, neighbours are merged and
all blocks become twice as long. So a run of any length has between half as many blocks as may be kept and all
of them, and memory is bounded by labels x blocks x buckets. Merging is addition: what a block holds does not
depend on the order in which samples came.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.counting.histogram import Histogram, bucket_of, count_in, quantiles_of
from perfpilot.analysis.rows import IntColumn

PRECISION = 6
"""64 buckets an octave: percentiles of a block are within 0.8 %. Times of up to a minute need 704 buckets."""

LABEL_BLOCKS = 64
"""Blocks of each label: from 32 to 64 in a run of more than a minute, enough to resample them."""


class TimeBlock(NamedTuple):
    """The response times of one stretch of time, in seconds since the beginning."""

    from_s: float
    to_s: float
    times: Histogram


class TimeBlocks:
    """At most `most` blocks of time for each label. `most` is even."""

    def __init__(self, most: int, precision: int = PRECISION) -> None:
        self._most = most
        self._precision = precision
        self._shift = 0
        self._last = -1
        # By block, label and bucket: the samples of one tick lie close together, and the system gives memory
        # to the zeros of later blocks when they are first written to.
        self._counts: NDArray[np.uint32] = np.zeros((most, 0, 0), np.uint32)

    @property
    def block_s(self) -> int:
        """Length of a block in seconds, a power of two."""
        return 1 << self._shift

    def add(self, second: IntColumn, elapsed_ms: IntColumn, label: IntColumn | None = None) -> None:
        """Count response times by second and label; without labels all are those of label 0.

        Seconds are whole and not negative; a sane bound is the caller's affair.
        """
        self.count(second, bucket_of(elapsed_ms, self._precision), label)

    def count(self, second: IntColumn, buckets: IntColumn, label: IntColumn | None = None) -> None:
        """As `add`, for samples whose buckets are known."""
        if not len(second):
            return
        self._last = max(self._last, int(second.max()))
        while self._last >> self._shift >= self._most:
            self._halve()
        labels = 1 if label is None else int(label.max()) + 1
        self._reserve(labels, int(buckets.max()) + 1)
        _, labels, width = self._counts.shape
        place = second >> self._shift
        if label is not None:
            place *= labels
            place += label
        place *= width
        place += buckets
        count_in(self._counts.reshape(-1), place)

    def blocks(self, label: int = 0) -> tuple[TimeBlock, ...]:
        """The blocks of a label in order, empty ones too, up to the last second with a sample of any label.

        The last block may reach beyond that second.
        """
        return tuple(
            TimeBlock(
                float(block << self._shift),
                float((block + 1) << self._shift),
                Histogram(self._precision, self._counts[block, label]),
            )
            for block in range(self._known(label))
        )

    def quantiles(self, qs: Sequence[float], label: int = 0) -> list[tuple[float | None, ...]]:
        """Quantiles of each of the `blocks` of a label, without copies of their histograms."""
        return [
            quantiles_of(np.cumsum(self._counts[block, label], dtype=np.int64), qs, self._precision)
            for block in range(self._known(label))
        ]

    def times_between(self, from_s: int, to_s: int, label: int = 0) -> Histogram:
        """The response times of all blocks that a stretch of whole seconds touches."""
        known = self._counts[from_s >> self._shift : -(-to_s >> self._shift)]
        if label >= known.shape[1]:
            return Histogram(self._precision)
        return Histogram(self._precision, known[:, label].sum(axis=0, dtype=np.int64))

    def _known(self, label: int) -> int:
        """How many blocks there are of a label."""
        return (self._last >> self._shift) + 1 if self._last >= 0 and label < self._counts.shape[1] else 0

    def _halve(self) -> None:
        half = self._most // 2
        for block in range(half):  # one by one: the sum of all at once would be a copy of half of the table
            self._counts[block] = self._counts[2 * block] + self._counts[2 * block + 1]
        self._counts[half:] = 0
        self._shift += 1

    def _reserve(self, labels: int, buckets: int) -> None:
        have, width = self._counts.shape[1:]
        if labels <= have and buckets <= width:
            return
        octave = 1 << self._precision
        labels = have if labels <= have else max(labels, have + have // 4)
        grown = np.zeros((self._most, labels, max(width, -(-buckets // octave) * octave)), np.uint32)
        used = min((self._last >> self._shift) + 1, self._most)
        grown[:used, :have, :width] = self._counts[:used]
        self._counts = grown
