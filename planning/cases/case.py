"""A case: a request beside the journeys, made up to see how the target takes what is unusual or wrong."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen
from perfpilot.domain.plan import Kind, LeftOut, PlannedStep


class Case(Frozen):
    """One case before it is decided whether it runs.

    Its last step is the request in question (`PlannedStep.request` holds what is sent in the place of the
    endpoint as described); earlier steps bring about what it needs. All its labels begin with `case: `.
    """

    name: str
    kind: Kind
    why: str  # one sentence: what it shows
    steps: tuple[PlannedStep, ...]
    writes: bool = False  # sends a method that may change data, or wrong credentials
    source: Literal["rules", "model"] = "rules"

    @property
    def requests(self) -> int:
        """Requests of one pass."""
        return sum(step.repeat for step in self.steps)


class Proposed(Frozen):
    """What a model proposed: what passed the guard, and what did not, with the reason."""

    cases: tuple[Case, ...] = ()
    refused: tuple[LeftOut, ...] = ()
    about: str = ""  # SHA-256 of the description that it was asked about: a repaired one is another
