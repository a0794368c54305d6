"""collect: closes attempts with exact figures, and asks for another plan where the figures call for one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.analysis.effect import effect_of
from perfpilot.analysis.shortfall import load_trouble
from perfpilot.analysis.spoiled import spoiled_by
from perfpilot.analysis.verdict import JudgedAttempt, is_final
from perfpilot.domain.loops import Loop, LoopPass, Trouble
from perfpilot.domain.readiness import Readiness
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import Threshold
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update, may_go_back
from perfpilot.nodes.base import node, say
from perfpilot.nodes.plan import change_for
from perfpilot.planning.change import Change
from perfpilot.tools.face import call
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.faces import measure_attempt
from perfpilot.tools.spec.read import load_spec


@node
async def collect(state: State, runtime: Runtime[Context]) -> Update:
    """Close every attempt; the last one may send the workflow back to planning.

    What a change to the plan did is recorded with the pass that made it. A load that no other plan can mend
    is recorded as well, with the reason, and ends the loop.
    """
    run = RunDirectory(Path(state.run_dir))
    closed: dict[int, ClosedAttempt] = {}
    for number in await asyncio.to_thread(_prepared, run):
        message = await call(measure_attempt, run_dir=state.run_dir, attempt=number)
        closed[number] = message.artifact
        say(runtime, str(message.content))
    if not closed:
        return {"trouble": None}
    search = await asyncio.to_thread(_search, run)
    passes = [_with_effect(gone, closed, search) for gone in state.passes]
    trouble = await asyncio.to_thread(_trouble, run, closed, passes, search)
    if trouble is None:
        return {"passes": passes, "trouble": None}
    if not may_go_back(state, Loop.REPLAN):
        why = "no pass back to planning is left"
    else:
        answer = await change_for(state, trouble)
        if isinstance(answer, Change):
            return {"passes": passes, "trouble": trouble}
        why = answer.why
    say(runtime, f"not planned again: {trouble.seen}; {why}")
    return {"passes": [*passes, LoopPass.after(trouble, max(closed), effect=why)], "trouble": None}


def _trouble(
    run: RunDirectory,
    closed: Mapping[int, ClosedAttempt],
    passes: Sequence[LoopPass],
    search: tuple[Threshold, ...] | None,
) -> Trouble | None:
    """What was wrong with the last load. None where nothing was, or where its figures can't tell."""
    last = closed[max(closed)]
    judged = JudgedAttempt(last.attempt, last.thresholds)
    if is_final(judged, breakpoint_search=search is not None):
        return None  # a NO_GO stands: another attempt could only fail to be made, and hide it
    if _spoiled(run, last):
        return None  # what came from outside is a matter of set-up, and no ground to plan on
    shown = {gone.reason: closed[gone.attempt] for gone in passes if gone.changed and gone.attempt in closed}
    return load_trouble(last, shown=shown, search=search)


def _with_effect(
    gone: LoopPass, closed: Mapping[int, ClosedAttempt], search: tuple[Threshold, ...] | None
) -> LoopPass:
    """A pass back to planning with what the attempt after it showed, as soon as there is one."""
    following = min((number for number in closed if number > gone.attempt), default=None)
    before = closed.get(gone.attempt)
    if gone.loop is not Loop.REPLAN or gone.effect or following is None or before is None:
        return gone
    effect = effect_of(gone.reason, before, closed[following], search or ())
    return gone.model_copy(update={"effect": effect})


def _search(run: RunDirectory) -> tuple[Threshold, ...] | None:
    """The thresholds that judge the levels of a search for the breaking point; None: it is no such test."""
    spec: Spec = load_spec(run.path / "spec.effective.yaml")
    return spec.thresholds if spec.searches else None


def _spoiled(run: RunDirectory, closed: ClosedAttempt) -> bool:
    steady, whole = closed.attempt.phase("steady"), closed.attempt.phase("all")
    if steady is None or whole is None:
        return False
    readiness = run.read_or_none("readiness.json", Readiness) or Readiness()
    trouble = spoiled_by(
        closed.charts.resources,
        steady.from_s,
        steady.to_s,
        load_end_s=whole.to_s,
        quiet_neighbours=readiness.quiet.neighbours_share,
    )
    return trouble is not None


def _prepared(run: RunDirectory) -> tuple[int, ...]:
    """Attempts that came as far as a plan. A claim alone, left by a crash, has nothing to measure."""
    return tuple(number for number in run.attempts() if run.has(f"attempts/{number}/prepared.json"))
