"""Seeing one load to its end: start or adopt JMeter, watch, steer, stop, and say how it ended.

All of it runs in a thread of its own and goes by the monotonic clock: an event loop that hangs, and a wall
clock that is set, can't keep a load running.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from perfpilot.domain.events import EventKind
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.plan import Engine
from perfpilot.domain.policy import Envelope
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.jvm import command_line, heap_within
from perfpilot.tools.jmeter.prepare import PRIVATE, PUBLIC, SYSTEM, Prepared, remove_private
from perfpilot.tools.jmeter.running import process, stop
from perfpilot.tools.jmeter.running.cause_of_death import cause_of_death
from perfpilot.tools.jmeter.running.ending import ending_of, note_ending
from perfpilot.tools.jmeter.running.locks import held
from perfpilot.tools.jmeter.running.log import read_log
from perfpilot.tools.jmeter.running.start_again import start_again
from perfpilot.tools.jmeter.running.wall_clock import WallClock
from perfpilot.tools.jmeter.running.watch import StopReason, Told, Watch
from perfpilot.tools.jmeter.running.watchdog import Watchdog
from perfpilot.tools.monitoring.memory_allowed import memory_allowed_mb
from perfpilot.tools.monitoring.sampler import Monitor

TICK_S = 0.5
_JVM_START_S = 60.0
_GRACE_S = 10.0
_KILLED = "killed on request; the figures are partial"

Tell = Callable[[Told], None]


class Supervisor:
    """One attempt's load. `tell` is called at every tick; `cancelled` ends the load in a hurry."""

    def __init__(
        self,
        run: RunDirectory,
        prepared: Prepared,
        monitor: Monitor,
        tell: Tell,
        cancelled: threading.Event,
    ) -> None:
        self._run = run
        self._prepared = prepared
        self._directory = Path(prepared.directory)
        self._monitor = monitor
        self._tell = tell
        self._cancelled = cancelled
        self._clock = WallClock()
        self._watch = Watch(run, prepared, monitor)
        self._heap_mb = 0

    def see_to_its_end(self) -> LoadOutcome:
        """Start the load, or adopt the JMeter that an earlier perfpilot started for it, and watch it.

        Never starts a second load for one attempt: what has ended is judged by what it left.
        Raises NotReadyError where another run's load holds the target or this generator.
        """
        try:
            adopted = process.adopt(self._directory, self._prepared.marker)
            if adopted:
                return self._see(adopted, "adopted")
            if _was_started(self._directory):
                self._watch.absorb()
                return self._judge(None, self._noted(), ())
            targets = self._run.read("envelope.json", Envelope).hosts
            with held(self._run.id, self._run.path, targets) as locks:
                return self._see(self._start(locks), "started")
        finally:
            remove_private(self._directory)

    def _start(self, locks: tuple[int, ...]) -> process.Running:
        prepared = self._prepared
        self._heap_mb = self._heap()
        command = command_line(
            prepared.generator,
            self._directory,
            plan="plan.jmx",
            results="results.jtl",
            log="jmeter.log",
            marker=prepared.marker,
            property_files=(PUBLIC, PRIVATE),
            system_properties=SYSTEM,
            heap_mb=self._heap_mb,
        )
        return process.start(
            command,
            directory=self._directory,
            record=self._directory,
            marker=prepared.marker,
            environment=jvm_environment(),
            keep_open=locks,
        )

    def _heap(self) -> int:
        """The heap that the plan needs, or as much of it as the host can give, which is then told."""
        wanted = self._prepared.heap_mb
        allowed = memory_allowed_mb(os.getpid())
        given = heap_within(wanted, allowed)
        if given < wanted:
            text = (
                f"the load generator may use {allowed} MB of memory, half of it for its heap: {given} MB "
                f"where {wanted} MB were planned; it may collect garbage often, or run out of memory"
            )
            append_event(self._run.path, EventKind.DEGRADATION, text)
        return given

    def _see(self, running: process.Running, how: str) -> LoadOutcome:
        prepared = self._prepared
        reason: StopReason | None = None
        ladder: tuple[str, ...] = ()
        try:
            text = f"{how} the JMeter of attempt {prepared.attempt} (pid {running.pid})"
            append_event(self._run.path, EventKind.LOAD, text, pid=running.pid)
            self._monitor.set_process("jmeter", running.pid)
            left_s = _length_s(prepared) - running.age_s()
            with Watchdog(running, left_s + stop.LONGEST_S + _GRACE_S):
                reason = self._noted() or self._until(running, time.monotonic() + left_s)
                if reason:
                    ladder = self._end(running, reason)
            self._watch.absorb()
            self._watch.over(reason.detail if reason else "the plan ended before the search")
        finally:
            if running.alive():  # an error on the way: never leave a load running
                stop.end_at_once(running)
        return self._judge(running, reason, ladder)

    def _until(self, running: process.Running, deadline_s: float) -> StopReason | None:
        """Until JMeter ends by itself (None), or must be ended."""
        while running.alive():
            self._watch.absorb()
            self._clock.look()
            if self._cancelled.is_set():
                return StopReason(Ended.STOPPED, _KILLED)
            now_s = time.monotonic()
            overdue = now_s > deadline_s or self._went_on(running)
            reason = self._watch.steer() or self._watch.reason_to_stop(overdue=overdue)
            if reason:
                return reason
            told = self._watch.told()
            if told:
                self._tell(told)
            self._cancelled.wait(TICK_S)
        return None

    def _went_on(self, running: process.Running) -> bool:
        """Whether the load goes on after the last answer that its plan may wait for.

        No load is older than its JMeter: that holds where the wall clock was set while nobody watched.
        """
        since_s = min(self._watch.t_s, running.age_s()) if self._watch.started_ms else 0.0
        return since_s > _load_s(self._prepared)

    def _end(self, running: process.Running, reason: StopReason) -> tuple[str, ...]:
        """Climb the ladder, after noting why: a JMeter that was told to stop logs a regular end."""
        ending = LoadOutcome(
            attempt=self._prepared.attempt, ended=reason.ended, detail=reason.detail, trouble=reason.trouble
        )
        note_ending(self._run, ending)
        self._watch.floor(reason.detail)
        uncontrollable = read_log(self._directory).uncontrollable
        return stop.end(
            running,
            udp_port=self._prepared.udp_port,
            open_schedule=any(s.engine is Engine.OPEN_SCHEDULE for s in self._prepared.plan.scenarios),
            hurry=lambda: uncontrollable or self._cancelled.is_set(),
        )

    def _noted(self) -> StopReason | None:
        """Why an earlier perfpilot was ending this load when it died."""
        ending = ending_of(self._run, self._prepared.attempt)
        return StopReason(ending.ended, ending.detail, ending.trouble) if ending else None

    def _judge(
        self, running: process.Running | None, reason: StopReason | None, ladder: tuple[str, ...]
    ) -> LoadOutcome:
        log = read_log(self._directory)
        code = running.exit_code if running else None
        again = None
        if reason:
            ended, detail = reason.ended, reason.detail
        elif not self._watch.samples:
            ended = Ended.NOT_STARTED
            detail = f"JMeter died before its first sample: {cause_of_death(log, code)}"
        elif log.ended and not log.results_lost:
            ended, detail = Ended.COMPLETED, ""
        else:
            ended, detail = Ended.GENERATOR_DIED, cause_of_death(log, code)
        if ended is Ended.NOT_STARTED:
            again = start_again(log, code, self._heap_mb or self._prepared.heap_mb)
        started_ms = self._watch.started_ms
        busiest = self._monitor.busiest_neighbour(started_ms) if started_ms else None
        return LoadOutcome(
            attempt=self._prepared.attempt,
            ended=ended,
            detail=detail,
            started_ms=started_ms,
            exit_code=code,
            trouble=reason.trouble if reason else None,
            ladder=ladder,
            clock_step_s=self._clock.step_s,
            busiest_neighbour=str(busiest) if busiest else "",
            start_again=again,
        )


def _was_started(directory: Path) -> bool:
    """By the record; or, where a crash came between start and record, by what JMeter wrote."""
    return (directory / process.RECORD).is_file() or (directory / "results.jtl").is_file()


def _length_s(prepared: Prepared) -> float:
    """Of the whole life of this JMeter, at most."""
    return _JVM_START_S + prepared.lead_s + _load_s(prepared)


def _load_s(prepared: Prepared) -> float:
    """From the first request to the end of the last answer, at most."""
    plan = prepared.plan
    return plan.duration_s + prepared.tail_s + plan.connect_timeout_s + plan.response_timeout_s + _GRACE_S
