"""Ending JMeter must not block the loop: LangGraph's server makes an error of it."""

from __future__ import annotations

import asyncio
import socket

from blockbuster import blockbuster_ctx

from perfpilot.tools.jmeter.process import Identity, Running
from perfpilot.tools.jmeter.stop import end


async def test_the_polite_steps_are_sent_without_blocking() -> None:
    process = await asyncio.create_subprocess_exec("/bin/sleep", "30", start_new_session=True)
    running = Running(Identity(pid=process.pid, create_time=0.0, marker="x/1"), process)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as jmeter:
        jmeter.bind(("127.0.0.1", 0))
        jmeter.setblocking(False)
        with blockbuster_ctx("perfpilot.tools"):
            ending = asyncio.create_task(
                end(running, udp_port=jmeter.getsockname()[1], open_schedule=True, hurry=lambda: False)
            )
            heard = await asyncio.get_running_loop().sock_recv(jmeter, 64)
            process.kill()
            assert await ending == ("StopTestNow",)
    assert heard == b"StopTestNow"
