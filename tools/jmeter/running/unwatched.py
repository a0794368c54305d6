"""JMeters on this machine that a perfpilot started and that none watches: a crash left them behind.

Known by the marker on their command line, never by name, and only looked at: nothing here ends a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import RunDirectoryError
from perfpilot.tools.history.run_directory import RunDirectory, is_run_id
from perfpilot.tools.jmeter.running.process import ARGUMENT


class Unwatched(Frozen):
    """One of them."""

    pid: int
    run_id: str
    run_dir: str  # empty: it is not there any more
    attempt: str


def find_unwatched() -> tuple[Unwatched, ...]:
    """Those of this user. Blocks: reads the process table."""
    return tuple(found for found in _ours() if not (found.run_dir and _is_driven(Path(found.run_dir))))


def _ours() -> Iterator[Unwatched]:
    for process in psutil.process_iter():
        try:
            marker = next((text for text in process.cmdline() if text.startswith(ARGUMENT)), "")
            if not marker or process.uids().real != os.getuid():
                continue
            run_id, _, attempt = marker.removeprefix(ARGUMENT).partition("/")
            if is_run_id(run_id):
                run_dir = _run_directory(Path(process.cwd()), run_id)
                yield Unwatched(pid=process.pid, run_id=run_id, run_dir=run_dir, attempt=attempt)
        except psutil.Error:
            continue  # it ended meanwhile


def _run_directory(working: Path, run_id: str) -> str:
    """A JMeter works in `<run>/attempts/<number>`."""
    return next((str(path) for path in working.parents if path.name == run_id and path.is_dir()), "")


def _is_driven(run_dir: Path) -> bool:
    try:
        with RunDirectory(run_dir).held():
            return False
    except RunDirectoryError:
        return True
