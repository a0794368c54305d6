"""approve: grants the envelope for the whole run, and asks a person where the operator's policy says so.

`interrupt()` stands alone in this node: LangGraph runs a node anew from its first line when the answer comes.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from perfpilot.domain.outcome import Outcome, Status
from perfpilot.domain.policy import Envelope
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update
from perfpilot.nodes.base import node
from perfpilot.tools.history.run_directory import RunDirectory


@node
async def approve(state: State, runtime: Runtime[Context]) -> Update:
    """Grant the envelope. A loop never asks again: what lies outside the envelope is refused in code."""
    if state.granted:
        return {}
    run = RunDirectory(Path(state.run_dir))
    envelope = await asyncio.to_thread(run.read, "envelope.json", Envelope)
    if not envelope.needs_approval:
        return {"granted": True}
    answer = interrupt({"kind": "approval", **envelope.model_dump(mode="json")})
    if _granted(answer):
        return {"granted": True}
    return {"outcome": Outcome(status=Status.REFUSED, reasons=("a person refused this run",))}


def _granted(answer: Any) -> bool:
    return answer is True or (isinstance(answer, dict) and answer.get("approved") is True)
