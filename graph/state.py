"""The state of the workflow: small plain values. Samples and full models live in the run directory."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from perfpilot.domain.loops import LOOP_BUDGET, Loop, LoopPass, Trouble
from perfpilot.domain.outcome import Outcome
from perfpilot.domain.result import Repair


class Input(BaseModel):
    """What a run starts from: a whole description, or the short form of an address and a rate."""

    spec: dict[str, Any] | str | None = Field(
        default=None, description="The test as a mapping or as YAML text (see docs/spec.md)"
    )
    url: str = Field(default="", description="Short form: the address to test")
    rate_per_s: float = Field(default=10.0, gt=0, description="Short form: arrivals per second")
    duration: str = Field(default="30s", description="Short form: how long, with its unit")


class State(Input):
    """Everything that decides which node is next. `validate` resets each run-scoped key."""

    version: int = 1
    run_id: str = ""
    run_dir: str = ""
    granted: bool = False  # approve has granted the envelope
    attempt: int = 0  # the attempt that ran last; 0: none yet
    trouble: Trouble | None = (
        None  # what sends the workflow back, until the node it goes to has dealt with it
    )
    budget: dict[str, int] = {loop.value: passes for loop, passes in LOOP_BUDGET.items()}
    passes: list[LoopPass] = []
    repairs: list[Repair] = []
    degradations: list[str] = []
    phase_times_s: dict[str, float] = {}
    outcome: Outcome | None = None  # set as soon as it is known how the run ends
    headline: str = ""  # one line for people, written by report


class Update(TypedDict, total=False):
    """What a node may return. A misspelt key is an error here; LangGraph alone would drop it silently."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    run_id: str
    run_dir: str
    granted: bool
    attempt: int
    trouble: Trouble | None
    budget: dict[str, int]
    passes: list[LoopPass]
    repairs: list[Repair]
    degradations: list[str]
    phase_times_s: dict[str, float]
    outcome: Outcome | None
    headline: str


def may_go_back(state: State, loop: Loop) -> bool:
    """Whether that way back has budget left."""
    gone = sum(1 for went in state.passes if went.loop is loop)
    return gone < state.budget.get(loop.value, 0)
