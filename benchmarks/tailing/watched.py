"""A `Watch` as a run has it, over a result file that something else writes."""

from __future__ import annotations

from pathlib import Path

from rows import LABELS

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.tools.history.run_directory import RunDirectory, mint_run_id
from perfpilot.tools.jmeter.installation.home import Generator, JMeterHome
from perfpilot.tools.jmeter.installation.java import Java
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running.watch import Watch
from perfpilot.tools.monitoring.sampler import Monitor
from perfpilot.tools.spec.read import parse_spec

THRESHOLDS = (
    "p95 < 400ms", f"p99({LABELS[0]}) < 800ms", "error_rate < 5%", "throughput > 100/s",
    "p95 < 500ms over 10s", "abort if error_rate > 50% for 10s",
)  # fmt: skip
_LENGTH_S = 3600.0
_RATE_PER_S = 500.0


def made_watch(directory: Path) -> Watch:
    """Watches `results.jtl` in the directory, with thresholds and the built-in alerts."""
    run = RunDirectory.create(directory / "runs", mint_run_id("live tail"))
    spec = parse_spec(
        {
            "test_name": "live tail",
            "environment": {"base_url": "http://127.0.0.1:9"},
            "endpoints": [{"name": label, "path": "/"} for label in LABELS],
            "load_patterns": [{"rate_per_s": _RATE_PER_S, "duration": "60s"}],
            "thresholds": list(THRESHOLDS),
        }
    )
    prepared = Prepared(
        run_id=run.id,
        attempt=1,
        directory=str(directory),
        plan=_plan(),
        spec=spec,
        generator=Generator(
            java=Java(home="", executable="", version="", major=0, source="none"),
            jmeter=JMeterHome(path="", version="", source="none"),
        ),
        udp_port=0,
        labels=LABELS,
        requests_left=1e9,
        lead_s=0.0,
        tail_s=0.0,
        heap_mb=0,
    )
    return Watch(run, prepared, Monitor())


def _plan() -> Plan:
    curve = LoadCurve(
        unit="rate_per_s", segments=(Segment(duration_s=_LENGTH_S, start=_RATE_PER_S, end=_RATE_PER_S),)
    )
    steps = tuple(PlannedStep(endpoint=label, label=label, think_time_s=0.0) for label in LABELS)
    scenario = Scenario(name="all", engine=Engine.OPEN_SCHEDULE, curve=curve, steps=steps, users=300)
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=_LENGTH_S,
        warm_up_s=2.0,
        peak_rate_per_s=_RATE_PER_S * len(LABELS),
        users=300,
        expected_samples=_LENGTH_S * _RATE_PER_S * len(LABELS),
        connect_timeout_s=1.0,
        response_timeout_s=30.0,
    )
