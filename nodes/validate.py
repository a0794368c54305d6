"""validate: parses strictly, reviews, adds defaults; on the way back it repairs what a probe can prove."""

from __future__ import annotations

from langgraph.runtime import Runtime

from perfpilot.domain.errors import PolicyError, SpecError
from perfpilot.domain.loops import Loop
from perfpilot.domain.outcome import Outcome, Status
from perfpilot.graph.context import Context, context_of
from perfpilot.graph.state import State, Update
from perfpilot.nodes.base import Authority, Node, node, say
from perfpilot.nodes.identity import open_run
from perfpilot.nodes.repair import repair
from perfpilot.nodes.review import review

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
        if state.trouble and state.trouble.reason.loop is Loop.REPAIR:
            return await repair(state, state.trouble)
        run = await open_run(authority, state, runtime)
        context = context_of(runtime)
        update: Update = {
            **_RESET,
            "run_id": run.id,
            "run_dir": str(run.path),
            "budget": context.budget(),
        }
        try:
            reviewed = await review(authority, run, state, context)
        except (SpecError, PolicyError) as error:
            return {**update, "outcome": Outcome(status=Status.REFUSED, reasons=(str(error),))}
        for remark in reviewed.remarks:
            say(runtime, f"{remark.severity}: {remark.place}: {remark.text}")
        return {**update, "degradations": list(reviewed.degradations)}

    return validate
