"""A change to the plan that a second look at the figures asks for."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen


class Change(Frozen):
    """One change. Values are totals of the whole plan, not differences: applying it twice changes nothing."""

    kind: Literal["users", "duration_s"]
    value: float
    sentence: str  # what is changed and why, for people

    @property
    def key(self) -> str:
        """Identity of the change: a loop that would repeat one ends."""
        return f"{self.kind}={self.value:g}"
