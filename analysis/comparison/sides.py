"""The runs of a comparison made ready: each with its tables, each metric of a label with its influence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from perfpilot.analysis.comparison.drift import LEAST_BLOCKS, LEAST_S, Chance, chance_within
from perfpilot.analysis.comparison.measured import Measured
from perfpilot.analysis.comparison.metrics import Compared, Floats, influence_of, slower_share, value_of
from perfpilot.analysis.comparison.windows import RunWindows, read_windows
from perfpilot.analysis.rows import IntColumn
from perfpilot.domain.measure import LabelStats


@dataclass(frozen=True)
class Reading:
    """One metric of one label in one run. `influence` is None where the run alone has no interval."""

    value: float
    influence: Floats | None
    run: Run
    because: str = ""

    @cached_property
    def chance(self) -> Chance | None:
        """Of its logarithm, within the run."""
        windows = self.run.windows
        if self.influence is None or windows is None:
            return None
        return chance_within(self.influence, windows.length_s)


@dataclass(frozen=True)
class Run:
    """A run that proves something, its tables read; None with the reason where it has none."""

    measured: Measured
    windows: RunWindows | None
    because: str = ""

    def stats(self, label: str) -> LabelStats | None:
        """The steady figures of a label; "" is all pooled."""
        steady = self.measured.steady
        if steady is None:
            return None
        return steady.pooled if not label else next((s for s in steady.labels if s.label == label), None)

    def reading(self, label: str, metric: Compared) -> Reading | None:
        """A metric of a label; None without samples."""
        stats = self.stats(label)
        value = value_of(stats, metric) if stats else None
        if value is None:
            return None
        own = self.windows.labels.get(label) if self.windows else None
        if self.windows is None or own is None:
            return Reading(value, None, self, self.because or f"{label} has no record of blocks of time")
        found = influence_of(metric, own, self.windows.precision)
        return Reading(value, found.blocks, self, found.because)


def ready(measured: Measured) -> Run:
    """A run with its tables read."""
    if measured.windows is None:
        return Run(measured, None, "no record of its blocks of time was kept, so chance can't be told")
    try:
        windows = read_windows(measured.windows)
    except ValueError as error:
        return Run(measured, None, str(error))
    if windows.length_s < LEAST_S or windows.blocks < LEAST_BLOCKS:
        length = f"{windows.length_s:g} s in {windows.blocks} blocks of time"
        return Run(measured, None, f"too short for an interval: {length}, {LEAST_S:g} s in 12 are needed")
    return Run(measured, windows)


def aligned(one: Run, other: Run) -> bool:
    """Whether the blocks of two runs lie at the same distance from the start of the load."""
    a, b = one.windows, other.windows
    return bool(a and b and (a.from_s, a.block_s, a.blocks) == (b.from_s, b.block_s, b.blocks))


def slower(before: Sequence[Run], after: Sequence[Run], label: str) -> float | None:
    """Chance that a sample of `after` took longer than one of `before`; None where tables are missing."""
    old, new = _pooled(before, label), _pooled(after, label)
    return None if old is None or new is None else slower_share(old, new)


def mean_of(values: Sequence[float]) -> float:
    """The geometric mean: the middle of what is compared by ratio."""
    return values[0] if len(values) == 1 else math.exp(sum(map(math.log, values)) / len(values))


def _pooled(runs: Sequence[Run], label: str) -> IntColumn | None:
    tables = [run.windows.labels[label].times for run in runs if run.windows and label in run.windows.labels]
    precisions = {run.windows.precision for run in runs if run.windows}
    if len(tables) < len(runs) or len(precisions) != 1:
        return None
    total = np.zeros(max(table.shape[1] for table in tables), np.int64)
    for table in tables:
        total[: table.shape[1]] += table.sum(axis=0)
    return total if total.any() else None
