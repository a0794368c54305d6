"""No load goes on beyond its plan: neither for a target that keeps its users, nor for a JMeter that hangs."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import Verdict
from perfpilot.tools.jmeter.running import process, stop, supervise
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.jmeter.running.supervise import TICK_S
from perfpilot.tools.monitoring.sampler import Monitor
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt
from tests.tools.jmeter.faults.real_load import laid_out
from tests.tools.jmeter.faults.targets import drip, silence, target, well

pytestmark = pytest.mark.timeout(120)
A_MOMENT_S = 3 * TICK_S + 1.0


async def test_an_open_schedule_is_stopped_within_the_stated_time(tmp_path: Path) -> None:
    """Shutdown hangs for ever on an Open Model Thread Group, with requests under way or without."""
    patient = {"base_url": "", "timeouts": {"connect": "1s", "response": "60s"}}
    with target({"/": well, "/hangs": silence}) as port:
        load = await laid_out(
            tmp_path, port,
            environment={**patient, "base_url": f"http://127.0.0.1:{port}"},
            endpoints=[{"name": "page", "path": "/"}, {"name": "hangs", "path": "/hangs"}],
            load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 20, "duration": "60s"}]}],
        )  # fmt: skip
        running = asyncio.create_task(load.run_to_its_end())
        await load.has_samples(20)
        begun = time.monotonic()
        load.run.request_stop()
        loaded = await running
        took_s = time.monotonic() - begun
    assert loaded.outcome.ended is Ended.STOPPED
    assert loaded.outcome.ladder[0] == "StopTestNow", "Shutdown would hang"
    stated_s = sum(stop.GRACE_S[step] for step in loaded.outcome.ladder)
    assert took_s < stated_s + A_MOMENT_S + 2, loaded.outcome
    assert process.adopt(Path(load.prepared.directory), load.prepared.marker) is None
    assert loaded.closed.attempt.files.rows >= 20


async def test_users_in_a_target_that_hangs_are_let_go_of_within_the_stated_time(tmp_path: Path) -> None:
    with target({"/": well, "/hangs": silence}) as port:
        environment = {
            "base_url": f"http://127.0.0.1:{port}",
            "timeouts": {"connect": "1s", "response": "60s"},
        }
        load = await laid_out(
            tmp_path, port, environment=environment,
            endpoints=[{"name": "page", "path": "/"}, {"name": "hangs", "path": "/hangs"}],
            load_patterns=[{"model": "closed", "stages": [{"users": 5, "duration": "60s"}]}],
        )  # fmt: skip
        running = asyncio.create_task(load.run_to_its_end())
        await load.has_samples(3)
        await asyncio.sleep(1.0)  # until all of them wait
        begun = time.monotonic()
        load.run.request_stop()
        loaded = await running
        took_s = time.monotonic() - begun
    assert loaded.outcome.ended is Ended.STOPPED
    assert loaded.outcome.ladder[:2] == ("Shutdown", "StopTestNow"), "Shutdown alone waits for answers"
    stated_s = sum(stop.GRACE_S[step] for step in loaded.outcome.ladder)
    assert took_s < stated_s + A_MOMENT_S + 2, loaded.outcome


@pytest.mark.long
async def test_answers_that_never_end_do_not_keep_a_load_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JMeter's time-outs are between two reads, so a body that drips on keeps its user for ever."""
    monkeypatch.setattr(supervise, "_GRACE_S", 3.0)
    with target({"/": well, "/drips": drip}) as port:
        load = await laid_out(
            tmp_path, port,
            endpoints=[{"name": "page", "path": "/"}, {"name": "drips", "path": "/drips"}],
            journeys=[{"name": "both", "steps": ["page", "drips"]}],
            load_patterns=[{"model": "closed", "stages": [{"users": 5, "duration": "3s"}]}],
        )  # fmt: skip
        begun = time.monotonic()
        loaded = await load.run_to_its_end()
        took_s = time.monotonic() - begun
    assert loaded.outcome.ended is Ended.OVERDUE
    assert "after the end of its plan" in loaded.outcome.detail
    assert took_s < 3 + 2 + 3 + 15 + 10, "plan, time-outs, grace, ladder, start of the JVM"
    assert loaded.verdict.verdict is not Verdict.GO
    assert loaded.closed.attempt.files.rows >= 5


async def test_a_jmeter_that_heeds_nothing_is_killed_after_the_end_of_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "_GRACE_S", 1.0)
    monkeypatch.setattr(stop, "GRACE_S", {"Shutdown": 0.3, "StopTestNow": 0.3, "TERM": 0.3, "KILL": 5.0})
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    hangs = deaf + "begin()\nfor _ in range(90):\n    sample()\n    time.sleep(0.05)\ntime.sleep(100)"
    run = made_run(
        tmp_path, hangs,
        environment={"base_url": "http://127.0.0.1:9", "timeouts": {"connect": "1s", "response": "1s"}},
        load_patterns=[{"model": "closed", "stages": [{"users": 1, "duration": "4s"}]}],
    )  # fmt: skip
    prepared = await prepared_attempt(run)

    async def nobody_listens(_: object) -> None: ...

    begun = time.monotonic()
    outcome = await run_load(run, prepared, Monitor(), nobody_listens)
    assert outcome.ended is Ended.OVERDUE
    assert outcome.ladder == ("Shutdown", "StopTestNow", "TERM", "KILL")
    assert time.monotonic() - begun < 4 + prepared.tail_s + 2 + 1 + 5
