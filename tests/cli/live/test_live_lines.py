"""The greppable progress for logs and pipelines."""

from __future__ import annotations

import io
import os

from perfpilot.cli.live.lines import LiveLines, figures_line
from perfpilot.cli.words import Words
from perfpilot.domain.live import LiveGenerator
from tests.cli.made_figures import HOSTILE, figures, label, live, node


def lines_of(*messages: dict[str, object]) -> list[str]:
    stream = io.StringIO()
    lines = LiveLines(Words(stream))
    for message in messages:
        lines(message)
    return stream.getvalue().splitlines()


def test_a_tick_is_one_line_of_key_value_words() -> None:
    line = figures_line(figures())
    assert line == (
        "t=35s left=5s asked=154/s reached=149.6/s users=12 samples=5210 errors=0.5% p95=212.4ms@checkout "
        "cpu.host=43% cpu.target=21% cpu.jmeter=91% generator=well unsent=3.0% "
        "thresholds=1/3 breached=p95(checkout)<100ms@212ms alerts=1 alert=error_burst:high"
    )
    assert all("=" in word for word in line.split(" "))


def test_nothing_measured_is_a_dash_and_not_a_zero() -> None:
    line = figures_line(
        figures(
            labels=(), count=0, errors=0, cpu_shares={}, thresholds=(), alerts=(), generator=LiveGenerator()
        )
    )
    assert line == "t=35s left=5s asked=154/s reached=149.6/s users=12 samples=0 errors=- p95=-"


def test_only_users_given_asks_for_no_rate() -> None:
    assert "asked=" not in figures_line(figures(asked_per_s=0.0))


def test_a_load_that_cannot_all_be_counted_ahead_says_at_least() -> None:
    assert "asked=>=154/s" in figures_line(figures(asked_is_all=False))


def test_figures_come_every_five_seconds_and_at_once_for_a_new_attempt() -> None:
    ticks = [live(t_s=float(t)) for t in range(1, 13)] + [live(t_s=1.0, attempt=2)]
    shown = [line.split()[0] for line in lines_of(*ticks)]
    assert shown == ["t=1s", "t=5s", "t=10s", "t=1s"]


def test_late_ticks_do_not_make_the_grid_drift() -> None:
    shown = lines_of(*[live(t_s=t) for t in (0.9, 6.9, 9.9, 10.9, 14.9, 15.1)])
    assert [line.split()[0] for line in shown] == ["t=1s", "t=7s", "t=11s", "t=15s"]


def test_before_its_first_second_a_load_is_at_zero() -> None:
    shown = lines_of(*[live(t_s=t) for t in (-1.2, -0.2, 0.8, 4.0, 5.1)])
    assert [line.split()[0] for line in shown] == ["t=0s", "t=5s"]


def test_nodes_notes_and_alerts_have_a_line_each() -> None:
    assert lines_of(
        node("setup", "begins"),
        {"kind": "note", "text": "found JMeter 5.6.3"},
        node("setup", "ended", 3.14),
        {"kind": "alert", "text": "error burst"},
        {"kind": "steering", "text": "back to 45/s: 52/s was lost"},
        {"kind": "run", "id": "20261122-153309-demo-a1b2c3"},
        {"kind": "something new"},
    ) == [
        "setup: begins",
        "note: found JMeter 5.6.3",
        "setup: ended after 3.1 s",
        "alert: error burst",
        "steering: back to 45/s: 52/s was lost",
        "run: 20261122-153309-demo-a1b2c3",
    ]


def alert(state: str, text: str, **changes: str) -> dict[str, object]:
    return {
        "kind": "alert",
        "state": state,
        "severity": "high",
        "name": "error burst",
        "text": text,
        **changes,
    }


def test_an_alert_has_a_line_where_it_begins_and_where_it_ends() -> None:
    shown = lines_of(
        alert("begun", "12 % of the samples fail"),
        live(t_s=31.0),
        alert("ended", "1 % of the samples fail"),
    )
    assert shown[0] == "alert: state=begun severity=high name=error_burst text=12 % of the samples fail"
    assert shown[2] == "alert: state=ended severity=high name=error_burst t=31s text=1 % of the samples fail"


def test_a_concern_about_the_generator_is_told_once_however_its_figure_changes() -> None:
    def tick(t_s: float, *concerns: str) -> dict[str, object]:
        return live(t_s=t_s, generator=LiveGenerator(cpu_share=0.9, concerns=concerns))

    shown = lines_of(
        tick(1.0),
        tick(2.0, "JMeter uses 86 % of the host's processor"),
        tick(3.0, "JMeter uses 87 % of the host's processor"),
        tick(4.0, "JMeter uses 91 % of the host's processor", "12 % of the load asked was not sent"),
        tick(5.0),
    )
    assert [line for line in shown if line.startswith("generator:")] == [
        "generator: JMeter uses 86 % of the host's processor",
        "generator: 12 % of the load asked was not sent",
        "generator: well again",
    ]
    assert "generator=well" in shown[0]


def test_what_processes_hold_in_memory_is_in_the_line() -> None:
    assert "memory.target=202MiB" in figures_line(figures(memory_bytes={"target": 212e6}))


def test_hostile_text_neither_reaches_the_terminal_nor_makes_a_second_line() -> None:
    note = {"kind": "note", "text": "bad\x1b]0;title\x07\x9b2J"}
    health = LiveGenerator(concerns=(HOSTILE,))
    shown = lines_of(
        note,
        alert("begun", HOSTILE + "\n\r" + HOSTILE, severity=HOSTILE, name=HOSTILE),
        {"kind": "steering", "text": HOSTILE},
        live(labels=(label(HOSTILE),), generator=health),
    )
    assert len(shown) == 5
    assert not any(ord(character) < 32 or character in "\x9b\u202e" for line in shown for character in line)


def test_a_reader_who_went_away_ends_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    lines = LiveLines(Words(stream))
    lines(live(t_s=1.0))
    lines(live(t_s=9.0))
    stream.close()  # what was never read is flushed to nowhere
