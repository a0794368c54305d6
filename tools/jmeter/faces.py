"""JMeter as LangChain tools: write a plan, smoke it, run it, measure what it left.

All take the run directory and read the rest from it, so that a call can be repeated after a crash.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from langchain_core.tools import tool
from langgraph.config import get_stream_writer

from perfpilot.domain.events import EventKind
from perfpilot.domain.live import LiveFigures
from perfpilot.domain.load_outcome import LoadOutcome, SmokeOutcome
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.result import ClosedAttempt
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.left_behind import end_left_behind, end_smoke
from perfpilot.tools.jmeter.measure import close_attempt
from perfpilot.tools.jmeter.prepare import Prepared, prepare, read_prepared
from perfpilot.tools.jmeter.run import run_load
from perfpilot.tools.jmeter.smoke import smoke
from perfpilot.tools.monitoring.for_run import monitor_for
from perfpilot.tools.monitoring.sampler import Monitor
from perfpilot.tools.spec.secrets import read_secrets


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
        outcome = await smoke(prepared)
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

    async def tell(figures: LiveFigures, begun: tuple[str, ...]) -> None:
        write({"kind": "live", "figures": figures.model_dump(mode="json")})
        for text in begun:
            write({"kind": "alert", "text": text})
            await asyncio.to_thread(append_event, run.path, EventKind.ALERT, text, t_s=figures.t_s)

    monitor = await asyncio.to_thread(_monitor, run, prepared)
    await monitor.start(run.path / "monitor.csv")
    try:
        outcome = await run_load(run, prepared, monitor, tell)
    finally:
        await monitor.stop()
    for failure in monitor.failures:
        text = f"the monitor of {failure.component} failed {failure.count} times: {failure.detail}"
        await asyncio.to_thread(append_event, run.path, EventKind.DEGRADATION, text)
    return f"the load of attempt {attempt} ended: {outcome.ended} {outcome.detail}".rstrip(), outcome


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
