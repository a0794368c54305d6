"""A fact before it has its number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Name, value in its unit (percent for `%`), and the words that stand before the figure."""

    name: str
    value: float
    unit: str
    words: str
