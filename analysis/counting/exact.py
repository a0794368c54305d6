"""Exact counters of thresholds: two whole numbers a second, so that no histogram decides a verdict.

`part` of `whole`: for a percentile or a maximum, the samples within the limit out of all; for an error rate,
the failed ones; for a mean, the milliseconds; for Apdex, the score out of twice the samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.counting.group_sums import apdex_score
from perfpilot.analysis.counting.histogram import Histogram, count_in
from perfpilot.analysis.counting.second_series import resized
from perfpilot.analysis.counting.time_blocks import TimeBlocks
from perfpilot.analysis.rows import BoolColumn, IntColumn, Rows
from perfpilot.domain.thresholds import COUNTED_METRICS, Metric, Threshold

_FINE = 12  # whole milliseconds up to 8 s are told apart exactly

_WINDOW_BLOCKS = 2048
"""Of response times, for showing the worst window: single seconds in a run of up to half an hour."""

_COMPARE = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}


class Tally(NamedTuple):
    """What a counter holds for a stretch of seconds."""

    part: int
    whole: int  # samples
    length_s: float


class ThresholdCounters:
    """The counters of all thresholds of an attempt, by the text of the line.

    `goals` count the samples that STARTED in the steady phase; their second 0 begins with that phase.
    `aborts` count every sample by the second in which it ENDED; their second 0 begins with the load.
    """

    def __init__(self, thresholds: Sequence[Threshold], start_ms: int, most_seconds: int) -> None:
        self.start_ms = start_ms
        counted = [threshold for threshold in thresholds if threshold.metric in COUNTED_METRICS]
        self.goals = {t.text: Counter(t, most_seconds) for t in counted if not t.abort}
        self.aborts = {t.text: Counter(t, most_seconds) for t in counted if t.abort}


class Counter:
    """Counts one threshold's samples by second. What a second is, start or end, the owner decides."""

    def __init__(self, threshold: Threshold, most_seconds: int) -> None:
        self.threshold = threshold
        self._most = most_seconds
        self._parts: IntColumn = np.zeros(0, np.int64)
        self._wholes: IntColumn = np.zeros(0, np.int64)
        self.times = Histogram(_FINE)
        self._times_by_second = TimeBlocks(_WINDOW_BLOCKS)

    def add(self, second: IntColumn, rows: Rows) -> None:
        """Add samples, all of the threshold's label; seconds outside the run are left out."""
        if len(second) and (second.min() < 0 or second.max() >= self._most):
            inside = (second >= 0) & (second < self._most)
            second, rows = second[inside], rows.pick(inside)
        if not len(second):
            return
        self._reserve(int(second.max()) + 1)
        np.add.at(self._parts, second, self._parts_of(rows).astype(np.int64, copy=False))
        count_in(self._wholes, second)
        if self.threshold.metric in (Metric.PERCENTILE, Metric.MAX):
            self.times.add(rows.elapsed_ms)
            if self.threshold.over_s:
                self._times_by_second.add(second, rows.elapsed_ms)

    def tally(self, length_s: float) -> Tally:
        """Everything counted, over a phase of that length."""
        return Tally(int(self._parts.sum()), int(self._wholes.sum()), length_s)

    def by_second(self, seconds: int) -> tuple[IntColumn, IntColumn]:
        """Part and whole of each of the first seconds."""
        return resized(self._parts, seconds), resized(self._wholes, seconds)

    def windows(self, seconds: int, window_s: int) -> list[Tally]:
        """Every full window of so many seconds within the first `seconds`, stepped by one second."""
        parts, wholes = self.by_second(seconds)
        tallies = []
        if 0 < window_s <= seconds:
            part, whole = (np.cumsum(np.append(0, column)) for column in (parts, wholes))
            for begin in range(seconds - window_s + 1):
                end = begin + window_s
                tallies.append(
                    Tally(int(part[end] - part[begin]), int(whole[end] - whole[begin]), float(window_s))
                )
        return tallies

    def window_times(self, begin: int, window_s: int) -> Histogram:
        """Response times of a window, within 0.8 %: to show, not to decide. Kept for `over` lines only.

        In a run of more than half an hour they are those of the blocks of time that the window touches.
        """
        return self._times_by_second.times_between(begin, begin + window_s)

    def _parts_of(self, rows: Rows) -> IntColumn | BoolColumn:
        threshold = self.threshold
        if threshold.metric is Metric.MEAN:
            return rows.elapsed_ms
        if threshold.metric is Metric.ERROR_RATE:
            return ~rows.success
        if threshold.metric is Metric.THROUGHPUT:
            return rows.success
        if threshold.metric is Metric.APDEX:
            return apdex_score(rows, threshold.apdex_t_ms)
        # `<` and its contrary `>=` ask for samples below the limit, `<=` and `>` for those up to it.
        if threshold.operator in ("<", ">="):
            return rows.elapsed_ms < threshold.limit
        return rows.elapsed_ms <= threshold.limit

    def _reserve(self, seconds: int) -> None:
        if seconds > len(self._parts):
            room = min(max(seconds, 2 * len(self._parts), 64), self._most)
            self._parts, self._wholes = resized(self._parts, room), resized(self._wholes, room)


def holds(threshold: Threshold, tally: Tally) -> bool:
    """Whether `METRIC OPERATOR LIMIT` is true of these samples, by exact counting. Needs a sample or more.

    The percentile q of n samples is the one at rank ceil(q*n), failed samples included. It is below a limit
    exactly when that many samples are, and not below it when fewer are.
    """
    if threshold.metric in (Metric.PERCENTILE, Metric.MAX):
        within = tally.part >= rank(threshold, tally.whole)
        return within if threshold.operator in ("<", "<=") else not within
    value = figure_of(threshold, tally)
    return value is not None and threshold.holds(value)


def holds_each(threshold: Threshold, part: IntColumn, whole: IntColumn, length_s: float) -> BoolColumn:
    """`holds` of many tallies of one length at once; false where there is no sample.

    For what is looked at again in every tick of a long load: a step through its seconds would take longer
    with each of them.
    """
    if threshold.metric in (Metric.PERCENTILE, Metric.MAX):
        share = _share(threshold)
        within = part * share.denominator >= whole * share.numerator
        true = within if threshold.operator in ("<", "<=") else ~within
    else:
        if threshold.metric is Metric.THROUGHPUT:
            value = part / length_s
        else:
            value = part / np.maximum(2 * whole if threshold.metric is Metric.APDEX else whole, 1)
        true = _COMPARE[threshold.operator](value, threshold.limit)
    return np.asarray(true & (whole > 0), np.bool_)


def rank(threshold: Threshold, samples: int) -> int:
    """Rank of the order statistic that a percentile or maximum stands for: ceil(q*n), in exact fractions."""
    return math.ceil(_share(threshold) * samples)


def _share(threshold: Threshold) -> Fraction:
    percent = str(threshold.percentile) if threshold.metric is Metric.PERCENTILE else "100"
    return Fraction(percent) / 100


def figure_of(threshold: Threshold, tally: Tally) -> float | None:
    """The metric's value; None without samples, and for percentiles and maxima, whose values are not sums."""
    if threshold.metric is Metric.THROUGHPUT:
        return tally.part / tally.length_s if tally.length_s > 0 and tally.whole else None
    if not tally.whole or threshold.metric in (Metric.PERCENTILE, Metric.MAX):
        return None
    return tally.part / (2 * tally.whole if threshold.metric is Metric.APDEX else tally.whole)
