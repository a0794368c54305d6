"""Everything that is made of an attempt's samples: counted in one pass, put together at its end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from perfpilot.analysis.capacity.judged import Around, judged
from perfpilot.analysis.capacity.level_counts import LevelCounts
from perfpilot.analysis.capacity.spans import level_spans
from perfpilot.analysis.comparison.windows import time_windows
from perfpilot.analysis.counting.exact import ThresholdCounters
from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.generator.arrivals import StartCounts
from perfpilot.analysis.generator.at_work import UsersAtWork
from perfpilot.analysis.generator.gc_log import GcLog
from perfpilot.analysis.generator.health import generator_health
from perfpilot.analysis.generator.lateness import Lateness, lateness
from perfpilot.analysis.intended import (
    IntendedTimesCounter,
    by_schedule,
    intended_as_served,
    intended_because,
)
from perfpilot.analysis.pace import by_pace, gaps
from perfpilot.analysis.rows import Rows, labelled
from perfpilot.domain.capacity import CapacityLevel
from perfpilot.domain.labels import is_transaction
from perfpilot.domain.measure import GeneratorHealth, PhaseStats, ResourceSeries, Series
from perfpilot.domain.plan import Plan
from perfpilot.domain.search import SearchOutcome
from perfpilot.domain.thresholds import Threshold
from perfpilot.domain.time_windows import TimeWindows

Again = Callable[[], tuple[Sequence[str], Iterable[Rows]]]
"""Reads the same file once more: the labels of the reader, whose list grows while it reads, and the rows."""


@dataclass(frozen=True)
class Beside:
    """What is known of an attempt beside its samples.

    `until_s`: when the load ended, in seconds since it began, if that was before the plan's end. `damaged`:
    rows of the file could not be read, so that requests seem not to have been sent. `cpu_scale`: host cores /
    cores that a component may use.
    """

    until_s: float | None = None
    resources: tuple[ResourceSeries, ...] = ()
    gc_log: GcLog | None = None
    damaged: bool = False
    aborted: bool = False
    cpu_scale: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class AttemptFigures:
    """The figures of an attempt."""

    phases: tuple[PhaseStats, ...]
    series: Series
    generator: GeneratorHealth
    counters: ThresholdCounters
    levels: tuple[CapacityLevel, ...]
    windows: TimeWindows | None

    @property
    def steady(self) -> PhaseStats | None:
        """The steady phase, if it was reached."""
        return next((phase for phase in self.phases if phase.phase == "steady"), None)


class AttemptSamples:
    """Fed with the rows of one reader, whose `labels` and `codes` (the lists themselves) it reads.

    `start_ms` is the epoch time at which the load began; `search`: what a search did that made the load;
    `ours`: JMeter ran our plan, so that the plan says when each request should have been sent, and by whom.
    """

    def __init__(
        self,
        plan: Plan,
        start_ms: int,
        labels: Sequence[str],
        codes: Sequence[str],
        thresholds: Sequence[Threshold] = (),
        search: SearchOutcome | None = None,
        *,
        ours: bool = True,
    ) -> None:
        self.journeys = 0  # rows of whole journeys, which are no requests
        self.last_ms = start_ms  # the end of the last sample
        self._plan, self._start_ms, self._labels, self._thresholds = plan, start_ms, labels, thresholds
        self._measurement = Measurement(plan, start_ms, labels, codes, thresholds)
        self._levels = LevelCounts(level_spans(plan, search), thresholds, start_ms, labels)
        self._starts = StartCounts(plan, start_ms, labels) if ours else None
        self._work = UsersAtWork(plan, start_ms, labels) if ours else None

    def add(self, rows: Rows) -> None:
        """Take samples in, in any order and any pieces."""
        self._measurement.add(rows)
        self._levels.add(rows)
        if self._starts and self._work:
            self._starts.add(rows)
            self._work.add(rows)
        self.journeys += labelled(rows, self._labels, is_transaction).size
        self.last_ms = max(self.last_ms, int((rows.start_ms + rows.elapsed_ms).max()))

    def figures(self, beside: Beside, again: Again) -> AttemptFigures:
        """The figures. Reads the file once more where users of a schedule were late for it; call it once."""
        phases = self._measurement.phases(beside.until_s)
        series = self._measurement.series(beside.until_s)
        steady = next((phase for phase in phases if phase.phase == "steady"), None)
        # A row that could not be read looks like a request that was never sent.
        late = () if beside.damaged or not self._starts else lateness(self._starts)
        health = generator_health(
            self._plan,
            steady,
            beside.resources,
            series,
            work=None if beside.damaged else self._work,
            late=late,
            gc_log=beside.gc_log,
        )
        if steady:
            steady = self._with_intended(steady, late, again)
            phases = tuple(steady if phase.phase == "steady" else phase for phase in phases)
            if gap := gaps(self._plan, steady, series) if self._work else "":
                health = health.model_copy(update={"notes": (*health.notes, gap)})
        around = Around(
            self._plan,
            self._thresholds,
            beside.resources,
            beside.cpu_scale,
            ended_s=math.inf if beside.until_s is None else beside.until_s,
            aborted=beside.aborted,
        )
        return AttemptFigures(
            phases=phases,
            series=series,
            generator=health,
            counters=self._measurement.counters,
            levels=judged(self._levels.levels(), around),
            windows=time_windows(self._measurement, steady) if steady else None,
        )

    def _with_intended(self, steady: PhaseStats, late: Sequence[Lateness], again: Again) -> PhaseStats:
        """The phase with response times from the moments at which requests should have been sent."""
        if not self._starts:
            why = "another test plan made this load: nothing says when requests should have been sent"
            return steady.model_copy(update={"intended_because": why})
        if why := intended_because(self._plan):
            return steady.model_copy(update={"intended_because": why})
        if not by_schedule(self._plan):
            times = by_pace(self._plan, steady, self._measurement.steady_times())
            return steady.model_copy(update={"intended": times})
        if not late:
            why = "neither the schedule nor the rows tell which of these requests were late"
            return steady.model_copy(update={"intended_because": why})
        counter_of = partial(
            IntendedTimesCounter, late, self._start_ms, from_s=steady.from_s, to_s=steady.to_s
        )
        if not counter_of(()).needed:
            return steady.model_copy(update={"intended": intended_as_served(steady)})
        labels, pieces = again()
        counter = counter_of(labels)
        for rows in pieces:
            counter.add(rows)
        return steady.model_copy(update={"intended": counter.times()})
