"""A run directory for a result file that JMeter wrote elsewhere, closed already, so that it can be judged."""

from __future__ import annotations

from pathlib import Path

from perfpilot.domain.errors import RunDirectoryError
from perfpilot.domain.result import ClosedAttempt, Result
from perfpilot.tools.history.faces import BaselineRun
from perfpilot.tools.history.run_directory import RunDirectory, is_run_id, mint_run_id
from perfpilot.tools.jmeter.foreign import Asked, close_file
from perfpilot.tools.spec.write import dump_spec

FILE = "file.json"
"""Holds the `ResultFile`. A run directory with it sent no load."""

BASELINE = "baseline.json"
"""Holds the `BaselineRun` that the file is compared with, where one was named."""


def lay_out(runs_dir: Path, path: Path, asked: Asked, baseline: str | Path | None = None) -> RunDirectory:
    """Read the file, and make a run of one closed attempt. Blocks, some seconds for each gigabyte.

    `baseline`: another result file, or the id of a run in `runs_dir`. The files themselves are not copied.
    Raises what `close_file` raises, and RunDirectoryError for a run without figures; nothing is made then.
    """
    found = close_file(path, asked)
    before = _baseline(runs_dir, baseline, asked) if baseline else None
    directory = RunDirectory.create(runs_dir, mint_run_id(found.file.name))
    directory.write(FILE, found.file)
    if found.spec:
        directory.write_text("spec.effective.yaml", dump_spec(found.spec))
    if before:
        directory.write(BASELINE, before)
    directory.write("attempts/1/closed.json", found.closed)
    return directory


def _baseline(runs_dir: Path, baseline: str | Path, asked: Asked) -> BaselineRun:
    """A run where the name is one of a run, else a file, closed as the other one is."""
    name = str(baseline)
    if not is_run_id(name) or Path(name).is_file():
        closed = close_file(Path(name), Asked(spec=asked.spec)).closed
        return BaselineRun(run_id=Path(name).name, closed=closed)
    run = RunDirectory.open(runs_dir / name)
    number = run.read("result.json", Result).decided_by
    decided = run.read_or_none(f"attempts/{number}/closed.json", ClosedAttempt)
    if decided is None:
        raise RunDirectoryError(f"run {name} has no figures that decided", mend="name another baseline")
    return BaselineRun(run_id=name, closed=decided)
