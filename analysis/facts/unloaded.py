"""How fast the target answers without load: what `slow` is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import Literal

import numpy as np

from perfpilot.analysis.observations import Observations
from perfpilot.domain.measure import PhaseStats, Series

LOW_LEVEL = 0.3
"""A second of the ramp counts as unloaded while at most this share of the steady level is asked."""

_ENOUGH_SECONDS = 5


@dataclass(frozen=True)
class Slowdown:
    """Median response time under load, over the one without load.

    `by_label` needs the smoke; from the ramp-up only the pooled figure is known.
    """

    unloaded_ms: float
    pooled: float
    source: Literal["smoke", "ramp-up"]
    unloaded_by_label: dict[str, float]
    by_label: dict[str, float]


def slowdown(seen: Observations) -> Slowdown | None:
    """The slowdown of the judged phase, or None where nothing tells the response time without load.

    The smoke is one pass with cold connections, so its times are rather too long than too short: the
    slowdown is understated, which keeps a healthy run silent. The same holds for the ramp-up of a cold JVM.
    """
    phase = seen.judged
    if phase is None or phase.pooled.p50_ms is None:
        return None
    return _from_smoke(seen, phase) or _from_ramp_up(seen, phase, phase.pooled.p50_ms)


def _from_smoke(seen: Observations, phase: PhaseStats) -> Slowdown | None:
    known = {
        s.label: (seen.unloaded_ms[s.label], s.p50_ms, s.count)
        for s in phase.labels
        if s.p50_ms is not None and s.count and seen.unloaded_ms.get(s.label, 0.0) > 0
    }
    if not known:
        return None
    count = sum(n for _, _, n in known.values())
    # fsum: the order of the labels must not reach the last digit.
    quiet = fsum(u * n for u, _, n in known.values()) / count
    loaded = fsum(p * n for _, p, n in known.values()) / count
    return Slowdown(
        unloaded_ms=quiet,
        pooled=loaded / quiet,
        source="smoke",
        unloaded_by_label={label: u for label, (u, _, _) in known.items()},
        by_label={label: p / u for label, (u, p, _) in known.items()},
    )


def _from_ramp_up(seen: Observations, phase: PhaseStats, loaded_ms: float) -> Slowdown | None:
    series = seen.series
    if series is None:
        return None
    levels, steady = _levels(seen, series, phase)
    if steady <= 0:
        return None
    quiet = [
        p50
        for level, p50 in zip(levels, series.p50_ms, strict=False)
        if p50 is not None and level is not None and 0 < level <= LOW_LEVEL * steady
    ]
    if len(quiet) < _ENOUGH_SECONDS:
        return None
    median = float(np.median(quiet))
    if median <= 0:
        return None
    return Slowdown(median, loaded_ms / median, "ramp-up", {}, {})


def _levels(seen: Observations, series: Series, phase: PhaseStats) -> tuple[tuple[float | None, ...], float]:
    """The level of every second before the judged phase, and the steady level, in rate or in users.

    Only seconds before it: a ramp-down follows the overload and drains its queue.
    """
    before = max(0, int(phase.from_s))
    length = phase.to_s - phase.from_s
    if seen.plan.peak_rate_per_s > 0 and length > 0:
        asked = seen.plan.asked_between(phase.from_s, phase.to_s) / length
        return series.asked_per_s[:before], asked
    return tuple(None if u is None else float(u) for u in series.users[:before]), float(seen.plan.users)
