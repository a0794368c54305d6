"""collect: closes attempts with exact figures, and asks for another plan where the figures call for one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.analysis.shortfall import load_trouble
from perfpilot.analysis.verdict import JudgedAttempt, is_final
from perfpilot.domain.loops import Loop
from perfpilot.domain.result import ClosedAttempt
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update, may_go_back
from perfpilot.nodes.base import node, say
from perfpilot.nodes.plan import change_for
from perfpilot.tools.face import call
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.faces import measure_attempt


@node
async def collect(state: State, runtime: Runtime[Context]) -> Update:
    """Close every attempt; the last one may send the workflow back to planning."""
    last: ClosedAttempt | None = None
    for number in await asyncio.to_thread(_prepared, RunDirectory(Path(state.run_dir))):
        message = await call(measure_attempt, run_dir=state.run_dir, attempt=number)
        last = message.artifact
        say(runtime, str(message.content))
    if last is None:
        return {"trouble": None}
    if is_final(JudgedAttempt(last.attempt, last.thresholds)):
        return {"trouble": None}  # a NO_GO stands: another attempt could only fail to be made, and hide it
    trouble = load_trouble(last.attempt, last.plan, last.attempt.generator, last.thresholds)
    if trouble and may_go_back(state, Loop.REPLAN) and await change_for(state, trouble):
        return {"trouble": trouble}
    return {"trouble": None}


def _prepared(run: RunDirectory) -> tuple[int, ...]:
    """Attempts that came as far as a plan. A claim alone, left by a crash, has nothing to measure."""
    return tuple(number for number in run.attempts() if run.has(f"attempts/{number}/prepared.json"))
