"""Which monitored figures may run out or leak, and what counts as moving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from perfpilot.analysis.statistics.robust_slope import Floats
from perfpilot.domain.measure import ResourceSeries

_MIB = 1024.0 * 1024.0


@dataclass(frozen=True)
class Watched:
    """A metric that should stand still under a load that does. `least`: growth that is worth telling."""

    kind: Literal["leak", "exhaustion"]
    unit: str
    least: float
    figure: Callable[[Floats], float] = np.median  # of a block
    falls: bool = False  # it is what is left, so that less is worse
    bound: float | None = None
    times: float = 1.0  # to the unit


WATCHED = {
    # The minimum of a block is what is left after a collection.
    "rss_bytes": Watched("leak", "bytes", 4 * _MIB, np.min),
    "memory_bytes": Watched("leak", "bytes", 4 * _MIB, np.min),
    "memory_available_bytes": Watched("exhaustion", "bytes", 64 * _MIB, np.max, falls=True, bound=0.0),
    "disk_free_bytes": Watched("exhaustion", "bytes", 64 * _MIB, falls=True, bound=0.0),
    "connections_share": Watched("exhaustion", "%", 2.0, bound=100.0, times=100.0),
    "connections": Watched("exhaustion", "", 5.0),
    "clients": Watched("exhaustion", "", 5.0),
    "threads": Watched("exhaustion", "", 5.0),
    "open_files": Watched("exhaustion", "", 5.0),
    "processes": Watched("exhaustion", "", 5.0),
}
"""By metric, as `domain.monitored` names them."""

_TOLD_BY_SHARE = frozenset({"connections", "clients"})


def watched_among(resources: tuple[ResourceSeries, ...]) -> list[tuple[ResourceSeries, Watched]]:
    """The series that are looked at: numbers of connections only where no share of the maximum is known."""
    shares = {series.component for series in resources if series.metric == "connections_share"}
    return [
        (series, WATCHED[series.metric])
        for series in sorted(resources, key=lambda s: (s.component, s.metric))
        if series.metric in WATCHED and series.values
        if not (series.metric in _TOLD_BY_SHARE and series.component in shares)
    ]
