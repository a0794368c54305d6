"""The metrics that are compared: their value in a run, and what each block of time contributes to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.comparison.windows import LabelBlocks
from perfpilot.analysis.counting.histogram import middle_of
from perfpilot.analysis.rows import IntColumn
from perfpilot.domain.measure import LabelStats
from perfpilot.domain.sample_floors import percentile_floor

Floats = NDArray[np.float64]

_LEAST_SAMPLES = 100
_LEAST_ERRORS = 10
"""With fewer the share of failed samples is known to no better than a third."""


@dataclass(frozen=True)
class Compared:
    """One metric. `percentile`: of a percentile; `time`: slower is worse and all move together."""

    name: str
    unit: str
    percentile: float = 0.0
    time: bool = False
    more_is_worse: bool = True


METRICS: Mapping[str, Compared] = {
    metric.name: metric
    for metric in (
        Compared("p50", "ms", 50.0, time=True),
        Compared("p90", "ms", 90.0, time=True),
        Compared("p95", "ms", 95.0, time=True),
        Compared("p99", "ms", 99.0, time=True),
        Compared("p99.9", "ms", 99.9, time=True),
        Compared("mean", "ms", time=True),
        Compared("max", "ms", time=True),
        Compared("error_rate", "%"),
        Compared("throughput", "/s", more_is_worse=False),
    )
}
_FIELDS = {"p99.9": "p999_ms", "mean": "mean_ms", "max": "max_ms"}


class Influence(NamedTuple):
    """What each block of time adds to the logarithm of a metric, above or below its share; sums to 0.

    None, with the reason, where a single run does not show how much of the metric is chance.
    """

    blocks: Floats | None
    because: str = ""


def value_of(stats: LabelStats, metric: Compared) -> float | None:
    """The figure of a phase, error rates in percent; None without samples."""
    if not stats.count:
        return None
    if metric.time:
        value: float | None = getattr(stats, _FIELDS.get(metric.name, f"{metric.name}_ms"))
        return value
    if metric.name == "error_rate":
        return 100 * stats.errors / stats.count
    return stats.rate_per_s * (stats.count - stats.errors) / stats.count


def rounding_of(metric: Compared, value: float) -> float:
    """How far a whole millisecond may lie from the time that it stands for, as a share of it."""
    return 0.5 / max(value, 0.5) if metric.percentile or metric.name == "max" else 0.0


def influence_of(metric: Compared, own: LabelBlocks, precision: int) -> Influence:
    """The influence of each block, to first order: of the sums that the metric is a ratio of.

    A percentile follows the share of samples above it, at the slope that the histogram has there
    (Woodruff 1952, doi:10.1080/01621459.1952.10483443).
    """
    sizes = own.times.sum(axis=1).astype(np.float64)
    samples = int(sizes.sum())
    needed = percentile_floor(metric.percentile) if metric.percentile else _LEAST_SAMPLES
    if metric.name == "max":
        return Influence(None, "one run does not show how much of a maximum is chance")
    if samples < needed:
        return Influence(None, f"{samples:,} samples lie in whole blocks of time, {needed:,} are needed")
    if metric.percentile:
        return _of_percentile(own.times, sizes, metric.percentile / 100, precision)
    if metric.name == "mean":
        return Influence(_of_mean(own.times, sizes, precision))
    errors = own.errors.astype(np.float64)
    if metric.name == "error_rate":
        failed = int(errors.sum())
        if failed < _LEAST_ERRORS:
            return Influence(None, f"{failed} failed, {_LEAST_ERRORS} are needed to compare error rates")
        return Influence((errors - failed / samples * sizes) / failed)
    good = sizes - errors
    if not good.sum():
        return Influence(None, "no sample was a success")
    return Influence((good - good.mean()) / good.sum())


def slower_share(before: IntColumn, after: IntColumn) -> float:
    """Chance that a time of `after` is longer than one of `before`, ties by half (common language effect).

    Both are samples by bucket. McGraw and Wong 1992, doi:10.1037/0033-2909.111.2.361.
    """
    width = max(len(before), len(after))
    old = np.pad(before, (0, width - len(before))).astype(np.float64)
    new = np.pad(after, (0, width - len(after))).astype(np.float64)
    below = np.cumsum(old) - old
    return float(new @ (below + old / 2) / (old.sum() * new.sum()))


def _of_mean(times: IntColumn, sizes: Floats, precision: int) -> Floats:
    middles = np.array([middle_of(bucket, precision) for bucket in range(times.shape[1])])
    sums = times @ middles
    mean = sums.sum() / sizes.sum()
    return np.asarray((sums - mean * sizes) / max(sums.sum(), 1e-9), np.float64)


def _of_percentile(times: IntColumn, sizes: Floats, share: float, precision: int) -> Influence:
    samples = sizes.sum()
    ranks = np.cumsum(times.sum(axis=0)) / samples
    bucket, part = _place(ranks, share)
    within = times[:, :bucket].sum(axis=1) + part * times[:, bucket]
    above = sizes - within
    # A step as wide as independent samples would make it: the slope over less is a matter of single samples.
    step = min(2 * math.sqrt(share * (1 - share) / samples), (1 - share) * 0.9, share * 0.9)
    low, high = (_time_at(ranks, share + way * step, precision) for way in (-1, 1))
    slope = (math.log(high) - math.log(low)) / (2 * step)
    return Influence(slope * (above - (1 - share) * sizes) / samples)


def _place(ranks: Floats, share: float) -> tuple[int, float]:
    """The bucket in which a share of all samples is reached, and how much of the bucket that takes."""
    bucket = min(int(ranks.searchsorted(share * (1 - 1e-12))), len(ranks) - 1)
    below = float(ranks[bucket - 1]) if bucket else 0.0
    width = float(ranks[bucket]) - below
    return bucket, min(max((share - below) / width, 0.0), 1.0) if width > 0 else 1.0


def _time_at(ranks: Floats, share: float, precision: int) -> float:
    """The time at which a share is reached, samples spread evenly over a bucket; 0.5 ms at least."""
    bucket, part = _place(ranks, share)
    octave = max((bucket >> precision) - 1, 0)
    low = ((bucket - (octave << precision)) << octave) - 0.5
    return max(low + part * (1 << octave), 0.5)
