"""`Measurement`: everything that is kept of an attempt's samples while they stream past.

A sample belongs to the phase in which it STARTED: `warm_up` until `plan.warm_up_s`, `steady` until
`plan.duration_s`; one that started before or after belongs to `all` only. Series, live figures and abort
lines go by the second in which a sample ENDED, because that is when it is known. All parts add up: samples
may come in any order and in any pieces.

Rows of journeys as wholes and of cases are no samples: they have figures of their own in each phase, and
count nowhere else. A row of a journey begins with its iteration and leaves out the pauses in it; an
iteration that the end of the load cut off has none (JMeter writes it only behind the last request).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from perfpilot.analysis.counting.exact import Counter, ThresholdCounters
from perfpilot.analysis.counting.group_sums import GroupSums, Sums
from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.counting.second_series import SecondSeries
from perfpilot.analysis.counting.time_blocks import TimeBlock
from perfpilot.analysis.failures.error_causes import causes
from perfpilot.analysis.rows import FailureText, IntColumn, Rows, labelled
from perfpilot.analysis.statistics.percentile_intervals import Intervals, percentile_intervals
from perfpilot.domain.labels import CASE_PREFIX, TRANSACTION_PREFIX, is_case, is_measured, is_transaction
from perfpilot.domain.measure import LabelStats, PhaseStats, Series
from perfpilot.domain.plan import Plan
from perfpilot.domain.thresholds import Metric, Threshold

_WARM_UP, _STEADY, _OUTSIDE = range(3)
PHASES = 3
"""Groups of sums that a label has: one for each phase of a load, and one for what lies outside."""
_LATE_S = 3600
"""Seconds kept behind the end of the plan and its time-outs; a damaged time stamp can't fill the memory."""


