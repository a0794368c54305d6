"""Work that goes on while the event loop is blocked, and ends with the call that began it."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from perfpilot.tools.jmeter.running.own_thread import in_own_thread


async def test_work_goes_on_while_the_loop_is_blocked() -> None:
    done = threading.Event()
    working = asyncio.create_task(in_own_thread(lambda _: time.sleep(0.05) or done.set()))
    await asyncio.sleep(0)
    assert done.wait(2)  # blocks the loop itself
    await working


async def test_a_cancelled_call_tells_the_work_and_waits_for_its_end() -> None:
    ended = threading.Event()

    def work(cancelled: threading.Event) -> None:
        assert cancelled.wait(5)
        time.sleep(0.1)  # a load is brought to its end
        ended.set()

    call = asyncio.create_task(in_own_thread(work))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert ended.is_set()


async def test_an_error_of_the_work_is_the_caller_s() -> None:
    def work(_: threading.Event) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        await in_own_thread(work)
