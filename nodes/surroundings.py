"""What the conclusion needs beside the attempts: the description, what set-up found, and earlier runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from pydantic import SecretStr

from perfpilot.analysis.comparison.measured import Measured
from perfpilot.analysis.conclude import Surroundings
from perfpilot.analysis.earlier import Earlier, ThisRun
from perfpilot.domain.errors import HistoryError
from perfpilot.domain.events import EventKind
from perfpilot.domain.history import PastFigures
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.readiness import Quiet, Readiness
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.spec import Baseline, Spec
from perfpilot.graph.state import State
from perfpilot.nodes.assemble import effective_spec
from perfpilot.tools.face import call
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.faces import BaselineRun, find_baselines, past_figures
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.history.run_figures import load_in_words
from perfpilot.tools.jmeter.lay_out import BASELINE, FILE

_Found = TypeVar("_Found")


async def surroundings_of(
    run: RunDirectory, state: State, closed: list[ClosedAttempt], history: str
) -> Surroundings:
    """All of it. A history that can't be read costs the comparison and the trend, not the figures."""
    spec = await asyncio.to_thread(effective_spec, run)
    readiness = await asyncio.to_thread(run.read_or_none, "readiness.json", Readiness)
    return Surroundings(
        repairs=tuple(state.repairs),
        quiet=readiness.quiet if readiness else Quiet(),
        stopped=closed[-1].attempt.ended == Ended.STOPPED,
        breakpoint_search=bool(spec and spec.searches),
        expected_per_s=spec.expected_load if spec else None,
        environment=spec.environment if spec else None,
        run=ThisRun(run.id, await asyncio.to_thread(run.made_ms)),
        earlier=await _earlier(run, spec, closed[-1], history),
    )


async def _earlier(run: RunDirectory, spec: Spec | None, last: ClosedAttempt, history: str) -> Earlier:
    """A result file that JMeter wrote elsewhere is compared with what was named, and with nothing else."""
    asked = (spec.baseline if spec else None) or Baseline()
    if spec is None or await asyncio.to_thread(run.has, FILE):
        named = await asyncio.to_thread(run.read_or_none, BASELINE, BaselineRun)
        because = "no file and no run was named to compare with"
        return Earlier(runs=(as_side(named),) if named else (), because=because, floor=asked.floor)
    started_ms = await asyncio.to_thread(run.made_ms)
    runs: tuple[Measured, ...] = ()
    because = "the history could not be read"
    if not asked.benchmark:
        found = await _or_told(run, _baselines(run, spec, asked, started_ms, history))
        runs, because = found or (runs, because)
    past = await _or_told(run, _past(run, spec, last, started_ms, history))
    return Earlier(
        runs=runs,
        because=because,
        benchmark=asked.benchmark,
        source=asked.source,
        floor=asked.floor,
        past=past or (),
    )


async def _baselines(
    run: RunDirectory, spec: Spec, asked: Baseline, started_ms: int, history: str
) -> tuple[tuple[Measured, ...], str]:
    message = await call(
        find_baselines,
        runs_dir=str(run.path.parent),
        test_name=spec.test_name,
        before_ms=started_ms,
        run_id=asked.run,
        runs=asked.runs,
        history=SecretStr(history),
    )
    return tuple(map(as_side, message.artifact)), str(message.content)


async def _past(
    run: RunDirectory, spec: Spec, last: ClosedAttempt, started_ms: int, history: str
) -> tuple[PastFigures, ...]:
    steady = last.attempt.phase("steady")
    if steady is None:
        return ()
    message = await call(
        past_figures,
        runs_dir=str(run.path.parent),
        test_name=spec.test_name,
        before_ms=started_ms,
        load=load_in_words(last.plan, steady.from_s, steady.to_s),
        history=SecretStr(history),
    )
    found: tuple[PastFigures, ...] = message.artifact
    return found


async def _or_told(run: RunDirectory, work: Awaitable[_Found]) -> _Found | None:
    try:
        return await work
    except HistoryError as error:
        text = f"earlier runs could not be read: {error.problem}"
        await asyncio.to_thread(append_event, run.path, EventKind.DEGRADATION, text)
        return None


def as_side(run: BaselineRun) -> Measured:
    closed = run.closed
    plan = closed.plan if closed.plan.scenarios else None  # what was asked of a file may not be known
    return Measured(closed.attempt, plan, closed.windows, run.run_id)
