"""The life of one attempt: a load is sent once, its end is not mistaken for another, nothing stays behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path

import pytest

from perfpilot.domain.errors import ExecutionError
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.faces import measure_attempt, smoke_test
from perfpilot.tools.jmeter.measure import close_attempt
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running import process
from perfpilot.tools.jmeter.running.ending import ending_of, note_ending
from perfpilot.tools.jmeter.running.left_behind import end_left_behind
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.jmeter.running.smoke import smoke
from perfpilot.tools.monitoring.sampler import Monitor
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

LOADS_ON = "begin()\nfor _ in range(400):\n    sample()\n    time.sleep(0.05)"
LOADS_SHORTLY = "begin()\nsample()\nend()"


async def _nobody_listens(*_: object) -> None: ...


async def _load(run: RunDirectory, prepared: Prepared) -> LoadOutcome:
    return await run_load(run, prepared, Monitor(), _nobody_listens)


def _started(prepared: Prepared) -> process.Running:
    """The load's JMeter, as a perfpilot that was killed leaves it."""
    directory = Path(prepared.directory)
    command = [prepared.generator.java.executable, "-l", "results.jtl", "-j", "jmeter.log"]
    running = process.start(
        [*command, f"-Jperfpilot.run={prepared.marker}"],
        directory=directory,
        record=directory,
        marker=prepared.marker,
        environment=jvm_environment(),
    )
    while not (directory / "results.jtl").is_file():
        time.sleep(0.02)
    return running


async def test_a_load_is_run_once_and_its_outcome_stays(tmp_path: Path) -> None:
    run = made_run(tmp_path, LOADS_SHORTLY)
    prepared = await prepared_attempt(run)
    first = await _load(run, prepared)
    assert first.ended is Ended.COMPLETED
    assert await _load(run, prepared) == first
    assert (Path(prepared.directory) / "results.jtl").read_text().count("page") == 1


async def test_a_load_whose_record_a_crash_prevented_is_not_sent_again(tmp_path: Path) -> None:
    run = made_run(tmp_path, LOADS_SHORTLY)
    prepared = await prepared_attempt(run)
    running = _started(prepared)
    assert running.wait(5)
    (Path(prepared.directory) / process.RECORD).unlink()
    assert (await _load(run, prepared)).ended is Ended.COMPLETED
    assert (Path(prepared.directory) / "results.jtl").read_text().count("page") == 1


@pytest.mark.parametrize("ended", [Ended.ABORTED, Ended.STOPPED])
async def test_a_load_that_was_being_ended_when_perfpilot_died_did_not_complete(
    tmp_path: Path, ended: Ended
) -> None:
    run = made_run(tmp_path, LOADS_SHORTLY)  # JMeter logs a regular end after it was told to stop
    prepared = await prepared_attempt(run)
    note_ending(run, LoadOutcome(attempt=1, ended=ended, detail="because"))
    assert _started(prepared).wait(5)
    assert close_attempt(run, 1).attempt.ended == ended, "nobody saw its end"
    outcome = await _load(run, prepared)
    assert (outcome.ended, outcome.detail) == (ended, "because")


async def test_why_a_load_is_ended_is_noted_before_it_is_told_to(tmp_path: Path) -> None:
    run = made_run(tmp_path, LOADS_ON)
    prepared = await prepared_attempt(run)
    running = _started(prepared)
    run.request_stop()
    loading = asyncio.create_task(_load(run, prepared))
    while ending_of(run, 1) is None:
        await asyncio.sleep(0.02)
        assert not loading.done()
    assert running.alive(), "the fake heeds no polite request"
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert running.wait(5), "it was ended"


async def test_a_jmeter_is_not_left_alone_where_its_start_cannot_be_noted(tmp_path: Path) -> None:
    run = made_run(tmp_path, LOADS_ON)
    prepared = await prepared_attempt(run)
    (run.path / "events.jsonl").mkdir()
    with pytest.raises(OSError):
        await _load(run, prepared)
    identity = json.loads((Path(prepared.directory) / process.RECORD).read_text())
    assert not process.is_alive(process.Identity.model_validate(identity))


