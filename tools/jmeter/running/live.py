"""What there is to show of a running load: figures, thresholds so far, generator health, alerts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from perfpilot.analysis.alerts.alerts import AlertChanges, Alerts
from perfpilot.analysis.alerts.asked import AskedLately
from perfpilot.analysis.alerts.metrics import alert_metrics, key_of
from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.counting.live_measurement import LiveMeasurement
from perfpilot.analysis.counting.recent import WINDOW_S
from perfpilot.analysis.counting.recent_times import RecentFigures, RecentTimes
from perfpilot.analysis.generator.live import GeneratorWatch
from perfpilot.analysis.knee import SLOWER, SLOWER_MS
from perfpilot.analysis.rows import Rows
from perfpilot.analysis.thresholds.live import live_thresholds
from perfpilot.domain.events import EventKind
from perfpilot.domain.live import LiveAlert, LiveFigures, LiveGenerator
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.monitoring.sampler import Monitor

_AS_FAST, _AS_FAST_MS = 2.0, 5.0
"""Up to so many times the calm median, and some ms, the target answers as fast as before."""


class Live:
    """Fed with rows as they are read; makes one tick of figures about once a second."""

    def __init__(self, run: RunDirectory, prepared: Prepared, monitor: Monitor) -> None:
        self._run = run
        self._prepared = prepared
        self._monitor = monitor
        self._certain = certain_load(prepared.plan)
        self._generator = GeneratorWatch(prepared.plan)
        self._alerts = Alerts(prepared.spec.alerts)
        self._asked = AskedLately(WINDOW_S)
        self._recent: RecentTimes | None = None
        self._calm_ms = math.inf  # the fastest seconds so far, by their median
        self._health = LiveGenerator()

    def begin(self, start_ms: int, labels: Sequence[str]) -> None:
        """The load began at that epoch time; `labels` is the reader's list."""
        self._recent = RecentTimes(start_ms, labels)

    def add(self, rows: Rows, now_ms: int) -> None:
        """Samples as they are read."""
        if self._recent:
            self._recent.add(rows, now_ms)

    def over(self) -> None:
        """The load is over. An alert line that never had a value to look at watched nothing, and says so."""
        for text in self._alerts.unseen() if self._recent else ():
            never = f"the alert line {text!r} never had a value to look at"
            append_event(self._run.path, EventKind.DEGRADATION, never)

    @property
    def concerns(self) -> tuple[str, ...]:
        """Why the load generator may be the limit right now."""
        return self._health.concerns

    def figures(
        self, measured: LiveMeasurement, now_ms: int, *, asked_per_s: float | None, steering: str
    ) -> tuple[LiveFigures, AlertChanges]:
        """The figures of this moment, and the alerts that began and ended with it, which are recorded.

        `asked_per_s`: what a search asks for, in the place of the plan's curves.
        """
        if self._recent is None:
            raise RuntimeError("the load has not begun")
        plan, spec = self._prepared.plan, self._prepared.spec
        shares, recent = self._monitor.latest(), self._recent.figures(now_ms)
        thresholds = live_thresholds(spec.thresholds, measured.counters, plan, now_ms, shares)
        figures = measured.live(
            now_ms, thresholds=thresholds, cpu_shares=shares, asked_per_s=asked_per_s, steering=steering
        )
        readings = self._monitor.readings()
        self._health = self._generator.feed(
            figures,
            asked_per_s=self._asked_lately(figures.t_s, asked_per_s),
            reached_per_s=sum(o.rate_per_s for o in figures.labels if o.label in self._certain.labels),
            response_high=self._response_high(recent),
            readings=readings,
        )
        figures = figures.model_copy(update={"generator": self._health, **_memory(readings)})
        metrics = alert_metrics(figures, recent, readings, self._monitor.ages())
        if plan.search:  # it asks for more than the target can do on purpose
            metrics.pop("behind", None)
        changes = self._alerts.feed(figures.t_s, metrics, self._health.concerns)
        for state, alerts in (("begun", changes.begun), ("ended", changes.ended)):
            for alert in alerts:
                self._record(alert, state, figures.t_s)
        return figures.model_copy(update={"alerts": self._alerts.active()}), changes

    def _asked_lately(self, t_s: float, searched_per_s: float | None) -> float:
        """Over the seconds of which the rates are: whole ones, a second late."""
        end_s = max(math.floor(t_s) - 1, 0)
        begin_s = max(end_s - WINDOW_S, 0)
        if searched_per_s is None:
            return self._certain.asked_between(begin_s, end_s) / max(end_s - begin_s, 1)
        return self._asked.mean(t_s, searched_per_s, begin_s, end_s)

    def _response_high(self, recent: RecentFigures) -> bool | None:
        now_ms = recent.pooled.p50_ms
        if now_ms is None:
            return None
        self._calm_ms = min(self._calm_ms, now_ms)
        if now_ms > SLOWER * self._calm_ms and now_ms - self._calm_ms > SLOWER_MS:
            return True
        return False if now_ms <= _AS_FAST * self._calm_ms + _AS_FAST_MS else None

    def _record(self, alert: LiveAlert, state: str, t_s: float) -> None:
        append_event(
            self._run.path,
            EventKind.ALERT,
            alert.text,
            severity=alert.severity.value,
            name=alert.name,
            state=state,
            t_s=round(t_s, 1),
        )


def _memory(readings: Mapping[str, float]) -> dict[str, object]:
    used = {who: readings.get(key_of("rss_bytes", who)) for who in ("target", "jmeter")}
    return {
        "memory_share": readings.get("memory_share(host)"),
        "memory_bytes": {who: value for who, value in used.items() if value is not None},
    }
