"""execute: a smoke pass, then the load. The same task adopts its attempt, another takes the next one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.domain.events import EventKind
from perfpilot.domain.load_outcome import LoadOutcome, SmokeOutcome, StartAgain
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update, may_go_back
from perfpilot.nodes.base import STOPPED_EARLY, node, say, stop_requested, task_of
from perfpilot.nodes.repair import given_up
from perfpilot.tools.face import call
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.faces import run_jmeter, smoke_test
from perfpilot.tools.jmeter.prepare import again_file
from perfpilot.tools.jmeter.running.smoke import NotStarted


@node
async def execute(state: State, runtime: Runtime[Context]) -> Update:
    """Claim an attempt, smoke it, run its load. Trouble found on the way goes back to validation."""
    run = RunDirectory(Path(state.run_dir))
    attempt = await asyncio.to_thread(_claim, run, task_of(runtime))
    try:
        return await _attempt(state, runtime, attempt)
    except NotStarted as failed:
        again = await asyncio.to_thread(_claim, run, f"{task_of(runtime)}/again")
        text = f"attempt {attempt}: {failed.problem}; started again {failed.start_again.changed}"
        say(runtime, text)
        await asyncio.to_thread(_note, run, again, failed.start_again, text)
        return await _attempt(state, runtime, again)


async def _attempt(state: State, runtime: Runtime[Context], attempt: int) -> Update:
    """Raises NotStarted where JMeter failed before its first sample."""
    run = RunDirectory(Path(state.run_dir))
    say(runtime, f"attempt {attempt}: smoke pass with one user")
    smoked: SmokeOutcome = (await call(smoke_test, run_dir=state.run_dir, attempt=attempt)).artifact
    say(runtime, f"smoke pass: {smoked.detail}")
    if smoked.trouble and not may_go_back(state, smoked.trouble.reason.loop):
        said = f"{smoked.trouble.seen}; no way back to validation is left"
        outcome = await asyncio.to_thread(given_up, run, said, smoked.trouble.reason)
        return {"attempt": attempt, "outcome": outcome}
    if smoked.trouble:
        return {"attempt": attempt, "trouble": smoked.trouble}
    if stop_requested(state):
        return {"attempt": attempt, "outcome": STOPPED_EARLY}
    say(runtime, f"attempt {attempt}: JMeter starts the load")
    ended: LoadOutcome = (await call(run_jmeter, run_dir=state.run_dir, attempt=attempt)).artifact
    if ended.start_again and not await asyncio.to_thread(run.has, again_file(attempt)):
        raise NotStarted(ended.detail, ended.start_again)
    say(runtime, f"the load ended: {ended.ended.value.replace('_', ' ')} {ended.detail}".rstrip())
    return {"attempt": attempt, "trouble": ended.trouble}


def _note(run: RunDirectory, attempt: int, again: StartAgain, text: str) -> None:
    """What the attempt does otherwise stands in its directory, for it and for whoever resumes it."""
    if not run.has(again_file(attempt)):
        run.write(again_file(attempt), again)
        append_event(run.path, EventKind.DEGRADATION, text, attempt=attempt)


def _claim(run: RunDirectory, task: str) -> int:
    number = 1
    while not run.claim_attempt(number, task):
        number += 1
    return number
