"""Several runs of one test judged together, and compared with what they are held against."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from perfpilot.analysis.comparison.compare import compare_runs
from perfpilot.analysis.comparison.measured import Measured
from perfpilot.analysis.repeated import judge_repeated
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.outcome import Status
from perfpilot.domain.repeated import Repeated, Repetition
from perfpilot.domain.result import ClosedAttempt, Result
from perfpilot.domain.spec import Baseline, Spec
from perfpilot.nodes.surroundings import as_side
from perfpilot.tools.face import call
from perfpilot.tools.history.faces import find_baselines
from perfpilot.tools.history.run_directory import RunDirectory

REPEATED = "repeated.json"
"""The series, in the directory of its last run."""


Side = Literal["before", "after"]


class Made(NamedTuple):
    """A run of the series. `before`: of the description that the other one is held against."""

    side: Side
    result: Result


async def judge_series(spec: Spec, made: Sequence[Made], runs_dir: Path) -> Repeated:
    """The answer of all runs of the judged side, written beside the last run. `made` in the order of time."""
    last = made[-1].result
    whole = last.outcome.status is Status.COMPLETED
    comparison = (
        await _compared(spec, made, runs_dir) if whole else Comparison(because="the series broke off")
    )
    judged = [one.result for one in made if one.side == "after"] if whole else [last]
    repeated = Repeated(
        test_name=spec.test_name,
        repetitions=tuple(
            Repetition(run_id=one.result.run.id, side=one.side, outcome=one.result.outcome) for one in made
        ),
        outcome=judge_repeated(judged, comparison),
        comparison=comparison,
    )
    await asyncio.to_thread(RunDirectory(runs_dir / last.run.id).write, REPEATED, repeated)
    return repeated


async def _compared(spec: Spec, made: Sequence[Made], runs_dir: Path) -> Comparison:
    """Both sides newest first."""
    asked = spec.baseline or Baseline()
    before = [await _measured(runs_dir, one.result) for one in reversed(made) if one.side == "before"]
    after = [await _measured(runs_dir, one.result) for one in reversed(made) if one.side == "after"]
    if not before:
        first = RunDirectory(runs_dir / made[0].result.run.id)
        found = await call(
            find_baselines,
            runs_dir=str(runs_dir),
            test_name=spec.test_name,
            before_ms=await asyncio.to_thread(first.made_ms),
            run_id=asked.run,
            runs=asked.runs,
        )
        before = [as_side(run) for run in found.artifact]
    return compare_runs(before, after, floor=asked.floor)


async def _measured(runs_dir: Path, result: Result) -> Measured:
    attempt = result.deciding_attempt() or result.scenarios[-1]
    directory = RunDirectory(runs_dir / result.run.id)
    name = f"attempts/{attempt.number}/closed.json"
    closed = await asyncio.to_thread(directory.read_or_none, name, ClosedAttempt)
    return Measured(attempt, result.plan, closed.windows if closed else None, result.run.id)
