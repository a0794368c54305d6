"""Whether the uncertainty of a figure reaches across its limit: such a threshold is marginal."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from perfpilot.analysis.counting.exact import Counter
from perfpilot.analysis.statistics.ratio_error import half_width, share_half_width
from perfpilot.domain.thresholds import Metric, Threshold

_LEAST_S = 20


def reach(threshold: Threshold, counter: Counter, seconds: int) -> float:
    """Half the width of a 95 % interval of the metric over the distance of its value to the limit.

    Above 1 the interval contains the limit; infinite where the value lies on it. As a width shrinks with the
    square root of the time, a run `reach ** 2` times as long would have an interval that just does not. That
    is a rough guess: in a short run the width itself is uncertain.

    The interval is that of `ratio_error`, over the seconds of the steady phase: response times of
    neighbouring seconds are alike, and an interval from independent samples covered the truth in 32 % of
    simulated runs instead of 95 %. It speaks of chance within the run, not of what the next run would show.
    A percentile is compared as the share of samples within its limit. 0 for a maximum, for less than 20 s,
    and where no second differs from another: there is no interval.
    """
    if seconds < _LEAST_S or threshold.metric is Metric.MAX:
        return 0.0
    part, whole = (column.astype(np.float64) for column in counter.by_second(seconds))
    if threshold.metric is Metric.THROUGHPUT:
        whole = np.ones(seconds)
    if not whole.sum():
        return 0.0
    ratio = float(part.sum() / whole.sum())
    limit = _limit_as_ratio(threshold)
    if threshold.metric in (Metric.PERCENTILE, Metric.ERROR_RATE):
        half = share_half_width(part, whole, float(seconds), limit)
    else:
        half = half_width(part, whole, float(seconds))
    distance = abs(ratio - limit)
    if not half:
        return 0.0
    return half / distance if distance else math.inf


def _limit_as_ratio(threshold: Threshold) -> float:
    if threshold.metric is Metric.PERCENTILE:
        return float(Fraction(str(threshold.percentile)) / 100)
    return threshold.limit * (2 if threshold.metric is Metric.APDEX else 1)
