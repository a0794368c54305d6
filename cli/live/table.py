"""The live view on a terminal: a pure function from `Progress` to what Rich draws, for any width."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from perfpilot.analysis.generator.health import ENOUGH
from perfpilot.cli.live.alerts import alert_rows, alerts, generator, generator_rows
from perfpilot.cli.live.blocks import bar, clock, flow, safe, sparkline
from perfpilot.cli.live.progress import PHASES, Progress, slowest
from perfpilot.cli.live.rows import Block, air, drawn, lines, whole
from perfpilot.cli.live.tables import endpoints, processors, thresholds
from perfpilot.domain.live import LiveFigures
from perfpilot.reporting import figures as fig
from perfpilot.reporting.plain_text import clean, shorten, width, wrapped

_WIDE = 130  # from here on endpoints and thresholds stand side by side
_SLIM = 56  # below it words are left out
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ALERTS = 6  # rows at most
_TRENDS_SIDE_BY_SIDE = 100
_GAP = "   "
_SHORTEST_BAR = 8
_STALE_S = 5.0


def live_view(progress: Progress, columns: int, rows: int) -> RenderableType:
    """What to draw now on a terminal of so many columns and rows; never more than those."""
    figures = progress.figures
    blocks = [
        air(lambda _: Rule(style="bright_black")),
        lines(0, _title(progress, columns)),
        _phases(progress, columns),
    ]
    if figures is None:
        note = safe(progress.note, "bright_black", columns) if progress.note else Text()
        return drawn([*blocks, lines(1, note)], rows)
    blocks += [
        whole(1, _time_left(progress, figures, columns)),
        whole(2, flow(_load_cells(figures), columns)),
        *_looked_at(figures, columns),
        _trends(progress, columns),
        lines(9, processors(figures, columns)),
        *_tables(figures, columns),
    ]
    return drawn(blocks, rows)


def _title(progress: Progress, columns: int) -> Text:
    if columns < _SLIM:
        right = "ending; again: kill" if progress.stopping else "Ctrl-C ends it"
    else:
        right = "ending the load; again: kill" if progress.stopping else "Ctrl-C ends the load"
    right = f"{clock(progress.elapsed_s())}   {right}"
    left = safe(progress.title, "bold", max(columns - len(right) - 3, 8))
    if progress.run_id and columns - left.cell_len - len(right) - 6 >= len(progress.run_id):
        left.append(f"   {progress.run_id}", style="not bold bright_black")
    left.append(" " * (columns - left.cell_len - len(right)))
    left.append(right, style="bold yellow" if progress.stopping else "not bold bright_black")
    left.truncate(columns)
    return left


def _phases(progress: Progress, columns: int) -> Block:
    """All of them by name; where there are not so many rows, only the one that works."""
    cells, short = [], []
    for name in PHASES:
        if name == progress.phase:
            mark = _SPINNER[int(progress.elapsed_s() * 4) % len(_SPINNER)]
            cells.append(Text(f"{mark} {name} {clock(progress.phase_elapsed_s())}", style="bold cyan"))
            short.append(cells[-1])
        elif name in progress.done_s:
            spent = f" {progress.done_s[name]:.1f}s"
            cells.append(Text.assemble(("✓ ", "green"), name, (spent, "bright_black")))
            short.append(Text("✓", style="green"))
        else:
            cells.append(Text(f"· {name}", style="bright_black"))
            short.append(Text("·", style="bright_black"))
    named = flow(cells, columns)
    if "\n" in named.plain:
        named = flow([_without_time(cell) for cell in cells], columns)
    one = named if "\n" not in named.plain else Text(" ").join(short)
    one.truncate(columns, overflow="ellipsis")
    rows = named.plain.count("\n") + 1
    return Block(8, 1, rows, lambda given: named if given == rows else one)


def _without_time(cell: Text) -> Text:
    """On a narrow terminal the phases that are done keep their mark and lose their time."""
    words = cell.plain.split()
    return Text.assemble((words[0], "green"), f" {words[1]}") if words[0] == "✓" else cell


def _time_left(progress: Progress, figures: LiveFigures, columns: int) -> Text:
    """How far the load is, and since when nothing was heard of it."""
    whole_s = figures.t_s + figures.remaining_s
    share = min(max(figures.t_s / whole_s, 0.0), 1.0) if whole_s > 0 else 0.0
    over = progress.phase not in ("execute", "") or figures.remaining_s <= 0
    most = "at most " if figures.steering else ""  # a search may be over earlier
    left = "load is over" if over else f"{most}{clock(figures.remaining_s)} left"
    attempt = f"attempt {figures.attempt}   " if figures.attempt > 1 else ""
    spent = f"{clock(figures.t_s)} of {clock(whole_s)}"
    words = (f"{attempt}{left if over else f'{spent}   {left}'}", f"{attempt}{left}", left)
    after = next((w for w in words if len(w) + 8 + _SHORTEST_BAR <= columns), left)
    after = f" {share:4.0%}   {after}"
    line = bar(share, max(columns - len(after), _SHORTEST_BAR)).append(after)
    line.truncate(columns)
    silent_s = progress.silent_s()
    if not over and silent_s >= _STALE_S:
        line.append("\n").append(f"! no figures for {clock(silent_s)}"[:columns], style="bold yellow")
    return line


def _load_cells(figures: LiveFigures) -> list[Text]:
    cells = []
    if figures.asked_per_s:
        least = "" if figures.asked_is_all else "at least "
        cells.append(_cell("asked", least + fig.rate(figures.asked_per_s)))
    short = (figures.generator.behind or 0.0) > 1 - ENOUGH
    cells.append(_cell("reached", fig.rate(figures.reached_per_s), "bold yellow" if short else ""))
    cells.append(_cell("users", fig.count(figures.users)))
    cells.append(_cell("samples", fig.count(figures.count)))
    share = figures.errors / figures.count if figures.count else 0.0
    errors = f"{fig.count(figures.errors)} ({fig.share(share)})" if figures.errors else "0"
    cells.append(_cell("errors", errors, "bold red" if figures.errors else ""))
    return cells


def _looked_at(figures: LiveFigures, columns: int) -> list[Block]:
    """What a search does, alerts, the load generator."""
    alert_lines = min(alert_rows(figures, columns), _ALERTS)
    health = figures.generator
    return [
        _steering(figures.steering, columns),
        Block(3, min(len(figures.alerts), 2), alert_lines, lambda rows: alerts(figures, columns, rows)),
        Block(
            6,
            1,
            generator_rows(health, columns),
            lambda rows: generator(health, columns, rows),
        ),
    ]


def _steering(sentence: str, columns: int) -> Block:
    """What a search or a back-off is doing."""
    if not sentence:
        return lines(5, Text())
    pieces = wrapped(clean(f"steering {sentence}"), columns)

    def draw(rows: int) -> Text:
        shown = "\n".join(pieces) if len(pieces) <= rows else shorten(" ".join(pieces), columns)
        return Text.assemble(("steering", "bold"), (shown.removeprefix("steering"), "cyan"))

    return Block(5, 1, len(pieces), draw)


def _trends(progress: Progress, columns: int) -> Block:
    """Throughput and the slowest p95 over the last ticks."""
    if len(progress.reached) < 2 or not progress.figures:
        return lines(10, Text())
    half = (columns - len(_GAP)) // 2 if columns >= _TRENDS_SIDE_BY_SIDE else columns
    rate = _trend("throughput  ", progress.reached, "", half, "cyan")
    found = slowest(progress.figures)
    now = f" {fig.ms(found[1])} {clean(found[0])}" if found else ""
    p95 = _trend("slowest p95 ", progress.slowest, now, half, "magenta")
    if half == columns:
        return lines(10, Text("\n").join([rate, p95]))
    return lines(10, Text.assemble(rate, " " * (half - rate.cell_len), _GAP, p95))


def _trend(name: str, values: Iterable[float | None], now: str, columns: int, style: str) -> Text:
    now = shorten(now, columns // 2)
    line = sparkline(list(values), max(columns - len(name) - width(now), 1), style)
    return Text.assemble((name, "bold"), line, now)


def _tables(figures: LiveFigures, columns: int) -> list[Block]:
    """Beside each other, or thresholds below endpoints; of both there are at least two rows and the head."""
    endpoint_rows, threshold_rows = len(figures.labels) + 1, len(figures.thresholds) + 1
    if columns >= _WIDE and figures.thresholds:
        left = int(columns * 0.56)

        def both(rows: int) -> RenderableType:
            table = Table.grid(padding=0)
            table.add_column(width=left)
            table.add_column(width=columns - left)
            table.add_row(
                endpoints(figures.labels, left - 3, rows - 1),
                thresholds(figures.thresholds, columns - left, rows - 1),
            )
            return table

        most = max(endpoint_rows, threshold_rows)
        return [air(), Block(4, min(3, most), most, both)]
    found = [
        air(),
        Block(
            7,
            min(3, endpoint_rows),
            endpoint_rows,
            lambda rows: endpoints(figures.labels, columns, rows - 1),
        ),
    ]
    if figures.thresholds:
        found += [
            air(),
            Block(
                4,
                min(3, threshold_rows),
                threshold_rows,
                lambda rows: thresholds(figures.thresholds, columns, rows - 1),
            ),
        ]
    return found


def _cell(name: str, value: str, style: str = "") -> Text:
    return Text.assemble((f"{name} ", "bold"), (value, style))
