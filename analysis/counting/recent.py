"""Rates over the last seconds, for the live view."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.counting.histogram import count_in
from perfpilot.analysis.rows import IntColumn

WINDOW_S = 5
_KEPT = 16  # seconds: the window, and room for samples that are read late
_SETTLE_S = 1.0  # a second counts once it is over for so long: its last samples may still be on their way


class RecentRates:
    """Samples per label in each of the last seconds, by the second in which they ended."""

    def __init__(self, most_seconds: int) -> None:
        self._most = most_seconds
        self._newest = _KEPT - 1  # the second of the last row of the counts; the first one is 0 at first
        self._counts: IntColumn = np.zeros((_KEPT, 0), np.int64)  # by second and label

    def add(self, ended_s: IntColumn, label: IntColumn) -> None:
        """Count samples. Seconds long past are forgotten."""
        if not len(ended_s):
            return
        if ended_s.max() >= self._most:
            inside = np.flatnonzero(ended_s < self._most)
            ended_s, label = ended_s[inside], label[inside]
        self._forget(int(ended_s.max(initial=0)) - self._newest)
        row = ended_s - (self._newest - _KEPT + 1)
        if row.min(initial=0) < 0:
            recent = np.flatnonzero(row >= 0)
            row, label = row[recent], label[recent]
        missing = int(label.max(initial=-1)) + 1 - self._counts.shape[1]
        if missing > 0:
            self._counts = np.pad(self._counts, ((0, 0), (0, missing)))
        row *= self._counts.shape[1]
        row += label
        count_in(self._counts.reshape(-1), row)

    def per_s(self, now_s: float) -> dict[int, float]:
        """Samples per second of each label over the last whole seconds."""
        end = max(int(now_s - _SETTLE_S), 0)
        begin = max(end - WINDOW_S, 0)
        oldest = self._newest - _KEPT + 1
        totals = self._counts[max(begin - oldest, 0) : max(end - oldest, 0)].sum(axis=0)
        return {label: int(totals[label]) / (end - begin) for label in np.flatnonzero(totals).tolist()}

    def _forget(self, seconds: int) -> None:
        """Make room for so many more seconds."""
        if seconds > 0:
            kept = max(_KEPT - seconds, 0)
            self._counts[:kept] = self._counts[_KEPT - kept :]
            self._counts[kept:] = 0
            self._newest += seconds
