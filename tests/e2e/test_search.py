"""A search with a real JMeter against a server of known capacity, and one that a kill -9 interrupts."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.known_capacity import KnownCapacity, listen
from tests.e2e.processes import jmeters_of, only_run, perfpilot, write_spec

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
async def served() -> AsyncIterator[tuple[KnownCapacity, str]]:
    """The server, and its address."""
    server = KnownCapacity(slots=2, service_ms=50)
    async with await listen(server) as listening:
        yield server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


def search_spec(base_url: str, **search: Any) -> dict[str, Any]:
    """A search from a quarter of the capacity to four times as much."""
    return {
        "version": 1,
        "test_name": "limit",
        "test_type": "breakpoint",
        "environment": {"base_url": base_url, "timeouts": {"connect": "1s", "response": "5s"}},
        "endpoints": [{"name": "page", "path": "/"}],
        "load_patterns": [
            {"search": {"start": 10, "end": 160, "hold": "4s", "longest": "2m", "precision": "10%", **search}}
        ],
        "thresholds": ["p95 < 1s", "capacity >= 30/s"],
    }


async def test_the_capacity_is_found_and_decides(served: tuple[KnownCapacity, str], tmp_path: Path) -> None:
    server, address = served
    command = await perfpilot("run", write_spec(tmp_path, search_spec(address)), directory=tmp_path)
    assert await command.ends(within_s=180) in (0, 3), command.text()  # 3: a neighbour on this machine
    run = only_run(tmp_path)
    found = json.loads((run / "attempts/1/search.json").read_text())
    assert found["highest_kept"] == pytest.approx(server.per_s, rel=0.15), command.text()
    assert all(step["level"] <= 160 for step in found["steps"])
    result = json.loads((run / "result.json").read_text())
    assert result["scenarios"][0]["ended"] == "searched"
    assert len(result["steering"]) >= 2 * len(found["steps"]) - 1, "each step is told when it begins and ends"
    if result["outcome"]["verdict"] == "GO":
        assert result["capacity"]["estimated"]
        assert result["capacity"]["low_per_s"] == found["highest_kept"]
    assert server.served < 132 * server.per_s, "a third of a plain ladder"


async def test_a_search_that_is_killed_goes_on_from_what_it_knew(
    served: tuple[KnownCapacity, str], tmp_path: Path
) -> None:
    server, address = served
    first = await perfpilot("run", write_spec(tmp_path, search_spec(address)), directory=tmp_path)
    await first.says("climb 40/s", within_s=90)
    await asyncio.sleep(2)
    first.signal(signal.SIGKILL)
    await first.process.wait()
    run = only_run(tmp_path)
    known = json.loads((run / "attempts/1/search.json").read_text())
    second = await perfpilot("resume", "last", directory=tmp_path)
    assert await second.ends(within_s=180) in (0, 3), second.text()
    found = json.loads((run / "attempts/1/search.json").read_text())
    assert [path.name for path in (run / "attempts").iterdir() if path.name == "1"] == ["1"]
    before = len(known["steps"])
    assert found["steps"][: before - 1] == known["steps"][: before - 1]
    assert min(step["level"] for step in found["steps"][before:] if step["phase"] != "recover") > 10, (
        "it does not begin again"
    )
    assert found["highest_kept"] == pytest.approx(server.per_s, rel=0.15), second.text()
    assert jmeters_of(run) == []
