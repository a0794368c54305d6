"""Response times of a target that is not under strain: what those of higher levels are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from perfpilot.analysis.rows import BoolColumn, Rows
from perfpilot.analysis.search.growth import FloatColumn

_ENOUGH = 5  # samples of a label
_SURE = 40  # on fewer, a low figure may be chance: it stands only until there is a better one


class Calm:
    """The lowest median of each label, and the lowest pooled p95, of all stretches that were calm.

    The lowest and not the first: at the beginning the load generator and the target are still cold.
    `unloaded_ms`: what one user alone met, by label, for a first level that lies above the limit already.
    """

    def __init__(self, labels: Sequence[str] = (), unloaded_ms: Mapping[str, float] | None = None) -> None:
        self._labels = labels
        self._unloaded_ms = dict(unloaded_ms or {})
        self._medians: dict[int, _Lowest] = {}
        self._p95 = _Lowest()

    @property
    def p95_ms(self) -> float | None:
        """The pooled p95 in calm; None before any calm stretch was seen."""
        return self._p95.value

    def learn(self, rows: Rows) -> None:
        """Take in a calm stretch."""
        for label in np.unique(rows.label).tolist():
            times = rows.elapsed_ms[rows.label == label]
            if len(times) >= _ENOUGH:
                self._medians.setdefault(label, _Lowest()).learn(float(np.median(times)), len(times))
        if rows.size >= _ENOUGH:
            self._p95.learn(float(np.quantile(rows.elapsed_ms, 0.95)), rows.size)

    def usual_ms(self, rows: Rows) -> FloatColumn:
        """For each sample the time that its label takes in calm: as learnt, else the least in these rows, or
        what one user alone met, if that is less."""
        usual = np.zeros(rows.size)
        for label in np.unique(rows.label).tolist():
            of_label = rows.label == label
            known = self._medians[label].value if label in self._medians else None
            usual[of_label] = self._least(rows, of_label, label) if known is None else known
        return usual

    def _least(self, rows: Rows, of_label: BoolColumn, label: int) -> float:
        alone = self._unloaded_ms.get(self._labels[label]) if label < len(self._labels) else None
        least = float(rows.elapsed_ms[of_label].min())
        return least if alone is None else min(least, alone)


class _Lowest:
    """The lowest value seen on enough samples; before, the one on most."""

    def __init__(self) -> None:
        self.value: float | None = None
        self._samples = 0

    def learn(self, value: float, samples: int) -> None:
        sure = samples >= _SURE and self._samples >= _SURE
        if self.value is None or (value < self.value if sure else samples >= self._samples):
            self.value, self._samples = value, samples
