"""What a tool hands over: plans that are ready in a directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from peers.cases import Case


@dataclass(frozen=True)
class Layout:
    """Plans of one case by file name: all run at once, each in a JMeter of its own.

    More than one only where the tool itself works so. `properties` are added to those that all share.
    `lead_s` is the time from the start of the test to the start of the load, where the plan has it written
    down; without it the load counts from the first arrival.
    """

    plans: tuple[str, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    lead_s: float | None = None


class Tool(Protocol):
    """A tool that writes JMeter plans."""

    name: str

    def write(self, case: Case, port: int, directory: Path) -> Layout:
        """Write the plans of a case into the directory."""
        ...
