"""Response times of a target that is not under strain: what those of higher levels are compared with."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.analysis.search.growth import FloatColumn

_ENOUGH = 5  # samples of a label
_SURE = 40  # on fewer, a low figure may be chance: it stands only until there is a better one


class Calm:
    """The lowest median of each label, and the lowest pooled p95, of all stretches that were calm.

    The lowest and not the first: at the beginning the load generator and the target are still cold.
    """

    def __init__(self) -> None:
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
        """For each sample the time that its label takes in calm: as learnt, else the least in these rows."""
        usual = np.zeros(rows.size)
        for label in np.unique(rows.label).tolist():
            of_label = rows.label == label
            known = self._medians[label].value if label in self._medians else None
            usual[of_label] = float(rows.elapsed_ms[of_label].min()) if known is None else known
        return usual


class _Lowest:
    """The lowest value seen on enough samples; before, the one on most."""

    def __init__(self) -> None:
        self.value: float | None = None
        self._samples = 0

    def learn(self, value: float, samples: int) -> None:
        sure = samples >= _SURE and self._samples >= _SURE
        if self.value is None or (value < self.value if sure else samples >= self._samples):
            self.value, self._samples = value, samples
