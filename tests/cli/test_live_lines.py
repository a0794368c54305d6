"""The greppable progress for logs and pipelines."""

from __future__ import annotations

import io
import os

from perfpilot.cli.live_lines import LiveLines, figures_line
from perfpilot.cli.words import Words
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
        "cpu.host=43% cpu.target=21% cpu.jmeter=91% thresholds=1/3 breached=p95(checkout)<100ms alerts=1"
    )
    assert all("=" in word for word in line.split(" "))


def test_nothing_measured_is_a_dash_and_not_a_zero() -> None:
    line = figures_line(figures(labels=(), count=0, errors=0, cpu_shares={}, thresholds=(), alerts=()))
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


def test_nodes_notes_and_alerts_have_a_line_each() -> None:
    assert lines_of(
        node("setup", "begins"),
        {"kind": "note", "text": "found JMeter 5.6.3"},
        node("setup", "ended", 3.14),
        {"kind": "alert", "text": "error burst"},
        {"kind": "run", "id": "20261122-153309-demo-a1b2c3"},
        {"kind": "something new"},
    ) == [
        "setup: begins",
        "note: found JMeter 5.6.3",
        "setup: ended after 3.1 s",
        "alert: error burst",
        "run: 20261122-153309-demo-a1b2c3",
    ]


def test_hostile_text_neither_reaches_the_terminal_nor_makes_a_second_line() -> None:
    note = {"kind": "note", "text": "bad\x1b]0;title\x07\x9b2J"}
    shown = lines_of(note, live(labels=(label(HOSTILE),)))
    assert len(shown) == 2
    assert not any(ord(character) < 32 or character in "\x9b\u202e" for line in shown for character in line)


def test_a_reader_who_went_away_ends_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    lines = LiveLines(Words(stream))
    lines(live(t_s=1.0))
    lines(live(t_s=9.0))
    stream.close()  # what was never read is flushed to nowhere
