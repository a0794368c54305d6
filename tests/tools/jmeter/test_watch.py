"""When the load began."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.tools.jmeter.log import LogReading
from perfpilot.tools.jmeter.watch import load_start_ms
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt


@pytest.mark.parametrize(("test_started_ms", "found"), [(5000, 5000), (0, 0)])
async def test_an_open_schedule_without_its_line_has_no_known_start(
    tmp_path: Path, test_started_ms: int, found: int
) -> None:
    run = made_run(tmp_path, load_patterns=[{"stages": [{"rate_per_s": 1, "duration": "30s"}]}])
    prepared = await prepared_attempt(run)
    log = LogReading(test_started_ms=test_started_ms, groups_started_ms=6000, ended=False, problems=())
    assert load_start_ms(prepared, log) == (found and found + round(prepared.lead_s * 1000))
