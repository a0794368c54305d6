"""Running the load of an attempt: start or adopt JMeter, watch it, end it, and say how it ended."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from perfpilot.domain.events import EventKind
from perfpilot.domain.live import LiveFigures
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.plan import Engine
from perfpilot.planning.memory import heap_mb
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter import process
from perfpilot.tools.jmeter.ending import ending_of, note_ending
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.jvm import command_line, heap_within
from perfpilot.tools.jmeter.log import read_log
from perfpilot.tools.jmeter.prepare import PRIVATE, PUBLIC, SYSTEM, Prepared, remove_private
from perfpilot.tools.jmeter.steer import Steering
from perfpilot.tools.jmeter.stop import end
from perfpilot.tools.jmeter.watch import StopReason, Watch
from perfpilot.tools.monitoring.memory_allowed import memory_allowed_mb
from perfpilot.tools.monitoring.sampler import Monitor

TICK_S = 0.5
_JVM_START_S = 60.0
_GRACE_S = 10.0

Tell = Callable[[LiveFigures, tuple[str, ...]], Awaitable[None]]


async def run_load(run: RunDirectory, prepared: Prepared, monitor: Monitor, tell: Tell) -> LoadOutcome:
    """Run the load to its end, or adopt the JMeter that an earlier perfpilot started for it.

    Called again for the same attempt it never starts a second load: a JMeter that still runs is watched
    on, one that has ended is judged by what it left. `tell` gets figures once a second and new alerts.
    A cancelled call ends JMeter before it returns.
    """
    name = f"attempts/{prepared.attempt}/outcome.json"
    over = await asyncio.to_thread(run.read_or_none, name, LoadOutcome)
    if over:
        return over
    ending = await asyncio.to_thread(ending_of, run, prepared.attempt)
    running, how = await _start_or_adopt(run, prepared)
    watch = Watch(prepared, run.stop_requested)
    reason = StopReason(ending.ended, ending.detail, ending.trouble) if ending else None
    ladder: tuple[str, ...] = ()
    clock = _Clock()
    try:
        if running:
            text = f"{how} the JMeter of attempt {prepared.attempt} (pid {running.pid})"
            await asyncio.to_thread(append_event, run.path, EventKind.LOAD, text, pid=running.pid)
            monitor.set_process("jmeter", running.pid)
            reason = reason or await _watch_to_the_end(running, prepared, watch, monitor, tell, clock)
        if running and reason:
            ladder = await _end(run, running, prepared, reason)
        await asyncio.to_thread(watch.absorb)
    finally:
        if running and running.alive():  # cancelled: never leave a load running
            await asyncio.shield(
                end(running, udp_port=prepared.udp_port, open_schedule=_open(prepared), hurry=lambda: True)
            )
        await asyncio.to_thread(remove_private, Path(prepared.directory))
    outcome = await asyncio.to_thread(_outcome, prepared, watch, reason, running)
    busiest = monitor.busiest_neighbour(outcome.started_ms) if outcome.started_ms else None
    outcome = outcome.model_copy(
        update={
            "ladder": ladder,
            "clock_step_s": clock.step_s,
            "busiest_neighbour": str(busiest) if busiest else "",
        }
    )
    await asyncio.to_thread(run.write, name, outcome)
    return outcome


async def _start_or_adopt(run: RunDirectory, prepared: Prepared) -> tuple[process.Running | None, str]:
    directory = Path(prepared.directory)
    adopted = await asyncio.to_thread(process.adopt, directory, prepared.marker)
    if adopted:
        return adopted, "adopted"
    if await asyncio.to_thread(_was_started, directory):
        return None, ""  # it was started once and is gone: what it left is judged, nothing is sent again
    command = command_line(
        prepared.generator,
        directory,
        plan="plan.jmx",
        results="results.jtl",
        log="jmeter.log",
        marker=prepared.marker,
        property_files=(PUBLIC, PRIVATE),
        system_properties=SYSTEM,
        heap_mb=await asyncio.to_thread(_heap_mb, run, prepared),
    )
    running = await process.start(
        command,
        directory=directory,
        record=directory,
        marker=prepared.marker,
        environment=jvm_environment(),
    )
    return running, "started"


def _heap_mb(run: RunDirectory, prepared: Prepared) -> int:
    """The heap that the plan needs, or as much of it as the host can give, which is then told."""
    wanted = heap_mb(prepared.plan.scenarios)
    allowed = memory_allowed_mb(os.getpid())
    given = heap_within(wanted, allowed)
    if given < wanted:
        text = (
            f"the load generator may use {allowed} MB of memory, half of it for its heap: {given} MB where "
            f"{wanted} MB were planned; it may collect garbage often, or run out of memory"
        )
        append_event(run.path, EventKind.DEGRADATION, text)
    return given


def _was_started(directory: Path) -> bool:
    """By the record; or, where a crash came between start and record, by what JMeter wrote."""
    return (directory / process.RECORD).is_file() or (directory / "results.jtl").is_file()


async def _watch_to_the_end(
    running: process.Running, prepared: Prepared, watch: Watch, monitor: Monitor, tell: Tell, clock: _Clock
) -> StopReason | None:
    """Until JMeter ends by itself (None), or must be ended."""
    steering = Steering(prepared)
    deadline = time.monotonic() + _JVM_START_S + _length_s(prepared)
    next_figures = 0.0
    while running.alive():
        await asyncio.to_thread(watch.absorb)
        clock.look()
        now = time.monotonic()
        if watch.started_ms:
            await asyncio.to_thread(steering.follow, time.time() - watch.started_ms / 1000)
        reason = await asyncio.to_thread(watch.reason_to_stop, now > deadline)
        if reason:
            return reason
        if now >= next_figures:
            next_figures = now + 1.0
            await _tell(watch, monitor, tell)
        await asyncio.sleep(TICK_S)
    return None


async def _end(
    run: RunDirectory, running: process.Running, prepared: Prepared, reason: StopReason
) -> tuple[str, ...]:
    """Climb the ladder, after noting why: a JMeter that was told to stop logs a regular end of its test."""
    ending = LoadOutcome(
        attempt=prepared.attempt, ended=reason.ended, detail=reason.detail, trouble=reason.trouble
    )
    await asyncio.to_thread(note_ending, run, ending)
    return await end(running, udp_port=prepared.udp_port, open_schedule=_open(prepared), hurry=lambda: False)


async def _tell(watch: Watch, monitor: Monitor, tell: Tell) -> None:
    told = await asyncio.to_thread(watch.figures, monitor.latest())
    if told:
        await tell(*told)


def _outcome(
    prepared: Prepared, watch: Watch, reason: StopReason | None, running: process.Running | None
) -> LoadOutcome:
    log = read_log(Path(prepared.directory))
    code = running.exit_code if running else None
    if reason:
        ended, detail = reason.ended, reason.detail
    elif not watch.samples:
        ended = Ended.NOT_STARTED
        detail = f"JMeter sent nothing: {log.problems[0] if log.problems else _died(code)}"
    elif log.ended and not log.results_lost:
        ended, detail = Ended.COMPLETED, ""
    else:
        problem = log.results_lost or next(iter(log.problems), "")
        ended, detail = Ended.GENERATOR_DIED, problem or _died(code)
    return LoadOutcome(
        attempt=prepared.attempt,
        ended=ended,
        detail=detail,
        started_ms=watch.started_ms,
        exit_code=code,
        trouble=reason.trouble if reason else None,
    )


def _died(code: int | None) -> str:
    if code == 3:
        return "the load generator ran out of memory (exit code 3): fewer users or a larger heap"
    if code is not None and code < 0:
        return f"the load generator was killed by signal {-code} before its plan ended"
    return "the load generator ended before its plan did"


def _length_s(prepared: Prepared) -> float:
    whole_s = prepared.lead_s + prepared.plan.duration_s + prepared.tail_s
    return whole_s + prepared.plan.connect_timeout_s + prepared.plan.response_timeout_s + _GRACE_S


def _open(prepared: Prepared) -> bool:
    return any(s.engine is Engine.OPEN_SCHEDULE for s in prepared.plan.scenarios)


class _Clock:
    """Watches the wall clock against the monotonic one."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self.step_s = 0.0

    def look(self) -> None:
        step = (time.time() - time.monotonic()) - self._offset
        if abs(step) > abs(self.step_s):
            self.step_s = round(step, 3)
