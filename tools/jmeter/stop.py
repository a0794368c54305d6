"""Ending JMeter: the ladder from asking politely to SIGKILL. Every step has a stated time."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable

from perfpilot.tools.jmeter.process import Running

GRACE_S = {"Shutdown": 5.0, "StopTestNow": 6.0, "TERM": 3.0, "KILL": 5.0}
"""Seconds that each step is given. StopTestNow itself waits up to 5 s for threads (JMeter's default)."""


def ladder(*, open_schedule: bool) -> tuple[str, ...]:
    """The steps for a plan. Shutdown hangs for ever on an Open Model Thread Group, so it is left out."""
    return ("StopTestNow", "TERM", "KILL") if open_schedule else ("Shutdown", "StopTestNow", "TERM", "KILL")


async def end(
    running: Running, *, udp_port: int, open_schedule: bool, hurry: Callable[[], bool]
) -> tuple[str, ...]:
    """Climb the ladder until JMeter is gone; returns the steps taken. `hurry` cuts straight to TERM."""
    taken: list[str] = []
    for step in ladder(open_schedule=open_schedule):
        if not running.alive():
            break
        if hurry() and step in ("Shutdown", "StopTestNow"):
            continue
        taken.append(step)
        if step in ("TERM", "KILL"):
            running.signal_group(signal.SIGTERM if step == "TERM" else signal.SIGKILL)
        else:
            await asyncio.to_thread(send_command, udp_port, step)
        await running.wait(GRACE_S[step])
    return tuple(taken)


def send_command(udp_port: int, command: str) -> None:
    """Send one of JMeter's UDP commands to loopback; it accepts no other sender. Blocks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.sendto(command.encode(), ("127.0.0.1", udp_port))


def free_udp_port() -> int:
    """A UDP port that was free a moment ago. JMeter runs uncontrollable on a busy one, so it is checked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
