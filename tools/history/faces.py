"""The history as LangChain tools."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langchain_core.tools import tool

from perfpilot.domain.base import Frozen
from perfpilot.domain.result import ClosedAttempt
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.history.store import HistoryStore, PastRun


class BaselineRun(Frozen):
    """An earlier run to compare with: the attempt whose figures decided it."""

    run_id: str
    closed: ClosedAttempt


@tool(parse_docstring=True, response_format="content_and_artifact")
async def find_baseline(
    runs_dir: str, test_name: str, before_ms: int, run_id: str
) -> tuple[str, BaselineRun | None]:
    """Find the run to compare with: the named one, or the newest earlier run of the same test.

    Args:
        runs_dir: Directory of all runs.
        test_name: Name of the test.
        before_ms: Only runs that started before this moment, epoch milliseconds.
        run_id: Id of the run to compare with; `previous` or empty for the newest earlier one.
    """
    baseline = await asyncio.to_thread(_find, Path(runs_dir), test_name, before_ms, run_id)
    return (
        f"baseline: {baseline.run_id}" if baseline else "there is no earlier run to compare with"
    ), baseline


@tool(parse_docstring=True, response_format="content_and_artifact")
async def record_run(
    runs_dir: str,
    run_id: str,
    test_name: str,
    started_ms: int,
    status: str,
    verdict: str,
    decided_by: int,
    headline: str,
) -> tuple[str, PastRun]:
    """Keep a finished run in the history; recording it twice leaves one row.

    Args:
        runs_dir: Directory of all runs.
        run_id: Id of the run.
        test_name: Name of the test.
        started_ms: When it started, epoch milliseconds.
        status: How it ended.
        verdict: GO, NO_GO, INCONCLUSIVE or empty.
        decided_by: Number of the attempt whose figures decided; 0 for none.
        headline: One line about it.
    """
    past = PastRun(
        run_id=run_id,
        test_name=test_name,
        started_ms=started_ms,
        status=status,
        verdict=verdict,
        decided_by=decided_by,
        headline=headline,
    )
    await asyncio.to_thread(HistoryStore(Path(runs_dir)).record, past)
    return f"recorded {run_id}", past


def _find(runs_dir: Path, test_name: str, before_ms: int, run_id: str) -> BaselineRun | None:
    store = HistoryStore(runs_dir)
    past = store.previous(test_name, before_ms) if run_id in ("", "previous") else store.find(run_id)
    if past is None or not past.decided_by or not (runs_dir / past.run_id).is_dir():
        return None
    directory = RunDirectory(runs_dir / past.run_id)
    closed = directory.read_or_none(f"attempts/{past.decided_by}/closed.json", ClosedAttempt)
    return BaselineRun(run_id=past.run_id, closed=closed) if closed else None
