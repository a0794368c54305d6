"""The tables of the live view: endpoints, thresholds, processors."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from perfpilot.cli.live.blocks import bar, flow, safe
from perfpilot.domain.live import LiveFigures, LiveLabel, LiveThreshold
from perfpilot.reporting import figures as fig
from perfpilot.reporting.plain_text import clean, width

MARKS = {"holding": ("✓", "green"), "breached": ("✗", "bold red"), "waiting": ("·", "bright_black")}

_BUSY = 0.85  # of a processor: from here on it is shown as a warning
_NARROW = 76
_SLIM = 56
_HEADS = {"samples": 9, "rate/s": 7, "errors": 7, "p50 ms": 7, "p95 ms": 7, "p99 ms": 7}
_FIRST_OUT, _NEXT_OUT = frozenset({"samples"}), frozenset({"p50 ms", "p99 ms"})
_SHORTEST = 24  # of a column of names: tables of short names stay where the eye expects them


def endpoints(labels: Sequence[LiveLabel], columns: int, rows: int) -> Table:
    """One row an endpoint. Where more than `rows`, the slowest and failing stay, the rest is counted."""
    left_out = _FIRST_OUT if columns < _NARROW else frozenset()
    left_out |= _NEXT_OUT if columns < _SLIM else frozenset()
    heads = [head for head in _HEADS if head not in left_out]
    # 7 columns hold `1,234.5`; the name gets what is left.
    name = columns - 1 - sum(_HEADS[head] + 1 for head in heads)
    kept = _kept(labels, rows)
    name = min(name, max([width(clean(label.label)) for label in kept] + [_SHORTEST]))
    table = _table()
    table.add_column("endpoint", width=name, no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right", width=_HEADS[head], no_wrap=True)
    for label in kept:
        cells = {
            "samples": Text(fig.count(label.count)),
            "rate/s": Text(fig.rate_number(label.rate_per_s)),
            "errors": _errors(label),
            "p50 ms": Text(fig.digits(label.p50_ms)),
            "p95 ms": Text(fig.digits(label.p95_ms)),
            "p99 ms": Text(fig.digits(label.p99_ms)),
        }
        table.add_row(safe(label.label, columns=name), *(cells[head] for head in heads))
    if len(kept) < len(labels):
        table.add_row(Text(f"… {len(labels) - len(kept)} more", style="bright_black"))
    return table


def thresholds(given: Sequence[LiveThreshold], columns: int, rows: int) -> Table:
    """One row a threshold with its value so far: the breached first where not all fit."""
    slim = columns < _SLIM
    value, state = 11, -1 if slim else 8
    longest = max([width(clean(threshold.text)) for threshold in given] + [_SHORTEST])
    text = min(columns - value - state - 2 - 4, longest)
    table = _table()
    table.add_column("", width=1)
    table.add_column("threshold", width=text, no_wrap=True)
    table.add_column("now", justify="right", width=value, no_wrap=True)
    if not slim:
        table.add_column("state", width=state, no_wrap=True)
    order = sorted(given, key=lambda t: ("breached", "waiting", "holding").index(t.state))
    kept = given if len(given) <= rows else order[: max(rows - 1, 1)]
    for threshold in kept:
        mark, style = MARKS[threshold.state]
        table.add_row(
            Text(mark, style=style),
            safe(threshold.text, columns=text),
            Text(fig.in_unit(threshold.value, threshold.unit)),
            *([] if slim else [Text(threshold.state, style=style)]),
        )
    if len(kept) < len(given):
        table.add_row("", Text(f"… {len(given) - len(kept)} more", style="bright_black"))
    return table


def processors(figures: LiveFigures, columns: int) -> Text:
    """What each component uses of the host: its cores, and memory where that is known.

    Without bars where only that fits one line.
    """
    if not figures.cpu_shares and figures.memory_share is None and not figures.memory_bytes:
        return Text()
    lines = [
        flow(_processor_cells(figures, bars, columns < _SLIM), columns, indent=4) for bars in (True, False)
    ]
    return lines[1] if "\n" in lines[0].plain else lines[0]


def _processor_cells(figures: LiveFigures, bars: bool, slim: bool) -> list[Text]:
    memory = {name: fig.size(size) for name, size in figures.memory_bytes.items() if not slim}
    if figures.memory_share is not None and not slim:
        memory["host"] = f"{figures.memory_share:.0%}"
    cells = [Text("cpu, memory" if memory else "cpu", style="bold")]
    for name in sorted({*figures.cpu_shares, *memory}, key=_place):
        share = figures.cpu_shares.get(name)
        cell = Text.assemble(safe(name, columns=16), " ")
        if share is None:
            cell.append(fig.DASH)
        else:
            busy = share >= _BUSY
            if bars:
                cell.append_text(bar(share, 6, "yellow" if busy else "cyan")).append(" ")
            cell.append(f"{share:.0%}".rjust(4 if bars else 0), style="bold yellow" if busy else "")
        if name in memory:
            cell.append(f" {memory[name]}", style="bright_black")
        cells.append(cell)
    return cells


def _place(component: str) -> tuple[int, str]:
    """The same place at each tick, whichever reading came first: host, target, JMeter, servers, the rest."""
    first, last = ("host", "target", "jmeter"), ("neighbours", "perfpilot")
    if component in first:
        return first.index(component), component
    return (5 + last.index(component) if component in last else 4), component


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
