"""Lines for people, on one stream: foreign text made inert, and a reader who went away never ends a run."""

from __future__ import annotations

from typing import TextIO

from perfpilot.cli.columns import cleaned


class Words:
    """Prints lines to a stream until its reader is gone, then nothing."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._gone = False

    def line(self, text: str = "") -> None:
        """Print one line (or several), without escape sequences and control characters."""
        if self._gone:
            return
        try:
            print(cleaned(text), file=self.stream, flush=True)
        except OSError:  # a closed pipe or terminal: the load goes on, its report is on the disk
            self._gone = True
