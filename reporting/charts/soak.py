"""Charts of slow changes: what was monitored through the steady phase, and the slope that stands out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from perfpilot.domain.result import Charts
from perfpilot.domain.soak import SlowChange, Soak
from perfpilot.reporting.charts.canvas import Chart, Key, Panel, TimeAxis
from perfpilot.reporting.charts.scales import highest, near_ticks, numbers, seconds, thinned

if TYPE_CHECKING:
    from perfpilot.reporting.charts.scales import Numbers

MOST_CHARTS = 4

_BINARY = (("GiB", 1024.0**3), ("MiB", 1024.0**2), ("KiB", 1024.0), ("bytes", 1.0))
_NEAR = 1.4  # a limit further off than this would squeeze the slope


def soak_charts(soak: Soak, charts: Charts, axis: TimeAxis) -> tuple[Chart, ...]:
    """One chart for each change of the target whose series is known."""
    drawn: list[Chart] = []
    for change in soak.changes:
        found = _series(change, charts) if change.of_target else None
        if found is not None and len(drawn) < MOST_CHARTS:
            drawn.append(_chart(f"soak{len(drawn) + 1}", change, *found, axis))
    return tuple(drawn)


def _chart(name: str, change: SlowChange, t_s: Numbers, values: Numbers, axis: TimeAxis) -> Chart:
    unit, factor = change.unit, 1.0
    if unit == "bytes":
        unit, factor = next(((u, f) for u, f in _BINARY if highest(values) >= f), _BINARY[-1])
    panel, keys = Panel(), [Key("seen", "s1"), Key("slope", "s2")]
    panel.line(*thinned(t_s, values / factor), "s1")
    panel.line([axis.steady_from_s, axis.steady_to_s], [change.first / factor, change.last / factor], "s2")
    top = highest(values / factor)
    if change.limit and change.limit / factor <= _NEAR * top:
        panel.limit(change.limit / factor)
        top = max(top, change.limit / factor)
        keys.append(Key("limit", "limit", dashed=True))
    bottom = min((float(v) for v in values / factor if not math.isnan(v)), default=0.0)
    panel.y_axis(*near_ticks(bottom, top))
    axis.apply(panel)
    svg = panel.svg(name, "The figure over time, with the slope of the steady phase")
    return Chart(name, change.subject, unit, tuple(keys), svg)


def _series(change: SlowChange, charts: Charts) -> tuple[Numbers, Numbers] | None:
    """The moments and values of what changed, in the unit of the change; None where they are not kept."""
    if change.kind == "degradation":
        pooled = {"p50": charts.series.p50_ms, "p95": charts.series.p95_ms, "p99": charts.series.p99_ms}
        values = numbers(pooled.get(change.metric, ()) if not change.component else ())
        return (seconds(values), values) if len(values) else None
    factor = 100.0 if change.unit == "%" and change.metric.endswith("_share") else 1.0
    for one in charts.resources:
        if (one.component, one.metric) == (change.component, change.metric) and len(one.t_s) > 1:
            known = [(t, v) for t, v in zip(one.t_s, one.values, strict=False) if t >= 0 and math.isfinite(v)]
            if known:
                return numbers([t for t, _ in known]), numbers([v * factor for _, v in known])
    return None
