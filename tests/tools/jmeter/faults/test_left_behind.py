"""What a crash leaves running is found by the marker of its run, and nothing else is touched."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfpilot.domain.load_outcome import Ended
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.doctor import check_unwatched
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.running import process
from perfpilot.tools.jmeter.running.left_behind import end_left_behind
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.jmeter.running.unwatched import find_unwatched
from perfpilot.tools.monitoring.sampler import Monitor
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

GOES_ON = "begin()\nfor _ in range(600):\n    sample()\n    time.sleep(0.05)"
SHORT = "begin()\nfor _ in range(40):\n    sample()\n    time.sleep(0.05)\nend()"


@pytest.fixture
def foreign() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    child = subprocess.Popen(["/bin/sleep", "60"], start_new_session=True)
    yield child
    child.kill()
    child.wait()


async def _nobody_listens(_: object) -> None: ...


def _start(run: RunDirectory, directory: Path, marker: str, executable: str) -> process.Running:
    running = process.start(
        [executable, "-l", "results.jtl", "-j", "jmeter.log", f"-Jperfpilot.run={marker}"],
        directory=directory,
        record=directory,
        marker=marker,
        environment=jvm_environment(),
    )
    while not (directory / "results.jtl").is_file():
        time.sleep(0.02)
    return running


def _of(run: RunDirectory) -> list[int]:
    return [found.pid for found in find_unwatched() if found.run_id == run.id]


async def test_doctor_names_a_load_that_nobody_watches_and_how_to_end_it(tmp_path: Path) -> None:
    run = made_run(tmp_path, GOES_ON)
    prepared = await prepared_attempt(run)
    executable = prepared.generator.java.executable
    running = _start(run, Path(prepared.directory), prepared.marker, executable)
    try:
        assert _of(run) == [running.pid]
        check = check_unwatched()
        assert not check.ok
        assert f"process {running.pid} of run {run.id}, attempt 1" in check.problem
        assert "perfpilot resume " in check.mend and "Ctrl-C there ends it" in check.mend
        with run.held():
            assert _of(run) == [], "a perfpilot is at work on it"
        assert running.alive(), "doctor only looks"
    finally:
        await end_left_behind(run, 1)
    assert running.wait(5)
    assert _of(run) == []


async def test_a_pid_that_another_process_has_now_is_left_alone(
    tmp_path: Path, foreign: subprocess.Popen[bytes]
) -> None:
    run = made_run(tmp_path, SHORT)
    prepared = await prepared_attempt(run)
    directory = Path(prepared.directory)
    stale = process.Identity(pid=foreign.pid, create_time=1.0, marker=prepared.marker)
    (directory / process.RECORD).write_text(stale.model_dump_json())
    (directory / "results.jtl").write_text("")
    assert process.adopt(directory, prepared.marker) is None
    await end_left_behind(run, 1)
    outcome = await run_load(run, prepared, Monitor(), _nobody_listens)
    assert outcome.ended is Ended.NOT_STARTED, "its JMeter ended, and nothing is known of it"
    assert foreign.poll() is None
    assert foreign.pid not in [found.pid for found in find_unwatched()]
    os.kill(foreign.pid, 0)


async def test_a_jmeter_whose_pid_was_never_written_is_adopted_and_not_doubled(tmp_path: Path) -> None:
    """perfpilot was killed after the start and before its record."""
    run = made_run(tmp_path, SHORT)
    prepared = await prepared_attempt(run)
    executable = prepared.generator.java.executable
    running = _start(run, Path(prepared.directory), prepared.marker, executable)
    (Path(prepared.directory) / process.RECORD).unlink()
    outcome = await run_load(run, prepared, Monitor(), _nobody_listens)
    assert outcome.ended is Ended.COMPLETED
    assert running.wait(5)
    rows = (Path(prepared.directory) / "results.jtl").read_text().count("page")
    assert rows == 40, "one load, and all of it"
    assert "adopted the JMeter of attempt 1" in (run.path / "events.jsonl").read_text()


async def test_an_attempt_that_was_decided_on_and_never_started_is_started_once(tmp_path: Path) -> None:
    run = made_run(tmp_path, SHORT)
    prepared = await prepared_attempt(run)  # killed here: laid out, and no process with its marker
    outcome = await run_load(run, prepared, Monitor(), _nobody_listens)
    assert outcome.ended is Ended.COMPLETED
    assert await run_load(run, prepared, Monitor(), _nobody_listens) == outcome
    assert (Path(prepared.directory) / "results.jtl").read_text().count("page") == 40
