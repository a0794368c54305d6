"""Ending JMeter: politely first, within stated times, and in a hurry where somebody asks for it."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from perfpilot.tools.jmeter.running.process import Identity, Running
from perfpilot.tools.jmeter.running.stop import end, end_at_once
from perfpilot.tools.jmeter.running.watchdog import Watchdog

HEEDS_NOTHING = "trap '' TERM; while true; do sleep 0.1; done"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes of this test: whatever is left of them is killed."""
    found: list[subprocess.Popen[bytes]] = []
    yield found
    for process in found:
        if process.poll() is None:
            process.kill()
        process.wait()


def _running(started: list[subprocess.Popen[bytes]], *command: str) -> Running:
    child = subprocess.Popen(command, start_new_session=True)
    started.append(child)
    created = psutil.Process(child.pid).create_time()
    return Running(Identity(pid=child.pid, create_time=created, marker="x/1"), child)


def test_a_jmeter_that_heeds_the_first_step_is_not_told_more(
    started: list[subprocess.Popen[bytes]],
) -> None:
    running = _running(started, "/bin/sleep", "30")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as jmeter:
        jmeter.bind(("127.0.0.1", 0))
        jmeter.settimeout(5)
        heard: list[bytes] = []

        def heed() -> None:
            heard.append(jmeter.recv(64))
            running.signal_group(signal.SIGKILL)

        listening = threading.Thread(target=heed)
        listening.start()
        taken = end(running, udp_port=jmeter.getsockname()[1], open_schedule=True)
        listening.join()
    assert (taken, heard) == (("StopTestNow",), [b"StopTestNow"])


def test_what_heeds_no_signal_is_killed(started: list[subprocess.Popen[bytes]]) -> None:
    running = _running(started, "/bin/sh", "-c", HEEDS_NOTHING)
    time.sleep(0.3)  # until the trap is set
    assert end_at_once(running) == ("TERM", "KILL")
    assert not running.alive()


def test_a_polite_step_is_cut_short_by_a_hurry(started: list[subprocess.Popen[bytes]]) -> None:
    running = _running(started, "/bin/sleep", "30")
    hurry = threading.Event()
    threading.Timer(0.5, hurry.set).start()
    begun = time.monotonic()
    assert end(running, udp_port=9, open_schedule=False, hurry=hurry.is_set) == ("Shutdown", "TERM")
    assert time.monotonic() - begun < 5, "the grace of Shutdown alone is 5 s"


def test_the_watchdog_kills_without_anybody_s_help(started: list[subprocess.Popen[bytes]]) -> None:
    running = _running(started, "/bin/sh", "-c", HEEDS_NOTHING)
    with Watchdog(running, 0.2) as dog:
        assert running.wait(5)
    assert dog.bit
    assert running.exit_code == -signal.SIGKILL


def test_the_watchdog_leaves_alone_what_ended_in_time(started: list[subprocess.Popen[bytes]]) -> None:
    running = _running(started, "/bin/sleep", "30")
    with Watchdog(running, 0.3) as dog:
        pass
    time.sleep(0.5)
    assert running.alive() and not dog.bit
