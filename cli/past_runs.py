"""Runs and tests that a person names, looked up in the history where directories are gone."""

from __future__ import annotations

import difflib
from pathlib import Path

from perfpilot.cli.run_names import find_run
from perfpilot.domain.errors import RunDirectoryError, SpecError
from perfpilot.domain.history import PastRun
from perfpilot.tools.history.completing import adopt, complete
from perfpilot.tools.history.store import History


async def find_past(history: History, runs_dir: Path, name: str) -> PastRun:
    """The run that is meant, as the history knows it; a finished one that it does not know is kept now.

    Raises RunDirectoryError: none, several, or one that has no result.
    """
    try:
        directory = find_run(name, runs_dir)
    except RunDirectoryError as error:
        return await find_recorded(history, name, error)
    past = await history.find(directory.id) or await adopt(history, directory)
    if past is None:
        raise RunDirectoryError(
            f"run {directory.id} has no result", mend=f"perfpilot resume {directory.id} brings it to its end"
        )
    if await complete(history, directory.path.parent, [past]):
        past = await history.find(past.run_id) or past
    return past


async def find_recorded(history: History, name: str, otherwise: RunDirectoryError) -> PastRun:
    """A run that only the history still knows, by its id or the beginning of it; raises `otherwise`."""
    exact = await history.find(name) if name else None
    begun = (exact,) if exact else await history.beginning_with(name, 2) if name else ()
    if len(begun) != 1:
        raise otherwise
    return begun[0]


async def known_test(history: History, name: str) -> str:
    """The name, if there is such a test. Raises SpecError with the nearest one."""
    if await history.latest(name, limit=1):
        return name
    names = await history.test_names()
    near = difflib.get_close_matches(name, names, 1)
    if near:
        mend = f"{near[0]!r} is the nearest name"
    else:
        mend = (
            f"the tests are: {', '.join(names[:10])}" if names else "perfpilot run SPEC makes the first run"
        )
    raise SpecError(f"the history holds no run of {name!r}", mend=mend)
