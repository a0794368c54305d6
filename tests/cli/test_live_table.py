"""The live view as text, at the widths of real terminals."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from perfpilot.cli.live_screen import LiveScreen
from perfpilot.cli.live_table import live_view
from perfpilot.cli.progress import Progress
from perfpilot.reporting.plain_text import width
from tests.cli.made_figures import HOSTILE, label, live, node

WIDTHS = (60, 70, 80, 100, 129, 130, 160, 240)


def progress(*messages: dict[str, Any], title: str = "demo shop (healthy)") -> Progress:
    made = Progress(title=title)
    for message in messages:
        made.feed(message)
    return made


def drawn(made: Progress, columns: int, lines: int = 40) -> list[str]:
    console = Console(file=io.StringIO(), width=columns + 40, force_terminal=False, color_system=None)
    console.print(live_view(made, columns, lines), width=columns, crop=False)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def running(**changes: Any) -> Progress:
    return progress(
        node("validate", "begins"),
        node("validate", "ended", 0.3),
        node("setup", "begins"),
        node("setup", "ended", 2.5),
        node("execute", "begins"),
        live(t_s=33.2, **changes),
        live(t_s=34.2, **changes),
        live(**changes),
    )


@pytest.mark.parametrize("columns", WIDTHS)
def test_everything_is_there_and_nothing_overflows(columns: int) -> None:
    shown = drawn(running(), columns)
    assert max(map(width, shown)) <= columns
    text = "\n".join(shown)
    for part in (
        "demo shop (healthy)", "✓ validate", "execute", "· report", "0:04 left", "88%", "asked 154.0/s",
        "reached 149.6/s", "users 12", "5,210", "errors 26 (0.499 %)", "browse", "product page", "checkout",
        "p95(checkout) < 100ms", "212 ms", " 0.5 %",
        "breached", "holding", "waiting", "host", "43%", "target", "21%",
        "! error burst: 12% of the samples fail", "Ctrl-C ends the load", "throughput", "slowest p95",
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize("columns", WIDTHS)
def test_each_endpoint_keeps_its_own_figures(columns: int) -> None:
    row = next(line for line in drawn(running(), columns) if line.startswith("checkout"))
    cells = row.split()
    assert cells[:1] + cells[-8:] == cells or "p95(" in row or "1,510" in cells
    assert re.search(r"25\.5\s+2\.1 %\s+1\.20\s+212\s+1,510", row)


def test_a_wide_terminal_has_thresholds_beside_the_endpoints() -> None:
    def beside(columns: int) -> bool:
        return any("browse" in line and "p95(checkout)" in line for line in drawn(running(), columns))

    assert beside(160)
    assert not beside(100)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("lines", [24, 40])
def test_where_many_endpoints_do_not_fit_the_worst_stay(columns: int, lines: int) -> None:
    labels = tuple(label(f"endpoint {i}", p95_ms=float(i)) for i in range(60))
    failing = label("rare but failing", errors=3, p95_ms=0.1)
    shown = drawn(running(labels=(failing, *labels)), columns, lines)
    assert len(shown) <= lines
    text = "\n".join(shown)
    assert "rare but failing" in text
    assert "endpoint 59" in text
    assert "endpoint 1 " not in text
    assert re.search(r"… \d+ more", text)


@pytest.mark.parametrize("columns", WIDTHS)
def test_hostile_labels_are_inert(columns: int) -> None:
    made = running(labels=(label(HOSTILE), label("宽" * 70)), alerts=(HOSTILE * 20,))
    made.title = HOSTILE * 5
    shown = drawn(made, columns)
    assert max(map(width, shown)) <= columns
    text = "\n".join(shown)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "cart [bold red]x[/]" in text


def test_before_the_load_the_phase_and_its_note_are_shown() -> None:
    shown = "\n".join(drawn(progress(node("setup", "begins"), {"kind": "note", "text": "probing"}), 80))
    assert "setup 0:00" in shown
    assert "probing" in shown
    assert "asked" not in shown


def test_after_the_load_its_last_figures_stay() -> None:
    made = running(remaining_s=0.0)
    made.feed(node("execute", "ended", 48.0))
    made.feed(node("collect", "begins"))
    shown = "\n".join(drawn(made, 160))
    assert "load is over" in shown
    assert "✓ execute 48.0s" in shown
    assert "checkout" in shown


def test_a_second_attempt_starts_its_history_anew() -> None:
    made = running()
    made.feed(live(attempt=2, t_s=1.0, remaining_s=39.0))
    assert len(made.reached) == 1
    assert "attempt 2" in "\n".join(drawn(made, 80))


def test_a_stop_is_said_in_the_title() -> None:
    made = running()
    made.stopping = True
    assert "ending the load; again: kill" in drawn(made, 60)[1]


@pytest.mark.parametrize("no_color", [True, False])
def test_no_color_is_obeyed(no_color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("COLORTERM", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)
    stream = io.StringIO()
    with LiveScreen(stream, "demo") as screen:
        screen(live())
        screen({"kind": "alert", "text": "error burst [bold]"})
    text = stream.getvalue()
    assert "error burst [bold]" in text
    colours = re.findall(r"\x1b\[[0-9;]*(?:3[0-7]|9[0-7]|38;5;\d+)m", text)
    assert bool(colours) is not no_color
