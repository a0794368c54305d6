"""Lines of `events.jsonl`: decisions, alerts, steering, loops, model calls. Append-only, never rewritten."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.domain.base import Frozen


class EventKind(StrEnum):
    """What a line is about."""

    DECISION = "decision"
    PHASE = "phase"
    PROBE = "probe"
    LOAD = "load"
    ALERT = "alert"
    STEERING = "steering"
    LOOP = "loop"
    MODEL = "model"
    NOTIFICATION = "notification"
    DEGRADATION = "degradation"


class Event(Frozen):
    """One line. `mono_s` is seconds on the monotonic clock since the run's origin in this process."""

    version: int = 1
    seq: int
    time_ms: int
    mono_s: float
    kind: EventKind
    text: str
    data: dict[str, str | int | float | bool | None] = {}
