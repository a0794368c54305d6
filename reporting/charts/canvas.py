"""The paper that charts are drawn on: matplotlib figures made into small, themed, inert SVG.

Colours are roles, written as CSS variables, so that the page decides what they look like in light, dark
and print. No text from outside is ever drawn: labels stand in the page's legend. matplotlib's `rcParams`
are process-wide and are only read: whatever shows is passed explicitly.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perfpilot.reporting.charts.scales import time_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 520, 180
_MARGINS = {"left": 50, "right": 10, "top": 10, "bottom": 28}
_FONT_PX = 11

SERIES = tuple(f"s{n}" for n in range(1, 9))
"""Roles of the series in their fixed order; the style sheet gives them colour-blind-safe colours."""

_ROLES = ("ink", "muted", "grid", "steady", "bad", "limit", *SERIES)
# Colours that stand for roles until the SVG is written; no real colour is this close to black.
_TOKENS = {role: f"#0101{number:02x}" for number, role in enumerate(_ROLES, start=1)}

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DECIMALS = re.compile(r"-?\d+\.\d+")

# matplotlib is not thread-safe as a whole (its font cache is shared); drawing one chart takes some 30 ms.
_DRAWING = threading.Lock()


@dataclass(frozen=True)
class Key:
    """One entry of a legend. `label` may hold outside text: the page escapes it."""

    label: str
    role: str
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawn chart with what the page writes around it."""

    name: str  # unique within a page
    title: str
    unit: str
    keys: tuple[Key, ...]
    svg: str
    note: str = ""


class Panel:
    """One pair of axes in the house style. Use as: make, add marks, set the axes, `svg()`."""

    def __init__(self) -> None:
        from matplotlib.figure import Figure

        self.figure: Figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72, facecolor="none")
        self.figure.set_layout_engine("none")
        self.axes: Axes = self.figure.add_axes(
            (
                _MARGINS["left"] / WIDTH,
                _MARGINS["bottom"] / HEIGHT,
                (WIDTH - _MARGINS["left"] - _MARGINS["right"]) / WIDTH,
                (HEIGHT - _MARGINS["top"] - _MARGINS["bottom"]) / HEIGHT,
            ),
            facecolor="none",
        )
        for side in ("left", "right", "top"):
            self.axes.spines[side].set_visible(False)
        self.axes.spines["bottom"].set(color=_TOKENS["muted"], linewidth=0.8)
        self.axes.set_axisbelow(True)

    def line(self, x: Any, y: Any, role: str, *, dashed: bool = False, stepped: bool = False) -> None:
        """A line; NaN leaves a gap. A single point between gaps is shown by its round cap."""
        self.axes.plot(
            x, y, color=_TOKENS[role], linewidth=1.4, linestyle=(0, (4, 2.5)) if dashed else "-",
            drawstyle="steps-post" if stepped else "default", marker="", solid_capstyle="round",
        )  # fmt: skip

    def area(self, x: Any, y: Any, role: str) -> None:
        """A filled area over zero, one step a point."""
        self.axes.fill_between(x, y, color=_TOKENS[role], alpha=0.75, linewidth=0, step="post")

    def dots(self, x: Any, y: Any, role: str) -> None:
        """A cloud of points."""
        self.axes.plot(
            x, y, color=_TOKENS[role], linestyle="", marker="o", markersize=3.2, markeredgewidth=0, alpha=0.6
        )

    def marked_line(self, x: Any, y: Any, role: str) -> None:
        """A line with a dot at each point."""
        self.axes.plot(
            x, y, color=_TOKENS[role], linewidth=1.4, linestyle="-", marker="o", markersize=3.6,
            markeredgewidth=0,
        )  # fmt: skip

    def points(self, x: Any, y: Any, role: str) -> None:
        """A few points that each matter."""
        self.axes.plot(
            x, y, color=_TOKENS[role], linestyle="", marker="o", markersize=6, markeredgewidth=0, zorder=3
        )

    def limit(self, y: float) -> None:
        """A horizontal line at a limit."""
        self.axes.axhline(y, color=_TOKENS["limit"], linewidth=1.0, linestyle=(0, (2, 2)), marker="")

    def shade(self, from_x: float, to_x: float) -> None:
        """The steady window behind everything."""
        if to_x > from_x:
            self.axes.axvspan(from_x, to_x, color=_TOKENS["steady"], linewidth=0, zorder=0)

    def band(self, from_x: float, to_x: float, low: float, high: float) -> None:
        """A rectangle behind everything: where values were expected."""
        self.axes.fill_between(
            [from_x, to_x], [low, low], [high, high], color=_TOKENS["steady"], linewidth=0, zorder=0
        )

    def upright(self, x: float, role: str = "muted") -> None:
        """A vertical line at a moment."""
        self.axes.axvline(x, color=_TOKENS[role], linewidth=1.0, linestyle=(0, (2, 2)), marker="")

    def x_axis(self, low: float, high: float, ticks: Iterable[tuple[float, str]]) -> None:
        """Limits and labelled places of the x axis."""
        self.axes.set_xlim(low, high)
        self._ticks(self.axes.xaxis, tuple(ticks), pad=8)
        self.axes.grid(False, axis="x")

    def y_axis(
        self, low: float, high: float, ticks: Iterable[tuple[float, str]], *, log: bool = False
    ) -> None:
        """Limits, labelled places and grid lines of the y axis."""
        if log:
            self.axes.set_yscale("log")
            self.axes.yaxis.set_minor_locator(_no_ticks())
        self.axes.set_ylim(low, high)
        self._ticks(self.axes.yaxis, tuple(ticks), pad=6)
        self.axes.grid(True, axis="y", color=_TOKENS["grid"], linewidth=0.8, linestyle="-")

    def svg(self, name: str, description: str) -> str:
        """The drawing as an `<svg>` element whose ids begin with `name`. Same input, same bytes."""
        return _tidied(_drawn(self.figure), name, description)

    def _ticks(self, axis: Any, ticks: tuple[tuple[float, str], ...], *, pad: float) -> None:
        axis.set_ticks([place for place, _ in ticks], labels=[text for _, text in ticks])
        axis.set_tick_params(length=0, pad=pad, labelsize=_FONT_PX, labelcolor=_TOKENS["muted"])
        for label in axis.get_ticklabels():
            label.set(family="sans-serif", parse_math=False)


