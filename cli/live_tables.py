"""The tables of the live view: endpoints, thresholds, processors."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from perfpilot.cli.live_blocks import bar, flow, safe
from perfpilot.domain.live import LiveFigures, LiveLabel, LiveThreshold
from perfpilot.reporting import figures as fig
from perfpilot.reporting.plain_text import clean, width

MARKS = {"holding": ("✓", "green"), "breached": ("✗", "bold red"), "waiting": ("·", "bright_black")}

_BUSY = 0.85  # of a processor: from here on it is shown as a warning
_NARROW = 76
_SHORTEST = 24  # of a column of names: tables of short names stay where the eye expects them


def endpoints(labels: Sequence[LiveLabel], columns: int, rows: int) -> Table:
    """One row an endpoint. Where more than `rows`, the slowest and failing stay, the rest is counted."""
    narrow = columns < _NARROW
    # 8 columns hold `1,234.5` and its padding; the name gets what is left.
    heads = ("rate/s", "errors", "p50 ms", "p95 ms", "p99 ms") if narrow else (
        "samples", "rate/s", "errors", "p50 ms", "p95 ms", "p99 ms"
    )  # fmt: skip
    name = columns - 1 - sum(_width(head) + 1 for head in heads)
    kept = _kept(labels, rows)
    name = min(name, max([width(clean(label.label)) for label in kept] + [_SHORTEST]))
    table = _table()
    table.add_column("endpoint", width=name, no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right", width=_width(head), no_wrap=True)
    for label in kept:
        cells = [safe(label.label, columns=name)]
        if not narrow:
            cells.append(Text(fig.count(label.count)))
        cells += [Text(fig.rate_number(label.rate_per_s)), _errors(label)]
        cells += [Text(_ms(value)) for value in (label.p50_ms, label.p95_ms, label.p99_ms)]
        table.add_row(*cells)
    if len(kept) < len(labels):
        table.add_row(Text(f"… {len(labels) - len(kept)} more", style="bright_black"))
    return table


def thresholds(given: Sequence[LiveThreshold], columns: int, rows: int) -> Table:
    """One row a threshold with its value so far: the breached first where not all fit."""
    value, state = 11, 8
    longest = max([width(clean(threshold.text)) for threshold in given] + [_SHORTEST])
    text = min(columns - value - state - 2 - 4, longest)
    table = _table()
    table.add_column("", width=1)
    table.add_column("threshold", width=text, no_wrap=True)
    table.add_column("now", justify="right", width=value, no_wrap=True)
    table.add_column("state", width=state, no_wrap=True)
    order = sorted(given, key=lambda t: ("breached", "waiting", "holding").index(t.state))
    kept = given if len(given) <= rows else order[: max(rows - 1, 1)]
    for threshold in kept:
        mark, style = MARKS[threshold.state]
        table.add_row(
            Text(mark, style=style),
            safe(threshold.text, columns=text),
            Text(fig.in_unit(threshold.value, threshold.unit)),
            Text(threshold.state, style=style),
        )
    if len(kept) < len(given):
        table.add_row("", Text(f"… {len(given) - len(kept)} more", style="bright_black"))
    return table


def processors(figures: LiveFigures, columns: int) -> Text:
    """Share of the host's cores that each component uses; without bars where only that fits one line."""
    if not figures.cpu_shares:
        return Text()
    lines = [flow(_processor_cells(figures, bars), columns, indent=6) for bars in (True, False)]
    return lines[1] if "\n" in lines[0].plain and "\n" not in lines[1].plain else lines[0]


def _processor_cells(figures: LiveFigures, bars: bool) -> list[Text]:
    cells = [Text("cpu", style="bold")]
    for name, share in figures.cpu_shares.items():
        busy = share >= _BUSY
        cell = Text.assemble(safe(name, columns=16), " ")
        if bars:
            cell.append_text(bar(share, 6, "yellow" if busy else "cyan")).append(" ")
        cells.append(cell.append(f"{share:.0%}".rjust(4 if bars else 0), style="bold yellow" if busy else ""))
    return cells


def _table() -> Table:
    return Table(box=None, padding=(0, 1, 0, 0), header_style="bold", show_edge=False)


def _kept(labels: Sequence[LiveLabel], rows: int) -> list[LiveLabel]:
    if len(labels) <= rows:
        return list(labels)
    worst = sorted(labels, key=lambda row: (row.errors, row.p95_ms or 0.0), reverse=True)[: max(rows - 1, 1)]
    return [label for label in labels if label in worst]


def _errors(label: LiveLabel) -> Text:
    if not label.count:
        return Text(fig.DASH)
    share = label.errors / label.count
    return Text(fig.share(share, 2), style="red" if share else "")


def _ms(value: float | None) -> str:
    return fig.digits(value)


def _width(head: str) -> int:
    return 9 if head == "samples" else 7
