"""Sums over samples, kept apart by group: a group is one label within one phase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.counting.histogram import Histogram, HistogramTable, count_in
from perfpilot.analysis.rows import IntColumn, Rows

_NEVER = np.iinfo(np.int64).max
_CODE_BITS = 20  # response codes are numbered, and there are a few hundred at most
_COUNTS = ("samples", "errors", "elapsed", "connects", "connect", "latencies", "latency", "bytes", "score")


@dataclass
class Sums:
    """Sums of one or more groups. Times in ms. `score`: 2 for a satisfied sample, 1 for a tolerating one."""

    samples: int
    errors: int
    elapsed: int
    connects: int  # samples with a connect time
    connect: int
    latencies: int
    latency: int
    bytes: int
    score: int
    shortest: int | None
    longest: int | None
    times: Histogram
    failures: dict[int, int]  # response code (number) -> failed samples


class GroupSums:
    """Fed with samples and the number of each one's group. All parts add up, so order does not matter.

    `apdex_t_ms`: T of Apdex; 0 leaves the score at 0. A failed sample is frustrated, as in JMeter
    (`ApdexSummaryConsumer`); satisfied is up to T, tolerating up to 4T (apdex.org).
    """

    def __init__(self, apdex_t_ms: float = 0.0) -> None:
        self._apdex_t_ms = apdex_t_ms
        self._sums: IntColumn = np.zeros((len(_COUNTS), 0), np.int64)  # by name and group
        self._shortest: IntColumn = np.zeros(0, np.int64)
        self._longest: IntColumn = np.zeros(0, np.int64)
        self._times = HistogramTable()
        self._failures: Counter[int] = Counter()  # by group and code in one number

    def add(self, group: IntColumn, rows: Rows) -> None:
        """Add samples, each to its group."""
        if not rows.size:
            return
        self._reserve(int(group.max()) + 1)
        failed = np.flatnonzero(~rows.success)  # few, as a rule
        samples = np.bincount(group, minlength=len(self._shortest))
        self._of("samples")[:] += samples
        self._sum("elapsed", group, rows.elapsed_ms)
        if len(failed):
            of_failed = group[failed]
            count_in(self._of("errors"), of_failed)
            self._failures.update((of_failed << _CODE_BITS | rows.code[failed]).tolist())
        self._sum_present("connect", "connects", group, rows.connect_ms, samples)
        self._sum_present("latency", "latencies", group, rows.latency_ms, samples)
        self._sum("bytes", group, np.maximum(rows.received_bytes, 0))
        if self._apdex_t_ms:
            self._sum("score", group, apdex_score(rows, self._apdex_t_ms))
        np.minimum.at(self._shortest, group, rows.elapsed_ms)
        np.maximum.at(self._longest, group, rows.elapsed_ms)
        self._times.add(group, rows.elapsed_ms)

    def of(self, groups: list[int]) -> Sums:
        """The sums of groups pooled."""
        known = [group for group in groups if group < len(self._shortest)]
        sums = dict(zip(_COUNTS, self._sums[:, known].sum(axis=1).tolist(), strict=True))
        some = sums["samples"] > 0
        failures: dict[int, int] = {}
        wanted = set(known)
        for pair, count in self._failures.items():
            group, code = divmod(pair, 1 << _CODE_BITS)
            if group in wanted:
                failures[code] = failures.get(code, 0) + count
        return Sums(
            **sums,
            shortest=int(self._shortest[known].min()) if some else None,
            longest=int(self._longest[known].max()) if some else None,
            times=self._times.sum_of(known),
            failures=failures,
        )

    def counts(self, groups: IntColumn) -> tuple[list[int], list[int]]:
        """Samples and errors of several pools of groups: a line of `groups` each."""
        if groups.size:
            self._reserve(int(groups.max()) + 1)
        of_pools = self._sums[:2, groups].sum(axis=2)
        return of_pools[0].tolist(), of_pools[1].tolist()

    def quantiles(self, groups: IntColumn, qs: Sequence[float]) -> list[tuple[float | None, ...]]:
        """Quantiles of response time of several pools of groups: a line of `groups` each."""
        return self._times.figures(groups, qs)

    def _reserve(self, groups: int) -> None:
        missing = groups - len(self._shortest)
        if missing > 0:
            zeros = np.zeros(missing, np.int64)
            self._sums = np.pad(self._sums, ((0, 0), (0, missing)))
            self._shortest = np.append(self._shortest, zeros + _NEVER)
            self._longest = np.append(self._longest, zeros)

    def _of(self, name: str) -> IntColumn:
        """One kind of sum by group: a view."""
        sums: IntColumn = self._sums[_COUNTS.index(name)]
        return sums

    def _sum(self, name: str, group: IntColumn, values: IntColumn) -> None:
        np.add.at(self._of(name), group, values)

    def _sum_present(
        self, name: str, count: str, group: IntColumn, values: IntColumn, samples: IntColumn
    ) -> None:
        if values.min() < 0:
            present = values >= 0
            group, values = group[present], values[present]
            samples = np.bincount(group, minlength=len(samples))
        self._of(count)[:] += samples
        self._sum(name, group, values)


def apdex_score(rows: Rows, t_ms: float) -> IntColumn:
    """2 for a satisfied sample, 1 for a tolerating one, 0 for a frustrated or failed one."""
    within = (rows.elapsed_ms <= t_ms).astype(np.int64) + (rows.elapsed_ms <= 4 * t_ms)
    return np.where(rows.success, within, 0)
