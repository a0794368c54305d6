"""Where a run is, gathered from the messages that it sends: what every way of showing it is drawn from."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from perfpilot.domain.live import LiveFigures
from perfpilot.reporting.plain_text import clean

PHASES = ("validate", "approve", "setup", "plan", "execute", "collect", "analyze", "report")
"""The nodes in the order of the workflow."""

_HISTORY_S = 120


@dataclass
class Progress:
    """Fed with every message; holds the last of each kind."""

    title: str = ""
    run_id: str = ""
    phase: str = ""  # the node that works; empty before the first and between two
    done_s: dict[str, float] = field(default_factory=dict)  # node -> seconds, over all its passes
    note: str = ""  # the last one
    figures: LiveFigures | None = None
    reached: deque[float] = field(default_factory=lambda: deque(maxlen=_HISTORY_S))  # one value a tick
    slowest: deque[float | None] = field(default_factory=lambda: deque(maxlen=_HISTORY_S))
    begun_s: float = field(default_factory=time.monotonic)
    phase_begun_s: float = field(default_factory=time.monotonic)
    stopping: bool = False
    _attempt: int = 0
    heard_s: float = field(default_factory=time.monotonic)  # when the last figures came

    def feed(self, message: dict[str, Any]) -> None:
        """Take one message of the run; an unknown kind changes nothing."""
        kind = message.get("kind")
        if kind == "node":
            self._node(message)
        elif kind == "note":
            self.note = str(message.get("text", ""))
        elif kind == "run":
            self.run_id = str(message.get("id", ""))
        elif kind == "live":
            self._live(LiveFigures.model_validate(message["figures"]))

    def elapsed_s(self) -> float:
        """Since the command began to show the run."""
        return time.monotonic() - self.begun_s

    def phase_elapsed_s(self) -> float:
        """Since the node that works began."""
        return time.monotonic() - self.phase_begun_s

    def silent_s(self) -> float:
        """Since the last figures of the load."""
        return time.monotonic() - self.heard_s

    def _node(self, message: dict[str, Any]) -> None:
        name = str(message.get("node", ""))
        if message.get("state") == "begins":
            self.phase, self.phase_begun_s, self.note = name, time.monotonic(), ""
            if name == "execute":  # figures of an attempt before this one say nothing of it
                self.figures = None
            return
        self.done_s[name] = self.done_s.get(name, 0.0) + float(message.get("seconds", 0.0))
        if self.phase == name:
            self.phase = ""

    def _live(self, figures: LiveFigures) -> None:
        if figures.attempt != self._attempt:
            self.reached.clear()
            self.slowest.clear()
        self._attempt = figures.attempt
        self.figures, self.heard_s = figures, time.monotonic()
        self.reached.append(figures.reached_per_s)
        found = slowest(figures)
        self.slowest.append(found[1] if found else None)


def slowest(figures: LiveFigures) -> tuple[str, float] | None:
    """The endpoint with the highest p95, and that p95 in ms; None while nothing was measured."""
    known = [(row.p95_ms, row.label) for row in figures.labels if row.p95_ms is not None]
    if not known:
        return None
    value, label = max(known)
    return label, value


def alert_words(name: str, text: str) -> str:
    """`error burst: 12 % of the samples fail`: the name once, whether the text begins with it or not."""
    name, text = clean(name), clean(text)
    if not name or text.lower().startswith(name.lower()):
        return text
    return f"{name}: {text}" if text else name
