"""analyze: causes, comparison, capacity, risk, and the verdict, which nothing else can decide."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.analysis.conclude import conclude
from perfpilot.analysis.spoiled import mend_of
from perfpilot.domain.errors import ModelError
from perfpilot.domain.events import EventKind
from perfpilot.domain.loops import Loop, LoopPass
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.result import Analysis, ClosedAttempt
from perfpilot.graph.context import Context, context_of
from perfpilot.graph.state import State, Update, may_go_back
from perfpilot.nodes.base import Authority, Node, node, say
from perfpilot.nodes.models import gateway_for
from perfpilot.nodes.surroundings import surroundings_of
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.model.narrate import narrate


def make_analyze(authority: Authority) -> Node:
    """The node, with what it may do."""

    @node
    async def analyze(state: State, runtime: Runtime[Context]) -> Update:
        run = RunDirectory(Path(state.run_dir))
        closed = await asyncio.to_thread(_closed, run)
        if not closed:
            nothing = Outcome(
                status=Status.COMPLETED, verdict=Verdict.INCONCLUSIVE, reasons=("no attempt was made",)
            )
            return {"outcome": nothing, "trouble": None}
        around = await surroundings_of(run, state, closed, authority.history)
        conclusion = await asyncio.to_thread(conclude, closed, around)
        analysis, degradations = await _narrated(authority, context_of(runtime), conclusion.analysis)
        await asyncio.to_thread(run.write, "analysis.json", analysis)
        outcome = analysis.outcome
        said = f"{outcome.status.value} {outcome.verdict or ''}: {'; '.join(outcome.reasons)}"
        await asyncio.to_thread(append_event, run.path, EventKind.DECISION, said)
        say(runtime, said)
        trouble, passes = conclusion.spoiled if _open(outcome) else None, list(state.passes)
        if trouble and not may_go_back(state, Loop.RESETUP):
            why = f"no pass back to set-up is left: {mend_of(trouble)}"
            passes.append(LoopPass.after(trouble, state.attempt, effect=why))
            trouble = None
        return {
            "outcome": outcome,
            "trouble": trouble,
            "passes": passes,
            # A second look at new evidence may fall short of the same: it is told once.
            "degradations": list(dict.fromkeys([*state.degradations, *degradations])),
        }

    return analyze


def _open(outcome: Outcome) -> bool:
    """Whether another attempt may be made: a NO_GO is final, and who stopped a run wants no other."""
    return outcome.status is Status.COMPLETED and outcome.verdict is not Verdict.NO_GO


def _closed(run: RunDirectory) -> list[ClosedAttempt]:
    names = (f"attempts/{number}/closed.json" for number in run.attempts())
    return [closed for name in names if (closed := run.read_or_none(name, ClosedAttempt))]


async def _narrated(
    authority: Authority, context: Context, analysis: Analysis
) -> tuple[Analysis, tuple[str, ...]]:
    """The same analysis in a model's words, where there is a model and its numbers are grounded."""
    try:
        gateway = await gateway_for(authority, context)
        if gateway is None:
            return analysis, ()
        narrated = await narrate(
            gateway, analysis.facts, analysis.findings, analysis.outcome, analysis.insights
        )
    except Exception as error:  # a client may raise anything; the verdict stands without its words
        why = error.problem if isinstance(error, ModelError) else type(error).__name__
        return analysis, (f"the model did not word the insights, rules did: {why}",)
    return analysis.model_copy(update={"insights": narrated.insights}), narrated.degradations
