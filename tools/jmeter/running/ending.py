"""Why a load was told to end, noted before it is told: whoever finds it ended can then say why."""

from __future__ import annotations

from perfpilot.domain.load_outcome import LoadOutcome
from perfpilot.tools.history.run_directory import RunDirectory


def note_ending(run: RunDirectory, ending: LoadOutcome) -> None:
    """Note that the load of an attempt is being ended. The first note stays. Blocks."""
    if ending_of(run, ending.attempt) is None:
        run.write(_name(ending.attempt), ending)


def ending_of(run: RunDirectory, attempt: int) -> LoadOutcome | None:
    """Why the load of an attempt was told to end; None: it was not. Blocks."""
    return run.read_or_none(_name(attempt), LoadOutcome)


def _name(attempt: int) -> str:
    return f"attempts/{attempt}/ending.json"
