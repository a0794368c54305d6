"""Whether the uncertainty of a figure reaches across its limit: such a threshold is marginal."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from perfpilot.analysis.exact import Counter
from perfpilot.domain.thresholds import Metric, Threshold

_BLOCKS = 20
_T_19 = 2.093  # Student's t, 19 degrees of freedom, two-sided 95 %


def straddles(threshold: Threshold, counter: Counter, seconds: int) -> bool:
    """Whether a 95 % interval of the metric over the first `seconds` contains the limit.

    The steady phase is cut into 20 blocks, and the ratio part/whole gets the variance of a ratio estimator
    over them: response times of neighbouring seconds are alike, and an interval from independent samples
    covered the truth in 32 % of simulated runs instead of 95 %. Blocks of 30 s reached 79 %: this speaks of
    chance within the run, not of what the next run would show. A percentile is compared as the share of
    samples within its limit. False for a maximum, and for less than 20 s.
    """
    if seconds < _BLOCKS or threshold.metric is Metric.MAX:
        return False
    part, whole = counter.by_second(seconds)
    edges = np.linspace(0, seconds, _BLOCKS + 1).astype(np.int64)
    parts = np.add.reduceat(part, edges[:-1]).astype(np.float64)
    wholes = np.add.reduceat(whole, edges[:-1]).astype(np.float64)
    if threshold.metric is Metric.THROUGHPUT:
        wholes = np.diff(edges).astype(np.float64)
    if not wholes.sum():
        return False
    ratio = parts.sum() / wholes.sum()
    spread = np.sqrt(_BLOCKS / (_BLOCKS - 1) * np.square(parts - ratio * wholes).sum()) / wholes.sum()
    return bool(abs(ratio - _limit_as_ratio(threshold)) < _T_19 * spread)


def _limit_as_ratio(threshold: Threshold) -> float:
    if threshold.metric is Metric.PERCENTILE:
        return float(Fraction(str(threshold.percentile)) / 100)
    return threshold.limit * (2 if threshold.metric is Metric.APDEX else 1)
