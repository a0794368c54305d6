"""Whether the uncertainty of a figure reaches across its limit: such a threshold is marginal."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from perfpilot.analysis.exact import Counter
from perfpilot.domain.thresholds import Metric, Threshold

_BLOCKS = 20
_T_19 = 2.093  # Student's t, 19 degrees of freedom, two-sided 95 %


def reach(threshold: Threshold, counter: Counter, seconds: int) -> float:
    """Half the width of a 95 % interval of the metric over the distance of its value to the limit.

    Above 1 the interval contains the limit; infinite where the value lies on it. As a width shrinks with
    the square root of the time, a run `reach ** 2` times as long would have an interval that just does not.

    The steady phase is cut into 20 blocks, and the ratio part/whole gets the variance of a ratio estimator
    over them: response times of neighbouring seconds are alike, and an interval from independent samples
    covered the truth in 32 % of simulated runs instead of 95 %. Blocks of 30 s reached 79 %: this speaks of
    chance within the run, not of what the next run would show. A percentile is compared as the share of
    samples within its limit. 0 for a maximum, and for less than 20 s: there is no interval.
    """
    if seconds < _BLOCKS or threshold.metric is Metric.MAX:
        return 0.0
    part, whole = counter.by_second(seconds)
    edges = np.linspace(0, seconds, _BLOCKS + 1).astype(np.int64)
    parts = np.add.reduceat(part, edges[:-1]).astype(np.float64)
    wholes = np.add.reduceat(whole, edges[:-1]).astype(np.float64)
    if threshold.metric is Metric.THROUGHPUT:
        wholes = np.diff(edges).astype(np.float64)
    if not wholes.sum():
        return 0.0
    ratio = parts.sum() / wholes.sum()
    spread = np.sqrt(_BLOCKS / (_BLOCKS - 1) * np.square(parts - ratio * wholes).sum()) / wholes.sum()
    distance = abs(ratio - _limit_as_ratio(threshold))
    if not spread:
        return 0.0
    return float(_T_19 * spread / distance) if distance else math.inf


def _limit_as_ratio(threshold: Threshold) -> float:
    if threshold.metric is Metric.PERCENTILE:
        return float(Fraction(str(threshold.percentile)) / 100)
    return threshold.limit * (2 if threshold.metric is Metric.APDEX else 1)
