"""The two bases of every model: `Frozen` for values that travel, `Strict` for what people write."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value. Unknown keys are ignored so that older records still load."""

    model_config = ConfigDict(frozen=True)


class Strict(BaseModel):
    """An immutable value written by a person: unknown keys are errors. Never kept in LangGraph state."""

    model_config = ConfigDict(frozen=True, extra="forbid")
