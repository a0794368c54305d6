"""Shapes over time that single figures do not show: growth, flatness, an outage that lasts to the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.observations import Observations
from perfpilot.domain.measure import PhaseStats, ResourceSeries, Series

_WHOLE_SECONDS_FOR_GROWTH = 15


@dataclass(frozen=True)
class Growth:
    """The last third of the judged phase over its first third: 1 means unchanged."""

    response: float  # median of the per-second p50
    throughput: float  # mean of samples per second


@dataclass(frozen=True)
class Outage:
    """The last stretch of the load in which every sample failed, up to the end."""

    from_s: float
    seconds: int
    errors: int


def growth(seen: Observations) -> Growth | None:
    """How response time and throughput moved within the judged phase; None if it is shorter than 15 s."""
    phase, series = seen.judged, seen.series
    if phase is None or series is None:
        return None
    begin, end = int(np.ceil(phase.from_s)), int(phase.to_s)
    p50 = [v for v in series.p50_ms[begin:end] if v is not None]
    samples = series.samples[begin:end]
    third = min(len(p50), len(samples)) // 3
    if third * 3 < _WHOLE_SECONDS_FOR_GROWTH:
        return None
    first_ms, last_ms = float(np.median(p50[:third])), float(np.median(p50[-third:]))
    first_n, last_n = float(np.mean(samples[:third])), float(np.mean(samples[-third:]))
    if first_ms <= 0 or first_n <= 0:
        return None
    return Growth(response=last_ms / first_ms, throughput=last_n / first_n)


def outage(series: Series | None) -> Outage | None:
    """The stretch of seconds with nothing but errors at the end of the load, if there is one.

    Seconds without any sample belong to it when they lie inside, since a dead target may answer nothing.
    """
    if series is None:
        return None
    begin: int | None = None
    errors = 0
    for second in range(min(len(series.samples), len(series.errors)) - 1, -1, -1):
        if series.samples[second] > series.errors[second]:
            break
        if series.samples[second]:
            begin, errors = second, errors + series.errors[second]
    if begin is None:
        return None
    last = max(i for i, n in enumerate(series.samples) if n)
    return Outage(from_s=float(begin), seconds=last - begin + 1, errors=errors)


def errors_between(series: Series | None, from_s: float, to_s: float) -> int:
    """Failed samples of the whole seconds that touch a window."""
    if series is None:
        return 0
    return sum(series.errors[max(0, int(from_s)) : max(0, int(np.ceil(to_s)))])


def within(series: ResourceSeries, phase: PhaseStats) -> list[float]:
    """The values of a resource inside a phase."""
    return [
        value
        for t_s, value in zip(series.t_s, series.values, strict=True)
        if phase.from_s <= t_s <= phase.to_s and np.isfinite(value)
    ]
