"""The load that a plan asks for as a picture: scenarios stacked, the total on top, warm-up shaded.

A file of its own, so its colours are those of the report's light theme. Same plan, same SVG.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from perfpilot.domain.plan import Plan
from perfpilot.reporting.asked_load import Asked, AskedLoad, asked_loads, together
from perfpilot.reporting.charts.scales import linear_ticks, time_ticks
from perfpilot.reporting.figures import seconds
from perfpilot.reporting.plain_text import clean, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Format = Literal["png", "svg"]

_WIDTH, _HEAD, _PANEL, _LEGEND_ROW = 860, 58, 280, 18
_LEFT, _RIGHT, _ABOVE, _BELOW = 64, 20, 30, 34
_DPI = 72  # a point is a pixel of the SVG; the PNG has twice as many
_KEY_COLUMNS = 2
_MOST_COLOURS = 8
_LONGEST_NAME = 56

_INK, _MUTED, _GRID, _WARM_UP, _REST = "#1d1d1b", "#63635d", "#e7e5de", "#eef2f6", "#c9c7c0"
_SERIES = ("#0072b2", "#d55e00", "#aa4499", "#009e73", "#56a8d8", "#b8860b", "#6b6b66", "#332288")

# matplotlib is not thread-safe as a whole: its font cache is shared.
_DRAWING = threading.Lock()


def load_chart(plan: Plan, title: str, form: Format) -> bytes:
    """The picture as a file: a panel for each unit, over the same time. Blocking; imports matplotlib."""
    from matplotlib.figure import Figure

    loads = [(load, _stacked(load)) for load in asked_loads(plan)]
    heights = [_ABOVE + _PANEL + _BELOW + _legend_px(stack) for load, stack in loads]
    whole = _HEAD + sum(heights)
    figure = Figure(figsize=(_WIDTH / _DPI, whole / _DPI), dpi=_DPI, facecolor="white")
    figure.set_layout_engine("none")
    _text(figure, _LEFT, whole - 28, clean(title), whole, size=15, color=_INK, weight="bold")
    about = f"{seconds(plan.duration_s)} of load; the first {seconds(plan.warm_up_s)} are warm-up (shaded)"
    _text(figure, _LEFT, whole - 46, about, whole, size=11, color=_MUTED)
    top = whole - _HEAD
    for (load, stack), height in zip(loads, heights, strict=True):
        _panel(figure, plan, load, stack, top, whole)
        top -= height
    return _file(figure, form, whole)


def _stacked(load: AskedLoad) -> tuple[Asked, ...]:
    """At most eight layers, the rest of the scenarios together as the last one."""
    if len(load.scenarios) <= _MOST_COLOURS:
        return load.scenarios
    largest = sorted(load.scenarios, key=lambda asked: -asked.peak)[: _MOST_COLOURS - 1]
    kept = tuple(asked for asked in load.scenarios if asked in largest)[: _MOST_COLOURS - 1]
    rest = together([asked for asked in load.scenarios if asked not in kept])
    return (*kept, rest)


def _panel(
    figure: Figure, plan: Plan, load: AskedLoad, stack: Sequence[Asked], top_px: float, whole_px: float
) -> None:
    bottom_px = top_px - _ABOVE - _PANEL
    box = (_LEFT / _WIDTH, bottom_px / whole_px, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, _PANEL / whole_px)
    axes = figure.add_axes(box, facecolor="none")
    total = load.total
    peak = f"{load.unit}, {total.peak:,.4g} at the peak"
    _text(figure, _LEFT, top_px - 20, peak, whole_px, size=11, color=_INK)
    if plan.warm_up_s > 0:
        axes.axvspan(0, min(plan.warm_up_s, plan.duration_s), color=_WARM_UP, linewidth=0, zorder=0)
    x = _doubled_moments(load.moments)
    below = [0.0] * len(x)
    for layer, colour in zip(stack, _colours(stack), strict=True):
        above = [low + level for low, level in zip(below, _levels(layer), strict=True)]
        axes.fill_between(x, below, above, color=colour, alpha=0.72, linewidth=0, zorder=2)
        below = above
    axes.plot(x, _levels(total), color=_INK, linewidth=1.5, solid_joinstyle="round", zorder=3)
    _axes(axes, plan, total)
    _legend(figure, stack, bottom_px - _BELOW, whole_px)


def _axes(axes: Axes, plan: Plan, total: Asked) -> None:
    high, y_ticks = linear_ticks(total.peak * 1.05, about=5)
    axes.set_ylim(0, high)
    axes.set_xlim(0, plan.duration_s or 1.0)
    for axis, ticks, pad in (
        (axes.yaxis, y_ticks, 6),
        (axes.xaxis, time_ticks(plan.duration_s, about=10), 8),
    ):
        axis.set_ticks([place for place, _ in ticks], labels=[text for _, text in ticks])
        axis.set_tick_params(length=0, pad=pad, labelsize=11, labelcolor=_MUTED)
        for label in axis.get_ticklabels():
            label.set(family="sans-serif", parse_math=False)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=_MUTED, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.grid(True, axis="y", color=_GRID, linewidth=0.8, linestyle="-")
    axes.grid(False, axis="x")


def _legend(figure: Figure, stack: Sequence[Asked], top_px: float, whole_px: float) -> None:
    """Our own rows of swatch and name: the layer that lies on top of the stack stands first."""
    from matplotlib.patches import Rectangle

    entries = list(zip(stack, _colours(stack), strict=True))[::-1]
    for number, (layer, colour) in enumerate(entries):
        row, column = divmod(number, _KEY_COLUMNS)
        x = _LEFT + column * (_WIDTH - _LEFT - _RIGHT) / _KEY_COLUMNS
        y = top_px - (row + 1) * _LEGEND_ROW + 4
        corner = (x / _WIDTH, y / whole_px)
        swatch = Rectangle(
            corner, 12 / _WIDTH, 10 / whole_px, color=colour, alpha=0.72, linewidth=0,
            transform=figure.transFigure,
        )  # fmt: skip
        figure.add_artist(swatch)
        name = layer.names[0] if len(layer.names) == 1 else f"{len(layer.names)} more scenarios"
        label = f"{shorten(clean(name), _LONGEST_NAME)}, up to {layer.peak:,.4g}"
        _text(figure, x + 18, y + 1, label, whole_px, size=11, color=_INK)


def _legend_px(stack: Sequence[Asked]) -> float:
    return (len(stack) + _KEY_COLUMNS - 1) // _KEY_COLUMNS * _LEGEND_ROW + 10


def _colours(stack: Sequence[Asked]) -> list[str]:
    return [_REST if len(layer.names) > 1 else colour for layer, colour in zip(stack, _SERIES, strict=False)]


def _doubled_moments(moments: Sequence[float]) -> list[float]:
    """Each inner moment twice, for the level before it and the level after it: jumps stay upright."""
    return [moment for pair in pairwise(moments) for moment in pair]


def _levels(asked: Asked) -> list[float]:
    return [level for piece in asked.pieces for level in piece]


def _text(figure: Figure, x_px: float, y_px: float, text: str, whole_px: float, **style: Any) -> None:
    figure.text(x_px / _WIDTH, y_px / whole_px, text, family="sans-serif", parse_math=False, **style)


def _file(figure: Figure, form: Format, whole_px: float) -> bytes:
    with _DRAWING:
        return _png(figure) if form == "png" else _svg(figure, whole_px)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=2 * _DPI)
    return buffer.getvalue()


def _svg(figure: Figure, whole_px: float) -> bytes:
    """As `savefig` would, but ids depend on what they name, and text stays text.

    matplotlib has settings for both (`svg.hashsalt`, `svg.fonttype`), which are process-wide.
    """
    from matplotlib.backends import backend_svg

    new_renderer: Any = backend_svg.RendererSVG
    buffer = io.StringIO()
    nothing = {"Date": None, "Creator": None}
    renderer = new_renderer(_WIDTH, whole_px, buffer, image_dpi=_DPI, metadata=nothing)
    renderer._make_id = _make_id
    renderer.draw_text = renderer._draw_text_as_text
    figure.draw(renderer)
    renderer.finalize()
    return buffer.getvalue().encode()


def _make_id(kind: str, content: object) -> str:
    return kind + hashlib.sha256(repr(content).encode()).hexdigest()[:10]
