"""A real JMeter: a threshold that ends the load is acted on soon after its window is complete."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.jmeter.running.watch import Told
from perfpilot.tools.monitoring.sampler import Monitor
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.recorder import recording

WINDOW_S = 5
MOST_S = 3.0
UNTIL_HEEDED_S = 0.5
"""From the order to stop to the last request: JMeter hears of it on a port of its own."""

STAGES = [{"rate_per_s": 30, "duration": "20s"}]
LOADS: dict[str, dict[str, Any]] = {
    "open schedule": {"arrivals": "even", "stages": STAGES},
    "steered rate": {"steered": True, "stages": STAGES},
}


def window_complete_s(directory: Path, load_began_ms: int) -> float:
    """The end of the first run of `WINDOW_S` whole seconds of mostly failed samples, in epoch seconds."""
    ended, failed = Counter[int](), Counter[int]()
    for row in real_jmeter.read(directory).rows:
        second = (int(row["timeStamp"]) + int(row["elapsed"]) - load_began_ms) // 1000
        ended[second] += 1
        failed[second] += row["success"] == "false"
    run = 0
    for second in itertools.count():
        run = run + 1 if failed[second] > ended[second] / 2 else 0
        if run == WINDOW_S:
            return load_began_ms / 1000 + second + 1
    raise AssertionError


@pytest.mark.parametrize("load", LOADS)
def test_a_load_is_ended_within_three_seconds_of_a_complete_window(load: str, tmp_path: Path) -> None:
    java, home = real_jmeter.generator()
    with recording() as target:

        async def fails_after_two_seconds(told: Told) -> None:
            if told.figures.t_s >= 2:
                target.answers["/"] = (500, b"")

        async def its_end() -> tuple[Prepared, LoadOutcome]:
            run = made_run(
                tmp_path,
                environment={
                    "base_url": f"http://127.0.0.1:{target.port}",
                    "timeouts": {"response": "300ms"},  # an open schedule has users for all that may wait
                },
                load_patterns=[LOADS[load]],
                thresholds=[f"abort if error_rate > 50% for {WINDOW_S}s"],
            )
            run.write("generator.json", Generator(java=java, jmeter=home))
            prepared = await prepared_attempt(run)
            return prepared, await run_load(run, prepared, Monitor(), fails_after_two_seconds)

        prepared, outcome = asyncio.run(its_end())
        last_s = target.requests[-1].at_s + time.time() - time.monotonic()
    assert outcome.ended is Ended.ABORTED
    directory = Path(prepared.directory)
    complete_s = window_complete_s(directory, outcome.started_ms)
    noted_s = (directory / "ending.json").stat().st_mtime
    print(f"{load}: noted {noted_s - complete_s:.2f} s, last request {last_s - complete_s:.2f} s later")
    assert 0 < noted_s - complete_s <= MOST_S
    assert last_s - noted_s <= UNTIL_HEEDED_S
