"""What happened while the load ran, as a report shows it: alerts with their end, and steering."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perfpilot.domain.events import Event, EventKind


class CourseRow(NamedTuple):
    """One alert, or one step of steering."""

    time_ms: int
    kind: str
    severity: str  # of an alert: info to critical; empty where the record has none
    text: str
    lasted_s: float | None = None  # None: it was on to the end of the load, or never ends

    @property
    def until(self) -> str:
        """What stands where it has no end."""
        return "on to the end" if self.severity else ""


def course_rows(alerts: Sequence[Event], steering: Sequence[Event] = ()) -> tuple[CourseRow, ...]:
    """In order of time. An alert lasts from its beginning to the next end of the same name."""
    rows: list[CourseRow] = []
    begun: dict[str, int] = {}
    for event in sorted((*alerts, *steering), key=lambda event: (event.time_ms, event.seq)):
        name, state = str(event.data.get("name", "")), event.data.get("state")
        if event.kind is EventKind.ALERT and state == "ended":
            if name in begun:
                number = begun.pop(name)
                lasted_s = (event.time_ms - rows[number].time_ms) / 1000
                rows[number] = rows[number]._replace(lasted_s=lasted_s)
            continue
        if event.kind is EventKind.ALERT:
            begun[name] = len(rows)
        severity = str(event.data.get("severity", "")) if event.kind is EventKind.ALERT else ""
        rows.append(CourseRow(event.time_ms, event.kind.value, severity, event.text))
    return tuple(rows)
