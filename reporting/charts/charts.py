"""Charts of a run: those over time share the x axis. `draw_charts` draws all.

Blocking and heavy (imports matplotlib): call it in a thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from perfpilot.domain.result import Charts, Result
from perfpilot.domain.thresholds import Metric, parse_threshold
from perfpilot.reporting.charts.canvas import SERIES, Chart, Key, Panel, TimeAxis
from perfpilot.reporting.charts.capacity import capacity_charts
from perfpilot.reporting.charts.resources import flat_resources, resource_charts
from perfpilot.reporting.charts.scales import (
    highest,
    linear_ticks,
    log_ticks,
    lowest_positive,
    numbers,
    seconds,
    thinned,
)
from perfpilot.reporting.charts.soak import soak_charts
from perfpilot.reporting.charts.trend import trend_charts
from perfpilot.reporting.figures import in_unit
from perfpilot.reporting.shown import shown_attempt, shown_phase

_PERCENTILES = (("p50_ms", 50.0), ("p90_ms", 90.0), ("p95_ms", 95.0), ("p99_ms", 99.0), ("p999_ms", 99.9))
_SATURATION_SPREAD = 1.5  # below this ratio of highest to lowest throughput a cloud shows nothing


@dataclass(frozen=True)
class Drawings:
    """All charts of a page by family. Empty tuples: nothing to draw."""

    load: tuple[Chart, ...] = ()
    times: tuple[Chart, ...] = ()
    resources: tuple[Chart, ...] = ()
    flat: tuple[str, ...] = ()  # resources that never changed, in words
    capacity: tuple[Chart, ...] = ()
    trend: tuple[Chart, ...] = ()
    soak: tuple[Chart, ...] = ()


def draw_charts(result: Result, charts: Charts | None) -> Drawings:
    """Every chart that the data permit. A chart without data is left out, never drawn empty."""
    shape = percentile_curve_chart(result)
    capacity, trend = capacity_charts(result.capacity), trend_charts(result.trend)
    axis = _time_axis(charts) if charts else None
    if charts is None or axis is None:
        return Drawings(times=_present(shape), capacity=capacity, trend=trend)
    return Drawings(
        load=_present(throughput_chart(charts, axis), users_chart(charts, axis), errors_chart(charts, axis)),
        times=_present(percentiles_over_time_chart(result, charts, axis), shape, saturation_chart(charts)),
        resources=resource_charts(charts.resources, axis),
        flat=flat_resources(charts.resources, axis.end_s),
        capacity=capacity,
        trend=trend,
        soak=soak_charts(result.soak, charts, axis),
    )


def throughput_chart(charts: Charts, axis: TimeAxis) -> Chart | None:
    """Samples per second asked and reached."""
    asked, reached = numbers(charts.series.asked_per_s), numbers(charts.series.samples)
    if not len(reached):
        return None
    panel, keys = Panel(), [Key("reached", "s1")]
    panel.line(*thinned(seconds(reached), reached), "s1")
    if highest(asked) > 0:
        panel.line(*thinned(seconds(asked), asked), "ink", dashed=True)
        keys.append(Key("asked", "ink", dashed=True))
    top, ticks = linear_ticks(highest(asked, reached) * 1.05)
    panel.y_axis(0, top, ticks)
    axis.apply(panel)
    svg = panel.svg("throughput", "Samples per second asked and reached, over time")
    return Chart("throughput", "Throughput", "samples per second", tuple(keys), svg)


def errors_chart(charts: Charts, axis: TimeAxis) -> Chart | None:
    """Failed samples per second on a scale of their own: beside the throughput a few would not be seen."""
    errors = numbers(charts.series.errors)
    if highest(errors) <= 0:
        return None
    panel = Panel()
    panel.area(*thinned(seconds(errors), errors), "bad")
    top, ticks = linear_ticks(max(highest(errors) * 1.05, 2.0))
    panel.y_axis(0, top, ticks)
    axis.apply(panel)
    svg = panel.svg("errors", "Failed samples per second over time")
    return Chart("errors", "Errors", "failed samples per second", (), svg)


def users_chart(charts: Charts, axis: TimeAxis) -> Chart | None:
    """Concurrent users (JMeter threads that were running)."""
    users = numbers(charts.series.users)
    if highest(users) <= 0:
        return None
    panel = Panel()
    panel.line(*thinned(seconds(users), users), "s4", stepped=True)
    top, ticks = linear_ticks(highest(users) * 1.05)
    panel.y_axis(0, top, [tick for tick in ticks if tick[0] == int(tick[0])])
    axis.apply(panel)
    svg = panel.svg("users", "Concurrent users over time")
    return Chart("users", "Concurrent users", "", (), svg)


def percentiles_over_time_chart(result: Result, charts: Charts, axis: TimeAxis) -> Chart | None:
    """Response time percentiles over time, pooled, with the limits that are set on them."""
    named = [
        (name, role, numbers(values))
        for name, role, values in (
            ("p50", "s1", charts.series.p50_ms),
            ("p95", "s2", charts.series.p95_ms),
            ("p99", "s3", charts.series.p99_ms),
        )
    ]
    arrays = [values for _, _, values in named]
    low, high = lowest_positive(*arrays), highest(*arrays)
    if low is None:
        return None
    panel, keys = Panel(), []
    for name, role, values in named:
        if highest(values) > 0:
            panel.line(*thinned(seconds(values), values), role)
            keys.append(Key(name, role))
    for text, limit_ms in _pooled_limits(result):
        if low / 3 < limit_ms < high * 3:
            panel.limit(limit_ms)
            low, high = min(low, limit_ms), max(high, limit_ms)
            keys.append(Key(text, "limit", dashed=True))
    bottom, top, ticks = log_ticks(low, high)
    panel.y_axis(bottom, top, ticks, log=True)
    axis.apply(panel)
    return Chart(
        "percentiles", "Response time", "ms, logarithmic; percentiles of each second", tuple(keys),
        panel.svg("percentiles", "Response time percentiles of each second over time"),
    )  # fmt: skip


def percentile_curve_chart(result: Result) -> Chart | None:
    """Response time by percentile for the busiest endpoints, the rarer percentiles stretched apart."""
    phase = shown_phase(shown_attempt(result))
    if phase is None:
        return None
    busiest = sorted(phase.labels, key=lambda s: (-s.count, s.label))
    drawn = [s for s in busiest if s.p50_ms and s.p99_ms][: len(SERIES)]
    if not drawn:
        return None
    panel, curves = Panel(), []
    for role, stats in zip(SERIES, drawn, strict=False):
        points = [(_nines(p), getattr(stats, field)) for field, p in _PERCENTILES if getattr(stats, field)]
        curves.append(numbers([ms for _, ms in points]))
        panel.marked_line([x for x, _ in points], curves[-1], role)
    bottom, top, ticks = log_ticks(lowest_positive(*curves) or 1.0, highest(*curves))
    panel.y_axis(bottom, top, ticks, log=True)
    panel.x_axis(_nines(40), _nines(99.93), [(_nines(p), f"p{p:g}") for _, p in _PERCENTILES])
    left_out = len(busiest) - len(drawn)
    return Chart(
        "curve", "Response time by percentile", "ms, logarithmic",
        tuple(Key(s.label, role) for role, s in zip(SERIES, drawn, strict=False)),
        panel.svg("curve", "Response time by percentile for each endpoint"),
        note=f"The {len(drawn)} busiest endpoints; {left_out} more are in the table." if left_out else "",
    )  # fmt: skip


def saturation_chart(charts: Charts) -> Chart | None:
    """p95 against throughput, a dot a second, where the throughput varied enough to show a knee."""
    samples, p95 = numbers(charts.series.samples), numbers(charts.series.p95_ms)
    shared = min(len(samples), len(p95))
    whole = slice(1, max(1, shared - 1))  # the first and the last second are not whole
    seen = zip(samples[whole], p95[whole], strict=True)
    good = [(a, b) for a, b in seen if a > 0 and not math.isnan(b) and b > 0]
    if len(good) < 20:
        return None
    ordered = sorted(a for a, _ in good)
    if ordered[int(len(ordered) * 0.95)] < _SATURATION_SPREAD * ordered[int(len(ordered) * 0.05)]:
        return None
    thin = good[:: math.ceil(len(good) / 600)]
    panel = Panel()
    panel.dots([a for a, _ in thin], [b for _, b in thin], "s2")
    ys = numbers([b for _, b in good])
    bottom, top, y_ticks = log_ticks(lowest_positive(ys) or 1.0, highest(ys))
    panel.y_axis(bottom, top, y_ticks, log=True)
    right, x_ticks = linear_ticks(ordered[-1] * 1.02, about=6)
    panel.x_axis(0, right, [(place, f"{text}/s") for place, text in x_ticks])
    svg = panel.svg("saturation", "p95 of each second against its throughput")
    unit = "p95 in ms, a dot a second"
    return Chart("saturation", "Response time against throughput", unit, (), svg)


def _pooled_limits(result: Result) -> list[tuple[str, float]]:
    limits = []
    for decided in result.thresholds:
        try:
            threshold = parse_threshold(decided.text)
        except ValueError:
            continue  # a line of a later version: its result is in the table all the same
        if threshold.metric is Metric.PERCENTILE and not threshold.label and not threshold.abort:
            name = f"p{threshold.percentile:g}"
            limits.append((f"{name} limit {in_unit(threshold.limit, 'ms')}", threshold.limit))
    return limits


def _time_axis(charts: Charts) -> TimeAxis | None:
    series = charts.series
    end = float(max(len(series.samples), len(series.asked_per_s), len(series.users), len(series.p95_ms)))
    if not end:
        end = max((max(r.t_s) for r in charts.resources if r.t_s), default=0.0)
    return TimeAxis(end, charts.steady_from_s, charts.steady_to_s) if end > 0 else None


def _nines(percentile: float) -> float:
    return -math.log10(1 - percentile / 100)


def _present(*charts: Chart | None) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts if chart is not None)
