"""A load of a real JMeter, run and judged as the workflow does it, without the nodes around."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfpilot.analysis.conclude import Surroundings, conclude
from perfpilot.domain.load_outcome import LoadOutcome
from perfpilot.domain.outcome import Outcome
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.result import Analysis, ClosedAttempt
from perfpilot.planning.plan import make_plan
from perfpilot.tools.history.run_directory import RunDirectory, mint_run_id
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.measure import close_attempt
from perfpilot.tools.jmeter.prepare import Prepared, prepare
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.jmeter.running.watch import Told
from perfpilot.tools.monitoring.sampler import Monitor
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.write import dump_spec
from tests.tools.jmeter.jmx import real_jmeter


@dataclass
class Loaded:
    """A load that is over."""

    run: RunDirectory
    outcome: LoadOutcome
    closed: ClosedAttempt
    analysis: Analysis
    told: list[Told]

    @property
    def verdict(self) -> Outcome:
        """What the run would end with."""
        return self.analysis.outcome

    def causes(self, label: str) -> Mapping[str, int]:
        """Failed samples of an endpoint by response code, over the whole load."""
        whole = self.closed.attempt.phase("all")
        assert whole is not None
        stats = next(stats for stats in whole.labels if stats.label == label)
        return {cause.code: cause.count for cause in stats.causes}


@dataclass
class Load:
    """A load that is laid out: change `prepared`, then `run_to_its_end`."""

    run: RunDirectory
    prepared: Prepared
    told: list[Told] = field(default_factory=list)

    async def run_to_its_end(self) -> Loaded:
        """Run it, close it, judge it."""

        async def hear(told: Told) -> None:
            self.told.append(told)

        outcome = await run_load(self.run, self.prepared, Monitor(), hear)
        closed = await asyncio.to_thread(close_attempt, self.run, self.prepared.attempt)
        judged = conclude([closed], Surroundings()).analysis
        return Loaded(self.run, outcome, closed, judged, self.told)

    async def has_samples(self, count: int = 1, within_s: float = 30.0) -> None:
        """Wait until the result file has so many rows."""
        results = Path(self.prepared.directory) / "results.jtl"
        for _ in range(int(within_s * 20)):
            if results.is_file() and results.read_bytes().count(b"\n") > count:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the load never began")


async def laid_out(folder: Path, port: int, *, java: str = "", heap_mb: int = 0, **spec: Any) -> Load:
    """Lay out the first attempt of a description against a port of loopback.

    `java`: another executable in the place of Java. `heap_mb`: another heap than the planned one.
    """
    run = await asyncio.to_thread(RunDirectory.create, folder / "runs", mint_run_id("fault"))
    described = parse_spec(
        {
            "test_name": "fault",
            "environment": {
                "base_url": f"http://127.0.0.1:{port}",
                "timeouts": {"connect": "1s", "response": "1s"},
            },
            "endpoints": [{"name": "page", "path": "/"}],
            "load_patterns": [{"arrivals": "even", "stages": [{"rate_per_s": 20, "duration": "6s"}]}],
            "thresholds": ["p95 < 500ms", "error_rate < 1%"],
            **spec,
        }
    )
    envelope = Envelope(
        hosts=(f"127.0.0.1:{port}",), addresses=("127.0.0.1 127.0.0.1",), peak_rate_per_s=1000, users=2000,
        requests=10_000, wall_time_s=1000, needs_approval=False, why="",
    )  # fmt: skip
    found, home = await asyncio.to_thread(real_jmeter.generator)
    if java:
        found = found.model_copy(update={"executable": java})
    for name in ("spec.yaml", "spec.effective.yaml"):
        run.write_text(name, dump_spec(described))
    run.write("policy.json", Policy())
    run.write("envelope.json", envelope)
    run.write("generator.json", Generator(java=found, jmeter=home))
    run.write("plan.json", make_plan(described, 1, envelope=envelope))
    assert run.claim_attempt(1, "task")
    prepared = await prepare(run, 1)
    return Load(run, prepared.model_copy(update={"heap_mb": heap_mb or prepared.heap_mb}))


def java_through(folder: Path, before: str) -> str:
    """A script that does something and then becomes Java: `ulimit`, or a library loaded before all others."""
    found, _ = real_jmeter.generator()
    script = folder / "java-under-a-fault"
    script.write_text(f'#!/bin/sh\n{before}\nexec {found.executable} "$@"\n')
    script.chmod(0o700)
    return str(script)
