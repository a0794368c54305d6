"""Points and ticks of charts: thinning of long series, round numbers for axes. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from perfpilot.reporting import figures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

POINTS = 600
"""Points that a series keeps at most: more can't be told apart at the width of a page."""

_TIME_STEPS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800,
)  # fmt: skip


def numbers(values: Sequence[float | None]) -> Numbers:
    """An array in which what is missing or not finite is NaN, which leaves a gap."""
    import numpy as np

    array = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    array[~np.isfinite(array)] = math.nan
    return array


def seconds(values: Numbers) -> Numbers:
    """The seconds 0, 1, 2, ... that a per-second series belongs to."""
    import numpy as np

    return np.arange(len(values), dtype=np.float64)


def thinned(x: Numbers, y: Numbers, points: int = POINTS) -> tuple[Numbers, Numbers]:
    """At most so many points: of each bin its lowest and its highest, in their order.

    Peaks and dips stay, which an average would hide. A bin without values is one gap.
    """
    import numpy as np

    if len(x) <= points:
        return x, y
    kept: list[int] = []
    edges = np.linspace(0, len(x), points // 2 + 1).astype(int)
    for begin, end in pairwise(edges):
        piece = y[begin:end]
        if np.isnan(piece).all():
            kept.append(begin)
        else:
            kept += sorted({begin + int(np.nanargmin(piece)), begin + int(np.nanargmax(piece))})
    return x[kept], y[kept]


def highest(*series: Numbers) -> float:
    """The largest value of some series; 0 where there is none."""
    return max((float(value) for values in series for value in values if not math.isnan(value)), default=0.0)


def lowest_positive(*series: Numbers) -> float | None:
    """The smallest value above zero, for a logarithmic axis."""
    return min((float(v) for values in series for v in values if not math.isnan(v) and v > 0), default=None)


def linear_ticks(high: float, about: int = 4) -> tuple[float, list[tuple[float, str]]]:
    """The top of an axis from zero and its round ticks, labelled."""
    if high <= 0:
        return 1.0, [(0.0, "0"), (1.0, "1")]
    rough = high / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    steps = math.ceil(high / step * 0.999)
    decimals = max(0, -math.floor(math.log10(step)) + (1 if f"{step:e}".startswith("2.5") else 0))
    if step >= 1 and step == int(step):
        decimals = 0
    return steps * step, [(n * step, f"{n * step:,.{decimals}f}") for n in range(steps + 1)]


def near_ticks(low: float, high: float) -> tuple[float, float, list[tuple[float, str]]]:
    """Limits and ticks of an axis that need not begin at zero: it does where the values come near it."""
    span = high - low
    if low <= 0 or span <= 0 or low < 0.5 * high:
        top, ticks = linear_ticks(high * 1.05)
        return 0.0, top, ticks
    step_top, steps = linear_ticks(max(span, 0.02 * high) * 1.3)
    step = step_top / (len(steps) - 1)
    first, last = math.floor((low - 0.1 * span) / step), math.ceil((high + 0.1 * span) / step)
    decimals = len(steps[1][1].partition(".")[2])
    places = [number * step for number in range(max(first, 0), last + 1)]
    return places[0], places[-1], [(place, f"{place:,.{decimals}f}") for place in places]


def log_ticks(low: float, high: float) -> tuple[float, float, list[tuple[float, str]]]:
    """Limits and ticks of a logarithmic axis: 1, 2, 5 over few decades, powers of ten over many."""
    low, high = low / 1.15, high * 1.15
    many = math.log10(high / low) > 2.2
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    places = [10.0**e * f for e in range(first, last + 1) for f in ((1,) if many else (1, 2, 5))]
    inside = [place for place in places if low <= place <= high]
    if len(inside) < 2:
        inside = [low * 1.15, high / 1.15]
    return low, high, [(place, figures.in_unit(place, "")) for place in inside]


def time_ticks(duration_s: float, about: int = 7) -> list[tuple[float, str]]:
    """Round moments from 0 to the end: seconds up to three minutes, then `m:ss`, then `h:mm`."""
    step = next((s for s in _TIME_STEPS_S if duration_s / s <= about), _TIME_STEPS_S[-1])
    return [(t, _clock(t, duration_s)) for t in range(0, math.floor(duration_s) + 1, step)]


def _clock(t: int, duration_s: float) -> str:
    if duration_s <= 180:
        return f"{t} s"
    if duration_s < 3 * 3600:
        return f"{t // 60}:{t % 60:02d}"
    return f"{t // 3600}:{t % 3600 // 60:02d} h"
