"""Series of imagined runs, one a day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perfpilot.domain.history import MetricPoint
from perfpilot.domain.trend import MetricSeries

DAY_MS = 86_400_000


def runs(
    values: Sequence[float] | np.ndarray,
    metric: str = "p95",
    unit: str = "ms",
    label: str = "",
    days: float = 1.0,
) -> MetricSeries:
    """Run `r0` is the oldest."""
    points = tuple(
        MetricPoint(run_id=f"r{number}", started_ms=round(number * days * DAY_MS), value=float(value))
        for number, value in enumerate(values)
    )
    return MetricSeries(metric=metric, label=label, unit=unit, points=points)


def spread(count: int, seed: int = 1, level: float = 200.0, deviation: float = 0.03) -> np.ndarray:
    """Values that differ by chance, relative to their level."""
    return level * np.exp(np.random.default_rng(seed).normal(0, deviation, count))
