"""What a client may say about one run. It is JSON that anybody may send, so it can only tighten."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field

from perfpilot.domain.loops import LOOP_BUDGET, Loop


class Context(BaseModel):
    """Per-run knobs (Studio shows them as a form). A limit above the policy's is refused.

    More passes of a loop than it has by itself count as all that it has.
    """

    model_config = ConfigDict(extra="forbid")

    max_rate_per_s: float | None = Field(default=None, gt=0, description="Lower peak rate than the policy's")
    max_users: int | None = Field(default=None, ge=1, description="Fewer users than the policy's")
    max_requests: int | None = Field(default=None, ge=1, description="Fewer requests in total")
    max_duration_s: float | None = Field(default=None, gt=0, description="Shorter than the policy's")
    require_approval: bool = Field(default=False, description="Ask a person even where the policy does not")
    use_model: bool = Field(default=True, description="False: rules only, even where a model is configured")
    max_repairs: int | None = Field(default=None, ge=0, description="Fewer passes back to validation")
    max_replans: int | None = Field(default=None, ge=0, description="Fewer passes back to planning")
    max_resetups: int | None = Field(default=None, ge=0, description="Fewer passes back to set-up")

    def budget(self) -> dict[str, int]:
        """Passes that each loop has: the built-in budget, or fewer."""
        asked = {
            Loop.REPAIR: self.max_repairs,
            Loop.REPLAN: self.max_replans,
            Loop.RESETUP: self.max_resetups,
        }
        return {
            loop.value: passes if (fewer := asked[loop]) is None else min(fewer, passes)
            for loop, passes in LOOP_BUDGET.items()
        }


def context_of(runtime: Runtime[Any]) -> Context:
    """The run's context. LangGraph passes None where the caller gave none (langgraph#7990)."""
    return runtime.context or Context()
