"""Progress where nobody watches a terminal: one greppable line of `key=value` every five seconds."""

from __future__ import annotations

import re
from typing import Any

from perfpilot.cli.live.progress import alert_words, slowest
from perfpilot.cli.words import Words
from perfpilot.domain.live import LiveFigures, LiveThreshold
from perfpilot.reporting.figures import in_unit, size
from perfpilot.reporting.plain_text import clean

EVERY_S = 5.0

_FIGURE = re.compile(r"\d[\d.,]*")


class LiveLines:
    """Prints a line for each node, note, alert and step of the steering, and one every `EVERY_S` of load."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._last: tuple[int, float] | None = None  # attempt and time of the last line of figures
        self._concerns: tuple[str, ...] = ()
        self._t_s: float | None = None

    def __call__(self, message: dict[str, Any]) -> None:
        """Take one message of the run."""
        kind = message.get("kind")
        if kind == "node":
            self._words.line(node_line(message))
        elif kind == "alert":
            self._words.line(alert_line(message, self._t_s))
        elif kind in ("note", "steering"):
            self._words.line(f"{kind}: {message.get('text', '')}")
        elif kind == "run":
            self._words.line(f"run: {message.get('id', '')}")
        elif kind == "live":
            self._live(LiveFigures.model_validate(message["figures"]))

    def _live(self, figures: LiveFigures) -> None:
        # JMeter writes when its load will begin a moment ahead.
        figures = figures.model_copy(update={"t_s": max(figures.t_s, 0.0)})
        self._t_s = figures.t_s
        self._generator(figures.generator.concerns)
        due = self._last is None or figures.attempt != self._last[0] or figures.t_s >= self._last[1] + EVERY_S
        if due:
            # On the grid of five seconds: ticks that come late don't make the lines drift.
            self._last = figures.attempt, figures.t_s // EVERY_S * EVERY_S
            self._words.line(figures_line(figures))

    def _generator(self, concerns: tuple[str, ...]) -> None:
        """Concerns when they are new. Their figures change at each tick and make no new one."""
        known = {_FIGURE.sub("", text) for text in self._concerns}
        for text in concerns:
            if _FIGURE.sub("", text) not in known:
                self._words.line(f"generator: {clean(text)}")
        if self._concerns and not concerns:
            self._words.line("generator: well again")
        self._concerns = concerns


def alert_line(message: dict[str, Any], t_s: float | None) -> str:
    """`alert: state=begun severity=high name=error_burst t=31s text=12 % of the samples fail`.

    The text comes last and goes to the end of the line.
    """
    name, text = str(message.get("name", "")), str(message.get("text", ""))
    if "state" not in message:
        return f"alert: {alert_words(name, text)}"
    words = [f"{key}={_word(str(message.get(key, '')))}" for key in ("state", "severity", "name")]
    if t_s is not None:
        words.append(f"t={t_s:.0f}s")
    return f"alert: {' '.join(words)} text={clean(text)}"


def node_line(message: dict[str, Any]) -> str:
    """`setup: begins` or `setup: ended after 3.1 s`."""
    if message.get("state") == "begins":
        return f"{message.get('node', '')}: begins"
    return f"{message.get('node', '')}: ended after {float(message.get('seconds', 0.0)):.1f} s"


def figures_line(figures: LiveFigures) -> str:
    """`p95` is that of the slowest endpoint, named behind the @; `thresholds` counts those that hold."""
    words = [f"t={figures.t_s:.0f}s", f"left={figures.remaining_s:.0f}s"]
    if figures.attempt > 1:
        words.append(f"attempt={figures.attempt}")
    if figures.asked_per_s:
        least = "" if figures.asked_is_all else ">="
        words.append(f"asked={least}{figures.asked_per_s:.4g}/s")
    words += [f"reached={figures.reached_per_s:.1f}/s", f"users={figures.users}", f"samples={figures.count}"]
    words.append(f"errors={figures.errors / figures.count:.1%}" if figures.count else "errors=-")
    found = slowest(figures)
    words.append(f"p95={found[1]:.1f}ms@{_word(found[0])}" if found else "p95=-")
    words += [f"cpu.{_word(name)}={share:.0%}" for name, share in figures.cpu_shares.items()]
    words += [f"memory.{_word(name)}={_unspaced(size(used))}" for name, used in figures.memory_bytes.items()]
    health = figures.generator
    if health.cpu_share is not None or health.behind is not None or health.concerns:
        words.append(f"generator={'doubtful' if health.concerns else 'well'}")
    if health.behind is not None:
        words.append(f"unsent={health.behind:.1%}")
    if figures.thresholds:
        holding = sum(threshold.state == "holding" for threshold in figures.thresholds)
        words.append(f"thresholds={holding}/{len(figures.thresholds)}")
    words += [f"breached={_breach(t)}" for t in figures.thresholds if t.state == "breached"]
    if figures.alerts:
        words.append(f"alerts={len(figures.alerts)}")
    words += [f"alert={_word(alert.name)}:{alert.severity.value}" for alert in figures.alerts]
    return " ".join(words)


def _breach(threshold: LiveThreshold) -> str:
    """`p95(checkout)<100ms@212ms`."""
    return f"{_word(threshold.text)}@{_unspaced(in_unit(threshold.value, threshold.unit))}"


def _unspaced(figure: str) -> str:
    return figure.replace(" ", "")


def _word(text: str) -> str:
    """One word, so that the line splits at blanks: `p95(checkout)<150ms`, `my_endpoint`."""
    text = clean(text)
    for sign in ("<=", ">=", "<", ">"):
        text = text.replace(f" {sign} ", sign)
    return text.replace(" ", "_")