class Measurement:
    """Fed with the rows of one reader, whose `labels` and `codes` (the lists themselves) it reads.

    `start_ms` is the epoch time at which the load began.
    """

    def __init__(
        self,
        plan: Plan,
        start_ms: int,
        labels: Sequence[str],
        codes: Sequence[str],
        thresholds: Sequence[Threshold] = (),
    ) -> None:
        self.plan = plan
        self.start_ms = start_ms
        self._labels = labels
        self._codes = codes
        self._warm_up_ms = round(plan.warm_up_s * 1000)
        self._end_ms = round(plan.duration_s * 1000)
        self._apdex_t_ms = next((t.apdex_t_ms for t in thresholds if t.metric is Metric.APDEX), 0.0)
        self._sums = GroupSums(self._apdex_t_ms)
        self._examples: dict[tuple[int, int], str] = {}
        self._most_s = math.ceil(plan.duration_s + plan.connect_timeout_s + plan.response_timeout_s) + _LATE_S
        self._series = SecondSeries(self._most_s)
        self.counters = ThresholdCounters(thresholds, start_ms, self._most_s)

    def add(self, rows: Rows) -> None:
        """Take samples in. Costs are per call and per sample, never per sample kept."""
        self._remember(rows.failures)
        self._sums.add(rows.label * PHASES + self._phase_of(rows.start_ms - self.start_ms), rows)
        rows = labelled(rows, self._labels, is_measured)
        if rows.size:
            began_ms = rows.start_ms - self.start_ms
            self._add_measured(rows, began_ms, (began_ms + rows.elapsed_ms) // 1000)

    def phases(self, until_s: float | None = None) -> tuple[PhaseStats, ...]:
        """Figures per phase: `all`, and `warm_up` and `steady` if they were reached.

        `until_s`: when the load ended, in seconds since it began, if that was before the plan's end. A
        phase's `rate_per_s` is the samples that started in it divided by its length; the length of `all`
        reaches to the end of the last sample. Percentiles have intervals in `steady` only.
        """
        end = self._load_end_s(until_s)
        found = [self._phase("all", 0.0, max(end, float(self._series.seconds)), range(PHASES))]
        if self.plan.warm_up_s > 0:
            found.append(self._phase("warm_up", 0.0, min(self.plan.warm_up_s, end), (_WARM_UP,)))
        if end > self.plan.warm_up_s:
            found.append(self._phase("steady", self.plan.warm_up_s, end, (_STEADY,)))
        return tuple(found)

    def series(self, until_s: float | None = None) -> Series:
        """Per-second series from the beginning of the load to its end, or to the last sample if later.

        Users are the most threads alive seen in the second. Percentiles are within 0.8 %; beyond 20 minutes
        neighbouring seconds share theirs (`FINE_BLOCKS`).
        """
        seconds = max(self._series.seconds, math.ceil(self._load_end_s(until_s)))
        asks = any(s.measured and s.curve.unit == "rate_per_s" for s in self.plan.scenarios)
        asked = [self.plan.asked_per_s(s + 0.5) for s in range(seconds)] if asks else []
        return self._series.series(self.start_ms, seconds, asked)

    def steady_times(self) -> dict[str, Histogram]:
        """The response times of the steady phase by measured label; of those with samples."""
        found = {self._labels[n]: self._label_sums(n, (_STEADY,)).times for n in self._numbers(is_measured)}
        return {label: times for label, times in found.items() if times.size}

    def blocks(self, label: str) -> tuple[TimeBlock, ...]:
        """Response times of a label by block of time (`LABEL_BLOCKS` at most), by the second of their end.

        None for a label without samples. All labels have the same blocks; empty ones are among them.
        """
        return self._series.label_blocks(self._labels.index(label)) if label in self._labels else ()

    def block_errors(self, label: str) -> IntColumn:
        """Failed samples of a label in each of its `blocks`."""
        known = label in self._labels
        return self._series.label_errors(self._labels.index(label)) if known else np.zeros(0, np.int64)

    def _add_measured(self, rows: Rows, began_ms: IntColumn, ended_s: IntColumn) -> None:
        """Samples with the moments of their start and end, since the load began."""
        self._series.add(ended_s, rows)
        if self.counters.goals:
            self._count_goals(rows, began_ms)
        for counter in self.counters.aborts.values():
            self._count(counter, ended_s, rows)

    def _phase_of(self, began_ms: IntColumn) -> IntColumn:
        if not len(began_ms):
            return began_ms
        if self._all_steady(began_ms):
            return np.full(len(began_ms), _STEADY)
        phase = np.full(len(began_ms), _OUTSIDE)
        phase[(began_ms >= self._warm_up_ms) & (began_ms < self._end_ms)] = _STEADY
        phase[(began_ms >= 0) & (began_ms < min(self._warm_up_ms, self._end_ms))] = _WARM_UP
        return phase

    def _all_steady(self, began_ms: IntColumn) -> bool:
        return self._warm_up_ms <= int(began_ms.min()) and int(began_ms.max()) < self._end_ms

    def _phase(self, name: str, from_s: float, to_s: float, phases: Sequence[int]) -> PhaseStats:
        length = to_s - from_s
        steady = name == "steady"
        texts: dict[int, list[tuple[str, str]]] = {}
        for (label, code), text in self._examples.items():
            texts.setdefault(label, []).append((self._codes[code], text))

        def intervals(sums: Sums, number: int | None = None) -> Intervals:
            blocks = self._series.pooled_blocks() if number is None else self._series.label_blocks(number)
            return percentile_intervals(blocks, sums.times, from_s, to_s)

        def stats(number: int) -> LabelStats:
            label, sums = self._labels[number], self._label_sums(number, phases)
            found = intervals(sums, number) if steady and is_measured(label) else Intervals()
            return self._stats(label, sums, length, texts.get(number, []), found)

        def figures(wanted: Callable[[str], bool]) -> tuple[LabelStats, ...]:
            return tuple(map(stats, self._numbers(wanted)))

        everything = [pair for n in self._numbers(is_measured) for pair in texts.get(n, [])]
        pooled = self._pooled(phases)
        found = intervals(pooled) if steady else Intervals()
        return PhaseStats(
            phase=name,
            from_s=from_s,
            to_s=to_s,
            pooled=self._stats("", pooled, length, everything, found),
            labels=figures(is_measured),
            transactions=tuple(map(_transaction, figures(is_transaction))),
            cases=tuple(map(_case, figures(is_case))),
        )

    def _stats(
        self, label: str, sums: Sums, length_s: float, texts: list[tuple[str, str]], found: Intervals
    ) -> LabelStats:
        p50, p90, p95, p99, p999 = sums.times.quantiles((0.5, 0.9, 0.95, 0.99, 0.999))
        n = sums.samples
        return LabelStats(
            label=label,
            count=n,
            errors=sums.errors,
            rate_per_s=n / length_s if length_s > 0 else 0.0,
            mean_ms=sums.elapsed / n if n else None,
            min_ms=sums.shortest,
            max_ms=sums.longest,
            p50_ms=p50,
            p90_ms=p90,
            p95_ms=p95,
            p99_ms=p99,
            p999_ms=p999,
            connect_ms=sums.connect / sums.connects if sums.connects else None,
            latency_ms=sums.latency / sums.latencies if sums.latencies else None,
            received_bytes=sums.bytes,
            apdex=sums.score / (2 * n) if n and self._apdex_t_ms else None,
            apdex_t_ms=self._apdex_t_ms or None,
            causes=causes({self._codes[code]: count for code, count in sums.failures.items()}, texts),
            intervals=found.intervals,
            no_interval=found.no_interval,
        )

    def _count_goals(self, rows: Rows, began_ms: IntColumn) -> None:
        if not self._all_steady(began_ms):
            chosen = np.flatnonzero((began_ms >= self._warm_up_ms) & (began_ms < self._end_ms))
            rows, began_ms = rows.pick(chosen), began_ms[chosen]
        if not rows.size:
            return
        second = (began_ms - self._warm_up_ms) // 1000
        for counter in self.counters.goals.values():
            self._count(counter, second, rows)

    def _count(self, counter: Counter, second: IntColumn, rows: Rows) -> None:
        label = counter.threshold.label
        if not label:
            counter.add(second, rows)
        elif label in self._labels:
            named = rows.label == self._labels.index(label)
            counter.add(second[named], rows.pick(named))

    def _load_end_s(self, until_s: float | None) -> float:
        return self.plan.duration_s if until_s is None else max(min(until_s, self.plan.duration_s), 0.0)

    def _label_sums(self, label: int, phases: Sequence[int]) -> Sums:
        return self._sums.of([label * PHASES + phase for phase in phases])

    def _pooled(self, phases: Sequence[int]) -> Sums:
        return self._sums.of([label * PHASES + p for label in self._numbers(is_measured) for p in phases])

    def _numbers(self, wanted: Callable[[str], bool]) -> list[int]:
        return [number for number, label in enumerate(self._labels) if wanted(label)]

    def _remember(self, failures: Sequence[FailureText]) -> None:
        for failure in failures:
            self._examples.setdefault((failure.label, failure.code), failure.text)


def _transaction(stats: LabelStats) -> LabelStats:
    """Of a journey as a whole. JMeter adds connect time and latency up, and writes no cause of a failure."""
    none: dict[str, object] = {"connect_ms": None, "latency_ms": None, "apdex": None, "apdex_t_ms": None}
    return stats.model_copy(
        update={"label": stats.label.removeprefix(TRANSACTION_PREFIX), "causes": ()} | none
    )


def _case(stats: LabelStats) -> LabelStats:
    none: dict[str, object] = {"apdex": None, "apdex_t_ms": None}
    return stats.model_copy(update={"label": stats.label.removeprefix(CASE_PREFIX)} | none)
