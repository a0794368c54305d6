"""`events.jsonl`: the append-only record of decisions, loads, alerts, loops and notifications."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from perfpilot.domain.events import Event, EventKind

Plain = str | int | float | bool | None


def append_event(run_dir: Path, kind: EventKind, text: str, **data: Plain) -> Event:
    """Append one line, flushed to the disk. Blocks: call it in a thread from asynchronous code.

    O_APPEND keeps lines whole where two writers meet (a resumed run and its dying predecessor).
    """
    path = run_dir / "events.jsonl"
    event = Event(
        seq=_next_sequence(path),
        time_ms=int(time.time() * 1000),
        mono_s=round(time.monotonic(), 3),
        kind=kind,
        text=text,
        data=data,
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, _line_break_if_torn(path) + (event.model_dump_json() + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return event


def read_events(run_dir: Path, kind: EventKind | None = None) -> tuple[Event, ...]:
    """All whole lines in order, of one kind if given. A line that a crash tore is left out."""
    path = run_dir / "events.jsonl"
    if not path.is_file():
        return ()
    events = []
    for line in path.read_bytes().split(b"\n"):  # a text may hold other line breaks, such as U+2028
        try:
            event = Event.model_validate(json.loads(line))
        except ValueError:
            continue  # the empty end, or a line torn by a crash; every other line was written whole
        if kind is None or event.kind is kind:
            events.append(event)
    return tuple(events)


def _line_break_if_torn(path: Path) -> bytes:
    """What keeps a whole line apart from the torn one that a crash or a full disk left before it."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return b""
        file.seek(-1, os.SEEK_END)
        return b"" if file.read(1) == b"\n" else b"\n"


def _next_sequence(path: Path) -> int:
    return path.read_bytes().count(b"\n") + 1 if path.is_file() else 1