async def test_a_process_is_known_by_its_command_line_after_the_clock_was_set(tmp_path: Path) -> None:
    run = made_run(tmp_path, LOADS_ON)
    prepared = await prepared_attempt(run)
    running = _started(prepared)
    moved = running.identity.model_copy(update={"create_time": running.identity.create_time - 3600})
    (Path(prepared.directory) / process.RECORD).write_text(moved.model_dump_json())
    adopted = process.adopt(Path(prepared.directory), prepared.marker)
    assert adopted and adopted.pid == running.pid
    other = moved.model_copy(update={"pid": os.getpid()})
    assert not process.is_alive(other)
    adopted.signal_group(signal.SIGKILL)
    assert running.wait(5)


async def test_a_jmeter_that_nobody_watches_is_ended_and_its_load_decides_nothing(tmp_path: Path) -> None:
    run = made_run(tmp_path, LOADS_ON + "\n")
    prepared = await prepared_attempt(run)
    running = _started(prepared)
    answer = await measure_attempt.ainvoke(
        {"type": "tool_call", "id": "1", "name": "m", "args": {"run_dir": str(run.path), "attempt": 1}}
    )
    assert running.wait(5), "it was ended"
    closed = answer.artifact.attempt
    assert (closed.ended, closed.valid) == (Ended.GENERATOR_DIED, False)
    assert "lost sight" in closed.detail


async def test_results_that_could_not_be_written_are_seen_behind_other_lines(tmp_path: Path) -> None:
    noise = "".join(f"print('Uncaught exception {n}')\n" for n in range(9))
    lost = "print('ERROR r: Problem detected during use of results.jtl', flush=True)\n"
    run = made_run(tmp_path, f"begin()\nsample()\n{noise}{lost}end()")
    prepared = await prepared_attempt(run)
    assert _started(prepared).wait(5)
    assert close_attempt(run, 1).attempt.ended == Ended.GENERATOR_DIED, "nobody saw its end"
    outcome = await _load(run, prepared)
    assert outcome.ended is Ended.GENERATOR_DIED
    assert "results.jtl" in outcome.detail


async def test_the_smoke_of_a_killed_perfpilot_is_ended_and_its_rows_are_not_mixed_in(tmp_path: Path) -> None:
    run = made_run(tmp_path, "begin()\nsample()\nend()")
    prepared = await prepared_attempt(run)
    directory = Path(prepared.directory)
    (directory / "smoke").mkdir()
    (directory / "smoke.jtl").write_text("rows of the pass that was killed\n" * 3)
    left = process.start(
        ["/bin/sleep", "60"],
        directory=directory,
        record=directory / "smoke",
        marker=f"{prepared.marker}/smoke",
        environment=jvm_environment(),
    )
    answer = await smoke_test.ainvoke(
        {"type": "tool_call", "id": "1", "name": "s", "args": {"run_dir": str(run.path), "attempt": 1}}
    )
    assert left.wait(5), "it was ended"
    assert answer.artifact.ok, answer.artifact
    assert len((directory / "smoke.jtl").read_text().splitlines()) == 2, "a header and one row"


@pytest.mark.parametrize(
    "behaviour", ["sys.exit('no such option: -Xms64m')", "begin(); os.kill(os.getpid(), 9)"]
)
async def test_a_jmeter_that_dies_in_the_smoke_pass_does_not_speak_against_the_description(
    tmp_path: Path, behaviour: str
) -> None:
    run = made_run(tmp_path, behaviour)
    prepared = await prepared_attempt(run)
    with pytest.raises(ExecutionError, match="JMeter died in the smoke pass"):
        await smoke(run, prepared)


async def test_clean_up_leaves_an_attempt_alone_whose_end_was_seen(tmp_path: Path) -> None:
    run = made_run(tmp_path, LOADS_SHORTLY)
    await _load(run, await prepared_attempt(run))
    before = (run.path / "events.jsonl").read_text()
    await end_left_behind(run, 1)
    assert (run.path / "events.jsonl").read_text() == before
