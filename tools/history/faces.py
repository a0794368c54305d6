"""The history as LangChain tools. An empty `history` means the one that the operator configured."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langchain_core.tools import tool
from pydantic import SecretStr

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import RunDirectoryError
from perfpilot.domain.history import PastFigures, PastRun, RunFigures, Source
from perfpilot.domain.result import ClosedAttempt
from perfpilot.tools.history.completing import complete, directory_of
from perfpilot.tools.history.store import History, open_history

NO_ADDRESS = SecretStr("")
_LOOKED_AT = 20
"""Earlier runs that are looked at for one whose files are still there, beside those that are wanted."""


class BaselineRun(Frozen):
    """An earlier run to compare with: the attempt whose figures decided it."""

    run_id: str
    closed: ClosedAttempt


@tool(parse_docstring=True, response_format="content_and_artifact")
async def find_baselines(
    runs_dir: str,
    test_name: str,
    before_ms: int,
    run_id: str,
    runs: int,
    source: Source = "run",
    history: SecretStr = NO_ADDRESS,
) -> tuple[str, tuple[BaselineRun, ...]]:
    """Find several runs to compare with, newest first: the named one and comparable ones before it.

    Args:
        runs_dir: Directory of all runs.
        test_name: Name of the test.
        before_ms: Only runs that started before this moment, epoch milliseconds.
        run_id: Id of the newest of them; `previous` or empty for the newest earlier run of the test; `set`
            for the one that a person named as the baseline of the test.
        runs: So many runs at most.
        source: Whether earlier loads (`run`) or earlier analyses of files (`file`) are looked at.
        history: Address of the history; empty for the configured one.
    """
    return await _baselines(runs_dir, test_name, before_ms, run_id, runs, source, history)


@tool(parse_docstring=True, response_format="content_and_artifact")
async def past_figures(
    runs_dir: str,
    test_name: str,
    before_ms: int,
    load: str = "",
    runs: int = 50,
    source: Source = "run",
    history: SecretStr = NO_ADDRESS,
) -> tuple[str, tuple[PastFigures, ...]]:
    """Read the figures of earlier comparable runs of a test under the same load, oldest first.

    Args:
        runs_dir: Directory of all runs.
        test_name: Name of the test.
        before_ms: Only runs that started before this moment, epoch milliseconds.
        load: The load in words, as it was recorded; empty for any.
        runs: So many of the newest ones at most.
        source: Whether earlier loads (`run`) or earlier analyses of files (`file`) are looked at.
        history: Address of the history; empty for the configured one.
    """
    async with open_history(Path(runs_dir), history.get_secret_value()) as opened:
        found = await _comparable(opened, Path(runs_dir), test_name, before_ms, runs, source)
        same = [past for past in found if past.complete and load in ("", past.load)]
        figures = await opened.with_figures(same[::-1])
    others = len(found) - len(same)
    left_out = f", {others} under another load left out" if others else ""
    return f"{len(figures)} earlier runs{left_out}", figures


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
    figures: RunFigures | None = None,
    history: SecretStr = NO_ADDRESS,
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
        figures: What it measured; left out, it is read from its directory once someone asks.
        history: Address of the history; empty for the configured one.
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
    async with open_history(Path(runs_dir), history.get_secret_value()) as opened:
        await opened.record(past, figures)
    return f"recorded {run_id}", past


async def _baselines(
    runs_dir: str, test_name: str, before_ms: int, run_id: str, runs: int, source: Source, address: SecretStr
) -> tuple[str, tuple[BaselineRun, ...]]:
    folder = Path(runs_dir)
    async with open_history(folder, address.get_secret_value()) as history:
        if run_id == "set":
            named = await history.baseline(test_name)
            if named is None:
                return "no baseline is set for this test: perfpilot baseline set RUN", ()
            run_id = named.run_id
        first = await history.find(run_id) if run_id not in ("", "previous") else None
        if first is None and run_id not in ("", "previous"):
            return f"the history does not know the run {run_id}", ()
        if first is None:
            wanted = [*await _comparable(history, folder, test_name, before_ms, runs + _LOOKED_AT, source)]
        else:
            wanted = [first]
            if runs > 1:
                wanted += await _comparable(
                    history, folder, first.test_name, first.started_ms, runs + _LOOKED_AT, first.source
                )
    found: list[BaselineRun] = []
    gone: list[str] = []
    for past in wanted:
        if len(found) == runs:
            break
        closed = await asyncio.to_thread(_closed, folder, past)
        if closed:
            found.append(BaselineRun(run_id=past.run_id, closed=closed))
        else:
            gone.append(past.run_id)
            if past is first:
                return f"the run {past.run_id} decided nothing, or its files are gone", ()
    if not found and not gone:
        return "there is no earlier run to compare with", ()
    told = (
        f"baseline: {', '.join(each.run_id for each in found)}" if found else "no earlier run has its files"
    )
    return told + (f" (without files: {', '.join(gone)})" if gone else ""), tuple(found)


async def _comparable(
    history: History, runs_dir: Path, test_name: str, before_ms: int, limit: int, source: Source
) -> tuple[PastRun, ...]:
    """Comparable runs, newest first. Those that lack figures are completed first: they may drop out."""

    async def read() -> tuple[PastRun, ...]:
        return await history.latest(
            test_name, before_ms=before_ms, limit=limit, comparable=True, source=source
        )

    found = await read()
    return await read() if await complete(history, runs_dir, found) else found


def _closed(runs_dir: Path, past: PastRun) -> ClosedAttempt | None:
    directory = directory_of(runs_dir, past.run_id) if past.decided_by else None
    if directory is None:
        return None
    try:
        return directory.read_or_none(f"attempts/{past.decided_by}/closed.json", ClosedAttempt)
    except RunDirectoryError:
        return None  # damaged, or of a version that wrote other figures
