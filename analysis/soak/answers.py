"""Answers over the time of a steady load, in blocks: percentiles of each label, and failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.comparison.windows import RunWindows
from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.counting.time_blocks import TimeBlock
from perfpilot.analysis.soak.climb import Blocks, blocks_of
from perfpilot.analysis.soak.dependent_slope import LEAST_VALUES
from perfpilot.analysis.statistics.robust_slope import Floats
from perfpilot.domain.measure import Series

_PERCENTILES = (("p50", 0.5, 20), ("p95", 0.95, 200))
"""With the samples that a block must have: so many that ten lie beyond."""

_LEAST_MS = 1.0  # response times are whole milliseconds
_LEAST_SHARE = 0.10
_LEAST_ERRORS = 0.5  # percentage points
_KNOWN = 2 / 3


class Answers(NamedTuple):
    """One metric of a label (empty: all pooled) in blocks of time, and the growth that is worth telling."""

    label: str
    metric: str
    unit: str
    blocks: Blocks
    least: float


def answers_of(
    series: Series, times: Mapping[str, Sequence[TimeBlock]], from_s: float, to_s: float
) -> list[Answers]:
    """What there is of answers between two moments.

    `times`: response times by block of time, by label; may be empty.
    """
    found = _pooled(series, from_s, to_s) if "" not in times else []
    for label in sorted(times):
        inside = [block for block in times[label] if block.from_s >= from_s and block.to_s <= to_s]
        for metric, q, samples in _PERCENTILES:
            found += _made(label, metric, "ms", _quantiles(inside, q, samples))
    return found + _made("", "error_rate", "%", _error_rates(series, from_s, to_s))


def label_times(windows: RunWindows) -> dict[str, tuple[TimeBlock, ...]]:
    """The response times of every label by block of time, from the record that is kept of a run."""
    return {
        label: tuple(
            TimeBlock(
                windows.from_s + windows.block_s * number,
                windows.from_s + windows.block_s * (number + 1),
                Histogram(windows.precision, counts),
            )
            for number, counts in enumerate(blocks.times)
        )
        for label, blocks in windows.labels.items()
    }


def _pooled(series: Series, from_s: float, to_s: float) -> list[Answers]:
    """Of each minute, the median of its seconds' percentiles: close to the percentile of the minute."""
    seconds = _middles(len(series.p50_ms))
    return [
        answers
        for metric, values in (("p50", series.p50_ms), ("p95", series.p95_ms))
        for answers in _made("", metric, "ms", blocks_of(seconds, values, from_s, to_s, np.median))
    ]


def _made(label: str, metric: str, unit: str, blocks: Blocks | None) -> list[Answers]:
    if blocks is None:
        return []
    level = float(np.median(blocks.values))
    least = _LEAST_ERRORS if unit == "%" else max(_LEAST_MS, _LEAST_SHARE * level)
    return [Answers(label, metric, unit, blocks, least)]


def _quantiles(blocks: Sequence[TimeBlock], q: float, samples: int) -> Blocks | None:
    known = [
        (step, value)
        for step, block in enumerate(blocks)
        if block.times.size >= samples and (value := block.times.quantile(q)) is not None
    ]
    if len(known) < max(LEAST_VALUES, _KNOWN * len(blocks)):
        return None
    return Blocks(
        blocks[0].from_s,
        blocks[0].to_s - blocks[0].from_s,
        np.array([step for step, _ in known], dtype=np.int64),
        np.array([value for _, value in known], dtype=np.float64),
    )


def _error_rates(series: Series, from_s: float, to_s: float) -> Blocks | None:
    seconds = _middles(len(series.samples))
    samples = blocks_of(seconds, series.samples, from_s, to_s, np.sum)
    errors = blocks_of(seconds, series.errors, from_s, to_s, np.sum)
    if samples is None or errors is None or not samples.values.all():
        return None
    return errors._replace(values=100 * errors.values / samples.values)


def _middles(seconds: int) -> Floats:
    return np.arange(seconds, dtype=np.float64) + 0.5
