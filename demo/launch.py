"""Start the shop as a child process, and stop it again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_START_LIMIT_S = 30.0
_STOP_LIMIT_S = 5.0


class ServiceNotStarted(RuntimeError):
    """The shop did not come up; the message holds the end of what it wrote."""


@dataclass
class Service:
    """A running shop. `output` is the file with its stdout and stderr, `database` its SQLite file."""

    base_url: str
    port: int
    pid: int
    output: Path
    database: Path
    process: asyncio.subprocess.Process

    async def stop(self, limit_s: float = _STOP_LIMIT_S) -> int:
        """SIGTERM, after `limit_s` SIGKILL; returns the exit code (negative: the signal). May be repeated."""
        return await _end(self.process, limit_s)


async def start(
    *,
    directory: Path,
    fault: str | None = None,
    severity: str = "medium",
    token_ttl_s: float = 3600.0,
    hang_after_s: float | None = None,
    port: int = 0,
    seed: int = 1,
    start_limit_s: float = _START_LIMIT_S,
) -> Service:
    """Start the shop with its files in `directory` (made where missing) and wait until it listens.

    The child has a session of its own, so that Ctrl-C in a terminal does not reach it, and ends when this
    process does. Started again in the same directory, it keeps its data and its tokens. The fault travels
    through standard input: the command line is visible to whoever monitors the process.
    Raises `ServiceNotStarted` when it ended early or did not listen within `start_limit_s`.
    """
    database, announce, output = (directory / name for name in ("shop.sqlite", "service.json", "service.log"))
    arguments = ["--port", port, "--database", database, "--announce", announce, "--token-ttl", token_ttl_s]
    arguments += ["--seed", seed, "--fault", "-", "--stop-with-stdin"]
    if hang_after_s is not None:
        arguments += ["--hang-after", hang_after_s]
    file = await asyncio.to_thread(_prepare, directory, announce, output)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "perfpilot.demo", *map(str, arguments),
            stdin=asyncio.subprocess.PIPE, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
    finally:
        file.close()
    try:
        assert process.stdin is not None
        process.stdin.write(f"{severity} {fault or ''}\n".encode())
        said = await _announced(process, announce, output, start_limit_s)
    except BaseException:
        await _end(process, 0.0)
        raise
    return Service(said["base_url"], said["port"], said["pid"], output, database, process)


@contextlib.contextmanager
def running(**options: Any) -> Iterator[Service]:
    """`start` and `stop` around a block, for scripts without an event loop of their own."""
    with asyncio.Runner() as runner:
        service = runner.run(start(**options))
        try:
            yield service
        finally:
            runner.run(service.stop())


def _prepare(directory: Path, announce: Path, output: Path) -> IO[bytes]:
    directory.mkdir(parents=True, exist_ok=True)
    announce.unlink(missing_ok=True)
    return output.open("ab")


async def _announced(
    process: asyncio.subprocess.Process, announce: Path, output: Path, limit_s: float
) -> dict[str, Any]:
    until = time.monotonic() + limit_s
    while True:
        said = await asyncio.to_thread(_read_announcement, announce)
        if said is not None:
            return said
        if process.returncode is not None:
            reason = f"the demo service ended with exit code {process.returncode} before it listened"
            break
        if time.monotonic() >= until:
            reason = f"the demo service did not listen within {limit_s:g} s"
            break
        await asyncio.sleep(0.02)
    written = await asyncio.to_thread(output.read_text, encoding="utf-8", errors="replace")
    raise ServiceNotStarted(f"{reason}; see {output}: {written[-500:].strip() or '(it wrote nothing)'}")


def _read_announcement(announce: Path) -> dict[str, Any] | None:
    try:
        text = announce.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    said: dict[str, Any] = json.loads(text)
    return said


async def _end(process: asyncio.subprocess.Process, limit_s: float) -> int:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), limit_s)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    code = await process.wait()
    if process.stdin is not None:
        process.stdin.close()
    return code
