"""`perfpilot stop`: a run that somebody watches is asked, one that was left behind is ended here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from perfpilot.domain.load_outcome import Ended
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.running import process
from perfpilot.tools.jmeter.running.ending import ending_of
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt


def _stop(run: RunDirectory) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "perfpilot", "stop", str(run.path)], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_who_is_at_work_on_a_run_is_asked(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    with run.held():
        assert "asked run" in _stop(run)
    assert run.stop_requested()


async def test_a_load_that_a_killed_perfpilot_left_is_ended(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    prepared = await prepared_attempt(run)
    directory = Path(prepared.directory)
    left = process.start(
        ["/bin/sleep", "60"],
        directory=directory,
        record=directory,
        marker=prepared.marker,
        environment=jvm_environment(),
    )
    said = _stop(run)
    assert left.wait(5)
    assert "nobody watches run" in said and "the load that it had left was ended" in said
    ending = ending_of(run, 1)
    assert ending and (ending.ended, ending.detail) == (Ended.STOPPED, "stopped on request")


def test_a_run_that_left_no_load_says_so(tmp_path: Path) -> None:
    assert "it had left no load" in _stop(made_run(tmp_path))
