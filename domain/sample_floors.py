"""How many samples a metric needs before anything is decided by it."""

from __future__ import annotations

import math

from perfpilot.domain.thresholds import COUNTED_METRICS, Metric, Threshold

_BEYOND_RANK = 10  # samples above the rank: with fewer, one more or less moves a percentile visibly
_PERCENTILE = 200
_THROUGHPUT = 30
_OTHER = 100


def percentile_floor(percentile: float) -> int:
    """Samples below which a percentile is not decided: 200 up to p95, p99 1,000, p99.9 10,000."""
    return max(math.ceil(round(_BEYOND_RANK / (1 - percentile / 100), 6)), _PERCENTILE)


def samples_needed(threshold: Threshold) -> int:
    """Samples of the steady phase (of each window, with `over`) below which a threshold is not decided.

    0: the metric is not counted over samples.
    """
    if threshold.metric not in COUNTED_METRICS:
        return 0
    if threshold.metric is Metric.PERCENTILE:
        return percentile_floor(threshold.percentile)
    return _THROUGHPUT if threshold.metric is Metric.THROUGHPUT else _OTHER
