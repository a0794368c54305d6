"""Small pieces of the live view: bars, sparklines, cells that flow into as many lines as they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from perfpilot.reporting.plain_text import clean, shorten

_EIGHTHS = "▁▂▃▄▅▆▇█"
_GAP = "   "


def safe(text: str, style: str = "", columns: int = 0) -> Text:
    """Foreign text: no markup is read in it, no control character is left. `columns`: cut to so many."""
    text = clean(text)
    return Text(shorten(text, columns) if columns else text, style=style)


def bar(share: float, columns: int, style: str = "cyan") -> Text:
    """A filled bar of so many columns; a share outside 0..1 is shown at the end it is nearest to."""
    filled = round(min(max(share, 0.0), 1.0) * columns)
    return Text.assemble(("█" * filled, style), ("░" * (columns - filled), "bright_black"))


def sparkline(values: Sequence[float | None], columns: int, style: str = "cyan") -> Text:
    """The last values from 0 to the highest of them, one column each; a gap where nothing was measured."""
    shown = list(values)[-columns:]
    top = max((value for value in shown if value is not None), default=0.0)
    if top <= 0:
        return Text("▁" * len(shown), style=style)
    return Text("".join(" " if v is None else _EIGHTHS[min(int(v / top * 8), 7)] for v in shown), style=style)


def flow(cells: Iterable[Text], columns: int, indent: int = 0) -> Text:
    """Cells side by side, on a new line where the next one does not fit; a longer cell is cut."""
    lines: list[Text] = []
    for cell in cells:
        cell = cell.copy()
        cell.truncate(columns - (indent if lines else 0), overflow="ellipsis")
        if lines and lines[-1].cell_len + len(_GAP) + cell.cell_len <= columns:
            lines[-1].append(_GAP)
            lines[-1].append_text(cell)
        else:
            lines.append(Text(" " * indent if lines else "") + cell)
    return Text("\n").join(lines)


def clock(seconds: float) -> str:
    """`0:35`, `12:05`, `1:02:05`."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
