"""Searching everything that a run wrote for secrets that it knew."""

from __future__ import annotations

from pathlib import Path

from perfpilot.tools.spec.secrets import Redactor

_BLOCK = 4 * 1024 * 1024
_OVERLAP = 16 * 1024  # longer than any secret in any form


def find_leaks(directory: Path, redactor: Redactor) -> tuple[str, ...]:
    """Files below `directory` that hold a known secret, by their path in it. Blocks: reads them all."""
    return tuple(
        path.relative_to(directory).as_posix()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and _holds(path, redactor)
    )


def _holds(path: Path, redactor: Redactor) -> bool:
    before = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if redactor.found_in((before + block).decode("utf-8", errors="replace")):
                return True
            before = block[-_OVERLAP:]
    return False
