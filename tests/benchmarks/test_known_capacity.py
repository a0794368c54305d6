"""The server of known capacity does what it says: c slots of s each do c/s requests a second."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.known_capacity import KnownCapacity, listen

ROOT = Path(__file__).parents[2]
_GET = b"GET %s HTTP/1.1\r\nHost: here\r\n\r\n"


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: bytes = b"/") -> bytes:
    writer.write(_GET % path)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    return await reader.readexactly(length)


@pytest.mark.parametrize(("slots", "service_ms"), [(1, 20.0), (4, 50.0), (8, 40.0)])
async def test_clients_without_pause_get_its_capacity_and_no_more(slots: int, service_ms: float) -> None:
    server = KnownCapacity(slots, service_ms)
    ended: list[float] = []

    async def client(port: int, until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < until:
            assert await _ask(reader, writer) == b"done\n"
            ended.append(time.monotonic())
        writer.close()
        await writer.wait_closed()

    async with await listen(server) as listening:
        port = listening.sockets[0].getsockname()[1]
        until = time.monotonic() + 3
        await asyncio.gather(*(client(port, until) for _ in range(3 * slots)))
    per_s = sum(until - 2.5 <= at < until for at in ended) / 2.5
    assert per_s == pytest.approx(server.per_s, rel=0.05)
    assert server.served == len(ended)


def test_slots_are_taken_in_the_order_of_requests() -> None:
    server = KnownCapacity(2, 100)
    assert [round(server.ends_at(1.0), 3) for _ in range(5)] == [1.1, 1.1, 1.2, 1.2, 1.3]
    assert server.ends_at(5.0) == pytest.approx(5.1)


def test_no_slots_and_no_service_time_are_refused() -> None:
    for slots, service_ms in ((0, 50.0), (1, 0.0)):
        with pytest.raises(ValueError):
            KnownCapacity(slots, service_ms)


def test_the_command_prints_its_port_counts_and_refuses_other_methods() -> None:
    command = [sys.executable, "-m", "benchmarks.known_capacity", "--slots", "2", "--service-ms", "10"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().removeprefix("listening on "))
        asyncio.run(_ask_and_count(port))
    finally:
        process.kill()
        process.communicate()


async def _ask_and_count(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await _ask(reader, writer) == b"done\n"
    assert await _ask(reader, writer, b"/count") == b"1"
    writer.write(b"POST / HTTP/1.1\r\nHost: here\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 405")
    writer.close()
    await writer.wait_closed()
