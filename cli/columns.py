"""Plain text in columns: the same on a terminal and in a pipe, without colours, never cut."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.reporting.plain_text import clean, width


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """One line a row, each column as wide as its widest cell, two blanks between columns."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(width(row[i]) for row in cells if i < len(row)) for i in range(max(map(len, cells)))]
    return [
        "  ".join(cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(row)).rstrip()
        for row in cells
    ]


def cleaned(text: str) -> str:
    """Text of several lines without escape sequences and controls; its blanks stay, for it may be aligned."""
    return "\n".join(" ".join(clean(word) for word in line.split(" ")) for line in text.split("\n"))
