"""`langgraph dev` with no key and no network: the graph is listed, a run through the SDK is judged."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client

import perfpilot
from perfpilot.demo.launch import Service
from tests.e2e.specs import requests_at, shop_spec

pytestmark = pytest.mark.timeout(240)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[str]:
    """The development server in a directory of its own, so that its state does not land in the checkout."""
    shutil.copy(ROOT / "langgraph.json", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "server.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "langgraph"),
        "dev",
        "--no-browser",
        "--no-reload",
        "--port",
        str(port),
        cwd=tmp_path,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env={
            **os.environ,
            "PERFPILOT_RUNS": str(tmp_path / "runs"),
            "LANGGRAPH_CLI_NO_ANALYTICS": "1",
            "LANGSMITH_TRACING": "false",
        },
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await _listens(url, process, tmp_path / "server.log")
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
        log.close()


async def _listens(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            assert process.returncode is None, log.read_text()
            try:
                if (await client.get(f"{url}/ok")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError(log.read_text())


async def _run(url: str, spec: dict[str, Any], context: dict[str, Any] | None = None) -> dict[str, Any]:
    async with get_client(url=url) as client:
        thread = await client.threads.create()
        values: Any = await client.runs.wait(
            thread["thread_id"], "perfpilot", input={"spec": spec}, context=context
        )
    return values


async def test_the_graph_is_listed_and_a_run_ends_with_a_verdict(
    server: str, shop: Service, tmp_path: Path
) -> None:
    async with get_client(url=server) as client:
        listed = await client.assistants.search()
    assert [assistant["graph_id"] for assistant in listed] == ["perfpilot"]
    values = await _run(server, shop_spec(shop.base_url))
    assert values["outcome"]["verdict"] == "GO", (values, (tmp_path / "server.log").read_text()[-3000:])
    assert (Path(values["run_dir"]) / "report.html").is_file()
    assert "BlockingError" not in (tmp_path / "server.log").read_text()


async def test_a_typo_is_the_same_error_through_the_sdk(server: str, shop: Service) -> None:
    spec = {**shop_spec(shop.base_url), "thresold": ["p95 < 1s"]}
    values = await _run(server, spec)
    with pytest.raises(perfpilot.SpecError) as caught:
        await perfpilot.run(spec)
    assert values["outcome"]["status"] == "refused"
    assert values["outcome"]["reasons"] == [str(caught.value)]


async def test_a_client_can_not_widen_a_limit(server: str, shop: Service) -> None:
    values = await _run(server, shop_spec(shop.base_url), {"max_rate_per_s": 1e9})
    assert values["outcome"]["status"] == "refused"
    assert "may only tighten" in values["outcome"]["reasons"][0]
    assert requests_at(shop.base_url, "/api/browse") == 0
