"""Reading a growing file: what was appended since the last look, never the same bytes twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

BLOCK = 1024 * 1024
"""Bounds the memory of reading. Larger blocks leave the processor's cache and are slower, too."""


class Tail:
    """A file that another process appends to. It may not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> bytes:
        """New bytes, at most one block; nothing where there is nothing new."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                chunk = file.read(BLOCK)
        except FileNotFoundError:
            return b""
        self._offset += len(chunk)
        return chunk

    def blocks(self) -> Iterator[bytes]:
        """All that is new, block by block, to the end of the file.

        What is appended meanwhile waits for the next look: whoever goes on while there is anything new is
        kept by a fast writer, for small pieces that cost as much as large ones.
        """
        while chunk := self.read():
            yield chunk
            if len(chunk) < BLOCK:
                return
