"""Progress where nobody watches a terminal: one greppable line of `key=value` every five seconds."""

from __future__ import annotations

from typing import Any

from perfpilot.cli.progress import slowest
from perfpilot.cli.words import Words
from perfpilot.domain.live import LiveFigures
from perfpilot.reporting.plain_text import clean

EVERY_S = 5.0


class LiveLines:
    """Prints a line for each node, note and alert, and one every `EVERY_S` of load."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._last: tuple[int, float] | None = None  # attempt and time of the last line of figures

    def __call__(self, message: dict[str, Any]) -> None:
        """Take one message of the run."""
        kind = message.get("kind")
        if kind == "node":
            self._words.line(node_line(message))
        elif kind in ("note", "alert"):
            self._words.line(f"{kind}: {message.get('text', '')}")
        elif kind == "run":
            self._words.line(f"run: {message.get('id', '')}")
        elif kind == "live":
            self._live(LiveFigures.model_validate(message["figures"]))

    def _live(self, figures: LiveFigures) -> None:
        due = self._last is None or figures.attempt != self._last[0] or figures.t_s >= self._last[1] + EVERY_S
        if due:
            # On the grid of five seconds: ticks that come late don't make the lines drift.
            self._last = figures.attempt, figures.t_s // EVERY_S * EVERY_S
            self._words.line(figures_line(figures))


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
    if figures.thresholds:
        holding = sum(threshold.state == "holding" for threshold in figures.thresholds)
        words.append(f"thresholds={holding}/{len(figures.thresholds)}")
    words += [f"breached={_word(t.text)}" for t in figures.thresholds if t.state == "breached"]
    if figures.alerts:
        words.append(f"alerts={len(figures.alerts)}")
    return " ".join(words)


def _word(text: str) -> str:
    """One word, so that the line splits at blanks: `p95(checkout)<150ms`, `my_endpoint`."""
    text = clean(text)
    for sign in ("<=", ">=", "<", ">"):
        text = text.replace(f" {sign} ", sign)
    return text.replace(" ", "_")
