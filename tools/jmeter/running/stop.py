"""Ending JMeter: the ladder from asking politely to SIGKILL. Every step has a stated time. Blocks."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from perfpilot.tools.jmeter.running.process import Running

GRACE_S = {"Shutdown": 5.0, "StopTestNow": 6.0, "TERM": 3.0, "KILL": 5.0}
"""Seconds that each step is given. StopTestNow itself waits up to 5 s for threads (JMeter's default)."""

LONGEST_S = sum(GRACE_S.values())
"""The whole ladder."""

_LOOK_S = 0.25


def ladder(*, open_schedule: bool) -> tuple[str, ...]:
    """The steps for a plan. Shutdown hangs for ever on an Open Model Thread Group, so it is left out."""
    return ("StopTestNow", "TERM", "KILL") if open_schedule else ("Shutdown", "StopTestNow", "TERM", "KILL")


def end(
    running: Running, *, udp_port: int, open_schedule: bool, hurry: Callable[[], bool] = lambda: False
) -> tuple[str, ...]:
    """Climb the ladder until JMeter is gone; returns the steps taken. `hurry` cuts straight to TERM, in the
    middle of a polite step too."""
    taken: list[str] = []
    for step in ladder(open_schedule=open_schedule):
        polite = step in ("Shutdown", "StopTestNow")
        if not running.alive():
            break
        if polite and hurry():
            continue
        taken.append(step)
        if polite:
            send_command(udp_port, step)
        else:
            running.signal_group(signal.SIGTERM if step == "TERM" else signal.SIGKILL)
        _wait(running, GRACE_S[step], hurry if polite else lambda: False)
    return tuple(taken)


def end_at_once(running: Running) -> tuple[str, ...]:
    """TERM, then KILL: for a JMeter whose last samples nobody waits for."""
    return end(running, udp_port=0, open_schedule=True, hurry=lambda: True)


def send_command(udp_port: int, command: str) -> None:
    """Send one of JMeter's UDP commands to loopback; it accepts no other sender."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.sendto(command.encode(), ("127.0.0.1", udp_port))


def free_udp_port() -> int:
    """A UDP port that was free a moment ago. JMeter runs uncontrollable on a busy one, so it is checked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(running: Running, seconds: float, cut_short: Callable[[], bool]) -> None:
    waited = 0.0
    while waited < seconds and not running.wait(min(_LOOK_S, seconds - waited)):
        waited += _LOOK_S
        if cut_short():
            return
