"""Counting a load level by level while its samples stream past, exactly and in bounded memory.

A sample speaks for the level at which it BEGAN. What the target completed goes by the moment at which a
sample ENDED. Both may come in any order and in any pieces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.capacity.spans import LevelSpan
from perfpilot.analysis.counting.exact import Counter
from perfpilot.analysis.counting.histogram import Histogram, HistogramTable, middle_of
from perfpilot.analysis.counting.time_blocks import TimeBlock, TimeBlocks
from perfpilot.analysis.rows import BoolColumn, IntColumn, Rows, labelled
from perfpilot.analysis.search.level_thresholds import of_a_level
from perfpilot.domain.labels import is_measured
from perfpilot.domain.thresholds import TIME_METRICS, Threshold

BLOCKS = 16
"""Stretches of a hold that are told apart, at most: enough to see its figures scatter."""

_FINE = 7  # 128 buckets an octave: within 0.4 %
_BIN_MS = 100  # completions are counted so finely


@dataclass(frozen=True)
class ThresholdCount:
    """The samples of one threshold at one level."""

    counter: Counter  # second 0 is the begin of the span
    blocks: tuple[TimeBlock, ...]  # response times of its label by block; empty for other metrics


@dataclass(frozen=True)
class LevelCount:
    """Everything that is known of one level."""

    span: LevelSpan
    samples: int
    errors: int
    elapsed_s: float  # of all samples together
    times: Histogram
    blocks: tuple[TimeBlock, ...]
    began: IntColumn  # samples that began, by tenths of a second
    completed: IntColumn  # successes that ended, by tenths of a second
    variation: float | None  # squared coefficient of variation of a response time, within labels
    thresholds: tuple[ThresholdCount, ...]

    def completed_per_s(self, from_s: float = 0.0, to_s: float = math.inf) -> float | None:
        """Successes per second within the span: the slope of their number over time, through all of them.

        A line is exact also where slots end in bunches, which a plain count is not. None: too few.
        """
        bins = len(self.completed)
        first, end = round(from_s * 1000 / _BIN_MS), round(min(to_s * 1000 / _BIN_MS, bins))
        chosen = self.completed[first:end]
        if len(chosen) < 2 or chosen.sum() < _FEWEST:
            return None
        at = np.arange(len(chosen) + 1) * (_BIN_MS / 1000)
        number = np.concatenate([[0.0], np.cumsum(chosen)])
        return float(np.polyfit(at, number, 1)[0])


_FEWEST = 12
_WINSOR = 0.975


class LevelCounts:
    """Fed with the rows of one reader, whose list of labels it reads. `start_ms`: when the load began."""

    def __init__(
        self,
        spans: Sequence[LevelSpan],
        thresholds: Sequence[Threshold],
        start_ms: int,
        labels: Sequence[str],
    ) -> None:
        self._start_ms = start_ms
        self._labels = labels
        self._levels = [_Level(span, of_a_level(thresholds)) for span in spans]
        self._begins = np.array([round(span.from_s * 1000) for span in spans], np.int64)
        self._ends = np.array([round(span.to_s * 1000) for span in spans], np.int64)

    def add(self, rows: Rows) -> None:
        """Take samples in."""
        if not self._levels or not rows.size:
            return
        rows = labelled(rows, self._labels, is_measured)
        began = rows.start_ms - self._start_ms
        for level, at in self._parts(began):
            self._levels[level].add(rows.pick(at), began[at] - self._begins[level], self._labels)
        ended = began + rows.elapsed_ms
        good = rows.success
        for level, at in self._parts(ended):
            self._levels[level].completed(ended[at][good[at]] - self._begins[level])

    def levels(self) -> tuple[LevelCount, ...]:
        """What was counted, in order of time."""
        return tuple(level.count() for level in self._levels)

    def _parts(self, at_ms: IntColumn) -> list[tuple[int, IntColumn]]:
        """The samples of each level that has any, by their index."""
        if not len(at_ms):
            return []
        level = self._begins.searchsorted(at_ms, "right") - 1
        level[at_ms >= self._ends[level]] = -1  # before the first level it is -1 already: nothing ends there
        present = np.unique(level)
        return [(n, np.flatnonzero(level == n)) for n in present.tolist() if n >= 0]


class _Level:
    def __init__(self, span: LevelSpan, thresholds: Sequence[Threshold]) -> None:
        self._span = span
        self._most = math.ceil(span.seconds) + 1
        self._samples = self._errors = self._elapsed_ms = 0
        self._times = Histogram(_FINE)
        self._labels = HistogramTable(_FINE)
        self._blocks = TimeBlocks(BLOCKS, _FINE)
        bins = math.ceil(span.seconds * 1000 / _BIN_MS)
        self._began: IntColumn = np.zeros(bins, np.int64)
        self._completed: IntColumn = np.zeros(bins, np.int64)
        self._counters = [Counter(line, self._most) for line in thresholds]
        self._by_label = {line.label: TimeBlocks(BLOCKS, _FINE) for line in thresholds if line.label}

    def add(self, rows: Rows, began_ms: IntColumn, labels: Sequence[str]) -> None:
        second = began_ms // 1000
        self._began += _binned(began_ms, len(self._began))
        self._samples += rows.size
        self._errors += int((~rows.success).sum())
        self._elapsed_ms += int(rows.elapsed_ms.sum())
        self._times.add(rows.elapsed_ms)
        self._labels.add(rows.label, rows.elapsed_ms)
        self._blocks.add(second, rows.elapsed_ms)
        for label, blocks in self._by_label.items():
            named = _named(rows, labels, label)
            blocks.add(second[named], rows.elapsed_ms[named])
        for counter in self._counters:
            label = counter.threshold.label
            if label:
                named = _named(rows, labels, label)
                counter.add(second[named], rows.pick(named))
            else:
                counter.add(second, rows)

    def completed(self, ended_ms: IntColumn) -> None:
        self._completed += _binned(ended_ms, len(self._completed))

    def count(self) -> LevelCount:
        return LevelCount(
            span=self._span,
            samples=self._samples,
            errors=self._errors,
            elapsed_s=self._elapsed_ms / 1000,
            times=self._times,
            blocks=self._blocks.blocks(),
            began=self._began.copy(),
            completed=self._completed.copy(),
            variation=self._variation(),
            thresholds=tuple(ThresholdCount(c, self._of(c.threshold)) for c in self._counters),
        )

    def _variation(self) -> float | None:
        tables = [self._labels.row(label) for label in range(self._labels.rows)]
        return variation([table for table in tables if table.size])

    def _of(self, line: Threshold) -> tuple[TimeBlock, ...]:
        if line.metric not in TIME_METRICS:
            return ()
        return (self._by_label[line.label] if line.label else self._blocks).blocks()


def _binned(at_ms: IntColumn, bins: int) -> IntColumn:
    return np.bincount(np.minimum(at_ms // _BIN_MS, bins - 1), minlength=bins)


def _named(rows: Rows, labels: Sequence[str], label: str) -> BoolColumn:
    chosen: BoolColumn = rows.label == (labels.index(label) if label in labels else -1)
    return chosen


def variation(times: Sequence[Histogram]) -> float | None:
    """How much the response times of a label differ, as variance / mean^2 over all labels together.

    The slowest 2.5 % of a label count as the next slower: a pause of the machine is no work. None: too few.
    """
    whole = squares = total = 0.0
    for table in times:
        n = table.size
        if n < _FEWEST:
            continue
        used = np.flatnonzero(table.counts)
        values = np.array([middle_of(bucket, table.precision) for bucket in used.tolist()])
        values = np.minimum(values, table.quantile(_WINSOR) or 0.0)
        weights = table.counts[used]
        mean = float(np.average(values, weights=weights))
        squares += float(np.sum(weights * (values - mean) ** 2))
        total += mean * n
        whole += n
    return squares / whole / (total / whole) ** 2 if total else None
