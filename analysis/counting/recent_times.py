"""Response times and errors of the last seconds, for alerts. The live table's are of the whole run so far.

For each of the last seconds one log-bucket histogram a label, successes and failures apart. Memory is
bounded by the labels of the plan and the buckets; a batch costs one `bincount`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.counting.histogram import Histogram, bucket_of
from perfpilot.analysis.rows import IntColumn, Rows, labelled
from perfpilot.domain.labels import is_measured

WINDOW_S = 5
LONGEST_WINDOW_S = 15  # where the last 5 s hold too few samples for a figure
LEAST = {"error_rate": 5, "p50": 5, "p95": 20, "p99": 50}
"""Samples that a figure needs. With fewer even in the longest window there is none."""

SETTLE_S = 1  # a second counts once it is over for so long: its last samples may still be on their way
_KEPT_S = LONGEST_WINDOW_S + SETTLE_S + 2
_AHEAD_S = 2  # JMeter's clock is ours; a time further ahead is damage
_PRECISION = 5  # 32 buckets an octave: within 1.6 %
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Recent(NamedTuple):
    """The last seconds of one label, or of all. A figure without enough samples is None."""

    samples: int  # in the last `WINDOW_S`
    errors: int
    throughput_per_s: float | None  # successes; None before the first whole window
    error_rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class RecentFigures(NamedTuple):
    """All measured labels pooled, and each label that had samples."""

    pooled: Recent
    labels: dict[str, Recent]


class RecentTimes:
    """Fed with the rows of one reader, whose `labels` (the list itself) it reads.

    `start_ms` is the epoch time at which the load began; `now_ms` that of the call.
    """

    def __init__(self, start_ms: int, labels: Sequence[str]) -> None:
        self._start_ms = start_ms
        self._labels = labels
        self._seconds: dict[int, IntColumn] = {}  # second -> counts by label, success, bucket

    def add(self, rows: Rows, now_ms: int) -> None:
        """Count samples by the second in which they ended. What is long past is left out and forgotten."""
        now_s = (now_ms - self._start_ms) // 1000
        for second in [second for second in self._seconds if second <= now_s - _KEPT_S]:
            del self._seconds[second]
        rows = labelled(rows, self._labels, is_measured)
        ended_s = (rows.start_ms + rows.elapsed_ms - self._start_ms) // 1000
        recent = (ended_s >= 0) & (ended_s > now_s - _KEPT_S) & (ended_s <= now_s + _AHEAD_S)
        if not recent.any():
            return
        ended_s, rows = ended_s[recent], rows.pick(recent)
        first = int(ended_s.min())
        bucket = bucket_of(rows.elapsed_ms, _PRECISION)
        seconds, labels = int(ended_s.max()) - first + 1, int(rows.label.max()) + 1
        buckets = int(bucket.max()) + 1
        key = ((ended_s - first) * labels + rows.label) * 2 + rows.success
        counts = np.bincount(key * buckets + bucket, minlength=seconds * labels * 2 * buckets)
        for offset, found in enumerate(counts.reshape(seconds, labels, 2, buckets)):
            self._include(first + offset, found)

    def figures(self, now_ms: int) -> RecentFigures:
        """The figures over the last whole seconds."""
        end = (now_ms - self._start_ms) // 1000 - SETTLE_S
        short, longest = (self._sum(end - length, end) for length in (WINDOW_S, LONGEST_WINDOW_S))
        whole = end >= WINDOW_S
        return RecentFigures(
            pooled=_recent(short.sum(axis=0), longest.sum(axis=0), whole),
            labels={
                self._labels[number]: _recent(short[number], longest[number], whole)
                for number in np.flatnonzero(longest.any(axis=(1, 2))).tolist()
            },
        )

    def _include(self, second: int, found: IntColumn) -> None:
        known = self._seconds.get(second)
        if known is None:
            self._seconds[second] = found.copy()
            return
        shape = tuple(max(pair) for pair in zip(known.shape, found.shape, strict=True))
        if known.shape != shape:
            known = self._seconds[second] = _grown(known, shape)
        known[: found.shape[0], :, : found.shape[2]] += found

    def _sum(self, begin: int, end: int) -> IntColumn:
        parts = [counts for second, counts in self._seconds.items() if begin <= second < end]
        every = list(self._seconds.values())  # both windows have one shape
        shape = tuple(max((part.shape[axis] for part in every), default=1) for axis in range(3))
        total = np.zeros((shape[0], 2, shape[2]), np.int64)
        for part in parts:
            total[: part.shape[0], :, : part.shape[2]] += part
        return total


def _recent(short: IntColumn, longest: IntColumn, whole: bool) -> Recent:
    """Of counts by success and bucket: each figure from the short window if that holds enough."""
    few, many = (Histogram(_PRECISION, window.sum(axis=0)) for window in (short, longest))

    def window(figure: str) -> tuple[IntColumn, Histogram] | None:
        if few.size >= LEAST[figure]:
            return short, few
        return (longest, many) if many.size >= LEAST[figure] else None

    def quantile(figure: str) -> float | None:
        found = window(figure)
        return found[1].quantile(_QUANTILES[figure]) if found else None

    rated = window("error_rate")
    return Recent(
        samples=few.size,
        errors=int(short[0].sum()),
        throughput_per_s=int(short[1].sum()) / WINDOW_S if whole else None,
        error_rate=int(rated[0][0].sum()) / rated[1].size if rated else None,
        p50_ms=quantile("p50"),
        p95_ms=quantile("p95"),
        p99_ms=quantile("p99"),
    )


def _grown(counts: IntColumn, shape: tuple[int, ...]) -> IntColumn:
    grown = np.zeros(shape, np.int64)
    grown[: counts.shape[0], :, : counts.shape[2]] = counts
    return grown
