"""What a person should look at: alerts that are on, and concerns about the load generator."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from perfpilot.cli.live.blocks import clock, flow, safe
from perfpilot.cli.live.progress import alert_words
from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveAlert, LiveFigures, LiveGenerator
from perfpilot.reporting import figures as fig
from perfpilot.reporting.plain_text import clean, wrapped

STYLES: dict[str, str] = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "yellow",
    Severity.INFO: "cyan",
}

_ORDER = tuple(STYLES)
_LINES_EACH = 2
_WHOLE = 0.005  # less than this unsent is not worth a figure
_WHOLE = 0.005  # less behind than this is not worth a figure


def alerts(figures: LiveFigures, columns: int, rows: int) -> Text:
    """The most severe first, each with how long it is on. Those that do not fit are counted."""
    found = sorted(figures.alerts, key=lambda alert: (_ORDER.index(alert.severity), alert.since_s))
    several = [line for alert in found for line in _alert(alert, figures.t_s, columns, _LINES_EACH)]
    if len(several) <= rows:
        return Text("\n").join(several)
    lines = [_alert(alert, figures.t_s, columns, 1)[0] for alert in found]
    return _first(lines, columns, rows)


def alert_rows(figures: LiveFigures, columns: int) -> int:
    """Rows in which all alerts fit."""
    return sum(len(_alert(alert, figures.t_s, columns, _LINES_EACH)) for alert in figures.alerts)


def generator(health: LiveGenerator, columns: int, rows: int) -> Text:
    """Well, or a line for each concern; the first ones where not all fit."""
    if health.concerns:
        lines = _concerns(health.concerns, columns)
        if len(lines) <= rows:
            return Text("\n").join(lines)
        return _first([_concern(text, columns) for text in health.concerns], columns, rows)
    if health.cpu_share is None and health.behind is None:
        return Text.assemble(("generator ", "bold"), ("not measured yet", "bright_black"))
    cells = [Text.assemble(("generator ", "bold"), ("well", "green"))]
    if health.cpu_share is not None:
        cells.append(Text(f"JMeter uses {health.cpu_share * 100:.0f} % of the processor"))
    if health.behind is not None:
        unsent = f"{fig.share(health.behind, 2)} of the load asked not sent"
        cells.append(Text("all of the load asked is sent" if health.behind < _WHOLE else unsent))
    # As much as one line holds: what is well needs no second one.
    for kept in (cells, [cells[0], cells[-1]]):
        line = flow(kept, columns)
        if "\n" not in line.plain:
            return line
    return cells[0]


def generator_rows(health: LiveGenerator, columns: int) -> int:
    """Rows in which all concerns fit."""
    return max(len(_concerns(health.concerns, columns)), 1)


def _first(lines: Sequence[Text], columns: int, rows: int) -> Text:
    """So many of the lines; at the end of the last one, how many more there are."""
    kept = list(lines[:rows])
    if len(kept) < len(lines):
        more = Text(f" +{len(lines) - len(kept)}", style="bold yellow")
        kept[-1].truncate(columns - more.cell_len, overflow="ellipsis")
        kept[-1].append_text(more)
    return Text("\n").join(kept)


def _alert(alert: LiveAlert, now_s: float, columns: int, lines: int) -> list[Text]:
    """`! high      0:12  error burst: 12 % of the samples fail`, in at most so many lines."""
    head = f"! {alert.severity.value:<8} {clock(now_s - alert.since_s):>5}  "
    style = STYLES[alert.severity]
    pieces = wrapped(alert_words(alert.name, alert.text), max(columns - len(head), 8))
    first = Text(head, style=style)
    if lines == 1 or len(pieces) <= 1:
        return [first + safe(" ".join(pieces), style, columns - len(head))]
    rest = safe(" ".join(pieces[1:]), style, columns - len(head))
    return [first + Text(pieces[0], style=style), Text(" " * len(head)) + rest]


def _concern(text: str, columns: int) -> Text:
    return safe(f"generator ! {clean(text)}", "bold yellow", columns)


def _concerns(concerns: Sequence[str], columns: int) -> list[Text]:
    """All of them, each in as many lines as it needs."""
    head = "generator ! "
    lines = []
    for text in concerns:
        for number, piece in enumerate(wrapped(clean(text), max(columns - len(head), 8))):
            lines.append(Text((" " * len(head) if number else head) + piece, style="bold yellow"))
    return lines
