"""The two ways to run a load: `perfpilot run` as a process, and `jmeter -n` with the plan that it wrote.

Both are started in the same way, on the same target; JMeter has the same files, flags and environment.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from beside.processor import Looking
from perfpilot.domain.load_outcome import Ended, LoadOutcome, SmokeOutcome
from perfpilot.domain.readiness import Readiness
from perfpilot.domain.result import Result
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.jvm import command_line, heap_within
from perfpilot.tools.jmeter.prepare import PRIVATE, PUBLIC, SYSTEM, Prepared
from perfpilot.tools.jmeter.running import process
from perfpilot.tools.jmeter.running.stop import free_udp_port
from perfpilot.tools.monitoring.memory_allowed import memory_allowed_mb

# A run that went back would be another comparison.
_ONCE = ("--max-repairs", "0", "--max-replans", "0", "--max-resetups", "0", "--no-model")
_PORTS = ("jmeterengine.nongui.port", "jmeterengine.nongui.maxport")
_WRITTEN = (
    "results.jtl", "smoke.jtl", "jmeter.log", "jmeter.out", "smoke", "*.json", process.RECORD,
)  # fmt: skip
_AROUND_S = 120.0


@dataclass(frozen=True)
class Ran:
    """One run that ended as it should."""

    wall_s: float  # from its start to its end, on the monotonic clock
    results: Path
    looking: Looking


@dataclass(frozen=True)
class Whole(Ran):
    """A whole run of perfpilot."""

    phases_s: Mapping[str, float]  # by node
    smoke_s: float
    baseline_s: float
    prepared: Prepared


def perfpilot_run(description: Mapping[str, Any], directory: Path, target_pid: int, load_s: float) -> Whole:
    """`perfpilot run` with the description, its output in a file. Raises RuntimeError where it did not run
    the load to its end in one attempt."""
    own = Path(tempfile.mkdtemp(prefix="whole-", dir=directory))
    (own / "spec.yaml").write_text(yaml.safe_dump(dict(description)), encoding="utf-8")
    command = [sys.executable, "-m", "perfpilot", "run", "spec.yaml", "--runs", str(own / "runs"), *_ONCE]
    # Loads of others on this machine are seen by what they use of it.
    environment = {**os.environ, "PERFPILOT_LOCKS": str(own / "locks"), **_policy(own)}
    wall_s, looking = _timed(command, own, environment, target_pid, load_s + _AROUND_S, root_is_jmeter=False)
    output = (own / "output.txt").read_text(encoding="utf-8", errors="replace")
    runs = [path for path in (own / "runs").glob("*/result.json")]
    if not runs:
        raise RuntimeError(f"perfpilot made no result:\n{output}")
    run = RunDirectory(runs[0].parent)
    outcome = run.read_or_none("attempts/1/outcome.json", LoadOutcome)
    if run.attempts() != (1,) or outcome is None or outcome.ended is not Ended.COMPLETED:
        raise RuntimeError(f"perfpilot did not complete one attempt:\n{output}")
    return Whole(
        wall_s=wall_s,
        results=run.attempt(1) / "results.jtl",
        looking=looking,
        phases_s={**run.read("result.json", Result).run.phase_times_s, **_report_s(output)},
        smoke_s=run.read("attempts/1/smoke.json", SmokeOutcome).seconds,
        baseline_s=run.read("readiness.json", Readiness).quiet.seconds,
        prepared=run.read("attempts/1/prepared.json", Prepared),
    )


def plain_jmeter(whole: Whole, directory: Path, target_pid: int, load_s: float) -> Ran:
    """JMeter without perfpilot, on a copy of what perfpilot wrote for its own. Raises RuntimeError where it
    does not end."""
    attempt = Path(tempfile.mkdtemp(prefix="plain-", dir=directory)) / "attempt"
    shutil.copytree(whole.prepared.directory, attempt, ignore=shutil.ignore_patterns(*_WRITTEN))
    _give_port(attempt / PUBLIC, free_udp_port())
    (attempt / PRIVATE).touch(mode=0o600)  # a run deletes it; there was no secret in it
    command = command_line(
        whole.prepared.generator,
        attempt,
        plan="plan.jmx",
        results="results.jtl",
        log="jmeter.log",
        marker="benchmark/plain",
        property_files=(PUBLIC, PRIVATE),
        system_properties=SYSTEM,
        heap_mb=heap_within(whole.prepared.heap_mb, memory_allowed_mb(os.getpid())),
    )
    wall_s, looking = _timed(
        command, attempt, jvm_environment(), target_pid, load_s + _AROUND_S, root_is_jmeter=True
    )
    return Ran(wall_s, attempt / "results.jtl", looking)


def _timed(
    command: list[str],
    directory: Path,
    environment: Mapping[str, str],
    target_pid: int,
    within_s: float,
    *,
    root_is_jmeter: bool,
) -> tuple[float, Looking]:
    begun_s = time.monotonic()
    with (directory / "output.txt").open("wb") as out:
        started = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            # Linux may share processors out by session (sched_autogroup): JMeter has one of its own, which
            # perfpilot gives it. Beside the target in ours it would get more of the machine, or less.
            start_new_session=True,
        )
    try:
        with Looking(started.pid, target_pid, root_is_jmeter=root_is_jmeter) as looking:
            started.wait(within_s)
            wall_s = time.monotonic() - begun_s
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{command[0]} did not end within {within_s:.0f} s") from None
    finally:
        if started.poll() is None:
            started.terminate()  # perfpilot ends its JMeter first
            started.wait()
    return wall_s, looking


def _report_s(output: str) -> dict[str, float]:
    """The time of the node that writes the result, which can't stand in it."""
    found = re.search(r"^report: ended after ([\d.]+) s$", output, re.M)
    if not found:
        raise RuntimeError(f"perfpilot did not say how long its report took:\n{output}")
    return {"report": float(found[1])}


def _policy(directory: Path) -> dict[str, str]:
    """The load of a ceiling is as many requests as there can be."""
    path = directory / "policy.yaml"
    path.write_text("version: 1\nmax_rate_per_s: 100000\n", encoding="utf-8")
    return {"PERFPILOT_POLICY": str(path)}


def _give_port(properties: Path, port: int) -> None:
    lines = properties.read_text(encoding="ascii").splitlines()
    changed = [f"{name}={port}" if (name := line.partition("=")[0]) in _PORTS else line for line in lines]
    properties.write_text("\n".join(changed) + "\n", encoding="ascii")
