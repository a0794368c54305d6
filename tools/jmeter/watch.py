"""The eyes on a running load: results as they are written, figures, alerts, and reasons to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perfpilot.analysis.aborts import abort_fired
from perfpilot.analysis.alerts import Alerts
from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.early import EarlyFailures, second_counts
from perfpilot.analysis.live_thresholds import live_thresholds
from perfpilot.analysis.measurement import Measurement
from perfpilot.analysis.reader import ResultReader
from perfpilot.analysis.rows import Rows, labelled
from perfpilot.domain.labels import is_request
from perfpilot.domain.live import LiveFigures
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.loops import Trouble
from perfpilot.tools.jmeter.log import LogReading, read_log
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.tail import Tail


@dataclass(frozen=True)
class StopReason:
    """Why the load must end now."""

    ended: Ended
    detail: str
    trouble: Trouble | None = None


class Watch:
    """Reads one attempt's results as they grow. Blocks on files: call it in a thread."""

    def __init__(self, prepared: Prepared, stop_requested: Callable[[], bool]) -> None:
        self._prepared = prepared
        self._stop_requested = stop_requested
        self._directory = Path(prepared.directory)
        self._tail = Tail(self._directory / "results.jtl")
        self._reader = ResultReader()
        self._waiting: list[Rows] = []
        self._requests = 0
        self._measurement: Measurement | None = None
        self._early = EarlyFailures(_authenticated(prepared))
        self._alerts = Alerts()
        self._certain = certain_load(prepared.plan)
        self._seen = (0, 0)
        self.started_ms = 0

    def absorb(self) -> None:
        """Read what is new and count it."""
        while chunk := self._tail.read():
            rows = self._reader.feed(chunk)
            if len(rows.start_ms):
                self._waiting.append(rows)
                self._requests += labelled(rows, self._reader.labels, is_request).size
        if not self.started_ms:
            self._find_start()
        if self._measurement:
            for rows in self._waiting:
                self._measurement.add(rows)
                self._early.add(second_counts(rows, self._reader.labels, self._reader.codes, self.started_ms))
            self._waiting.clear()

    def reason_to_stop(self, overdue: bool) -> StopReason | None:
        """The first reason to end the load, if there is one."""
        if self._stop_requested():
            return StopReason(Ended.STOPPED, "stopped on request")
        if self.samples >= self._prepared.requests_left:
            return StopReason(Ended.LIMIT_REACHED, "the requests that this run may send are used up")
        if self._measurement:
            fired = abort_fired(self._measurement.counters, _now_ms())
            if fired:
                return StopReason(Ended.ABORTED, fired.reason)
            trouble = self._early.trouble()
            if trouble:
                return StopReason(Ended.EARLY_FAILURE, trouble.seen, trouble)
        if overdue:
            return StopReason(Ended.OVERDUE, "JMeter still ran after the end of its plan")
        return None

    def figures(self, cpu_shares: dict[str, float]) -> tuple[LiveFigures, tuple[str, ...]] | None:
        """The live figures and the alerts that just began; None before the load began."""
        if not self._measurement:
            return None
        now = _now_ms()
        thresholds = live_thresholds(
            self._prepared.spec.thresholds,
            self._measurement.counters,
            self._prepared.plan,
            now,
            cpu_shares,
        )
        figures = self._measurement.live(now, thresholds=thresholds, cpu_shares=cpu_shares)
        begun = self._alerts.feed(figures.t_s, self._metrics(figures))
        return figures.model_copy(update={"alerts": self._alerts.active()}), begun

    @property
    def samples(self) -> int:
        """Requests seen so far, those of cases included."""
        return self._requests

    def _find_start(self) -> None:
        self.started_ms = load_start_ms(self._prepared, read_log(self._directory))
        if not self.started_ms and self._waiting:
            self.started_ms = int(min(rows.start_ms.min() for rows in self._waiting))
        if self.started_ms:
            self._measurement = Measurement(
                self._prepared.plan,
                self.started_ms,
                self._reader.labels,
                self._reader.codes,
                self._prepared.spec.thresholds,
            )

    def _metrics(self, figures: LiveFigures) -> dict[str, float]:
        count, errors = figures.count - self._seen[0], figures.errors - self._seen[1]
        self._seen = (figures.count, figures.errors)
        metrics = {f"cpu.{name}": share for name, share in figures.cpu_shares.items()}
        if count > 0:
            metrics["error_rate"] = errors / count
        asked = self._certain.asked_per_s(figures.t_s)
        if asked > 0 and figures.t_s > 5:
            reached = sum(own.rate_per_s for own in figures.labels if own.label in self._certain.labels)
            metrics["shortfall"] = max(0.0, 1 - reached / asked)
        return metrics


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
