"""validate: parses strictly, reviews, adds defaults; on the way back it repairs what a probe can prove."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.domain.errors import PerfpilotError
from perfpilot.domain.loops import Loop
from perfpilot.graph.context import Context, context_of
from perfpilot.graph.state import State, Update
from perfpilot.nodes.base import Authority, Node, ended_by, node, say
from perfpilot.nodes.identity import open_run
from perfpilot.nodes.repair import repair
from perfpilot.nodes.review import parse, review
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.spec.write import dump_spec

_RESET: Update = {
    "granted": False,
    "attempt": 0,
    "trouble": None,
    "passes": [],
    "repairs": [],
    "degradations": [],
    "phase_times_s": {},
    "outcome": None,
    "headline": "",
}
"""Every run-scoped key: on a server a thread may hold the state of an earlier run."""


def make_validate(authority: Authority) -> Node:
    """The node, with what it may do."""

    @node
    async def validate(state: State, runtime: Runtime[Context]) -> Update:
        trouble = state.trouble if await asyncio.to_thread(_goes_on, state) else None
        if trouble and trouble.reason.loop is Loop.REPAIR:
            return await repair(state, trouble)
        context = context_of(runtime)
        update: Update = {**_RESET, "run_id": "", "run_dir": "", "budget": context.budget()}
        # Whatever goes wrong here is this run's: its report must not replace that of the thread's last run.
        try:
            run = await open_run(authority, state, runtime)
            update |= {"run_id": run.id, "run_dir": str(run.path)}
            reviewed = await review(authority, run, state, context)
        except Exception as error:
            return {**update, "outcome": ended_by(error, "validate")}
        for remark in reviewed.remarks:
            say(runtime, f"{remark.severity}: {remark.place}: {remark.text}")
        return {**update, "degradations": list(reviewed.degradations)}

    return validate


def _goes_on(state: State) -> bool:
    """Whether the state is this run's. On a server a thread may hold that of a run that was broken off."""
    asked = RunDirectory(Path(state.run_dir)) if state.run_dir else None
    try:
        return asked is not None and asked.read_text("spec.yaml") == dump_spec(parse(state))
    except PerfpilotError:
        return False
