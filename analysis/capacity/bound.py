"""The asymptotic bound: a rate above which nothing can be carried, whatever the thresholds allow.

By the utilisation law U = X D the busiest resource is full at X_max = 1/D_max; and with N requests under way
throughput is at most N / (R + Z), so that they must wait from N* = (R + Z) X_max on (Denning and Buzen, The
Operational Analysis of Queueing Network Models, 1978). Where more was asked than the target completed, what
it completed is a bound as well: a limit that is no processor (slots, locks, connections) shows only there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.figures import figure
from perfpilot.domain.capacity import CapacityLevel

LEAST_SHARE = 0.2
"""Below a fifth of its processor the target's bound is extrapolated too far."""

_LEVELS = 2


class Bound(NamedTuple):
    """Arrivals per second at most, the requests under way there, and what gives it; or why there is none."""

    per_s: float | None
    in_flight: float | None
    because: str


def asymptotic_bound(levels: Sequence[CapacityLevel], think_s: float = 0.0) -> Bound:
    """The lower of the two bounds, as far as they are known. `think_s`: pauses of an iteration.

    A bound below what a level completed is refuted by it, and raised to that.
    """
    done = [level.carried_per_s for level in levels if level.carried_per_s is not None]
    bounds = [bound for bound in (_processor(levels), _saturated(levels)) if bound is not None]
    if not bounds or not done:
        because = (
            "no bound: the target's processor was not seen busy, and no level was more than it completed"
        )
        return Bound(None, None, because)
    per_s, because = min(bounds)
    per_s = max(per_s, *done)
    return Bound(per_s, _in_flight(levels, per_s, think_s), because)


def _processor(levels: Sequence[CapacityLevel]) -> tuple[float, str] | None:
    """By the share of the cores that the target may use, against what it completed."""
    seen = [
        (level.carried_per_s, level.cpu_share)
        for level in levels
        if level.carried_per_s and level.cpu_share is not None and not _failing(level)
    ]
    if len({rate for rate, _ in seen}) < _LEVELS:
        return None
    rate, share = (np.array(column) for column in zip(*seen, strict=True))
    if share.max() < LEAST_SHARE:
        return None
    # What it does without any load is not for sale: the line need not go through zero.
    slope, idle = np.polyfit(rate, share, 1)
    idle = min(max(float(idle), 0.0), float(share.min()))
    demand = float(np.sum(rate * (share - idle)) / np.sum(rate * rate))
    if slope <= 0 or demand <= 0:
        return None
    most = figure(100 * float(share.max()), "%")
    return (1 - idle) / demand, f"the target's processor, {most} busy at most here, would be full"


def _saturated(levels: Sequence[CapacityLevel]) -> tuple[float, str] | None:
    """By the most that the target completed while more came."""
    most = max((one.carried_per_s or 0.0 for one in levels if one.saturated), default=0.0)
    return (most, "the target completed no more than this while more came") if most else None


def _in_flight(levels: Sequence[CapacityLevel], per_s: float, think_s: float) -> float | None:
    """Requests under way, pauses included, from which they must wait for each other."""
    alone = [level for level in levels if level.p50_ms is not None and level.in_flight and level.met]
    if not alone:
        return None
    lowest = min(alone, key=lambda level: level.rate_per_s)
    reached = lowest.reached_per_s or lowest.rate_per_s
    return per_s * ((lowest.in_flight or 0.0) / reached + think_s)


def _failing(level: CapacityLevel) -> bool:
    return (level.error_rate or 0.0) > 0.05
