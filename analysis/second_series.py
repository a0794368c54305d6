"""What happened in each second of the load, by the second in which a sample ended."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.histogram import HistogramTable
from perfpilot.analysis.rows import IntColumn, Rows

FINE_SLOTS = 3600
"""Seconds with percentiles of their own. In a longer run neighbours are merged: 2 s, 4 s, ..."""

_PRECISION = 6  # 64 buckets an octave: within 0.8 %, and an hour with answers up to 60 s takes 9 MB
_QUANTILES = (0.5, 0.95, 0.99)


class SecondSeries:
    """Counts per second (exact) and response time histograms per slot of one or more seconds."""

    def __init__(self, most_seconds: int) -> None:
        self._most = most_seconds
        self._samples: IntColumn = np.zeros(0, np.int64)
        self._errors: IntColumn = np.zeros(0, np.int64)
        self._users: IntColumn = np.zeros(0, np.int64)
        self._times = HistogramTable(_PRECISION, np.uint32)
        self._shift = 0  # a slot is 2**shift seconds
        self.seconds = 0  # up to the last second with a sample

    def add(self, ended_s: IntColumn, rows: Rows) -> None:
        """Add samples by the second in which they ended. Seconds outside the run are left out."""
        inside = (ended_s >= 0) & (ended_s < self._most)
        if not inside.all():
            ended_s, rows = ended_s[inside], rows.pick(inside)
        if not len(ended_s):
            return
        self.seconds = max(self.seconds, int(ended_s.max()) + 1)
        self._reserve(self.seconds)
        first = int(ended_s.min())
        at = ended_s - first
        self._samples[first : self.seconds] += np.bincount(at, minlength=self.seconds - first)
        self._errors[first : self.seconds] += np.bincount(at[~rows.success], minlength=self.seconds - first)
        np.maximum.at(self._users, ended_s, rows.users)
        while (self.seconds - 1) >> self._shift >= FINE_SLOTS:
            self._times.halve()
            self._shift += 1
        self._times.add(ended_s >> self._shift, rows.elapsed_ms)

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

    def percentiles(self, seconds: int) -> list[tuple[float | None, ...]]:
        """p50, p95 and p99 of each of the first seconds. Seconds of a merged slot share its figures."""
        slots = -(-seconds >> self._shift) if seconds else 0
        of_slot = [self._times.row(slot).quantiles(_QUANTILES) for slot in range(slots)]
        empty = self.samples(seconds) == 0
        none = (None,) * len(_QUANTILES)
        return [none if empty[second] else of_slot[second >> self._shift] for second in range(seconds)]

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
