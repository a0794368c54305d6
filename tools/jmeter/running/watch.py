"""The eyes and the hand on a running load: results as they are written, figures, alerts, steering, and
reasons to stop. Blocks on files: for the thread that sees to a load."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from perfpilot.analysis.alerts.alerts import AlertChanges
from perfpilot.analysis.counting.live_measurement import LiveMeasurement
from perfpilot.analysis.counting.second_counts import second_counts
from perfpilot.analysis.failures.early import EarlyFailures
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.analysis.rows import Rows, labelled
from perfpilot.analysis.thresholds.aborts import abort_fired
from perfpilot.domain.labels import is_request
from perfpilot.domain.live import LiveFigures
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.loops import Trouble
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running.live import Live
from perfpilot.tools.jmeter.running.log import LogReading, read_log
from perfpilot.tools.jmeter.running.steer import Steering
from perfpilot.tools.jmeter.running.tail import Tail
from perfpilot.tools.monitoring.sampler import Monitor

_FORESIGHT_S = 0.5
"""Until an order to stop is heeded, requests go on: what they will be by then counts against the limit."""


@dataclass(frozen=True)
class StopReason:
    """Why the load must end now."""

    ended: Ended
    detail: str
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Told:
    """What there is to tell about a running load."""

    figures: LiveFigures
    alerts: AlertChanges
    steering: tuple[str, ...] = ()  # steps since the last time


class Watch:
    """Reads one attempt's results as they grow, and moves its control files."""

    def __init__(self, run: RunDirectory, prepared: Prepared, monitor: Monitor) -> None:
        self._run = run
        self._prepared = prepared
        self._directory = Path(prepared.directory)
        self._tail = Tail(self._directory / "results.jtl")
        self._reader = ResultReader()
        self._waiting: list[Rows] = []
        self._requests = 0
        self._pace = (time.monotonic(), 0)  # when requests were last counted, and how many there were
        self._per_s = 0.0
        self._measurement: LiveMeasurement | None = None
        self._early = EarlyFailures(
            _authenticated(prepared),
            labels=prepared.labels,
            time_out_s=prepared.plan.response_timeout_s,
        )
        self._live = Live(run, prepared, monitor)
        self._steering = Steering(run, prepared)
        self._origin_s = 0.0  # of the load, on the monotonic clock
        self.started_ms = 0

    def absorb(self) -> None:
        """Read what is new and count it."""
        for chunk in self._tail.blocks():
            rows = self._reader.feed(chunk)
            if len(rows.start_ms):
                self._waiting.append(rows)
                self._requests += labelled(rows, self._reader.labels, is_request).size
        self._keep_pace()
        if not self.started_ms:
            self._find_start()
        if self._measurement:
            for rows in self._waiting:
                self._measurement.add(rows)
                self._live.add(rows, _now_ms())
                self._steering.add(rows)
                self._early.add(second_counts(rows, self._reader.labels, self._reader.codes, self.started_ms))
            self._waiting.clear()

    def steer(self) -> StopReason | None:
        """Bring the control files to what is asked now; a search that has its answer ends the load."""
        if not self.started_ms:
            return None
        found = self._steering.follow(self.t_s, concerns=self._live.concerns)
        return StopReason(Ended.SEARCHED, found) if found else None

    def floor(self, why: str) -> None:
        """Ask for no more load through the control files: the first step of every end."""
        self._steering.floor(why)

    def over(self, why: str) -> None:
        """The load is over: a search keeps what it knows, and alert lines that never saw a value are told."""
        self.floor(why)
        self._live.over()

    def reason_to_stop(self, *, overdue: bool) -> StopReason | None:
        """The first reason to end the load, if there is one."""
        if self._run.stop_requested():
            return StopReason(Ended.STOPPED, "stopped on request")
        if self.samples + self._per_s * _FORESIGHT_S >= self._prepared.requests_left:
            return StopReason(Ended.LIMIT_REACHED, "the requests that this run may send are used up")
        if self._measurement:
            fired = abort_fired(self._measurement.counters, _now_ms())
            if fired:
                return StopReason(Ended.ABORTED, fired.reason)
            trouble = self._early.trouble()
            if trouble and trouble.reason.target_gone:
                return StopReason(Ended.ABORTED, trouble.seen)  # a finding: the analysis judges it
            if trouble:
                return StopReason(Ended.EARLY_FAILURE, trouble.seen, trouble)
        if overdue:
            return StopReason(Ended.OVERDUE, "JMeter still ran after the end of its plan")
        if not self.samples and read_log(self._directory).uncontrollable:
            return StopReason(Ended.NOT_STARTED, "JMeter got no control port")
        return None

    def told(self) -> Told | None:
        """What there is to tell now; None before the load began."""
        if not self._measurement:
            return None
        figures, alerts = self._live.figures(
            self._measurement,
            _now_ms(),
            asked_per_s=self._steering.asked_per_s,
            steering=self._steering.words,
        )
        return Told(figures, alerts, self._steering.take_news())

    @property
    def samples(self) -> int:
        """Requests seen so far, those of cases included."""
        return self._requests

    @property
    def t_s(self) -> float:
        """Seconds since the load began, whatever was done to the wall clock since; only once it has begun."""
        return time.monotonic() - self._origin_s

    def _keep_pace(self) -> None:
        now_s, (then_s, before) = time.monotonic(), self._pace
        if now_s - then_s >= _FORESIGHT_S:
            self._per_s = (self._requests - before) / (now_s - then_s)
            self._pace = (now_s, self._requests)

    def _find_start(self) -> None:
        self.started_ms = load_start_ms(self._prepared, read_log(self._directory))
        if not self.started_ms and self._waiting:
            self.started_ms = int(min(rows.start_ms.min() for rows in self._waiting))
        if not self.started_ms:
            return
        self._origin_s = time.monotonic() - (time.time() - self.started_ms / 1000)
        labels, codes = self._reader.labels, self._reader.codes
        thresholds = self._prepared.spec.thresholds
        self._measurement = LiveMeasurement(self._prepared.plan, self.started_ms, labels, codes, thresholds)
        self._live.begin(self.started_ms, labels)
        self._steering.begin(self.started_ms, labels)


def load_start_ms(prepared: Prepared, log: LogReading) -> int:
    """The moment from which the plan's seconds count, epoch ms; 0: not yet.

    With a lead they count from its end, as everything does that goes by the clock (`jmx.lead`); else the
    groups begin when their threads do.
    """
    if not log.groups_started_ms:
        return 0
    if prepared.lead_s:
        return log.test_started_ms and log.test_started_ms + round(prepared.lead_s * 1000)
    return log.groups_started_ms


def _authenticated(prepared: Prepared) -> frozenset[str]:
    """Labels that carry a token obtained once before the load: only those can meet its expiry."""
    auth = prepared.spec.environment.auth
    if auth is None or auth.scope != "run":
        return frozenset()
    return frozenset(
        step.label
        for scenario in prepared.plan.scenarios
        for step in scenario.steps
        if prepared.spec.endpoint(step.endpoint).authenticated and step.endpoint != auth.login
    )


def _now_ms() -> int:
    return int(time.time() * 1000)
