"""Runs that the history knows without figures: read once from their `result.json`, when someone asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from perfpilot.domain.errors import RunDirectoryError
from perfpilot.domain.history import PastRun
from perfpilot.domain.result import Result
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.history.run_figures import figures_of, past_run
from perfpilot.tools.history.store import History


async def complete(history: History, runs_dir: Path, runs: Sequence[PastRun]) -> bool:
    """Keep the figures of those runs that lack them and still have a result; whether there were any."""
    found = False
    for past in runs:
        if past.complete:
            continue
        result = await asyncio.to_thread(_result, runs_dir, past.run_id)
        if result is not None:
            await history.record(past, figures_of(result))
            found = True
    return found


async def adopt(history: History, directory: RunDirectory) -> PastRun | None:
    """Keep a run that the history does not know, from its result; None where it has none that is whole."""
    result = await asyncio.to_thread(_result, directory.path.parent, directory.id)
    if result is None:
        return None
    reasons = result.outcome.reasons
    await history.record(past_run(result, reasons[0] if reasons else ""), figures_of(result))
    return await history.find(result.run.id)


def _result(runs_dir: Path, run_id: str) -> Result | None:
    directory = directory_of(runs_dir, run_id)
    if directory is None:
        return None
    try:
        return directory.read_or_none("result.json", Result)
    except (RunDirectoryError, OSError):
        return None  # a damaged result: the run stays without figures


def directory_of(runs_dir: Path, run_id: str) -> RunDirectory | None:
    """The directory of a run, if it is still there. An id that came from a shared server is no path."""
    path = runs_dir / run_id
    if path.parent != runs_dir or path.name in ("", ".", "..") or "\0" in run_id or not path.is_dir():
        return None
    return RunDirectory(path)
