"""Text for people and programs, on one stream: a reader who went away never ends a run."""

from __future__ import annotations

import contextlib
import os
from typing import Any, TextIO

from perfpilot.cli.columns import cleaned


class Words:
    """Prints to a stream until its reader is gone, then nothing."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def line(self, text: str = "") -> None:
        """Print one line (or several) for people, without escape sequences and control characters."""
        self.exactly(cleaned(text))

    def exactly(self, text: str, end: str = "\n") -> None:
        """Print as it is: for JSON, which escapes what a terminal must not see."""
        try:
            print(text, end=end, file=self.stream, flush=True)
        except OSError:  # a closed pipe or terminal: the load goes on, its report is on the disk
            send_nowhere(self.stream)


class UntilItIsGone:
    """A text stream for those who write to it themselves: once its reader is gone, it swallows all."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As of the stream."""
        try:
            return self._stream.write(text)
        except OSError:
            send_nowhere(self._stream)
            return len(text)

    def flush(self) -> None:
        """As of the stream."""
        try:
            self._stream.flush()
        except OSError:
            send_nowhere(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def send_nowhere(stream: TextIO) -> None:
    """From now on the stream swallows all, what waits in its buffer included: a flush at exit can't fail."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
