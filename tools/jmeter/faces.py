"""JMeter as LangChain tools: write a plan, smoke it, run it, measure what it left.

All take the run directory and read the rest from it, so that a call can be repeated after a crash.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from langchain_core.tools import tool
from langgraph.config import get_stream_writer

from perfpilot.domain.events import EventKind
from perfpilot.domain.load_outcome import LoadOutcome, SmokeOutcome
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.result import ClosedAttempt
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.measure import close_attempt
from perfpilot.tools.jmeter.prepare import Prepared, prepare, read_prepared
from perfpilot.tools.jmeter.running.left_behind import end_left_behind, end_smoke
from perfpilot.tools.jmeter.running.locks import require_free
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.jmeter.running.smoke import smoke
from perfpilot.tools.jmeter.running.watch import Told
from perfpilot.tools.monitoring.for_run import monitor_for
from perfpilot.tools.monitoring.sampler import Monitor
from perfpilot.tools.notify.alerts import AlertDelivery
from perfpilot.tools.spec.secrets import Redactor, read_secrets


@tool(parse_docstring=True)
async def require_no_other_load(run_dir: str) -> str:
    """Refuse where another run sends load from this machine, or to the same target, and name that run.

    Args:
        run_dir: Directory of the run.
    """
    run = RunDirectory(Path(run_dir))
    envelope = await asyncio.to_thread(run.read, "envelope.json", Envelope)
    await asyncio.to_thread(require_free, run.id, run.path, envelope.hosts)
    return "no other run holds the target or this load generator"


@tool(parse_docstring=True, response_format="content_and_artifact")
async def smoke_test(run_dir: str, attempt: int) -> tuple[str, SmokeOutcome]:
    """Lay out an attempt and send one user through every step once, to prove the plan before any load.

    Args:
        run_dir: Directory of the run.
        attempt: Number of the attempt, claimed before.
    """
    run = RunDirectory(Path(run_dir))
    name = f"attempts/{attempt}/smoke.json"
    outcome = await asyncio.to_thread(run.read_or_none, name, SmokeOutcome)
    if outcome is None:
        killed = await asyncio.to_thread(read_prepared, run, attempt)
        if killed:  # its JMeter may still run, with the port and the files that are laid out anew here
            await end_smoke(run, killed)
        prepared = await prepare(run, attempt)
        outcome = await smoke(run, prepared)
        if not await asyncio.to_thread(run.stop_requested):  # resumed, the pass is made again
            await asyncio.to_thread(run.write, name, outcome)
    return f"smoke pass {'ok' if outcome.ok else 'failed'}: {outcome.detail}", outcome


@tool(parse_docstring=True, response_format="content_and_artifact")
async def run_jmeter(run_dir: str, attempt: int) -> tuple[str, LoadOutcome]:
    """Run the load of an attempt while watching it, or watch on a JMeter that an earlier call started.

    Safe to call twice for one attempt: it never sends the same load again.

    Args:
        run_dir: Directory of the run.
        attempt: Number of the attempt, smoked before.
    """
    run = RunDirectory(Path(run_dir))
    prepared = await asyncio.to_thread(read_prepared, run, attempt)
    if prepared is None:
        prepared = await prepare(run, attempt)
    write = get_stream_writer()

    monitor = await asyncio.to_thread(_monitor, run, prepared)
    await monitor.start(run.path / "monitor.csv")
    try:
        async with await asyncio.to_thread(_delivery, run, prepared) as delivery:

            async def hear(told: Told) -> None:
                for message in _messages(told):
                    write(message)
                delivery.tell(told.alerts.begun, told.alerts.ended, told.figures.t_s)

            outcome = await run_load(run, prepared, monitor, hear)
    finally:
        await monitor.stop()
    for text in delivery.degradations:
        await asyncio.to_thread(append_event, run.path, EventKind.DEGRADATION, text)
    for failure in monitor.failures:
        text = f"the monitor of {failure.component} failed {failure.count} times: {failure.detail}"
        await asyncio.to_thread(append_event, run.path, EventKind.DEGRADATION, text)
    return f"the load of attempt {attempt} ended: {outcome.ended} {outcome.detail}".rstrip(), outcome


def _messages(told: Told) -> Iterator[dict[str, Any]]:
    """What LangGraph's custom stream says of a running load."""
    yield {"kind": "live", "figures": told.figures.model_dump(mode="json")}
    for text in told.steering:
        yield {"kind": "steering", "text": text}
    for state, alerts in (("begun", told.alerts.begun), ("ended", told.alerts.ended)):
        for alert in alerts:
            said = {"severity": alert.severity.value, "name": alert.name, "text": alert.text}
            yield {"kind": "alert", "state": state, **said}


def _delivery(run: RunDirectory, prepared: Prepared) -> AlertDelivery:
    policy = run.read("policy.json", Policy)
    secrets = read_secrets(prepared.spec, policy, os.environ)
    return AlertDelivery(
        prepared.spec.notifications.webhook,
        policy,
        run_id=run.id,
        test_name=prepared.spec.test_name,
        redactor=Redactor(tuple(secrets.values())),
    )


def _monitor(run: RunDirectory, prepared: Prepared) -> Monitor:
    secrets = read_secrets(prepared.spec, run.read("policy.json", Policy), os.environ)
    return monitor_for(prepared.spec, run.read("envelope.json", Envelope), secrets)


@tool(parse_docstring=True, response_format="content_and_artifact")
async def measure_attempt(run_dir: str, attempt: int) -> tuple[str, ClosedAttempt]:
    """Compute the figures of an attempt from what JMeter and the monitors left on disk.

    Args:
        run_dir: Directory of the run.
        attempt: Number of the attempt.
    """
    run = RunDirectory(Path(run_dir))
    await end_left_behind(run, attempt)
    closed = await asyncio.to_thread(close_attempt, run, attempt)
    rows = closed.attempt.files.rows
    return f"attempt {attempt}: {rows} samples, ended {closed.attempt.ended}", closed
