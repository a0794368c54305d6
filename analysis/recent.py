"""Rates over the last seconds, for the live view."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.rows import IntColumn

WINDOW_S = 5
_KEPT = 16  # seconds: the window, and room for samples that are read late
_SETTLE_S = 1.0  # a second counts once it is over for so long: its last samples may still be on their way


class RecentRates:
    """Samples per label in each of the last seconds, by the second in which they ended."""

    def __init__(self, most_seconds: int) -> None:
        self._most = most_seconds
        self._counts: dict[int, dict[int, int]] = {}  # second -> label -> samples

    def add(self, ended_s: IntColumn, label: IntColumn) -> None:
        """Count samples. Seconds long past are forgotten."""
        inside = ended_s < self._most
        newest = max(int(ended_s[inside].max(initial=0)), max(self._counts, default=0))
        recent = inside & (ended_s > newest - _KEPT)
        labels = int(label.max(initial=0)) + 1
        oldest = newest - _KEPT + 1
        counts = np.bincount((ended_s[recent] - oldest) * labels + label[recent])
        for key in np.flatnonzero(counts).tolist():
            behind, number = divmod(key, labels)
            of_second = self._counts.setdefault(oldest + behind, {})
            of_second[number] = of_second.get(number, 0) + int(counts[key])
        for second in [second for second in self._counts if second <= newest - _KEPT]:
            del self._counts[second]

    def per_s(self, now_s: float) -> dict[int, float]:
        """Samples per second of each label over the last whole seconds."""
        end = max(int(now_s - _SETTLE_S), 0)
        begin = max(end - WINDOW_S, 0)
        totals: dict[int, int] = {}
        for second in range(begin, end):
            for label, count in self._counts.get(second, {}).items():
                totals[label] = totals.get(label, 0) + count
        return {label: totals[label] / (end - begin) for label in sorted(totals)}
