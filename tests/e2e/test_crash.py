"""kill -9 at half time, then `resume`: a report, and the target did not see the load twice."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from perfpilot.demo.launch import Service
from tests.e2e.processes import jmeters_of, load_runs, only_run, write_spec
from tests.e2e.processes import perfpilot as command
from tests.e2e.specs import requests_at, shop_spec

pytestmark = pytest.mark.timeout(240)


async def test_a_killed_perfpilot_is_resumed_while_its_jmeter_still_runs(
    shop: Service, tmp_path: Path
) -> None:
    spec = shop_spec(
        shop.base_url,
        endpoints=[{"name": "browse", "path": "/api/browse?page=1"}],
        load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 50, "duration": "20s"}]}],
    )
    first = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
    await first.says("starts the load")
    await load_runs(only_run(tmp_path), samples=200)
    first.signal(signal.SIGKILL)
    await first.process.wait()
    assert len(jmeters_of(only_run(tmp_path))) == 1, "JMeter outlives perfpilot"

    second = await command("resume", "last", directory=tmp_path)
    assert await second.ends() == 0, second.text()
    run = only_run(tmp_path)
    assert [path.name for path in (run / "attempts").iterdir()] == ["1"]
    result = json.loads((run / "result.json").read_text())
    assert result["outcome"]["verdict"] == "GO"
    assert "adopted" in (run / "events.jsonl").read_text()
    # 1,000 arrivals were planned; the smoke pass adds one. Nothing came twice.
    rows = result["scenarios"][0]["files"]["rows"]
    assert requests_at(shop.base_url, "/api/browse") == rows + 1
    assert abs(rows - 1000) <= 10


async def test_a_run_whose_jmeter_ended_meanwhile_is_judged_by_what_it_left(
    shop: Service, tmp_path: Path
) -> None:
    first = await command("run", write_spec(tmp_path, shop_spec(shop.base_url)), directory=tmp_path)
    await first.says("starts the load")
    await load_runs(only_run(tmp_path))
    first.signal(signal.SIGKILL)
    await first.process.wait()
    for process in jmeters_of(only_run(tmp_path)):
        process.wait(60)  # it runs to the end of its plan by itself
    before = requests_at(shop.base_url, "/api/browse")

    second = await command("resume", "last", directory=tmp_path)
    assert await second.ends() in (0, 3), second.text()
    assert requests_at(shop.base_url, "/api/browse") == before, "nothing was sent again"
    assert (only_run(tmp_path) / "report.html").is_file()


async def test_a_run_without_its_checkpoint_goes_on_with_the_figures_of_its_attempt(
    shop: Service, tmp_path: Path
) -> None:
    first = await command("run", write_spec(tmp_path, shop_spec(shop.base_url)), directory=tmp_path)
    await first.says("the load ended", within_s=120)
    first.signal(signal.SIGKILL)
    await first.process.wait()
    run = only_run(tmp_path)
    for name in ("checkpoint.sqlite", "checkpoint.sqlite-wal", "checkpoint.sqlite-shm", "result.json"):
        (run / name).unlink(missing_ok=True)
    before = requests_at(shop.base_url, "/api/browse")
    second = await command("resume", run.name, directory=tmp_path)
    assert await second.ends() == 0, second.text()
    assert requests_at(shop.base_url, "/api/browse") == before
