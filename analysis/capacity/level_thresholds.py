"""Thresholds at one level, decided by exact counting, with how far chance may have moved them.

That is 95 % for the mean over blocks of time, t / sqrt(n) standard deviations of the blocks, half as wide
again: response times of neighbouring blocks are alike. It speaks of what differs within the hold alone;
that a whole hold may bring more or less work by chance is seen to in `judged`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from perfpilot.analysis.capacity.level_counts import LevelCount, ThresholdCount
from perfpilot.analysis.counting.exact import Tally, figure_of, holds
from perfpilot.analysis.counting.time_blocks import TimeBlock
from perfpilot.analysis.search.growth import FloatColumn
from perfpilot.analysis.thresholds.counted import value_of
from perfpilot.analysis.thresholds.uncounted import decide_cpu
from perfpilot.domain.capacity import LevelThreshold
from perfpilot.domain.judgement import Decision
from perfpilot.domain.measure import ResourceSeries
from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import TIME_METRICS, Metric, Threshold

_LEAST_BLOCKS = 4
_IN_BLOCK = 8  # samples, for a figure of its own
_SURELY = 4.0  # standard deviations from the limit that settle a breach on few samples
_FEW = 20
_ALIKE = 1.5
_T_975 = {
    3: 3.182,
    4: 2.776,
    5: 2.571,
    6: 2.447,
    7: 2.365,
    8: 2.306,
    9: 2.262,
    11: 2.201,
    13: 2.16,
    15: 2.131,
}
"""Student's t by degrees of freedom, two-sided 95 %."""


def at_level(level: LevelCount, counted: ThresholdCount) -> LevelThreshold:
    """A counted threshold at a level. Undecided below the floor of its metric, but for a breach that is
    beyond doubt on the samples there are."""
    line = counted.counter.threshold
    tally = counted.counter.tally(level.span.seconds)
    if not tally.whole:
        return _undecided(line, "no sample")
    value = value_of(line, tally, counted.counter.times)
    good, needed = holds(line, tally), samples_needed(line)
    if tally.whole < needed and (good or not _surely_broken(line, tally)):
        return _undecided(line, f"{tally.whole:,} samples are too few, {needed:,} are needed", value)
    best, worst = _reach(line, counted, level, value)
    other = worst if good else best
    return LevelThreshold(
        text=line.text,
        limit=line.limit,
        unit=line.unit(),
        met=good,
        sure=other is not None and line.holds(other) == good,
        value=value,
        best=best,
        worst=worst,
    )


def slowness(level: LevelCount, limit_ms: float) -> LevelThreshold | None:
    """A p95 of all samples against a bound that no line names. None: too few samples to say."""
    value = level.times.quantile(0.95)
    if value is None or level.samples < _FEW:
        return None
    half = spread(np.log(np.maximum([_quantile(b, 0.95) for b in _whole(level.blocks, level)], 1.0)))
    best, worst = (None, None) if half is None else (value * math.exp(-half), value * math.exp(half))
    met = value <= limit_ms
    other = worst if met else best
    sure = other is not None and (other <= limit_ms) == met
    text = f"p95 <= {limit_ms:.0f}ms"
    return LevelThreshold(
        text=text, limit=limit_ms, unit="ms", met=met, sure=sure, value=value, best=best, worst=worst
    )


def cpu_at_level(
    line: Threshold, resources: Sequence[ResourceSeries], from_s: float, to_s: float, scale: float
) -> LevelThreshold:
    """A threshold on a processor, by the readings while the level was held."""
    result = decide_cpu(line, resources, from_s, to_s, scale, "")
    if result.decision is Decision.UNDECIDED or result.value is None:
        return _undecided(line, result.reason)
    value, met = result.value / 100, result.decision is Decision.MET
    return LevelThreshold(
        text=line.text,
        limit=line.limit,
        unit=line.unit(),
        met=met,
        sure=True,
        value=value,
        best=value,
        worst=value,
    )


def _undecided(line: Threshold, why: str, value: float | None = None) -> LevelThreshold:
    reason = f"{line.text}: {why}"
    return LevelThreshold(text=line.text, limit=line.limit, unit=line.unit(), value=value, reason=reason)


def spread(values: FloatColumn) -> float | None:
    """Half the width of a 95 % interval of the mean of values that follow each other. None: too few."""
    n = len(values)
    if n < _LEAST_BLOCKS:
        return None
    t = _T_975[max(freedom for freedom in _T_975 if freedom <= n - 1)]
    return float(t * np.std(values, ddof=1) * _ALIKE / math.sqrt(n))


def _reach(
    line: Threshold, counted: ThresholdCount, level: LevelCount, value: float | None
) -> tuple[float | None, float | None]:
    """The figure at its best and at its worst, as the blocks of the hold scatter. Times on a log scale."""
    values = _by_block(line, counted, level)
    times = line.metric in TIME_METRICS
    if value is None or (times and (values <= 0).any()):
        return value, value
    half = spread(np.log(values) if times else values)
    if half is None:
        return None, None
    low, high = (value * math.exp(-half), value * math.exp(half)) if times else (value - half, value + half)
    return (low, high) if line.operator in ("<", "<=") else (high, low)


def _by_block(line: Threshold, counted: ThresholdCount, level: LevelCount) -> FloatColumn:
    if line.metric in TIME_METRICS:
        share = 1.0 if line.metric is Metric.MAX else line.percentile / 100 or 0.5
        return np.array([_quantile(block, share) for block in _whole(counted.blocks, level)])
    seconds = math.floor(level.span.seconds + 1e-9)
    length = max(math.ceil(seconds / 8), 1)
    parts, wholes = counted.counter.by_second(seconds // length * length)
    tallies = zip(
        parts.reshape(-1, length).sum(axis=1).tolist(),
        wholes.reshape(-1, length).sum(axis=1).tolist(),
        strict=True,
    )
    figures = [figure_of(line, Tally(part, whole, float(length))) for part, whole in tallies]
    return np.array([figure for figure in figures if figure is not None])


def _whole(blocks: Sequence[TimeBlock], level: LevelCount) -> list[TimeBlock]:
    """The blocks that lie within the span for the most part and have samples enough for a figure."""
    return [
        block
        for block in blocks
        if (block.from_s + block.to_s) / 2 <= level.span.seconds and block.times.size >= _IN_BLOCK
    ]


def _quantile(block: TimeBlock, share: float) -> float:
    return block.times.quantile(share) or 0.0


def _surely_broken(line: Threshold, tally: Tally) -> bool:
    """Whether few samples break it by more than chance."""
    if tally.whole < _FEW or line.operator not in ("<", "<="):
        return line.metric is Metric.MAX
    if line.metric is Metric.PERCENTILE:
        over, allowed = 1 - tally.part / tally.whole, 1 - line.percentile / 100
    elif line.metric is Metric.ERROR_RATE:
        over, allowed = tally.part / tally.whole, line.limit
    else:
        return line.metric is Metric.MAX
    return over - allowed > _SURELY * math.sqrt(max(allowed * (1 - allowed), 1e-9) / tally.whole)
