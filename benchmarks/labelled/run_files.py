"""Run directories as `collect` finds them: what an attempt leaves behind, made of imagined samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.labelled.processes import CODES, Samples
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.plan import make_plan
from perfpilot.tools.history.run_directory import RunDirectory, mint_run_id
from perfpilot.tools.jmeter.installation.home import Generator, JMeterHome
from perfpilot.tools.jmeter.installation.java import Java
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.monitoring.record import HEADER as MONITOR_HEADER
from perfpilot.tools.spec.read import parse_spec

START_MS = 1_750_000_000_000
HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,"
    "sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect"
)
_ENVELOPE = Envelope(
    hosts=("127.0.0.1:9",),
    addresses=("127.0.0.1 127.0.0.1",),
    peak_rate_per_s=10_000,
    users=10_000,
    requests=10**9,
    wall_time_s=10**6,
    needs_approval=False,
    why="",
)
_JAVA = Java(home="/", executable="/java", version="21", major=21, source="imagined")
_GENERATOR = Generator(java=_JAVA, jmeter=JMeterHome(path="/", version="5.6.3", source="imagined"))


@dataclass(frozen=True)
class Shares:
    """What the monitor saw: mean shares of the host's cores, and until when, in seconds of the load."""

    jmeter: float = 0.15
    target: float = 0.30
    neighbours: float = 0.02
    until_s: float | None = None

    def lines(self, length_s: float) -> Iterable[str]:
        """The lines of `monitor.csv`, one a second and component."""
        end = length_s if self.until_s is None else min(self.until_s, length_s)
        host = min(self.jmeter + self.target + self.neighbours, 1.0)
        parts = {"jmeter": self.jmeter, "target": self.target, "neighbours": self.neighbours, "host": host}
        for second in range(int(end) + 1):
            for component, share in parts.items():
                yield f"{START_MS + 1000 * second},{component},cpu_share,{share:.4f}\n"


@dataclass(frozen=True)
class Left:
    """What one attempt left behind, beside its samples."""

    outcome: LoadOutcome | None = field(
        default_factory=lambda: LoadOutcome(attempt=1, ended=Ended.COMPLETED, started_ms=START_MS)
    )
    shares: Shares | None = field(default_factory=Shares)
    gc_log: str = ""


def described(
    thresholds: Iterable[str],
    *,
    seconds: int = 600,
    rate_per_s: float = 50.0,
    labels: Iterable[str] = ("home", "search"),
    users: int = 0,
    even: bool = False,
    **keys: Any,
) -> Spec:
    """A description: an open load at one level, or with `users` a closed one, of equal endpoints."""
    stage: dict[str, Any] = {"duration": f"{seconds}s"}
    pattern: dict[str, Any] = {"model": "closed", "stages": [{"users": users, **stage}]}
    if not users:
        arrivals = "even" if even else "random"
        pattern = {"model": "open", "arrivals": arrivals, "stages": [{"rate_per_s": rate_per_s, **stage}]}
    described: Mapping[str, Any] = {
        "test_name": "labelled",
        "environment": {"base_url": "http://127.0.0.1:9"},
        "endpoints": [{"name": name, "path": f"/{name}"} for name in labels],
        "load_patterns": [pattern],
        "thresholds": list(thresholds),
        **keys,
    }
    return parse_spec(described)


def planned(spec: Spec) -> Plan:
    """The plan of its first attempt, as the planner makes it."""
    return make_plan(spec, 1, envelope=_ENVELOPE)


def csv_lines(samples: Samples) -> list[str]:
    """The samples as JMeter writes them, in the order in which they ended."""
    order = np.argsort(samples.start_ms + samples.elapsed_ms, kind="stable")
    rows = zip(
        (samples.start_ms[order] + START_MS).tolist(),
        samples.elapsed_ms[order].tolist(),
        samples.label[order].tolist(),
        samples.code[order].tolist(),
        samples.users[order].tolist(),
        strict=True,
    )
    named = [f"{code},,users 1-1,text,{'true' if code == '200' else 'false'},,512,64," for code in CODES]
    return [
        f"{start},{elapsed},{samples.labels[label]},{named[code]}{users},{users},{elapsed},0,1\n"
        for start, elapsed, label, code, users in rows
    ]


def lay_out(folder: Path, spec: Spec, plan: Plan, lines: Iterable[str | bytes], left: Left) -> RunDirectory:
    """Write the directory of a run with one attempt."""
    run = RunDirectory.create(folder, mint_run_id("labelled"))
    directory = run.attempt(1)
    directory.mkdir(parents=True, exist_ok=True)
    prepared = Prepared(
        run_id=run.id,
        attempt=1,
        directory=str(directory),
        plan=plan,
        spec=spec,
        generator=_GENERATOR,
        udp_port=1,
        labels=tuple(step.label for scenario in plan.scenarios for step in scenario.steps),
        requests_left=1e9,
        lead_s=0.0,
        tail_s=0.0,
        heap_mb=256,
    )
    run.write("attempts/1/prepared.json", prepared)
    if left.outcome:
        run.write("attempts/1/outcome.json", left.outcome)
    if left.shares:
        text = f"{MONITOR_HEADER}\n" + "".join(left.shares.lines(plan.duration_s))
        (run.path / "monitor.csv").write_text(text)
    if left.gc_log:
        (directory / "gc.log").write_text(left.gc_log)
    data = b"".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    if data:
        (directory / "results.jtl").write_bytes(f"{HEADER}\n".encode() + data)
    return run
