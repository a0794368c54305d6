"""kill -9 at random moments over whole runs, resumed until they end: nothing twice, nothing left behind.

Long: each run takes some 20 s. `PERFPILOT_KILLS` says how many (40), `PERFPILOT_KILLS_SEED` where to begin.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from pathlib import Path

import pytest

from perfpilot.demo.launch import Service
from tests.e2e.hook import Hook, listening
from tests.e2e.processes import Command, jmeters_of, perfpilot, write_spec
from tests.e2e.specs import requests_at, shop_spec

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("PERFPILOT_KILLS", "40"))
SEED = int(os.environ.get("PERFPILOT_KILLS_SEED", "1"))
RATE_PER_S, LOAD_S = 20, 8
IN_FLIGHT = 5
"""Requests under way at a kill, which the target answers and no result file has."""


async def test_runs_that_are_killed_at_random_moments_all_end(shop: Service, tmp_path: Path) -> None:
    async with listening() as hook:
        for number in range(KILLS):
            chance = random.Random(SEED + number)
            directory = tmp_path / str(number)
            directory.mkdir()
            what = await _one_run(shop, directory, hook, chance, with_jmeter=number % 3 == 0)
            print(f"kill {number + 1} of {KILLS}: {what}", flush=True)


async def _one_run(
    shop: Service, directory: Path, hook: Hook, chance: random.Random, *, with_jmeter: bool
) -> str:
    spec = shop_spec(
        shop.base_url,
        endpoints=[{"name": "browse", "path": "/api/browse?page=1"}],
        load_patterns=[
            {"arrivals": "even", "stages": [{"rate_per_s": RATE_PER_S, "duration": f"{LOAD_S}s"}]}
        ],
        notifications={"webhook": hook.url},
    )
    before, told_before = requests_at(shop.base_url, "/api/browse"), len(hook.ends)
    command = await perfpilot("run", write_spec(directory, spec), directory=directory)
    kills = 0
    for _ in range(chance.choice((1, 1, 2, 3))):
        if await _killed(command, chance.uniform(0.3, 24.0), directory, with_jmeter=with_jmeter):
            kills += 1
            if not _runs(directory):
                break  # killed before there was a run: nothing to go on with
            command = await perfpilot("resume", "last", directory=directory)
    made = _runs(directory)
    code = await command.ends(within_s=180)
    if not made:
        return "killed before there was a run"
    (run,) = made
    if code == 2 and "there is nothing to go on with" in command.text():
        return "killed before anything was kept"
    assert code in (0, 1, 3, 4), command.text()
    result = json.loads((run / "result.json").read_text())
    assert (run / "report.html").is_file()
    assert jmeters_of(run) == [], "no process left"
    sent = requests_at(shop.base_url, "/api/browse") - before
    attempts = [path.name for path in (run / "attempts").iterdir()] if (run / "attempts").is_dir() else []
    smokes = len(attempts) + kills  # a pass that was killed is sent again
    loads = [run / "attempts" / n for n in attempts if (run / "attempts" / n / "results.jtl").is_file()]
    planned = sum(json.loads((load / "plan.json").read_text())["expected_samples"] for load in loads)
    assert sent <= planned + smokes + IN_FLIGHT, (sent, planned, command.text())
    assert len(hook.ends) == told_before + 1, "one notification each"
    return f"{kills} kills, {sent} requests in {len(loads)} loads, exit {code}, {result['outcome']['status']}"


async def _killed(command: Command, after_s: float, directory: Path, *, with_jmeter: bool) -> bool:
    """Kill it after so long, and its JMeter too. False: it had ended before."""
    try:
        await asyncio.wait_for(command.process.wait(), after_s)
        return False
    except TimeoutError:
        pass
    command.signal(signal.SIGKILL)
    await command.process.wait()
    for run in _runs(directory) if with_jmeter else ():
        for process in jmeters_of(run):
            process.kill()
            process.wait(5)
    return True


def _runs(directory: Path) -> list[Path]:
    return [path for path in (directory / "runs").glob("*") if path.is_dir()]
