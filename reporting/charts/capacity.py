"""Charts of a capacity: what each level carried, its p95, and the law that throughput follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from perfpilot.domain.capacity import Capacity, CapacityLevel
from perfpilot.reporting.charts.canvas import Chart, Key, Panel
from perfpilot.reporting.charts.scales import highest, linear_ticks, log_ticks, lowest_positive, numbers

_LEAST_LEVELS = 2
_ROLES = (("met", True, "s4"), ("lost", False, "bad"), ("undecided", None, "muted"))
_CURVE_POINTS = 60
_NEAR = 1.5  # a bound further above the levels than this would squeeze them


def capacity_charts(capacity: Capacity) -> tuple[Chart, ...]:
    """The charts that the levels permit; none for fewer than two."""
    drawn = (_carried(capacity), _p95(capacity), _law(capacity))
    return tuple(chart for chart in drawn if chart is not None)


def _carried(capacity: Capacity) -> Chart | None:
    levels = [level for level in capacity.levels if level.carried_per_s is not None]
    if len(levels) < _LEAST_LEVELS:
        return None
    panel = Panel()
    right = _by_rate(panel, capacity, levels)
    panel.line([0, right], [0, right], "ink", dashed=True)
    keys = [Key("as asked", "ink", dashed=True), *_levels(panel, levels, _rate, _carried_rate)]
    top = highest(numbers([level.carried_per_s for level in levels]), numbers([capacity.rate_per_s or 0.0]))
    bound = capacity.bound_per_s
    if bound is not None and bound <= _NEAR * top:
        panel.limit(bound)
        top = max(top, bound)
        keys.append(Key("bound", "limit", dashed=True))
    panel.y_axis(*_from_zero(top * 1.1))
    return Chart(
        "carried", "Carried by load asked", "per second, answered with success", tuple(keys),
        panel.svg("carried", "Arrivals answered with success against arrivals asked"),
        note=_shaded(capacity),
    )  # fmt: skip


def _p95(capacity: Capacity) -> Chart | None:
    levels = [level for level in capacity.levels if level.p95_ms]
    if len(levels) < _LEAST_LEVELS:
        return None
    panel = Panel()
    _by_rate(panel, capacity, levels)
    keys = _levels(panel, levels, _rate, lambda level: level.p95_ms or 0.0)
    times = numbers([level.p95_ms for level in levels])
    low, high, ticks = log_ticks(lowest_positive(times) or 1.0, highest(times))
    panel.y_axis(low, high, ticks, log=True)
    svg = panel.svg("level-p95", "p95 of each level against arrivals asked")
    return Chart("level-p95", "p95 by load asked", "ms, logarithmic; per second", tuple(keys), svg)


def _law(capacity: Capacity) -> Chart | None:
    law = capacity.scalability
    levels = [level for level in capacity.levels if level.in_flight and level.carried_per_s]
    if not law.fitted or law.one_per_s is None or len(levels) < _LEAST_LEVELS:
        return None
    contention, coherency = law.contention or 0.0, law.coherency or 0.0
    most = max(level.in_flight or 0.0 for level in levels)
    end = min(law.peak_in_flight * 1.15, 2 * most) if law.peak_in_flight else most
    end = max(end, most)
    x = [end * step / _CURVE_POINTS for step in range(_CURVE_POINTS + 1)]
    y = [law.one_per_s * n / (1 + contention * (n - 1) + coherency * n * (n - 1)) for n in x]
    panel = Panel()
    panel.line(x, y, "s1")
    keys = [Key("fitted law", "s1"), *_levels(panel, levels, lambda one: one.in_flight or 0.0, _carried_rate)]
    panel.y_axis(*_from_zero(max(*y, highest(numbers([one.carried_per_s for one in levels]))) * 1.05))
    right, ticks = linear_ticks(end * 1.02, about=6)
    panel.x_axis(0, right, ticks)
    svg = panel.svg("law", "Arrivals carried against requests under way, with the fitted law")
    return Chart(
        "law", "Carried by requests under way", "per second; x: requests at a time", tuple(keys), svg
    )


def _by_rate(panel: Panel, capacity: Capacity, levels: Sequence[CapacityLevel]) -> float:
    """Shade the interval and set the x axis, rates asked; its right end."""
    if capacity.low_per_s is not None and capacity.high_per_s is not None:
        panel.shade(capacity.low_per_s, capacity.high_per_s)
    right, ticks = linear_ticks(max(level.rate_per_s for level in levels) * 1.04, about=6)
    panel.x_axis(0, right, [(place, f"{text}/s") for place, text in ticks])
    return right


def _levels(
    panel: Panel,
    levels: Sequence[CapacityLevel],
    x: Callable[[CapacityLevel], float],
    y: Callable[[CapacityLevel], float],
) -> list[Key]:
    """A point a level, coloured by what became of it; the keys of the colours that occur."""
    keys = []
    for name, met, role in _ROLES:
        some = [level for level in levels if level.met is met]
        if some:
            panel.points([x(level) for level in some], [y(level) for level in some], role)
            keys.append(Key(name, role))
    return keys


def _rate(level: CapacityLevel) -> float:
    return level.rate_per_s


def _carried_rate(level: CapacityLevel) -> float:
    return level.carried_per_s or 0.0


def _from_zero(high: float) -> tuple[float, float, list[tuple[float, str]]]:
    top, ticks = linear_ticks(high)
    return 0.0, top, ticks


def _shaded(capacity: Capacity) -> str:
    if capacity.low_per_s is None or capacity.high_per_s is None:
        return ""
    return "Shaded: the interval of the capacity." if capacity.estimated else "Shaded: where the limit lies."
