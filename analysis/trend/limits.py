"""The limits that thresholds set for metrics, so that a slope can be followed to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from perfpilot.domain.thresholds import Metric, Threshold

Limits = Mapping[tuple[str, str], float]
"""By metric and label (empty: pooled), in the unit of `domain.history.UNITS`."""


def limits_of(thresholds: Iterable[Threshold]) -> dict[tuple[str, str], float]:
    """The nearest limit of each metric and label. Abort lines, sliding windows and changes have none."""
    limits: dict[tuple[str, str], float] = {}
    for threshold in thresholds:
        name = _name(threshold)
        if threshold.abort or threshold.over_s or threshold.of_users or not name:
            continue
        key, limit = (name, threshold.label), threshold.in_unit(threshold.limit)
        nearest = min if threshold.operator in ("<", "<=") else max
        limits[key] = nearest(limit, limits[key]) if key in limits else limit
    return limits


def _name(threshold: Threshold) -> str:
    if threshold.metric is Metric.PERCENTILE:
        return f"p{threshold.percentile:g}"
    named = (Metric.MEAN, Metric.MAX, Metric.ERROR_RATE, Metric.THROUGHPUT, Metric.CAPACITY)
    return threshold.metric.value if threshold.metric in named else ""
