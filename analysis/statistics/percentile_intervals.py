"""Where the percentiles of a phase lie with 95 % confidence, from histograms by block of time.

The share of samples below a percentile has an interval (`ratio_error`), and the percentiles at its two ends
are the interval of the percentile (Woodruff 1952, doi:10.1080/01621459.1952.10483443). So it goes along with
a lopsided tail and reaches across a gap between two kinds of answers. Nothing is drawn at random.

It speaks of chance within the run: not of what the next run would show, and not of what is so rare that this
one never saw it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.counting.time_blocks import TimeBlock
from perfpilot.analysis.figures import figure
from perfpilot.analysis.statistics.ratio_error import share_half_width
from perfpilot.domain.measure import PercentileInterval
from perfpilot.domain.sample_floors import percentile_floor

PERCENTILES = (50.0, 90.0, 95.0, 99.0)

LEAST_S = 300.0
"""Seconds with samples that an interval needs: in less, one minute may be too much like the next."""

_ALMOST = 0.95
"""A load of five minutes may end some seconds early."""

_LEAST_BLOCKS = 12
_FARTHEST = 1 / 10
"""No interval goes farther than where a tenth of the samples beyond the percentile are left, as p99.9 for
p99: there is such a sample, by the floors of `sample_floors`. A tail that a few bursts made reaches there. To
give no interval instead would leave the runs that by chance met few bursts: one in three of these missed the
truth in a simulation."""

_TOO_SHORT = "too short for an interval"


class Intervals(NamedTuple):
    """The intervals there are, and why others are missing (empty: none is)."""

    intervals: tuple[PercentileInterval, ...] = ()
    no_interval: str = ""


def percentile_intervals(
    blocks: Sequence[TimeBlock], times: Histogram, from_s: float, to_s: float
) -> Intervals:
    """Intervals of p50, p90, p95 and p99 of the phase from `from_s` to `to_s`, whose samples are `times`.

    `blocks` are of one length and in order; those that lie wholly within the phase and have samples count.
    The coverage was simulated for phases of five minutes and more: at least 90 % for these nominal 95 %
    (`benchmarks/interval_coverage.py`).
    """
    used = [block for block in blocks if from_s <= block.from_s and block.to_s <= to_s and block.times.size]
    if not times.size or not used:
        return Intervals(no_interval=f"{_TOO_SHORT}: no sample was measured")
    block_s = used[0].to_s - used[0].from_s
    phase_s, length_s = to_s - from_s, block_s * len(used)
    if phase_s < LEAST_S * _ALMOST or length_s < LEAST_S * _ALMOST - 2 * block_s:
        spent = f"{phase_s if phase_s < LEAST_S * _ALMOST else length_s:g} s"
        return Intervals(no_interval=f"{_TOO_SHORT}: {spent} with samples, {LEAST_S:g} s are needed")
    if len(used) < _LEAST_BLOCKS:
        return Intervals(
            no_interval=f"{_TOO_SHORT}: {len(used)} blocks of time in the phase, {_LEAST_BLOCKS} are needed; "
            "it has to be a larger part of the run"
        )
    counts = _below([block.times for block in used])
    found: list[PercentileInterval] = []
    missing: list[str] = []
    for percentile in PERCENTILES:
        interval = _interval(percentile, counts, times, length_s)
        if isinstance(interval, PercentileInterval):
            found.append(interval)
        else:
            missing.append(f"p{percentile:g} {interval}")
    return Intervals(tuple(found), f"{_TOO_SHORT}: {'; '.join(missing)}" if missing else "")


def _interval(
    percentile: float, below: NDArray[np.int64], times: Histogram, length_s: float
) -> PercentileInterval | str:
    """The interval, or what it lacks. `below`: by block and bucket, the samples up to that bucket."""
    needed = percentile_floor(percentile)
    if times.size < needed:
        longer = figure(math.ceil(length_s * needed / times.size), "s")
        return f"has {times.size:,} of {needed:,} samples, which take {longer}"
    share = percentile / 100
    parts, wholes = _shares(below, share)
    half = share_half_width(parts, wholes, length_s, share)
    low = _at(times, max(share - half, share * _FARTHEST))[0]
    high = _at(times, min(share + half, 1 - (1 - share) * _FARTHEST))[1]
    return PercentileInterval(percentile=percentile, low_ms=low, high_ms=high)


def _below(times: Sequence[Histogram]) -> NDArray[np.int64]:
    counts = np.zeros((len(times), max(len(each.counts) for each in times)), np.int64)
    for row, each in zip(counts, times, strict=True):
        row[: len(each.counts)] = each.counts
    return np.cumsum(counts, axis=1)


def _shares(below: NDArray[np.int64], share: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each block, the samples below the percentile of all, and all its samples.

    Of the bucket in which the percentile lies, each block's samples count by the same fraction, so that the
    parts sum to `share` of the whole.
    """
    pooled = below.sum(axis=0)
    wanted = share * float(pooled[-1])
    bucket = int(pooled.searchsorted(wanted))
    under = below[:, bucket - 1] if bucket else np.zeros(len(below), np.int64)
    inside = below[:, bucket] - under
    fraction = (wanted - float(under.sum())) / float(inside.sum())
    return under + fraction * inside, below[:, -1].astype(np.float64)


def _at(times: Histogram, share: float) -> tuple[float, float]:
    """The least and the largest value in the bucket at that share of all samples."""
    ranks = np.cumsum(times.counts)
    bucket = int(ranks.searchsorted(math.ceil(share * float(ranks[-1]))))
    octave = max((bucket >> times.precision) - 1, 0)
    low = (bucket - (octave << times.precision)) << octave
    return float(low), float(low + (1 << octave) - 1)
