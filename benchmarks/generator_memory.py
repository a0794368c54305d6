"""What JMeter keeps in its heap, by users, steps of a journey and size of responses.

    python benchmarks/generator_memory.py [USERS ...]

For each case a plan of perfpilot itself runs on a real JMeter against a server on loopback, at 50 requests
a second or so, until nearly every user has made requests; then the JVM collects all garbage and counts what
is left (`jcmd GC.class_histogram`). It needs a JDK. `planning/load/memory.py` rests on these figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.tools.jmeter.installation.home import JMeterHome, find_jmeter
from perfpilot.tools.jmeter.installation.java import Java, find_java
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.jmeter.properties import save_properties, write_properties
from perfpilot.tools.jmeter.running.stop import free_udp_port
from perfpilot.tools.spec.read import parse_spec

USERS = (50, 200, 500, 1000)
_REQUESTS_PER_S = 50
_HOLD_S = 600.0  # longer than anybody waits: the plan is ended when it was measured
_HEAP = "1g"


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    users: int
    steps: int = 1
    body: int = 100
    engine: Engine = Engine.CLOSED_USERS


def main() -> None:
    """Measure all cases and print a table."""
    users = [int(text) for text in sys.argv[1:]] or list(USERS)
    some = users[min(1, len(users) - 1)]
    cases = [
        *(Case(number) for number in users),
        *(Case(number, steps=20) for number in users[:2]),
        *(Case(some, body=body) for body in (100_000, 1_000_000)),
        *(Case(number, engine=Engine.STEERED_USERS) for number in users[1:]),
        *(Case(number, engine=Engine.STEERED_RATE) for number in users[1:]),
    ]
    java, home = asyncio.run(_generator())
    print(f"{'users':>6} {'steps':>6} {'body':>9} {'engine':>15} {'live heap MB':>13} {'requests':>9}")
    for case in cases:
        with _server(case.body) as server, tempfile.TemporaryDirectory() as directory:
            live = _measure(case, java, home, Path(directory), server)
        print(
            f"{case.users:>6} {case.steps:>6} {case.body:>9} {case.engine.value:>15} {live:>13.1f} "
            f"{server.requests:>9}",
            flush=True,
        )


async def _generator() -> tuple[Java, JMeterHome]:
    java = await find_java()
    return java, await find_jmeter(java)


def _measure(case: Case, java: Java, home: JMeterHome, directory: Path, server: _Server) -> float:
    names = [f"step {number}" for number in range(case.steps)]
    spec = parse_spec(
        {
            "test_name": "memory",
            "environment": {"base_url": f"http://127.0.0.1:{server.port}"},
            "endpoints": [{"name": name, "path": f"/{name.replace(' ', '')}"} for name in names],
            "load_patterns": [{"users": case.users, "duration": "10m"}],
        }
    )
    plan = _plan(case, names)
    written = write_jmx(spec, plan)
    (directory / "plan.jmx").write_bytes(written.xml)
    for name, _ in written.control_files.items():
        (directory / name).parent.mkdir(exist_ok=True)
        per_minute = _REQUESTS_PER_S * 60
        (directory / name).write_text(str(case.users if "users" in name else per_minute))
    write_properties(directory / "perfpilot.properties", save_properties(udp_port=free_udp_port()))
    command = [
        java.executable, f"-Xms{_HEAP}", f"-Xmx{_HEAP}", "-XX:+UseG1GC", "-Djava.awt.headless=true",
        "-jar", home.launcher, "-n", "-t", "plan.jmx", "-l", "results.jtl", "-j", "jmeter.log",
        "-q", "perfpilot.properties",
    ]  # fmt: skip
    jvm = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # Paced users take turns at random: after three rounds nearly all of them have had one.
        rounds = 3 if case.engine is Engine.STEERED_RATE else 2
        _wait_for(server, rounds * case.users * min(case.steps, 2))
        return _live_mb(jvm.pid)
    finally:
        jvm.kill()
        jvm.wait()


def _plan(case: Case, names: list[str]) -> Plan:
    by_users = case.engine is not Engine.STEERED_RATE
    level = float(case.users) if by_users else _REQUESTS_PER_S / case.steps
    ramp_s = max(1.0, case.users / 100)
    think_s = case.users / _REQUESTS_PER_S if by_users else 0.0
    scenario = Scenario(
        name="memory",
        engine=case.engine,
        curve=LoadCurve(
            unit="users" if by_users else "rate_per_s",
            segments=(
                Segment(duration_s=ramp_s, start=0, end=level),
                Segment(duration_s=_HOLD_S, start=level, end=level),
            ),
        ),
        steps=tuple(PlannedStep(endpoint=name, label=name, think_time_s=think_s) for name in names),
        users=case.users,
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=scenario.curve.duration_s,
        warm_up_s=0.0,
        peak_rate_per_s=0.0 if by_users else _REQUESTS_PER_S,
        users=case.users,
        expected_samples=scenario.expected_samples,
        connect_timeout_s=5.0,
        response_timeout_s=10.0,
    )


def _live_mb(pid: int) -> float:
    """All objects that a full collection leaves, counted in the same pause: nothing new lies among them."""
    told = subprocess.run(
        ["jcmd", str(pid), "GC.class_histogram"], check=True, capture_output=True, text=True, timeout=120
    )
    found = re.search(r"^Total\s+\d+\s+(\d+)$", told.stdout, re.M)
    if not found:
        raise SystemExit(f"jcmd counted nothing: {told.stdout[-300:]}")
    return int(found[1]) / 1024 / 1024


def _wait_for(server: _Server, requests: int) -> None:
    deadline = time.monotonic() + 240
    while server.requests < requests:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {server.requests} of {requests} requests came in time")
        time.sleep(0.1)


class _Server:
    """Answers every request with a body of one size, and counts them."""

    def __init__(self, body: int) -> None:
        self.port, self.requests = 0, 0
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % body + b"x" * body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                writer.write(self._answer)
                await writer.drain()
        writer.close()


@contextlib.contextmanager
def _server(body: int) -> Iterator[_Server]:
    server, loop, stop = _Server(body), asyncio.new_event_loop(), asyncio.Event()
    ready = threading.Event()

    async def run() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1024)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        listening.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


if __name__ == "__main__":
    main()
