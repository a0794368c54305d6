"""Faults that only the whole command shows: its signals, its neighbours, its disk, a target that dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from perfpilot.demo.launch import Service, start
from tests.e2e.processes import jmeters_of, load_runs, only_run, write_spec
from tests.e2e.processes import perfpilot as command
from tests.e2e.specs import requests_at, shop_spec

pytestmark = pytest.mark.timeout(240)

LONG_LOAD = [{"arrivals": "even", "stages": [{"rate_per_s": 40, "duration": "90s"}]}]


@pytest.fixture(autouse=True)
def _nothing_goes_on(tmp_path: Path) -> Iterator[None]:
    """A test that failed half-way leaves no load to the next one."""
    yield
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or ())
        if str(tmp_path) in words and process.pid != os.getpid():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def _result(directory: Path) -> dict:
    return json.loads((only_run(directory) / "result.json").read_text())


async def test_a_second_run_is_refused_by_name_and_sigterm_ends_the_first_with_its_report(
    shop: Service, tmp_path: Path
) -> None:
    first = await command(
        "run", write_spec(tmp_path, shop_spec(shop.base_url, load_patterns=LONG_LOAD)), directory=tmp_path
    )
    await first.says("starts the load")
    await load_runs(only_run(tmp_path))
    run = only_run(tmp_path)

    other = tmp_path / "other"
    other.mkdir()
    second = await command("run", write_spec(other, shop_spec(shop.base_url)), directory=other)
    assert await second.ends(60) == 4, second.text()
    assert f"is held by run {run.name}" in second.text()
    assert f"perfpilotstop{run}" in "".join(second.text().split()), "a summary breaks long words"
    same = await command("resume", run.name, directory=tmp_path)
    assert await same.ends(30) == 2, same.text()
    assert f"another perfpilot is at work on run {run.name}" in same.text()
    assert len(jmeters_of(run)) == 1

    begun = time.monotonic()
    first.signal(signal.SIGTERM)
    assert await first.ends(45) == 130, first.text()
    assert time.monotonic() - begun < 45
    result = _result(tmp_path)
    assert result["outcome"]["status"] == "stopped"
    assert result["scenarios"][0]["files"]["rows"] >= 100
    assert (run / "report.html").is_file()
    assert jmeters_of(run) == []


async def test_a_second_signal_kills_and_resume_reports_what_there_is(shop: Service, tmp_path: Path) -> None:
    run = await command(
        "run", write_spec(tmp_path, shop_spec(shop.base_url, load_patterns=LONG_LOAD)), directory=tmp_path
    )
    await run.says("starts the load")
    await load_runs(only_run(tmp_path))
    begun = time.monotonic()
    run.signal(signal.SIGINT)
    await run.says("once more kills")
    run.signal(signal.SIGTERM)
    assert await run.ends(15) == 130, run.text()
    assert time.monotonic() - begun < 15
    assert jmeters_of(only_run(tmp_path)) == []
    assert "perfpilot resume last" in run.text()
    before = requests_at(shop.base_url, "/api/browse")
    resumed = await command("resume", "last", directory=tmp_path)
    assert await resumed.ends(60) in (3, 130), resumed.text()
    assert requests_at(shop.base_url, "/api/browse") == before, "nothing is sent again"
    assert _result(tmp_path)["scenarios"][0]["files"]["rows"] >= 100


async def test_a_terminal_that_is_closed_ends_the_load_with_its_report(shop: Service, tmp_path: Path) -> None:
    spec = write_spec(tmp_path, shop_spec(shop.base_url, load_patterns=LONG_LOAD))
    process, ours = _at_a_terminal(tmp_path, "run", spec)
    reader = asyncio.create_task(asyncio.to_thread(_drain, ours))
    while not list((tmp_path / "runs").glob("*/attempts/1")):
        await asyncio.sleep(0.2)
        assert process.poll() is None
    await load_runs(only_run(tmp_path))
    begun = time.monotonic()
    os.close(ours)  # the kernel sends SIGHUP; a shell would send one of its own
    os.kill(process.pid, signal.SIGHUP)
    code = await asyncio.to_thread(process.wait, 45)
    reader.cancel()
    assert time.monotonic() - begun < 45
    assert code == 130
    assert jmeters_of(only_run(tmp_path)) == []
    result = _result(tmp_path)
    assert result["outcome"]["status"] == "stopped"
    assert result["scenarios"][0]["files"]["rows"] >= 100
    assert (only_run(tmp_path) / "report.html").is_file()


def _at_a_terminal(directory: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """The command on a terminal of its own, and our side of it."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "perfpilot", *arguments],
        cwd=directory, stdin=its, stdout=its, stderr=its, start_new_session=True,
        env={**os.environ, "PERFPILOT_RUNS": str(directory / "runs"), "TERM": "xterm"},
        preexec_fn=_take_the_terminal,
    )  # fmt: skip
    os.close(its)
    return process, ours


