"""The wall clock is set while a load runs: it ends at its real length, and its figures decide nothing."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import ExitCode
from perfpilot.tools.jmeter.running import stop, supervise
from perfpilot.tools.jmeter.running.wall_clock import WallClock
from tests.tools.jmeter.faults.real_load import java_through, laid_out
from tests.tools.jmeter.faults.targets import target, well

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), Path("/usr/lib/libfaketimeMT.so.1"))
LOAD_S = 5
GRACE_S = 3.0


LONG = pytest.mark.long


@pytest.mark.parametrize(
    ("step_s", "is_open"),
    [
        pytest.param(-3600, False, id="an hour back, closed"),
        pytest.param(-3600, True, marks=LONG, id="an hour back, open"),
        pytest.param(3600, False, marks=LONG, id="an hour on, closed"),
        pytest.param(3600, True, marks=LONG, id="an hour on, open"),
    ],
)
async def test_a_clock_that_jumps_neither_stretches_a_load_nor_makes_a_verdict(
    step_s: int, is_open: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "_GRACE_S", GRACE_S)
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = (
        f"export LD_PRELOAD={LIBRARY} FAKETIME_TIMESTAMP_FILE={clock} "
        "FAKETIME_CACHE_DURATION=1 DONT_FAKE_MONOTONIC=1"
    )
    java = await asyncio.to_thread(java_through, tmp_path, faked)
    model, stage = ({"model": "open"}, {"rate_per_s": 20}) if is_open else ({"model": "closed"}, {"users": 2})
    with target({"/": well}) as port:
        load = await laid_out(
            tmp_path, port, java=java,
            journeys=[{"name": "visit", "steps": [{"endpoint": "page", "think_time": "100ms"}]}],
            load_patterns=[{**model, "stages": [{**stage, "duration": f"{LOAD_S}s"}]}],
        )  # fmt: skip
        running = asyncio.create_task(load.run_to_its_end())
        await load.has_samples(20)
        begun = time.monotonic()
        real = time.time
        clock.write_text(f"{step_s:+d}")
        monkeypatch.setattr(time, "time", lambda: real() + step_s)  # perfpilot lives by the same clock
        loaded = await running
        took_s = time.monotonic() - begun
    most_s = LOAD_S + load.prepared.tail_s + 1 + 1 + GRACE_S  # the plan, what may still be answered
    assert took_s < most_s + stop.LONGEST_S
    assert loaded.outcome.ended in (Ended.COMPLETED, Ended.OVERDUE)
    assert loaded.outcome.clock_step_s == pytest.approx(step_s, abs=1)
    assert (
        f"the wall clock moved by {loaded.outcome.clock_step_s:+.1f} s"
        in loaded.closed.attempt.invalid_because
    )
    assert loaded.verdict.exit_code() is ExitCode.INCONCLUSIVE


def test_the_largest_step_is_kept_with_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    clock = WallClock()
    for step_s in (0.0, 2.0, -7.0, 0.0):
        monkeypatch.setattr(time, "time", lambda step_s=step_s: real() + step_s)
        clock.look()
    assert clock.step_s == pytest.approx(-7.0, abs=0.05)
