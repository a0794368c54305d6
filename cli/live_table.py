"""The live view on a terminal: a pure function from `Progress` to what Rich draws, for any width."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from perfpilot.cli.live_blocks import bar, clock, flow, safe, sparkline
from perfpilot.cli.live_tables import endpoints, processors, thresholds
from perfpilot.cli.progress import PHASES, Progress, slowest
from perfpilot.domain.live import LiveFigures
from perfpilot.reporting import figures as fig
from perfpilot.reporting.plain_text import clean, shorten, width

_WIDE = 130  # from here on endpoints and thresholds stand side by side
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_AROUND = 15  # lines that are neither rows of endpoints nor of thresholds
_ALERTS = 4
_TRENDS_SIDE_BY_SIDE = 100
_GAP = "   "


def live_view(progress: Progress, columns: int, lines: int) -> RenderableType:
    """What to draw now on a terminal of so many columns and lines."""
    parts: list[RenderableType] = [Rule(style="bright_black")]
    parts += [_title(progress, columns), _phases(progress, columns)]
    if progress.figures:
        parts += _load(progress, progress.figures, columns)
        parts += _tables(progress.figures, columns, max(lines - _AROUND, 4))
    elif progress.note:
        parts.append(safe(progress.note, "bright_black", columns))
    return Group(*parts)


def _title(progress: Progress, columns: int) -> Text:
    right = "ending the load; again: kill" if progress.stopping else "Ctrl-C ends the load"
    right = f"{clock(progress.elapsed_s())}   {right}"
    left = safe(progress.title, "bold", max(columns - len(right) - 3, 10))
    if progress.run_id and columns - left.cell_len - len(right) - 6 >= len(progress.run_id):
        left.append(f"   {progress.run_id}", style="not bold bright_black")
    left.append(" " * (columns - left.cell_len - len(right)))
    left.append(right, style="bold yellow" if progress.stopping else "not bold bright_black")
    return left


def _phases(progress: Progress, columns: int) -> Text:
    cells = []
    for name in PHASES:
        if name == progress.phase:
            mark = _SPINNER[int(progress.elapsed_s() * 4) % len(_SPINNER)]
            cells.append(Text(f"{mark} {name} {clock(progress.phase_elapsed_s())}", style="bold cyan"))
        elif name in progress.done_s:
            spent = f" {progress.done_s[name]:.1f}s"
            cells.append(Text.assemble(("✓ ", "green"), name, (spent, "bright_black")))
        else:
            cells.append(Text(f"· {name}", style="bright_black"))
    whole = flow(cells, 10_000)
    return whole if whole.cell_len <= columns else flow([_without_time(cell) for cell in cells], columns)


def _without_time(cell: Text) -> Text:
    """On a narrow terminal the phases that are done keep their mark and lose their time."""
    words = cell.plain.split()
    return Text.assemble((words[0], "green"), f" {words[1]}") if words[0] == "✓" else cell


def _load(progress: Progress, figures: LiveFigures, columns: int) -> list[RenderableType]:
    whole_s = figures.t_s + figures.remaining_s
    share = figures.t_s / whole_s if whole_s > 0 else 0.0
    over = progress.phase not in ("execute", "") or figures.remaining_s <= 0
    left = "load is over" if over else f"{clock(figures.remaining_s)} left"
    attempt = f"attempt {figures.attempt}   " if figures.attempt > 1 else ""
    after = f" {min(share, 1.0):4.0%}   {attempt}{clock(figures.t_s)} of {clock(whole_s)}   {left}"
    drawn = bar(share, max(columns - len(after), 8))
    drawn.append(after)
    drawn.truncate(columns)
    parts: list[RenderableType] = [drawn, flow(_load_cells(figures), columns)]
    parts += _trends(progress, columns)
    parts.append(processors(figures, columns))
    parts += [safe(f"! {alert}", "bold yellow", columns) for alert in figures.alerts[:_ALERTS]]
    if len(figures.alerts) > _ALERTS:
        parts.append(Text(f"! {len(figures.alerts) - _ALERTS} more alerts", style="bold yellow"))
    return [part for part in parts if part]


def _load_cells(figures: LiveFigures) -> list[Text]:
    cells = []
    if figures.asked_per_s:
        least = "" if figures.asked_is_all else "at least "
        cells.append(_cell("asked", least + fig.rate(figures.asked_per_s)))
    reached = fig.rate(figures.reached_per_s)
    cells.append(_cell("reached", reached))
    cells.append(_cell("users", fig.count(figures.users)))
    cells.append(_cell("samples", fig.count(figures.count)))
    share = figures.errors / figures.count if figures.count else 0.0
    errors = f"{fig.count(figures.errors)} ({fig.share(share)})" if figures.errors else "0"
    cells.append(_cell("errors", errors, "bold red" if figures.errors else ""))
    return cells


def _trends(progress: Progress, columns: int) -> list[RenderableType]:
    """Throughput and the slowest p95 over the last ticks."""
    if len(progress.reached) < 2 or not progress.figures:
        return []
    half = (columns - len(_GAP)) // 2 if columns >= _TRENDS_SIDE_BY_SIDE else columns
    rate = _trend("throughput  ", progress.reached, "", half, "cyan")
    found = slowest(progress.figures)
    now = f" {fig.ms(found[1])} {clean(found[0])}" if found else ""
    p95 = _trend("slowest p95 ", progress.slowest, now, half, "magenta")
    if half == columns:
        return [rate, p95]
    return [Text.assemble(rate, " " * (half - rate.cell_len), _GAP, p95)]


def _trend(name: str, values: Iterable[float | None], now: str, columns: int, style: str) -> Text:
    now = shorten(now, columns // 2)
    line = sparkline(list(values), max(columns - len(name) - width(now), 1), style)
    return Text.assemble((name, "bold"), line, now)


def _tables(figures: LiveFigures, columns: int, rows: int) -> list[RenderableType]:
    if columns >= _WIDE and figures.thresholds:
        left = int(columns * 0.56)
        both = Table.grid(padding=0)
        both.add_column(width=left)
        both.add_column(width=columns - left)
        both.add_row(
            endpoints(figures.labels, left - 3, rows), thresholds(figures.thresholds, columns - left, rows)
        )
        return [Text(), both]
    share = max(min(len(figures.thresholds), rows // 2), 1)
    parts: list[RenderableType] = [Text(), endpoints(figures.labels, columns, max(rows - share, 2))]
    if figures.thresholds:
        parts += [Text(), thresholds(figures.thresholds, columns, share)]
    return parts


def _cell(name: str, value: str, style: str = "") -> Text:
    return Text.assemble((f"{name} ", "bold"), (value, style))
