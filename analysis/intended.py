"""Response times from the moment at which a request should have been sent ("coordinated omission").

Users who wait for a stalled target send nothing meanwhile, so that a stall of five seconds counts as a few
slow samples, not as all those that would have met it. wrk2 (github.com/giltene/wrk2) measures from the
planned moment instead. Two ways to come near that, shown beside what was measured and never decided on:

- `schedule`, where users share a rate: the plan gives the moment of each request (`generator.lateness`). A
  request counts its lateness and its response time; one that was never sent is taken as sent when a user was
  free, and as answered in the median response time. Later requests of a journey follow the answers before
  them and have their own response time only. It takes a second pass over the rows.
- `pace`, where users only pause: the correction of HdrHistogram (`recordValueWithExpectedInterval`): a
  response time v beyond the usual distance d between a user's requests stands for further ones of v - d,
  v - 2d and so on that were not sent. It supposes that a request would have met what is left of the stall.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.generator.lateness import Floats, Lateness
from perfpilot.analysis.rows import Rows, labelled
from perfpilot.domain.labels import is_measured
from perfpilot.domain.measure import IntendedTimes, PhaseStats
from perfpilot.domain.plan import Engine, Plan

LATE_MS = 10.0
"""A request that started this late counts as late; where bins of `StartCounts` are longer, their length."""

_QUANTILES = (0.5, 0.95, 0.99)


def intended_because(plan: Plan) -> str:
    """Why there are no response times from the intended start; empty where there are."""
    engines = {s.engine for s in plan.scenarios if s.measured}
    if engines <= {Engine.OPEN_SCHEDULE}:
        return "arrivals of an open schedule do not wait for answers: what was measured leaves nothing out"
    if Engine.OPEN_SCHEDULE in engines or len({e is Engine.STEERED_RATE for e in engines}) > 1:
        return "loads by rate and by users run side by side: no one schedule says when a request was due"
    return ""


def by_schedule(plan: Plan) -> bool:
    """Whether the plan gives the moment of each iteration to users who may be late for it."""
    return all(s.engine is Engine.STEERED_RATE for s in plan.scenarios if s.measured)


class IntendedTimesCounter:
    """Fed with all rows once more, after a first pass has given `late` (see `lateness`).

    `labels` is the list of the reader whose rows come; the phase is from `from_s` to `to_s` of the load.
    """

    def __init__(
        self, late: Sequence[Lateness], start_ms: int, labels: Sequence[str], *, from_s: float, to_s: float
    ) -> None:
        self._late = {one.arrivals.label: one for one in late}
        self._start_ms, self._from_ms, self._to_ms = start_ms, round(from_s * 1000), round(to_s * 1000)
        self._labels = labels
        self._times: dict[str, Histogram] = {}
        self._served: dict[str, Histogram] = {}
        self._late_samples: dict[str, int] = {}
        self._worst_ms: dict[str, float] = {}
        self._longest_ms: dict[str, float] = {}

    @property
    def needed(self) -> bool:
        """Whether any request of the phase was late or never sent: else response times are what they were."""
        return any(self._any_late(one) for one in self._late.values())

    def add(self, rows: Rows) -> None:
        """Count the samples of the phase."""
        since = rows.start_ms - self._start_ms
        rows = rows.pick((since >= self._from_ms) & (since < self._to_ms))
        rows = labelled(rows, self._labels, is_measured)
        for number in np.unique(rows.label).tolist():
            chosen = rows.label == number
            label, elapsed = self._labels[number], rows.elapsed_ms[chosen]
            late = self._late.get(label)
            late_ms = late.late_ms(rows.start_ms[chosen] - self._start_ms) if late else np.zeros(len(elapsed))
            self._histogram(self._served, label).add(elapsed)
            self._count(label, elapsed + late_ms, late_ms)

    def times(self) -> tuple[IntendedTimes, ...]:
        """Pooled first, then each label; empty without samples. Adds what was never sent: call it once."""
        for label, late in self._late.items():
            if label in self._served:
                usual = self._served[label].quantile(0.5) or 0.0
                self._add_unsent(label, late, usual)
        if not self._times:
            return ()
        pooled = Histogram()
        for one in self._times.values():
            pooled.merge(one)
        whole = self._figures("", pooled, sum(self._late_samples.values()), self._worst_ms, self._longest_ms)
        return whole, *(
            self._figures(
                label, self._times[label], self._late_samples.get(label, 0), self._worst_ms, self._longest_ms
            )
            for label in sorted(self._times)
        )

    def _any_late(self, one: Lateness) -> bool:
        late_ms, counts = one.between(self._from_ms / 1000, self._to_ms / 1000)
        unsent = any(u.at_s * 1000 > self._from_ms and u.due_from_s * 1000 < self._to_ms for u in one.unsent)
        return unsent or bool((late_ms[counts > 0] >= _late_from_ms(one)).any())

    def _add_unsent(self, label: str, late: Lateness, usual_ms: float) -> None:
        for gap in late.unsent:
            due_ms = np.linspace(gap.due_from_s, gap.due_to_s, gap.count) * 1000
            due_ms = due_ms[(due_ms >= self._from_ms) & (due_ms < self._to_ms)]
            if len(due_ms):
                waited = np.maximum(gap.at_s * 1000 - due_ms, 0.0)
                self._count(label, waited + usual_ms, waited)

    def _count(self, label: str, took_ms: Floats, late_ms: Floats) -> None:
        limit = _late_from_ms(self._late[label]) if label in self._late else LATE_MS
        self._histogram(self._times, label).add(np.rint(took_ms).astype(np.int64))
        for place, value in ((self._worst_ms, late_ms.max()), (self._longest_ms, took_ms.max())):
            place[label] = max(place.get(label, 0.0), float(value))
        self._late_samples[label] = self._late_samples.get(label, 0) + int((late_ms >= limit).sum())

    def _figures(
        self,
        label: str,
        times: Histogram,
        late: int,
        worst_ms: dict[str, float],
        longest_ms: dict[str, float],
    ) -> IntendedTimes:
        p50, p95, p99 = times.quantiles(_QUANTILES)
        return IntendedTimes(
            label=label,
            method="schedule",
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            max_ms=longest_ms[label] if label else max(longest_ms.values()),
            late_share=late / times.size,
            worst_late_ms=worst_ms[label] if label else max(worst_ms.values()),
        )

    def _histogram(self, place: dict[str, Histogram], label: str) -> Histogram:
        return place.setdefault(label, Histogram())


def intended_as_served(steady: PhaseStats) -> tuple[IntendedTimes, ...]:
    """Where no request was late (`needed` is false): the response times that were measured."""
    return tuple(
        IntendedTimes(
            label=stats.label,
            method="schedule",
            p50_ms=stats.p50_ms,
            p95_ms=stats.p95_ms,
            p99_ms=stats.p99_ms,
            max_ms=stats.max_ms,
        )
        for stats in (steady.pooled, *steady.labels)
        if stats.count
    )


def _late_from_ms(late: Lateness) -> float:
    return max(LATE_MS, late.bin_s * 1000)
