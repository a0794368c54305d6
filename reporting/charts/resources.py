"""Charts of what was monitored: one chart a metric, its components together, over the time of the load."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.domain.measure import ResourceSeries
from perfpilot.reporting import figures
from perfpilot.reporting.charts.canvas import SERIES, Chart, Key, Panel, TimeAxis
from perfpilot.reporting.charts.scales import highest, linear_ticks, numbers, thinned

MOST_CHARTS = 12

_FIRST_METRICS = ("cpu_share", "rss_bytes", "memory_share")
_FIRST_COMPONENTS = ("target", "host", "jmeter", "neighbours", "perfpilot")
_TITLES = {"cpu_share": "Processor", "rss_bytes": "Memory of processes", "memory_share": "Memory in use"}
_BINARY = (("GiB", 1024.0**3), ("MiB", 1024.0**2), ("KiB", 1024.0), ("bytes", 1.0))


def resource_charts(resources: Sequence[ResourceSeries], axis: TimeAxis) -> tuple[Chart, ...]:
    """One chart for each metric that changed, processor and memory first."""
    moving = [series for series in _during(resources, axis.end_s) if not _is_flat(series)]
    metrics = sorted({s.metric for s in moving}, key=lambda m: (_rank(m, _FIRST_METRICS), m))
    roles = _roles(moving)
    return tuple(
        _metric_chart(f"resource{number}", metric, [s for s in moving if s.metric == metric], roles, axis)
        for number, metric in enumerate(metrics[:MOST_CHARTS], start=1)
    )


def flat_resources(resources: Sequence[ResourceSeries], end_s: float) -> tuple[str, ...]:
    """Metrics that never changed, in words: a flat line is not worth a chart."""
    return tuple(
        f"{series.component} {_title(series.metric).lower()} {_written(series.metric, series.values[0])}"
        for series in _during(resources, end_s)
        if _is_flat(series)
    )


def _roles(shown: list[ResourceSeries]) -> dict[str, str]:
    """A colour for each component, the same in every chart."""
    components = sorted({s.component for s in shown}, key=lambda c: (_rank(c, _FIRST_COMPONENTS), c))
    return {component: SERIES[number % len(SERIES)] for number, component in enumerate(components)}


def _metric_chart(
    name: str, metric: str, shown: list[ResourceSeries], roles: dict[str, str], axis: TimeAxis
) -> Chart:
    shown = sorted(shown, key=lambda s: (_rank(s.component, _FIRST_COMPONENTS), s.component))
    drawn = shown[: len(SERIES)]
    top = highest(*(numbers(s.values) for s in drawn))
    unit, factor = _unit(metric, top)
    panel = Panel()
    for series in drawn:
        panel.line(*thinned(numbers(series.t_s), numbers(series.values) / factor), roles[series.component])
    whole = unit == "%" and top <= 1  # a share of a whole is read against the whole
    limit, ticks = linear_ticks(100.0 if whole else top / factor * 1.05)
    panel.y_axis(0, limit, ticks)
    axis.apply(panel)
    keys = tuple(Key(s.component, roles[s.component]) for s in drawn)
    svg = panel.svg(name, f"{unit or 'value'} of each component over time")
    left_out = len(shown) - len(drawn)
    note = f"{left_out} more components are in monitor.csv." if left_out else ""
    return Chart(name, _title(metric), unit, keys, svg, note)


def _during(resources: Sequence[ResourceSeries], end_s: float) -> list[ResourceSeries]:
    """The part of each series that lies under the load; series without any are left out."""
    cut = []
    for series in resources:
        pairs = [(t, v) for t, v in zip(series.t_s, series.values, strict=False) if 0 <= t <= end_s]
        if pairs:
            t_s, values = zip(*pairs, strict=True)
            cut.append(series.model_copy(update={"t_s": t_s, "values": values}))
    return cut


def _is_flat(series: ResourceSeries) -> bool:
    return len(set(series.values)) == 1


def _unit(metric: str, top: float) -> tuple[str, float]:
    if metric.endswith("_share"):
        return "%", 0.01
    if "bytes" in metric:
        unit, factor = next(((u, f) for u, f in _BINARY if top >= f), _BINARY[-1])
        return (f"{unit} per second" if metric.endswith("_per_s") else unit), factor
    for suffix, unit in (("_per_s", "per second"), ("_ms", "ms"), ("_s", "s")):
        if metric.endswith(suffix):
            return unit, 1.0
    return "", 1.0


def _title(metric: str) -> str:
    if metric in _TITLES:
        return _TITLES[metric]
    words = metric
    for suffix in ("_bytes_per_s", "_per_s", "_bytes", "_ms", "_s"):
        words = words.removesuffix(suffix)
    return words.replace("_", " ").capitalize()


def _written(metric: str, value: float) -> str:
    if metric.endswith("_share"):
        return figures.share(value)
    if metric.endswith("_bytes"):
        return figures.size(value)
    return figures.in_unit(value, _unit(metric, value)[0])


def _rank(name: str, first: tuple[str, ...]) -> int:
    return first.index(name) if name in first else len(first)
