"""Threshold lines against the samples of one level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.counting.exact import Counter, Tally, figure_of, holds, rank
from perfpilot.analysis.rows import Rows, labelled
from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import TIME_METRICS, Metric, Threshold

_OF_A_LEVEL = frozenset({*TIME_METRICS, Metric.ERROR_RATE, Metric.APDEX, Metric.THROUGHPUT})
_FEW = 20
_DOUBT = 2.5  # standard deviations from the limit within which more samples are waited for
_SURE = 4.0  # standard deviations beyond the limit that end a hold early


class Against(NamedTuple):
    """A threshold at a level."""

    threshold: Threshold
    samples: int
    broken: bool
    surely: bool  # whatever the rest of the hold shows
    doubtful: bool  # so near the limit, or on so few samples, that more would help

    @property
    def words(self) -> str:
        """How it was broken."""
        return f"{self.threshold.text} was broken"


def of_a_level(thresholds: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """The lines that a single level can meet or break: no abort lines, and not what is about the whole run.

    `throughput >= X` asks for load, and every level below X would break it. Windows (`over`) are shorter
    or longer than a hold: the settled part of a hold is looked at as a whole.
    """
    return tuple(
        line
        for line in thresholds
        if not line.abort
        and line.metric in _OF_A_LEVEL
        and not (line.metric is Metric.THROUGHPUT and line.operator in (">", ">="))
    )


def against(
    line: Threshold, rows: Rows, labels: Sequence[str], span_s: float, whole_s: float
) -> Against | None:
    """One line on the settled samples of a hold, of `span_s` seconds out of `whole_s`. None without samples.

    The samples are counted exactly (`exact.holds`).
    """
    chosen = labelled(rows, labels, lambda label: label == line.label) if line.label else rows
    if not chosen.size or span_s <= 0:
        return None
    counter = Counter(line, 1)
    counter.add(np.zeros(chosen.size, np.int64), chosen)
    tally = counter.tally(span_s)
    broken = not holds(line, tally)
    deviations = _deviations(line, tally)
    few = tally.whole < samples_needed(line)
    clear = broken and tally.whole >= _FEW and abs(deviations) > _SURE
    surely = clear and _surely(line, tally, max(whole_s / span_s, 1.0))
    return Against(line, tally.whole, broken, surely, few or abs(deviations) < _DOUBT)


def _surely(line: Threshold, tally: Tally, times: float) -> bool:
    """Whether it stays broken though every sample to come, up to `times` as many in all, were a good one."""
    expected = math.ceil(tally.whole * times)
    if line.metric is Metric.PERCENTILE and line.operator in ("<", "<="):
        return tally.whole - tally.part > expected - rank(line, expected)
    if line.metric is Metric.ERROR_RATE:
        return not line.holds(tally.part / expected)
    return line.metric is Metric.MAX and line.operator in ("<", "<=")


def _deviations(line: Threshold, tally: Tally) -> float:
    """How far from the limit, in standard deviations of the count; infinite where that is not known."""
    if line.metric is Metric.PERCENTILE:
        share, expected = tally.part / tally.whole, line.percentile / 100
    elif line.metric is Metric.ERROR_RATE:
        share, expected = figure_of(line, tally) or 0.0, line.limit
    else:
        return math.inf
    spread = math.sqrt(max(expected * (1 - expected), 1e-9) / tally.whole)
    return (share - expected) / spread
