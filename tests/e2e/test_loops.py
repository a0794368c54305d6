"""The three ways back, each driven by a real cause."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import perfpilot
from perfpilot.demo.launch import Service, start
from perfpilot.domain.judgement import FindingKind
from perfpilot.domain.loops import Loop, Reason
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.result import Result
from perfpilot.graph.context import Context
from tests.e2e.processes import load_runs, only_run, write_spec
from tests.e2e.processes import perfpilot as command
from tests.e2e.specs import buyer_spec, shop_spec


def _only_pass(result: Result) -> Any:
    assert len(result.loops) == 1, result.loops
    return result.loops[0]


async def test_a_missing_slash_is_repaired_because_a_probe_proves_it(shop: Service, tmp_path: Path) -> None:
    spec = shop_spec(shop.base_url, endpoints=[{"name": "categories", "path": "/api/categories"}])
    result = await perfpilot.run(spec, runs_dir=tmp_path / "runs")
    went = _only_pass(result)
    assert (went.loop, went.reason) == (Loop.REPAIR, Reason.ENDPOINT_NOT_FOUND)
    assert result.repairs[0].after == "/api/categories/"
    assert "200" in result.repairs[0].proof
    assert result.outcome.verdict is Verdict.GO
    assert "repaired" in result.outcome.reasons[0]


async def test_what_no_probe_can_prove_is_refused_and_reported(shop: Service, tmp_path: Path) -> None:
    spec = shop_spec(shop.base_url, endpoints=[{"name": "nothing", "path": "/api/nothing-like-it"}])
    result = await perfpilot.run(spec, runs_dir=tmp_path / "runs")
    assert result.outcome.exit_code() == 2
    assert "404" in result.outcome.reasons[0]
    assert (tmp_path / "runs" / result.run.id / "report.html").is_file()


async def test_a_token_that_expires_under_load_is_renewed_by_every_user(tmp_path: Path) -> None:
    shop = await start(directory=tmp_path / "shop", token_ttl_s=12)
    try:
        spec = buyer_spec(
            shop.base_url,
            load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 40, "duration": "14s"}]}],
        )
        result = await perfpilot.run(spec, runs_dir=tmp_path / "runs")
    finally:
        await shop.stop()
    went = _only_pass(result)
    assert (went.loop, went.reason) == (Loop.REPAIR, Reason.TOKEN_EXPIRED)
    assert result.repairs[0].place == "environment.auth.scope"
    assert [attempt.valid for attempt in result.scenarios] == [False, True]
    assert result.scenarios[0].ended == "early_failure"
    assert result.outcome.verdict is Verdict.GO, result.outcome.reasons


async def test_a_load_that_fell_short_for_want_of_users_is_planned_again(tmp_path: Path) -> None:
    # Its health answers at once, its pages take some 20 ms: users sized by the first are too few.
    shop = await start(directory=tmp_path / "shop", fault="pool", severity="low")
    try:
        spec = shop_spec(
            shop.base_url,
            endpoints=[{"name": "browse", "path": "/api/browse?page=1"}],
            load_patterns=[{"steered": True, "stages": [{"rate_per_s": 120, "duration": "10s"}]}],
            thresholds=["p95 < 2s"],
        )
        result = await perfpilot.run(spec, runs_dir=tmp_path / "runs")
    finally:
        await shop.stop()
    went = result.loops[0]
    assert (went.loop, went.reason) == (Loop.REPLAN, Reason.LOAD_FELL_SHORT), result.loops
    first, last = result.scenarios[0], result.scenarios[-1]
    assert first.generator.achieved_load is not None and last.generator.achieved_load is not None
    assert first.generator.achieved_load < 0.95 <= last.generator.achieved_load
    assert result.outcome.verdict is Verdict.GO, result.outcome.reasons


async def test_a_search_for_the_breaking_point_takes_narrower_steps_around_the_knee(tmp_path: Path) -> None:
    # Two connections, each held for 65 ms: some 30 requests a second, whatever is asked.
    shop = await start(directory=tmp_path / "shop", fault="pool", severity="high")
    try:
        spec = shop_spec(
            shop.base_url,
            test_type="breakpoint",
            endpoints=[{"name": "browse", "path": "/api/browse?page=1"}],
            load_patterns=[
                {
                    "arrivals": "even",
                    "stages": [{"rate_per_s": rate, "duration": "5s"} for rate in (10, 20, 40)],
                }
            ],
            thresholds=["capacity >= 25/s", "error_rate < 5%"],
        )
        result = await perfpilot.run(spec, runs_dir=tmp_path / "runs", context=Context(max_replans=1))
    finally:
        await shop.stop()
    # On a busy machine set-up may have waited for other processes before.
    went, *ended = [gone for gone in result.loops if gone.loop is Loop.REPLAN]
    assert not any(gone.changed for gone in ended), "one pass was allowed"
    assert went.reason is Reason.KNEE_BETWEEN
    assert went.seen.startswith("20/s was kept up with and 40/s was not")
    assert went.changed == "6 levels between 20/s and 40/s, 5s each"
    assert re.match(r"attempt \d kept up with (20|24|28|32|36)/s and not with", went.effect), went.effect
    assert result.scenarios[-1].number == went.attempt + 1
    assert result.plan is not None
    levels = [s.start for s in result.plan.scenarios[0].curve.segments if s.start == s.end]
    assert levels == pytest.approx([20, 24, 28, 32, 36, 40])
    assert result.capacity.estimated, result.capacity.because
    assert 27 <= (result.capacity.rate_per_s or 0) <= 34
    assert result.outcome.verdict is Verdict.GO, result.outcome.reasons


@contextmanager
def _busy_neighbours(seconds: float) -> Iterator[None]:
    """Two processes that do nothing but use the processor, for a bounded time."""
    burn = f"import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"
    processes = [subprocess.Popen([sys.executable, "-c", burn]) for _ in range(2)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


async def test_a_neighbour_that_eats_the_processor_makes_set_up_wait_and_run_again(
    shop: Service, tmp_path: Path
) -> None:
    spec = shop_spec(
        shop.base_url,
        load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 60, "duration": "12s"}]}],
    )
    # As a process of its own: what this test starts would otherwise be perfpilot's own children.
    run = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
    await run.says("starts the load")
    await load_runs(only_run(tmp_path), samples=1)
    with _busy_neighbours(seconds=20):
        await asyncio.sleep(18)
    code = await run.ends()
    result = Result.model_validate_json((only_run(tmp_path) / "result.json").read_text())
    went = _only_pass(result)
    assert (went.loop, went.reason) == (Loop.RESETUP, Reason.NEIGHBOUR_CPU)
    assert "waited" in went.changed
    assert [attempt.spoiled for attempt in result.scenarios] == [True, False]
    assert code == 0, result.outcome.reasons


async def test_a_target_that_restarts_is_a_finding_and_not_run_again(tmp_path: Path) -> None:
    shop = await start(directory=tmp_path / "shop")
    spec = shop_spec(
        shop.base_url,
        load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 60, "duration": "14s"}]}],
    )
    running = asyncio.create_task(perfpilot.run(spec, runs_dir=tmp_path / "runs"))
    while not list((tmp_path / "runs").glob("*/attempts/1/results.jtl")):
        await asyncio.sleep(0.2)
        assert not running.done(), running.result().outcome
    await asyncio.sleep(7)
    await shop.stop()
    await asyncio.sleep(0.5)
    shop = await start(directory=tmp_path / "shop", port=shop.port)
    try:
        result = await running
    finally:
        await shop.stop()
    assert result.loops == ()
    assert len(result.scenarios) == 1
    assert FindingKind.TARGET_RESTART in {finding.kind for finding in result.findings}
    assert result.outcome.verdict is Verdict.NO_GO


pytestmark = pytest.mark.timeout(240)
