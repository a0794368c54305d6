"""The live view as text, at the widths of real terminals."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console, ConsoleDimensions

from perfpilot.cli.live.progress import Progress
from perfpilot.cli.live.screen import LiveScreen
from perfpilot.cli.live.table import live_view
from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveGenerator, LiveThreshold
from perfpilot.reporting.plain_text import width
from tests.cli.made_figures import HOSTILE, alert, label, live, node

WIDTHS = (40, 55, 60, 70, 80, 100, 129, 130, 160, 240)


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
        "demo shop", "✓ validate", "execute", "· report", "0:04 left", "88%", "asked 154.0/s",
        "reached 149.6/s", "users 12", "5,210", "errors 26 (0.499 %)", "browse", "product page", "checkout",
        "p95(checkout) < 100ms", "212 ms", " 0.5 %", "✗", "✓ error_rate", "host", "43%", "target", "21%",
        "! high      0:05  error burst: 12 %", "Ctrl-C ends", "throughput", "slowest p95", "generator well",
    ):  # fmt: skip
        assert part in text, part
    if columns >= 60:
        assert all(state in text for state in ("breached", "holding", "waiting"))
    if columns >= 100:
        assert "generator well   JMeter uses 91 % of the processor   3 % of the load asked not sent" in text


@pytest.mark.parametrize("columns", WIDTHS)
def test_each_endpoint_keeps_its_own_figures(columns: int) -> None:
    row = next(line for line in drawn(running(), columns) if line.startswith("checkout"))
    if columns >= 60:
        assert re.search(r"25\.5\s+2\.1 %\s+1\.20\s+212\s+1,510", row)
    else:
        assert re.search(r"25\.5\s+2\.1 %\s+212\s*$", row)


def test_a_wide_terminal_has_thresholds_beside_the_endpoints() -> None:
    def beside(columns: int) -> bool:
        return any("browse" in line and "p95(checkout)" in line for line in drawn(running(), columns))

    assert beside(160)
    assert not beside(100)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("lines", [20, 24, 40])
def test_where_many_endpoints_do_not_fit_the_worst_stay(columns: int, lines: int) -> None:
    labels = tuple(label(f"endpoint {i}", p95_ms=float(i)) for i in range(60))
    failing = label("rare, failing", errors=3, p95_ms=0.1)
    shown = drawn(running(labels=(failing, *labels)), columns, lines)
    assert len(shown) <= lines
    text = "\n".join(shown)
    assert "rare, failing" in text
    assert "endpoint 59" in text
    assert "endpoint 1 " not in text
    assert re.search(r"… \d+ more", text)


@pytest.mark.parametrize("columns", WIDTHS)
def test_hostile_labels_are_inert(columns: int) -> None:
    made = running(
        labels=(label(HOSTILE), label("宽" * 70)),
        alerts=(alert(HOSTILE, text=HOSTILE * 20), alert("宽" * 70)),
        generator=LiveGenerator(concerns=(HOSTILE * 3, "宽" * 70)),
        steering=HOSTILE * 4,
        cpu_shares={HOSTILE: 0.5},
        memory_bytes={HOSTILE: 1e9},
        thresholds=(LiveThreshold(text=HOSTILE, value=1.0, unit="ms", state="breached"),),
    )
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


def test_before_its_first_second_a_load_has_no_share_behind_it() -> None:
    shown = "\n".join(drawn(progress(live(t_s=-1.3, remaining_s=41.3)), 80))
    assert "   0%   0:00 of 0:40   0:41 left" in shown


def test_a_second_attempt_starts_its_history_anew() -> None:
    made = running()
    made.feed(live(attempt=2, t_s=1.0, remaining_s=39.0))
    assert len(made.reached) == 1
    assert "attempt 2" in "\n".join(drawn(made, 80))


def test_while_a_second_attempt_is_smoked_the_figures_of_the_first_are_gone() -> None:
    made = running()
    made.feed(node("execute", "ended", 9.0))
    made.feed(node("plan", "begins"))
    assert "asked 154.0/s" in "\n".join(drawn(made, 80))
    made.feed(node("plan", "ended", 0.1))
    made.feed(node("execute", "begins"))
    made.feed({"kind": "note", "text": "attempt 2: smoke pass with one user"})
    shown = "\n".join(drawn(made, 80))
    assert "asked" not in shown
    assert "attempt 2: smoke pass" in shown


def test_a_stop_is_said_in_the_title() -> None:
    made = running()
    made.stopping = True
    assert "ending the load; again: kill" in drawn(made, 60)[1]
    assert "ending; again: kill" in drawn(made, 40)[1]


TROUBLE: dict[str, Any] = {
    "alerts": (
        alert("latency jump", severity=Severity.LOW, text="p95 doubled", since_s=5.0),
        alert(),
        alert("target silent", severity=Severity.CRITICAL, text="nothing was answered for 6 s", since_s=35.0),
    ),
    "generator": LiveGenerator(
        cpu_share=0.86,
        behind=0.12,
        concerns=("JMeter uses 86 % of the host's processor", "12 % of the load asked was not sent"),
    ),
    "steering": "probing 47.2/s: held 45/s, lost 52/s",
    "labels": tuple(label(f"endpoint {i}", p95_ms=float(i)) for i in range(12)),
}


@pytest.mark.parametrize("columns", WIDTHS)
def test_alerts_stand_by_severity_with_how_long_they_are_on(columns: int) -> None:
    shown = [line for line in drawn(running(**TROUBLE), columns) if line.startswith("! ")]
    assert [line.split()[1:3] for line in shown] == [["critical", "0:00"], ["high", "0:05"], ["low", "0:30"]]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("rows", [12, 16, 20, 24, 50])
def test_what_matters_most_stays_in_a_small_window(columns: int, rows: int) -> None:
    shown = drawn(running(**TROUBLE), columns, rows)
    assert len(shown) <= rows
    assert max(map(width, shown)) <= columns
    text = "\n".join(shown)
    for part in (
        "0:04 left", "asked 154.0/s", "reached 149.6/s", "errors 26", "! critical  0:00  target silent",
        "! high", "✗ p95(checkout) < 100ms", "generator ! JMeter uses", "steering probing 47.2/s",
    ):  # fmt: skip
        assert part in text, part
    if rows >= 16:
        assert "endpoint 11" in text
    if rows >= 20:
        assert "host 43%" in re.sub("[█░ ]+", " ", text)


@pytest.mark.parametrize("rows", range(1, 40))
def test_the_view_is_never_higher_than_the_window(rows: int) -> None:
    for columns in (40, 100, 160):
        assert len(drawn(running(**TROUBLE), columns, rows)) <= rows


def test_alerts_and_concerns_that_do_not_fit_are_counted() -> None:
    many = tuple(alert(f"rule {i}", since_s=float(i)) for i in range(9))
    concerns = tuple(f"concern {i}" for i in range(4))
    shown = drawn(running(alerts=many, generator=LiveGenerator(concerns=concerns)), 60, 16)
    last = [line for line in shown if line.startswith("! ")][-1]
    assert re.search(r" \+\d$", last)
    kept = sum(line.startswith("! ") for line in shown)
    assert last.endswith(f"+{9 - kept}")
    said = [line for line in shown if line.startswith("generator ! ")]
    assert said[-1].endswith(f"+{4 - len(said)}")


def test_the_name_of_an_alert_is_said_once() -> None:
    text = "\n".join(drawn(running(alerts=(alert(text="Error burst: 12 % fail"),)), 100))
    assert text.count("burst") == 1


def test_a_generator_of_which_nothing_is_known_is_not_called_well() -> None:
    text = "\n".join(drawn(running(generator=LiveGenerator()), 100))
    assert "generator not measured yet" in text
    assert "well" not in text


def test_memory_is_shown_where_it_is_known() -> None:
    text = "\n".join(drawn(running(memory_share=0.61, memory_bytes={"target": 212e6, "db": 9e7}), 160))
    assert re.search(r"cpu, memory +host \S+ +43% 61% +target \S+ +21% 202 MiB", text)
    assert "db – 85.8 MiB" in text


def test_components_keep_their_places_whichever_was_read_first() -> None:
    shares = {"perfpilot": 0.01, "db": 0.1, "jmeter": 0.2, "target": 0.3, "neighbours": 0.1, "host": 0.9}
    line = next(line for line in drawn(running(cpu_shares=shares), 160) if line.startswith("cpu"))
    assert re.findall("[a-z]+", line)[1:] == ["host", "target", "jmeter", "db", "neighbours", "perfpilot"]


def test_figures_that_stopped_coming_are_said_to_be_old() -> None:
    made = running(remaining_s=60.0)
    assert "no figures" not in "\n".join(drawn(made, 80))
    made.heard_s -= 12
    assert "! no figures for 0:12" in "\n".join(drawn(made, 80))
    made.feed(node("execute", "ended", 40.0))
    made.feed(node("collect", "begins"))
    assert "no figures" not in "\n".join(drawn(made, 80))


def screened(*messages: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = io.StringIO()
    with LiveScreen(stream, "demo") as screen:
        for message in messages:
            screen(message)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())


def test_alerts_and_steps_scroll_away_above_the_view(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {"kind": "alert", "severity": "high", "name": "error burst"}
    text = screened(
        live(),
        told | {"state": "begun", "text": "12 % of the samples fail"},
        told | {"state": "ended", "text": "12 % of the samples fail"},
        {"kind": "steering", "text": "back to 45/s"},
        {"kind": "alert", "text": "as an older run tells it"},
        {"kind": "something new"},
        monkeypatch=monkeypatch,
    )
    for line in (
        "0:35 ! high error burst: 12 % of the samples fail", "0:35 over: error burst\n",
        "0:35 back to 45/s", "0:35 ! as an older run tells it",
    ):  # fmt: skip
        assert line in text, line


def test_a_terminal_that_was_resized_is_cleared_and_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("LINES", "30")
    stream = io.StringIO()
    with LiveScreen(stream, "demo") as screen:
        screen({"kind": "note", "text": "found JMeter 5.6.3"})
        screen(live())
        assert "\x1b[2J" not in stream.getvalue()
        screen._console.size = ConsoleDimensions(60, 30)
        screen._live.refresh()
        after = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue().split("\x1b[2J")[1])
    assert "found JMeter 5.6.3" in after
    assert "asked 154.0/s" in after


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
