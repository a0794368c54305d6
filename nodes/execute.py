"""execute: a smoke pass, then the load. The same task adopts its attempt, another takes the next one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.domain.load_outcome import LoadOutcome, SmokeOutcome
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update, may_go_back
from perfpilot.nodes.base import STOPPED_EARLY, node, say, stop_requested, task_of
from perfpilot.nodes.repair import given_up
from perfpilot.tools.face import call
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.faces import run_jmeter, smoke_test


@node
async def execute(state: State, runtime: Runtime[Context]) -> Update:
    """Claim an attempt, smoke it, run its load. Trouble found on the way goes back to validation."""
    run = RunDirectory(Path(state.run_dir))
    attempt = await asyncio.to_thread(_claim, run, task_of(runtime))
    say(runtime, f"attempt {attempt}: smoke pass with one user")
    smoked: SmokeOutcome = (await call(smoke_test, run_dir=state.run_dir, attempt=attempt)).artifact
    say(runtime, f"smoke pass: {smoked.detail}")
    if smoked.trouble and not may_go_back(state, smoked.trouble.reason.loop):
        reason = f"{smoked.trouble.seen}; no way back to validation is left"
        return {"attempt": attempt, "outcome": await asyncio.to_thread(given_up, run, reason)}
    if smoked.trouble:
        return {"attempt": attempt, "trouble": smoked.trouble}
    if stop_requested(state):
        return {"attempt": attempt, "outcome": STOPPED_EARLY}
    say(runtime, f"attempt {attempt}: JMeter starts the load")
    ended: LoadOutcome = (await call(run_jmeter, run_dir=state.run_dir, attempt=attempt)).artifact
    say(runtime, f"the load ended: {ended.ended.value.replace('_', ' ')} {ended.detail}".rstrip())
    return {"attempt": attempt, "trouble": ended.trouble}


def _claim(run: RunDirectory, task: str) -> int:
    number = 1
    while not run.claim_attempt(number, task):
        number += 1
    return number
