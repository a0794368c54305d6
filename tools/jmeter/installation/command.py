"""Running another program to its end without blocking the loop: Java, Maven and pip."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Finished(NamedTuple):
    """How a program ended: its return code and all that it wrote."""

    returncode: int
    stdout: str
    stderr: str

    def last_words(self, lines: int = 3) -> str:
        """The last lines that the program wrote, on one line, passwords in addresses masked."""
        written = [line.strip() for line in f"{self.stdout}\n{self.stderr}".splitlines() if line.strip()]
        return re.sub(r"://[^/@\s]+@", "://***@", " | ".join(written[-lines:])) or "it wrote nothing"


async def run_to_end(
    argv: Sequence[str | Path],
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Finished:
    """Run `argv` to its end.

    The program has its own process group: at the time-out, or when the caller is cancelled, the whole
    group is killed, so that nothing it started lives on.

    Raises:
        OSError: the program can't be started.
        TimeoutError: it did not end within `timeout_s` seconds.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=None if env is None else dict(env),
        cwd=cwd,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            stdout, stderr = await process.communicate()
    except BaseException:
        await _kill(process)
        raise
    return Finished(process.returncode or 0, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


async def _kill(process: asyncio.subprocess.Process) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself between the time-out and here
    await process.communicate()
