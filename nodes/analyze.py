"""analyze: causes, comparison, capacity, risk, and the verdict, which nothing else can decide."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.analysis.conclude import Surroundings, conclude
from perfpilot.domain.errors import ModelError, PerfpilotError
from perfpilot.domain.events import EventKind
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.readiness import Quiet, Readiness
from perfpilot.domain.result import Analysis, ClosedAttempt
from perfpilot.domain.spec import Spec
from perfpilot.graph.context import Context, context_of
from perfpilot.graph.state import State, Update
from perfpilot.nodes.base import Authority, Node, node, say
from perfpilot.nodes.models import gateway_for
from perfpilot.tools.face import call
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.faces import BaselineRun, find_baseline
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.model.narrate import narrate
from perfpilot.tools.spec.read import load_spec


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
        conclusion = await asyncio.to_thread(conclude, closed, await _surroundings(run, state, closed))
        analysis, degradations = await _narrated(authority, context_of(runtime), conclusion.analysis)
        await asyncio.to_thread(run.write, "analysis.json", analysis)
        outcome = analysis.outcome
        said = f"{outcome.status.value} {outcome.verdict or ''}: {'; '.join(outcome.reasons)}"
        await asyncio.to_thread(append_event, run.path, EventKind.DECISION, said)
        say(runtime, said)
        return {
            "outcome": outcome,
            "trouble": conclusion.spoiled if _open(outcome) else None,
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


async def _surroundings(run: RunDirectory, state: State, closed: list[ClosedAttempt]) -> Surroundings:
    spec: Spec = await asyncio.to_thread(load_spec, run.path / "spec.effective.yaml")
    readiness = await asyncio.to_thread(run.read_or_none, "readiness.json", Readiness)
    baseline = await _baseline(run, spec)
    return Surroundings(
        repairs=tuple(state.repairs),
        quiet=readiness.quiet if readiness else Quiet(),
        baseline_run=baseline.run_id if baseline else "",
        baseline=baseline.closed if baseline else None,
        breakpoint_search=spec.searches,
        stopped=closed[-1].attempt.ended == Ended.STOPPED,
    )


async def _baseline(run: RunDirectory, spec: Spec) -> BaselineRun | None:
    """The run to compare with. A history that can't be read costs the comparison, not the figures."""
    try:
        found: BaselineRun | None = (
            await call(
                find_baseline,
                runs_dir=str(run.path.parent),
                test_name=spec.test_name,
                before_ms=await asyncio.to_thread(run.made_ms),
                run_id=spec.baseline.run if spec.baseline else "previous",
            )
        ).artifact
    except (sqlite3.Error, PerfpilotError) as error:
        text = f"the run to compare with could not be read: {error}"
        await asyncio.to_thread(append_event, run.path, EventKind.DEGRADATION, text)
        return None
    return found


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
