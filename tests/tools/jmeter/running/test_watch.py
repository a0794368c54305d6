"""When the load began."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.tools.jmeter.running.log import LogReading
from perfpilot.tools.jmeter.running.watch import load_start_ms
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt


@pytest.mark.parametrize(("test_started_ms", "found"), [(5000, 5000), (0, 0)])
async def test_an_open_schedule_without_its_line_has_no_known_start(
    tmp_path: Path, test_started_ms: int, found: int
) -> None:
    run = made_run(tmp_path, load_patterns=[{"stages": [{"rate_per_s": 1, "duration": "30s"}]}])
    prepared = await prepared_attempt(run)
    assert prepared.lead_s == 1.5
    log = LogReading(test_started_ms=test_started_ms, groups_started_ms=6000, ended=False, problems=())
    assert load_start_ms(prepared, log) == (found and found + round(prepared.lead_s * 1000))


async def test_closed_users_alone_begin_when_their_threads_do(tmp_path: Path) -> None:
    prepared = await prepared_attempt(made_run(tmp_path))
    log = LogReading(test_started_ms=5000, groups_started_ms=5400, ended=False, problems=())
    assert prepared.lead_s == 0
    assert load_start_ms(prepared, log) == 5400


async def test_users_at_a_gate_begin_at_the_end_of_the_lead_in_which_they_come_up(tmp_path: Path) -> None:
    patterns = [{"model": "closed", "steered": True, "stages": [{"users": 10, "duration": "30s"}]}]
    prepared = await prepared_attempt(made_run(tmp_path, load_patterns=patterns))
    log = LogReading(test_started_ms=5000, groups_started_ms=5400, ended=False, problems=())
    assert load_start_ms(prepared, log) == 6500
    assert (Path(prepared.directory) / "control" / "users_1").read_text() == "10"
