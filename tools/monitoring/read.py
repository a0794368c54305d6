"""Read `monitor.csv` back."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from perfpilot.domain.measure import ResourceSeries
from perfpilot.tools.monitoring.record import RESTARTED, Line


def read_monitor(path: Path, start_ms: int, end_ms: int) -> tuple[ResourceSeries, ...]:
    """All series between two moments (both included), `t_s` counted from `start_ms`; in order of name.

    Lines that are torn, damaged or not finite are left out; a file that is not there has no series. Blocks:
    call it in a thread.
    """
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for line in _lines(path):
        if start_ms <= line.time_ms <= end_ms and line.metric != RESTARTED:
            found[line.component, line.metric].append(((line.time_ms - start_ms) / 1000, line.value))
    return tuple(
        ResourceSeries(
            component=component,
            metric=metric,
            t_s=tuple(t_s for t_s, _ in points),
            values=tuple(value for _, value in points),
        )
        for (component, metric), points in sorted(found.items())
    )


def read_restarts(path: Path, start_ms: int, end_ms: int, component: str = "target") -> tuple[float, ...]:
    """Moments, in seconds since `start_ms`, at which the component's process was another one. Blocks."""
    return tuple(
        (line.time_ms - start_ms) / 1000
        for line in _lines(path)
        if line.metric == RESTARTED and line.component == component and start_ms <= line.time_ms <= end_ms
    )


def _lines(path: Path) -> Iterator[Line]:
    try:
        file = path.open(encoding="utf-8", errors="replace", newline="\n")
    except FileNotFoundError:
        return
    with file:
        for text in file:
            columns = text.split(",")
            if len(columns) != 4 or not text.endswith("\n"):
                continue
            try:
                line = Line(int(columns[0]), columns[1], columns[2], float(columns[3]))
            except ValueError:  # the header is one of these
                continue
            if math.isfinite(line.value):
                yield line
