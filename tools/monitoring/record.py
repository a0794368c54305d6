"""`monitor.csv`: one line for each figure, appended, never rewritten."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

HEADER = "time_ms,component,metric,value"
RESTARTED = "restarted_to_pid"
"""A line with this metric says that the component became another process at that time."""


class Line(NamedTuple):
    """One figure. `time_ms` is UTC epoch milliseconds."""

    time_ms: int
    component: str
    metric: str
    value: float


class Record:
    """The open file. A restart of perfpilot goes on where the last one stopped, torn last line or not."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        size = os.fstat(self._file).st_size
        if size == 0:
            self._write(f"{HEADER}\n")
        elif os.pread(self._file, 1, size - 1) != b"\n":
            # A fifth column spoils the torn line for good: `0.3` of a lost `0.31` must not pass for a value.
            self._write(",torn\n")

    def append(self, lines: Iterable[Line]) -> None:
        """Write the lines with one call, so that another writer can't come between. Raises OSError."""
        text = "".join(
            f"{line.time_ms},{_name(line.component)},{_name(line.metric)},{line.value:.9g}\n"
            for line in lines
        )
        if text:
            self._write(text)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:  # a full disk may take a part only; the rest then raises
            data = data[os.write(self._file, data) :]


def _name(text: str) -> str:
    return text.replace(",", "_").replace("\n", "_").replace("\r", "_")
