"""Several runs of one test judged together, and compared with what they are held against."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from perfpilot.analysis.comparison.compare import compare_runs, compare_with_table
from perfpilot.analysis.comparison.measured import Measured
from perfpilot.analysis.repeated import judge_repeated
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.errors import HistoryError
from perfpilot.domain.outcome import Status
from perfpilot.domain.repeated import Repeated, Repetition
from perfpilot.domain.result import ClosedAttempt, Result
from perfpilot.domain.spec import Baseline, Spec
from perfpilot.nodes.surroundings import as_side
from perfpilot.reporting.series import render_series_html, render_series_markdown
from perfpilot.tools.face import call
from perfpilot.tools.history.faces import find_baselines
from perfpilot.tools.history.manifest import renew_manifest
from perfpilot.tools.history.run_directory import RunDirectory

REPEATED = "repeated.json"
"""The series, in the directory of its last run; `repeated.html` and `repeated.md` beside it."""


Side = Literal["before", "after"]


class Made(NamedTuple):
    """A run of the series. `before`: of the description that the other one is held against."""

    side: Side
    result: Result


async def judge_series(spec: Spec, made: Sequence[Made], runs_dir: Path) -> Repeated:
    """The answer of all runs of the judged side, written beside the last run. `made` in the order of time.

    Beside `repeated.json` lie the reports for people, in those of their formats that the description wants.
    """
    last = made[-1].result
    whole = last.outcome.status is Status.COMPLETED
    comparison = (
        await _compared(spec, made, runs_dir) if whole else Comparison(because="the series broke off")
    )
    judged = [one.result for one in made if one.side == "after" or one.result is last]
    repeated = Repeated(
        test_name=spec.test_name,
        repetitions=tuple(
            Repetition(run_id=one.result.run.id, side=one.side, outcome=one.result.outcome) for one in made
        ),
        outcome=judge_repeated(judged, comparison),
        comparison=comparison,
    )
    directory = RunDirectory(runs_dir / last.run.id)
    return await asyncio.to_thread(_write, directory, repeated, spec.reports.formats)


def _write(directory: RunDirectory, repeated: Repeated, formats: Sequence[str]) -> Repeated:
    """The reports, then the answer. A report that fails is a degradation of the series, never its loss."""
    renders: dict[str, tuple[str, Callable[[Repeated], str]]] = {
        "html": ("repeated.html", render_series_html),
        "markdown": ("repeated.md", render_series_markdown),
    }
    missing = []
    for form, (name, render) in renders.items():
        if form not in formats:
            continue
        try:
            directory.write_text(name, render(repeated))
        except Exception as error:  # whatever a renderer meets, the answer must still be delivered
            why = f"{type(error).__name__}: {error}"
            missing.append(f"the {form} report of the series could not be written: {why}")
    repeated = repeated.model_copy(update={"degradations": tuple(missing)})
    directory.write(REPEATED, repeated)
    renew_manifest(directory, (REPEATED, *(name for name, _ in renders.values())))
    return repeated


async def _compared(spec: Spec, made: Sequence[Made], runs_dir: Path) -> Comparison:
    """Both sides newest first."""
    asked = spec.baseline or Baseline()
    before = [await _measured(runs_dir, one.result) for one in reversed(made) if one.side == "before"]
    after = [await _measured(runs_dir, one.result) for one in reversed(made) if one.side == "after"]
    if not before and asked.benchmark:
        return compare_with_table(asked.benchmark, after, source=asked.source, floor=asked.floor)
    if not before:
        first = RunDirectory(runs_dir / made[0].result.run.id)
        try:
            found = await call(
                find_baselines,
                runs_dir=str(runs_dir),
                test_name=spec.test_name,
                before_ms=await asyncio.to_thread(first.made_ms),
                run_id=asked.run,
                runs=asked.runs,
            )
        except HistoryError as error:
            return Comparison(because=f"earlier runs could not be read: {error.problem}")
        before = [as_side(run) for run in found.artifact]
    return compare_runs(before, after, floor=asked.floor)


async def _measured(runs_dir: Path, result: Result) -> Measured:
    attempt = result.deciding_attempt() or result.scenarios[-1]
    directory = RunDirectory(runs_dir / result.run.id)
    name = f"attempts/{attempt.number}/closed.json"
    closed = await asyncio.to_thread(directory.read_or_none, name, ClosedAttempt)
    return Measured(attempt, result.plan, closed.windows if closed else None, result.run.id)
