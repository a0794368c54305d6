"""What happened in each second of the load, by the second in which a sample ended.

Counts are of single seconds. Response times are kept by block of time (`TimeBlocks`): a second each at first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perfpilot.analysis.counting.histogram import bucket_of, count_in
from perfpilot.analysis.counting.time_blocks import LABEL_BLOCKS, PRECISION, TimeBlock, TimeBlocks
from perfpilot.analysis.rows import IntColumn, Rows
from perfpilot.domain.measure import Series

FINE_BLOCKS = 1200
"""Seconds with percentiles of their own. In a longer run neighbours are merged, but 600 blocks at least are
left: as many points as a chart draws. An hour has blocks of 4 s, a day of 128 s; 3.4 MB with answers of up to
a minute."""

_QUANTILES = (0.5, 0.95, 0.99)


class SecondSeries:
    """Counts per second (exact) and response time histograms per block of one or more seconds."""

    def __init__(self, most_seconds: int) -> None:
        self._most = most_seconds
        self._samples: IntColumn = np.zeros(0, np.int64)
        self._errors: IntColumn = np.zeros(0, np.int64)
        self._users: IntColumn = np.zeros(0, np.int64)
        self._times = TimeBlocks(FINE_BLOCKS)
        self._by_label = TimeBlocks(LABEL_BLOCKS)
        self._failed = TimeBlocks(LABEL_BLOCKS)  # all with a time of 0: only their number counts
        self.seconds = 0  # up to the last second with a sample

    def add(self, ended_s: IntColumn, rows: Rows) -> None:
        """Add samples by the second in which they ended. Seconds outside the run are left out."""
        if len(ended_s) and (ended_s.min() < 0 or ended_s.max() >= self._most):
            inside = (ended_s >= 0) & (ended_s < self._most)
            ended_s, rows = ended_s[inside], rows.pick(inside)
        if not len(ended_s):
            return
        self.seconds = max(self.seconds, int(ended_s.max()) + 1)
        self._reserve(self.seconds)
        count_in(self._samples, ended_s)
        np.maximum.at(self._users, ended_s, rows.users)
        buckets = bucket_of(rows.elapsed_ms, PRECISION)
        self._times.count(ended_s, buckets)
        self._by_label.count(ended_s, buckets, rows.label)
        failed = np.flatnonzero(~rows.success)
        if len(failed):
            failed_s = ended_s[failed]
            count_in(self._errors, failed_s)
            self._failed.count(failed_s, np.zeros(len(failed), np.int64), rows.label[failed])

    def series(self, start_ms: int, seconds: int, asked_per_s: Sequence[float | None] = ()) -> Series:
        """The first seconds from an epoch time on. `asked_per_s`: a value each, where a rate was asked."""
        percentiles = self.percentiles(seconds)
        return Series(
            start_ms=start_ms,
            asked_per_s=tuple(asked_per_s) or (None,) * seconds,
            samples=tuple(self.samples(seconds).tolist()),
            errors=tuple(self.errors(seconds).tolist()),
            users=tuple(n if n >= 0 else None for n in self.users(seconds).tolist()),
            p50_ms=tuple(figures[0] for figures in percentiles),
            p95_ms=tuple(figures[1] for figures in percentiles),
            p99_ms=tuple(figures[2] for figures in percentiles),
        )

    def samples(self, seconds: int) -> IntColumn:
        """Samples that ended in each of the first seconds."""
        return resized(self._samples[: self.seconds], seconds)

    def errors(self, seconds: int) -> IntColumn:
        """Failed samples that ended in each of the first seconds."""
        return resized(self._errors[: self.seconds], seconds)

    def users(self, seconds: int) -> IntColumn:
        """The most threads seen alive in each of the first seconds; negative: not known."""
        known = np.where(self._samples[: self.seconds] > 0, self._users[: self.seconds], -1)
        return resized(known, seconds, missing=-1)

    def last_users(self) -> int | None:
        """The most threads seen alive in the last second with a sample; None: not known."""
        last = int(self._users[self.seconds - 1]) if self.seconds else -1
        return last if last >= 0 else None

    def percentiles(self, seconds: int) -> list[tuple[float | None, ...]]:
        """p50, p95 and p99 of each of the first seconds. Seconds of a merged block share its figures."""
        of_block = self._times.quantiles(_QUANTILES)
        block_s = self._times.block_s
        none = (None,) * len(_QUANTILES)
        known = (self.samples(seconds) > 0).tolist()
        return [of_block[second // block_s] if known[second] else none for second in range(seconds)]

    def label_blocks(self, label: int) -> tuple[TimeBlock, ...]:
        """The response times of one label by block of time, coarser than the percentiles of all."""
        return self._by_label.blocks(label)

    def pooled_blocks(self) -> tuple[TimeBlock, ...]:
        """The response times of all labels by block of time, as fine as the percentiles."""
        return self._times.blocks()

    def label_errors(self, label: int) -> IntColumn:
        """Failed samples of one label in each of its blocks of time."""
        blocks = self._by_label.blocks(label)
        errors = np.zeros(len(blocks), np.int64)
        for block in self._failed.blocks(label):  # of the same length or a shorter one
            errors[int(block.from_s) // self._by_label.block_s] += block.times.size
        return errors

    def _reserve(self, seconds: int) -> None:
        if seconds > len(self._samples):
            room = min(max(seconds, 2 * len(self._samples), 64), self._most)
            self._samples = resized(self._samples, room)
            self._errors = resized(self._errors, room)
            self._users = resized(self._users, room, missing=-1)


def resized(column: IntColumn, size: int, missing: int = 0) -> IntColumn:
    """A copy of a column, cut or filled up to a size."""
    if size <= len(column):
        return column[:size].copy()
    return np.concatenate([column, np.full(size - len(column), missing, np.int64)])
