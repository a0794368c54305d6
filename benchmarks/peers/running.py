"""Running plans: always the same JMeter, heap, properties and command; and the target beside them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from perfpilot.tools.jmeter.installation.home import Generator, find_jmeter
from perfpilot.tools.jmeter.installation.java import find_java
from perfpilot.tools.jmeter.jvm import command_line
from perfpilot.tools.jmeter.properties import save_properties, write_hosts, write_properties
from perfpilot.tools.jmeter.running.stop import free_udp_port

_BENCHMARKS = Path(__file__).resolve().parents[1]
_COMES_UP_S = 10.0
_AROUND_S = 60.0
_LOOK_S = 0.25
_BUSY = ("user", "nice", "system", "irq", "softirq", "steal")


@dataclass(frozen=True)
class Ran:
    """One run: the target's record, and what it cost.

    `clock_ns` (monotonic) are moments at which the processor time so far was read, in seconds: JMeter's, the
    target's, and that of everybody else on the machine.
    """

    record: Path
    wall_ns: int  # nanoseconds from the monotonic clock of the record to the epoch
    clock_ns: np.ndarray
    jmeter_s: np.ndarray
    target_s: np.ndarray
    others_s: np.ndarray

    @property
    def wall_s(self) -> float:
        """How long the run took, JMeter's start included."""
        return float(self.clock_ns[-1] - self.clock_ns[0]) / 1e9

    def spent(self, from_ns: float, to_ns: float) -> Spent:
        """What was spent between two moments."""
        seconds = (to_ns - from_ns) / 1e9
        jmeter, target, others = (
            float(np.diff(np.interp((from_ns, to_ns), self.clock_ns, used))[0])
            for used in (self.jmeter_s, self.target_s, self.others_s)
        )
        return Spent(jmeter, target / seconds, others / (seconds * (os.cpu_count() or 1)))

    def spent_in_all(self) -> Spent:
        """What the whole run took."""
        return self.spent(self.clock_ns[0], self.clock_ns[-1])


@dataclass(frozen=True)
class Spent:
    """Processor time in a stretch of a run."""

    jmeter_s: float
    target: float  # share of one processor
    others: float  # share of the machine that neither JMeter nor the target used


def find_generator() -> Generator:
    """Java and JMeter, installed into perfpilot's cache where they are missing."""

    async def find() -> Generator:
        java = await find_java()
        return Generator(java=java, jmeter=await find_jmeter(java))

    return asyncio.run(find())


def with_plugins(generator: Generator, home: Path, jars: Sequence[Path]) -> None:
    """Copy JMeter's home to `home`, with more jars in `lib/ext`. All tools run in this copy."""
    shutil.copytree(generator.jmeter.path, home)
    for jar in jars:
        shutil.copy(jar, home / "lib" / "ext")


def at_home(generator: Generator, home: Path) -> Generator:
    """The same Java with the JMeter of another home."""
    return generator.model_copy(update={"jmeter": generator.jmeter.model_copy(update={"path": str(home)})})


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(
    generator: Generator,
    directory: Path,
    plans: Sequence[str],
    properties: Mapping[str, str],
    port: int,
    load_s: float,
) -> Ran:
    """Run the plans, all at once, against a fresh target. Raises RuntimeError where JMeter does not end."""
    record = directory / "record.bin"
    with _target(port, record) as target:
        wall_ns = time.time_ns() - time.monotonic_ns()
        started = [_start(generator, directory, plan, properties) for plan in plans]
        seen = _watch(started, target, load_s + _AROUND_S)
    clock_ns, jmeter_s, target_s, others_s = np.array(seen).T
    return Ran(record, wall_ns, clock_ns, jmeter_s, target_s, others_s)


def test_started_ns(directory: Path, plan: str) -> int:
    """When JMeter says that it started the test, since the epoch. Raises ValueError where it does not say."""
    text = (directory / f"{Path(plan).stem}.out").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^Starting standalone test @ .* \((\d{13})\)$", text, re.M)
    if not found:
        raise ValueError(f"{directory}: JMeter did not say when it started")
    return int(found[1]) * 1_000_000


@contextlib.contextmanager
def _target(port: int, record: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "peers.target", str(port), str(record)]
    process = subprocess.Popen(command, cwd=_BENCHMARKS, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError("the target did not come up")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_COMES_UP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(
    generator: Generator, directory: Path, plan: str, properties: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    name = Path(plan).stem
    write_hosts(directory / "hosts", ())
    saved = save_properties(udp_port=free_udp_port())
    write_properties(directory / f"{name}.properties", {**saved, **properties})
    command = command_line(
        generator,
        directory,
        plan=plan,
        results=f"{name}.jtl",
        log=f"{name}.log",
        marker=f"benchmark/{name}",
        property_files=(f"{name}.properties",),
    )
    with (directory / f"{name}.out").open("wb") as out:
        return subprocess.Popen(command, cwd=directory, stdout=out, stderr=subprocess.STDOUT)


def _watch(
    running: Sequence[subprocess.Popen[bytes]], target: subprocess.Popen[bytes], within_s: float
) -> list[tuple[int, float, float, float]]:
    """Wait for the end of all, and look at the processor times meanwhile. Kills what is late."""
    deadline = time.monotonic() + within_s
    watched = [psutil.Process(process.pid) for process in running]
    last = [0.0] * len(watched)
    seen: list[tuple[int, float, float, float]] = []
    while True:
        ended = all([jmeter.poll() is not None for jmeter in running])
        for place, process in enumerate(watched):
            # One that has just ended keeps what was seen last.
            with contextlib.suppress(psutil.Error):
                last[place] = max(last[place], _own_s(process.cpu_times()))
        target_s = _own_s(psutil.Process(target.pid).cpu_times())
        seen.append((time.monotonic_ns(), sum(last), target_s, busy_s() - sum(last) - target_s))
        if ended:
            return seen
        if time.monotonic() > deadline:
            for late in running:
                late.kill()
                late.wait()
            raise RuntimeError(f"JMeter did not end within {within_s:.0f} s")
        time.sleep(_LOOK_S)


def busy_s() -> float:
    """Processor time that the machine has spent so far, on whatever: all but idle."""
    # Interrupts are counted apart for the machine, but within the processes that they hit.
    return sum(spent for kind, spent in psutil.cpu_times()._asdict().items() if kind in _BUSY)


def _own_s(times: Any) -> float:
    return float(times.user + times.system)
