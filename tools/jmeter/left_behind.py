"""A JMeter that nobody watches any more: found by what it was recorded as, and ended."""

from __future__ import annotations

import asyncio

from perfpilot.domain.events import EventKind
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter import process
from perfpilot.tools.jmeter.ending import note_ending
from perfpilot.tools.jmeter.prepare import Prepared, read_prepared
from perfpilot.tools.jmeter.stop import end_at_once

_UNWATCHED = "perfpilot lost sight of the load generator and ended it; the figures are partial"


async def end_left_behind(run: RunDirectory, attempt: int) -> None:
    """End the JMeter of an attempt, smoke or load, that a crash or an error left running."""
    if await asyncio.to_thread(run.has, f"attempts/{attempt}/outcome.json"):
        return  # its end was seen
    prepared = await asyncio.to_thread(read_prepared, run, attempt)
    if prepared is None:
        return  # nothing was ever started
    await end_smoke(run, prepared)
    left = await asyncio.to_thread(process.adopt, run.attempt(attempt), prepared.marker)
    if left:
        ending = LoadOutcome(attempt=attempt, ended=Ended.GENERATOR_DIED, detail=_UNWATCHED)
        await asyncio.to_thread(note_ending, run, ending)
        await _end(run, left, prepared)


async def end_smoke(run: RunDirectory, prepared: Prepared) -> None:
    """End the JMeter of an attempt's smoke pass, where one still runs."""
    directory = run.attempt(prepared.attempt) / "smoke"
    if await asyncio.to_thread(directory.is_dir):
        left = await asyncio.to_thread(process.adopt, directory, f"{prepared.marker}/smoke")
        if left:
            await _end(run, left, prepared)


async def _end(run: RunDirectory, left: process.Running, prepared: Prepared) -> None:
    await asyncio.to_thread(end_at_once, left)
    text = f"ended a JMeter of attempt {prepared.attempt} that was left behind (pid {left.pid})"
    await asyncio.to_thread(append_event, run.path, EventKind.LOAD, text, pid=left.pid)
