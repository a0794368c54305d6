"""Arrivals: the requests whose moment the plan itself gives, and when they were sent.

A plan by rate says when iterations begin. The first request of an iteration begins with it; the later ones
follow the answers before them, so that no schedule says when they are due. Results tell samples apart by
their label alone: a label is one of arrivals only where all of its samples begin an iteration of a scenario
by rate, without a condition, a repetition or a pause before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.rows import IntColumn, Rows
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine, Plan, Scenario

FINEST_MS = 8
MOST_BINS = 1 << 18
"""Bins of 8 ms for 35 minutes, of 16 ms for 70, and so on: 1 MiB for each label. Powers of two shift fast."""


@dataclass(frozen=True)
class Arrivals:
    """The requests of one label that begin iterations."""

    label: str
    engine: Engine
    curves: tuple[LoadCurve, ...]
    even: bool
    """Whether each has a moment of its own: random arrivals have one only on average."""


def arrivals_of(plan: Plan) -> tuple[Arrivals, ...]:
    """The arrivals of a plan by label, in the order of its scenarios; empty where only users are given."""
    found: dict[str, list[Scenario]] = {}
    for scenario in plan.scenarios:
        label = _first(scenario, plan)
        if label:
            found.setdefault(label, []).append(scenario)
    return tuple(
        Arrivals(
            label=label,
            engine=scenarios[0].engine,
            curves=tuple(s.curve for s in scenarios),
            even=scenarios[0].engine is Engine.STEERED_RATE or all(s.even_arrivals for s in scenarios),
        )
        for label, scenarios in found.items()
        if len({s.engine for s in scenarios}) == 1 and _uses(plan, label) == len(scenarios)
    )


def _first(scenario: Scenario, plan: Plan) -> str:
    """The label of the request that begins an iteration; empty: no schedule says when it is due."""
    if not scenario.measured or scenario.engine not in (Engine.OPEN_SCHEDULE, Engine.STEERED_RATE):
        return ""
    if scenario.login_first:
        return plan.login
    if not scenario.steps:
        return ""
    first = scenario.steps[0]
    follows = bool(first.only_if) or first.repeat > 1 or first.think_time_s > 0
    return "" if follows else first.label


def _uses(plan: Plan, label: str) -> int:
    """How often a label comes up in the plan."""
    return sum(
        int(scenario.login_first and label == plan.login) + sum(s.label == label for s in scenario.steps)
        for scenario in plan.scenarios
    )


class StartCounts:
    """How many arrivals were sent in each short bin of the load, counted while samples stream past.

    Fed with the rows of one reader, whose `labels` (the list itself) it reads; in any order and any pieces.
    """

    def __init__(self, plan: Plan, start_ms: int, labels: Sequence[str]) -> None:
        self.arrivals = arrivals_of(plan)
        self.bin_ms = FINEST_MS
        length_ms = max(round(plan.duration_s * 1000), 1)
        while -(-length_ms // self.bin_ms) > MOST_BINS:
            self.bin_ms *= 2
        self._start_ms = start_ms
        self._labels = labels
        self._shift = self.bin_ms.bit_length() - 1
        self._counts = np.zeros((len(self.arrivals), -(-length_ms // self.bin_ms)), np.uint32)
        self._numbers = {arrivals.label: number for number, arrivals in enumerate(self.arrivals)}
        self._of_label: IntColumn = np.zeros(0, np.int64)  # number of the arrivals; -1: none

    def add(self, rows: Rows) -> None:
        """Count the samples that started within the load."""
        if not self.arrivals or not rows.size:
            return
        if len(self._of_label) < len(self._labels):
            self._of_label = np.array([self._numbers.get(label, -1) for label in self._labels], np.int64)
        number = self._of_label[rows.label]
        place = (rows.start_ms - self._start_ms) >> self._shift
        low, high = int(place.min()), int(place.max())
        if low < 0 or high >= self._counts.shape[1] or number.min() < 0:
            chosen = (number >= 0) & (place >= 0) & (place < self._counts.shape[1])
            number, place = number[chosen], place[chosen]
            if not len(place):
                return
            low, high = int(place.min()), int(place.max())
        span = high - low + 1
        size = span * len(self.arrivals)
        if size <= 16 * len(place):  # close together: counting anew and adding is cheaper than single steps
            added = np.bincount(number * span + place - low, minlength=size)
            self._counts[:, low : low + span] += added.reshape(-1, span).astype(np.uint32)
        else:
            np.add.at(self._counts, (number, place), np.uint32(1))

    def of(self, label: str) -> IntColumn:
        """Arrivals sent in each bin, from the beginning of the load to its end."""
        counts: IntColumn = self._counts[self._numbers[label]].astype(np.int64)
        return counts