def _take_the_terminal() -> None:
    os.close(os.open(os.ttyname(0), os.O_RDWR))
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests under nohup ignores it


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        return


async def test_a_target_that_dies_is_told_at_once_and_told_from_a_slow_one(tmp_path: Path) -> None:
    shop = await start(directory=tmp_path / "shop")
    try:
        spec = shop_spec(
            shop.base_url,
            load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 40, "duration": "14s"}]}],
        )
        run = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
        await run.says("starts the load")
        await load_runs(only_run(tmp_path), samples=200)
        os.kill(shop.pid, signal.SIGKILL)
        died = time.monotonic()
        await run.says("name=error_burst", within_s=10)
        assert time.monotonic() - died < 10, "two windows of 5 s"
        assert await run.ends(90) == 1, run.text()
    finally:
        await shop.stop()
    assert re.search(r"alert: state=begun severity=high name=error_burst", run.text())
    result = _result(tmp_path)
    assert result["outcome"]["verdict"] == "NO_GO"
    whole = next(phase for phase in result["scenarios"][0]["phases"] if phase["phase"] == "all")
    causes = {cause["code"] for cause in whole["pooled"]["causes"]}
    assert "connect" in causes and causes <= {"connect", "connection reset"}, "refused, and not slow"
    assert [finding["kind"] for finding in result["findings"]] == ["target_down"]
    assert len(result["scenarios"]) == 1, "no endless retry"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB for runs."""
    small = tmp_path / "runs"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    yield small
    subprocess.run(["umount", "-l", str(small)], check=True)


def _make_room(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=32m", str(disk)], check=True)


@pytest.mark.long
async def test_a_disk_that_fills_up_under_the_whole_run_is_named_and_leaves_no_jmeter(
    shop: Service, small_disk: Path, tmp_path: Path
) -> None:
    spec = shop_spec(
        shop.base_url,
        load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 300, "duration": "12s"}]}],
    )
    run = await command("run", write_spec(tmp_path, spec), directory=tmp_path)
    assert await run.ends(150) == 5, run.text()
    assert "alert: state=begun severity=high name=disk_nearly_full" in run.text()
    assert "the disk is full where runs are kept" in run.text()
    assert "mend: free some room, then perfpilot resume last" in run.text()
    assert jmeters_of(only_run(tmp_path)) == []
    sent = requests_at(shop.base_url, "/api/browse")

    await asyncio.to_thread(_make_room, small_disk)
    resumed = await command("resume", "last", directory=tmp_path)
    assert await resumed.ends(60) == 3, resumed.text()
    assert requests_at(shop.base_url, "/api/browse") == sent, "nothing is sent again"
    assert _result(tmp_path)["scenarios"][0]["files"]["rows"] > 1000, "what had found room"
    assert (only_run(tmp_path) / "report.html").is_file()
