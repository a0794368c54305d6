"""A JMeter that nobody watches any more: found by what it was recorded as, and ended."""

from __future__ import annotations

import asyncio

from perfpilot.domain.events import EventKind
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.prepare import Prepared, read_prepared
from perfpilot.tools.jmeter.running import process
from perfpilot.tools.jmeter.running.ending import note_ending
from perfpilot.tools.jmeter.running.stop import end_at_once

_UNWATCHED = "perfpilot lost sight of the load generator and ended it; the figures are partial"


async def end_left_behind(
    run: RunDirectory, attempt: int, *, ended: Ended = Ended.GENERATOR_DIED, detail: str = _UNWATCHED
) -> bool:
    """End the JMeter of an attempt, smoke or load, that a crash or an error left running; whether one did.

    `ended` and `detail` say why, for whoever judges the load.
    """
    if await asyncio.to_thread(run.has, f"attempts/{attempt}/outcome.json"):
        return False  # its end was seen
    prepared = await asyncio.to_thread(read_prepared, run, attempt)
    if prepared is None:
        return False  # nothing was ever started
    found = await end_smoke(run, prepared)
    left = await asyncio.to_thread(process.adopt, run.attempt(attempt), prepared.marker)
    if left:
        ending = LoadOutcome(attempt=attempt, ended=ended, detail=detail)
        await asyncio.to_thread(note_ending, run, ending)
        await _end(run, left, prepared)
    return found or left is not None


async def end_smoke(run: RunDirectory, prepared: Prepared) -> bool:
    """End the JMeter of an attempt's smoke pass, where one still runs; whether one did."""
    directory = run.attempt(prepared.attempt) / "smoke"
    if await asyncio.to_thread(directory.is_dir):
        left = await asyncio.to_thread(process.adopt, directory, f"{prepared.marker}/smoke")
        if left:
            await _end(run, left, prepared)
            return True
    return False


async def _end(run: RunDirectory, left: process.Running, prepared: Prepared) -> None:
    await asyncio.to_thread(end_at_once, left)
    text = f"ended a JMeter of attempt {prepared.attempt} that was left behind (pid {left.pid})"
    await asyncio.to_thread(append_event, run.path, EventKind.LOAD, text, pid=left.pid)
