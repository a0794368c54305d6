"""A change to the plan that a second look at the figures asks for, or why there is none."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen


class Change(Frozen):
    """One change. Values are totals of the whole plan, not differences: applying it twice changes nothing.

    `steps` replaces the curve: `value` levels from `low` to `high`, equally far apart, each held for
    `hold_s`. Levels are arrivals per second of all scenarios together.
    """

    kind: Literal["users", "duration_s", "steps"]
    value: float
    sentence: str  # what is changed and why, for people
    low: float = 0.0  # with `steps`
    high: float = 0.0  # with `steps`
    hold_s: float = 0.0  # with `steps`

    @property
    def key(self) -> str:
        """Identity of the change: a loop that would repeat one ends."""
        if self.kind == "steps":
            return f"steps={self.value:g} from {self.low:g} to {self.high:g}, {self.hold_s:g} s each"
        return f"{self.kind}={self.value:g}"


class Unchanged(Frozen):
    """The plan stays as it is."""

    why: str  # one sentence, for people
