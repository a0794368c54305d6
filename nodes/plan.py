"""plan: scenarios, load curve, sizes, JMX. Sent back by `collect`, it plans again inside the envelope."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.domain.errors import SpecError
from perfpilot.domain.loops import Loop, LoopPass, Reason, Trouble
from perfpilot.domain.plan import Plan
from perfpilot.graph.context import Context, context_of
from perfpilot.graph.state import State, Update, may_go_back
from perfpilot.nodes.base import Authority, Node, node, say
from perfpilot.nodes.proposals import ask_for_cases
from perfpilot.planning.change import Change, Unchanged
from perfpilot.tools.face import call
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.plan_tool import propose_change, record_change, write_plan


def make_plan(authority: Authority) -> Node:
    """The node, with what it may do."""

    @node
    async def plan(state: State, runtime: Runtime[Context]) -> Update:
        """Write `plan.json` for the next attempt and prove that it can be written as JMX."""
        degradations = await ask_for_cases(authority, RunDirectory(Path(state.run_dir)), context_of(runtime))
        said: Update = {"degradations": [*state.degradations, *degradations]}
        passes = list(state.passes)
        if state.trouble and state.trouble.reason.loop is Loop.REPLAN:
            change = await change_for(state, state.trouble)
            if isinstance(change, Change):
                await asyncio.to_thread(record_change, RunDirectory(Path(state.run_dir)), change)
                passes.append(
                    LoopPass.after(state.trouble, state.attempt, changed=change.sentence, key=change.key)
                )
                say(runtime, f"planning again: {change.sentence}")
        try:
            written: Plan = (await call(write_plan, run_dir=state.run_dir)).artifact
        except SpecError as error:
            if not may_go_back(state, Loop.REPAIR):
                raise  # a plan of an earlier attempt may lie there: it must not be run in its place
            return {**said, "passes": passes, "trouble": Trouble(reason=Reason.PLAN_REFUSED, seen=str(error))}
        for note in written.notes:
            say(runtime, note)
        return {**said, "passes": passes, "trouble": None}

    return plan


async def change_for(state: State, trouble: Trouble) -> Change | Unchanged:
    """What could be planned better, or why nothing can."""
    message = await call(
        propose_change,
        run_dir=state.run_dir,
        reason=trouble.reason.value,
        value=trouble.value,
        high=trouble.high,
        tried=[loop.change_key for loop in state.passes],
    )
    answer: Change | Unchanged = message.artifact
    return answer
