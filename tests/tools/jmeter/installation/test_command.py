from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from perfpilot.tools.jmeter.installation.command import Finished, run_to_end

# Starts a child of its own that would live on, writes the child's pid, and waits for ever.
WITH_A_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(600)
"""


def wait_for_text(path: Path) -> None:
    while not (path.exists() and path.read_text()):
        time.sleep(0.02)


async def gone(pid: int) -> bool:
    for _ in range(200):
        if ended(pid):
            return True
        await asyncio.sleep(0.05)
    return False


def ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"  # dead, and not yet collected by its new parent


async def test_output_and_return_code_come_back() -> None:
    done = await run_to_end(
        [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"],
        timeout_s=60,
    )
    assert done == Finished(3, "out\n", "err\n")


async def test_at_the_time_out_the_program_and_its_children_are_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with pytest.raises(TimeoutError):
        await run_to_end([sys.executable, "-c", WITH_A_CHILD, str(pid_file)], timeout_s=3)
    assert await gone(int(pid_file.read_text()))


async def test_a_cancelled_caller_leaves_no_program_behind(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    task = asyncio.create_task(run_to_end([sys.executable, "-c", WITH_A_CHILD, str(pid_file)], timeout_s=60))
    await asyncio.to_thread(wait_for_text, pid_file)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gone(int(pid_file.read_text()))


def test_passwords_in_addresses_are_masked_in_last_words() -> None:
    done = Finished(1, "", "fetching\nhttps://user:secret@mirror.example/simple failed\n")
    assert done.last_words() == "fetching | https://***@mirror.example/simple failed"
