"""What the command says, and the code that it exits with, for everything that goes wrong."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

import perfpilot
from perfpilot.demo.launch import Service, start
from tests.e2e.processes import jmeters_of, load_runs, only_run, write_spec
from tests.e2e.processes import perfpilot as command
from tests.e2e.specs import requests_at, shop_spec

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def _result(directory: Path) -> dict:
    return json.loads((only_run(directory) / "result.json").read_text())


async def test_nothing_that_listens_is_not_ready(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    run = await command("run", write_spec(tmp_path, shop_spec(address)), directory=tmp_path)
    assert await run.ends() == 4, run.text()
    assert "refused" in run.text()
    assert _result(tmp_path)["outcome"]["status"] == "not_ready"
    assert (only_run(tmp_path) / "report.html").is_file()


async def test_a_target_that_never_answers_is_not_ready(silent_port: int, tmp_path: Path) -> None:
    spec = write_spec(tmp_path, shop_spec(f"http://127.0.0.1:{silent_port}"))
    run = await command("run", spec, directory=tmp_path)
    assert await run.ends() == 4, run.text()
    assert "no answer" in run.text()


async def test_a_target_that_hangs_under_load_is_a_no_go_in_time(tmp_path: Path) -> None:
    shop = await start(directory=tmp_path / "shop", hang_after_s=20)
    try:
        spec = shop_spec(
            shop.base_url,
            load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 20, "duration": "25s"}]}],
        )
        run = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
        assert await run.ends(150) == 1, run.text()
    finally:
        await shop.stop()
    attempt = _result(tmp_path)["scenarios"][0]
    assert attempt["ended"] == "completed"
    assert not jmeters_of(only_run(tmp_path))


TYPO = "thresold"


async def test_a_typo_is_the_same_error_from_command_and_library(shop: Service, tmp_path: Path) -> None:
    spec = {**shop_spec(shop.base_url), TYPO: ["p95 < 1s"]}
    run = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
    assert await run.ends() == 2
    with pytest.raises(perfpilot.SpecError) as caught:
        await perfpilot.run(spec, runs_dir=tmp_path / "library")
    assert str(caught.value) in run.text()
    assert "thresholds" in str(caught.value), "the nearest right name"
    assert not (tmp_path / "runs").exists(), "nothing was started"


REFUSED = [
    ("an unknown label", {"thresholds": ["p95(brows) < 1s"]}, "browse"),
    ("an impossible percentile", {"thresholds": ["p100 < 1s"]}, "p100"),
    ("a function of JMeter", {"endpoints": [{"name": "x", "path": "/${__groovy(1)}"}]}, "__groovy"),
    ("more than its own limit", {"limits": {"rate_per_s": 10}}, "limits.rate_per_s"),
]


@pytest.mark.parametrize(("case", "changes", "said"), REFUSED, ids=[case for case, _, _ in REFUSED])
async def test_it_is_refused_before_any_load(
    case: str, changes: dict, said: str, shop: Service, tmp_path: Path
) -> None:
    run = await command("run", write_spec(tmp_path, shop_spec(shop.base_url, **changes)), directory=tmp_path)
    assert await run.ends() == 2, run.text()
    assert said in run.text()
    assert requests_at(shop.base_url, "/api/browse") == 0


async def test_a_public_host_without_permission_is_refused(tmp_path: Path) -> None:
    # A documentation address (RFC 5737): nothing is ever sent there, the policy refuses it first.
    run = await command("run", write_spec(tmp_path, shop_spec("http://203.0.113.7")), directory=tmp_path)
    assert await run.ends() == 2, run.text()
    assert "allowed_hosts" in run.text()


async def test_a_context_that_tries_to_widen_a_limit_is_refused(shop: Service, tmp_path: Path) -> None:
    spec = write_spec(tmp_path, shop_spec(shop.base_url))
    run = await command("run", spec, "--max-rate", "1000000", directory=tmp_path)
    assert await run.ends() == 2, run.text()
    assert "may only tighten" in run.text()


async def test_a_metric_without_enough_samples_is_inconclusive(shop: Service, tmp_path: Path) -> None:
    spec = shop_spec(shop.base_url, thresholds=["p99.9(browse) < 1s"], limits={"requests": 3000})
    run = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
    assert await run.ends() == 3, run.text()
    undecided = [t for t in _result(tmp_path)["thresholds"] if t["decision"] == "undecided"]
    assert [t["text"] for t in undecided] == ["p99.9(browse) < 1s"]
    assert "10,000" in undecided[0]["reason"] or "10000" in undecided[0]["reason"]


async def test_a_killed_jmeter_is_inconclusive_with_partial_figures(shop: Service, tmp_path: Path) -> None:
    run = await command("run", write_spec(tmp_path, shop_spec(shop.base_url)), directory=tmp_path)
    await run.says("starts the load")
    await load_runs(only_run(tmp_path))
    for process in jmeters_of(only_run(tmp_path)):
        process.kill()
    assert await run.ends() == 3, run.text()
    result = _result(tmp_path)
    assert result["scenarios"][0]["ended"] == "generator_died"
    assert result["scenarios"][0]["files"]["rows"] >= 100
    assert (only_run(tmp_path) / "report.html").is_file()


async def test_ctrl_c_ends_the_load_and_reports_what_there_is(shop: Service, tmp_path: Path) -> None:
    spec = shop_spec(shop.base_url, load_patterns=[{"stages": [{"rate_per_s": 60, "duration": "60s"}]}])
    run = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
    await run.says("starts the load")
    await load_runs(only_run(tmp_path))
    begun = time.monotonic()
    run.signal(signal.SIGINT)
    assert await run.ends(45) == 130, run.text()
    assert time.monotonic() - begun < 45
    assert _result(tmp_path)["outcome"]["status"] == "stopped"
    assert _result(tmp_path)["scenarios"][0]["files"]["rows"] >= 100
    assert not jmeters_of(only_run(tmp_path))


async def test_ctrl_c_before_the_load_sends_none(shop: Service, tmp_path: Path) -> None:
    run = await command("run", write_spec(tmp_path, shop_spec(shop.base_url)), directory=tmp_path)
    await run.says("setup: begins")
    run.signal(signal.SIGINT)
    assert await run.ends(45) == 130, run.text()
    assert _result(tmp_path)["outcome"]["status"] == "stopped"
    assert requests_at(shop.base_url, "/api/browse") == 0


async def test_a_run_that_needs_approval_waits_and_goes_on_when_it_is_given(
    shop: Service, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(yaml.safe_dump({"version": 1, "approval": "always"}))
    spec = write_spec(tmp_path, shop_spec(shop.base_url))
    run = await command("run", spec, directory=tmp_path, PERFPILOT_POLICY=str(policy))
    assert await run.ends() == 4, run.text()
    run_id = only_run(tmp_path).name
    assert f"perfpilot resume {run_id} --approve" in run.text()
    assert requests_at(shop.base_url, "/api/browse") == 0

    with pytest.raises(perfpilot.ApprovalRequired):
        await perfpilot.run(
            shop_spec(shop.base_url),
            runs_dir=tmp_path / "library",
            policy=perfpilot.Policy(approval="always"),
        )

    resumed = await command("resume", run_id, "--approve", directory=tmp_path, PERFPILOT_POLICY=str(policy))
    assert await resumed.ends() == 0, resumed.text()
    assert psutil.pid_exists(shop.pid)