@dataclass(frozen=True)
class TimeAxis:
    """The x axis that all charts over time share, and the steady part of it. Seconds since the load began."""

    end_s: float
    steady_from_s: float
    steady_to_s: float

    def apply(self, panel: Panel) -> None:
        """Shade the steady window and set the x axis."""
        panel.shade(self.steady_from_s, min(self.steady_to_s, self.end_s))
        panel.x_axis(0, self.end_s, time_ticks(self.end_s))


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _drawn(figure: Figure) -> bytes:
    from matplotlib.backends import backend_svg

    new_renderer: Any = backend_svg.RendererSVG
    buffer = io.StringIO()
    with _DRAWING:
        renderer = new_renderer(WIDTH, HEIGHT, buffer, image_dpi=72, metadata={"Date": None})
        # What `svg.fonttype: none` does, without the process-wide setting.
        renderer.draw_text = renderer._draw_text_as_text
        figure.draw(renderer)
        renderer.finalize()
    return buffer.getvalue().encode()


def _tidied(drawing: bytes, name: str, description: str) -> str:
    """Without metadata, the page-wide style rule, fixed colours, unused ids and needless decimals."""
    from lxml import etree

    root: Any = etree.fromstring(drawing, etree.XMLParser(resolve_entities=False, no_network=True))
    for tag in ("metadata", "style"):
        for element in root.findall(f".//{_SVG}{tag}"):
            element.getparent().remove(element)
    _rename_ids(root, name)
    for element in root.iter(f"{_SVG}*"):
        _tidy(element)
    root.attrib.clear()
    root.attrib.update({"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": description})
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="unicode")
    for role, token in _TOKENS.items():
        text = text.replace(token, f"var(--chart-{role})")
    return re.sub(r">\s+<", "><", text)


def _rename_ids(root: Any, name: str) -> None:
    """Referenced ids become `name-1`, `name-2`: matplotlib's are random and clash between drawings."""
    used: dict[str, str] = {}
    for element in root.iter(f"{_SVG}*"):
        target = element.attrib.pop(_XLINK_HREF, "")
        if target:
            element.set("href", "#" + used.setdefault(target[1:], f"{name}-{len(used) + 1}"))
        for attribute, value in element.attrib.items():
            for identity in _REFERENCE.findall(value):
                new = used.setdefault(identity, f"{name}-{len(used) + 1}")
                element.set(attribute, value.replace(f"#{identity})", f"#{new})"))
    for element in root.iter(f"{_SVG}*"):
        identity = element.attrib.pop("id", None)
        if identity in used:
            element.set("id", used[identity])


def _tidy(element: Any) -> None:
    for attribute in ("d", "x", "y", "width", "height", "transform"):
        value = element.get(attribute)
        if value:
            short = _DECIMALS.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), value)
            element.set(attribute, re.sub(r"\s*([MLHVCQZ])\s*", r"\1", short).strip())
    if element.tag == f"{_SVG}text":
        # The page's style sheet sets the font, larger on a narrow screen.
        kept = [part for part in element.get("style", "").split(";") if "font" not in part]
        element.set("style", ";".join(kept).strip())
        if (element.get("transform") or "").startswith("rotate(-0"):
            del element.attrib["transform"]
