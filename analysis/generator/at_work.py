"""Users at work in each second of the load: inside a request, or in the pause that comes before one.

The time inside requests is exact: a request counts in each second for as long as it lay in it, so that users
who wait for a target that stands still are seen at work while they wait. A pause counts where its request
starts, in its planned length, since nobody knows when it began.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.generator.lateness import Floats
from perfpilot.analysis.rows import IntColumn, Rows
from perfpilot.domain.labels import is_request
from perfpilot.domain.plan import Plan


class UsersAtWork:
    """Fed with the rows of one reader, whose `labels` (the list itself) it reads; in any order and pieces.

    Cases that run beside the load keep users at work too. Memory grows with the length of the plan alone.
    """

    def __init__(self, plan: Plan, start_ms: int, labels: Sequence[str]) -> None:
        self.seconds = max(int(np.ceil(plan.duration_s)), 1)
        self._start_ms = start_ms
        self._labels = labels
        self._pause_s = pauses_s(plan)
        self._certain = certain_load(plan).labels
        self._known: list[tuple[float, bool, bool]] = []  # of each label: pause, counted ahead, a request
        # One more second: what lies behind the end of the load.
        self._within = np.zeros(self.seconds + 1)  # more at work for the rest of the second, less that ended
        self._changes = np.zeros(self.seconds + 1)  # more at work from the next second on
        self._pauses = np.zeros(self.seconds + 1)
        self._sent = np.zeros(self.seconds + 1)

    def add(self, rows: Rows) -> None:
        """Count samples. Those that started outside of the load count for the time that they lie in it."""
        pauses, certain, requests = self._columns()
        if not requests.all():
            rows = rows.pick(requests[rows.label])
        if not rows.size:
            return
        began_ms = rows.start_ms - self._start_ms
        ended_ms = began_ms + rows.elapsed_ms
        self._from(_within(ended_ms, self.seconds), -1)
        if began_ms.min() < 0 or began_ms.max() >= self.seconds * 1000:
            self._from(_within(began_ms, self.seconds), 1)
            rows = rows.pick((began_ms >= 0) & (began_ms < self.seconds * 1000))
            if not rows.size:
                return
            second = (rows.start_ms - self._start_ms) // 1000
        else:
            second = self._from(began_ms, 1)
        if pauses.any():
            _count(self._pauses, second, pauses[rows.label])
        if certain.any():
            _count(self._sent, second if certain.all() else second[certain[rows.label]])

    def busy(self) -> Floats:
        """Users inside a request, on average over each second."""
        before = np.concatenate([[0.0], np.cumsum(self._changes)[:-1]])
        at_work: Floats = self._within + before
        return at_work[: self.seconds]

    def pausing(self) -> Floats:
        """Users in a pause, on average over each second."""
        return self._pauses[: self.seconds]

    def sent(self) -> Floats:
        """Samples that started in each second, of those that can be counted ahead (see `certain_load`)."""
        return self._sent[: self.seconds]

    def _from(self, at_ms: IntColumn, sign: int) -> IntColumn:
        """From a moment on one more is at work, or less: for the rest of its second, and in later ones."""
        second = at_ms // 1000
        _count(self._within, second, (second + 1) * 1000 - at_ms, sign / 1000)
        _count(self._changes, second, None, sign)
        return second

    def _columns(self) -> tuple[Floats, np.ndarray, np.ndarray]:
        for label in self._labels[len(self._known) :]:
            self._known.append((self._pause_s.get(label, 0.0), label in self._certain, is_request(label)))
        pauses, certain, requests = zip(*self._known, strict=True) if self._known else ((), (), ())
        return np.array(pauses, np.float64), np.array(certain, np.bool_), np.array(requests, np.bool_)


def _within(at_ms: IntColumn, seconds: int) -> IntColumn:
    """Moments before and after the load moved to its beginning and its end."""
    inside = at_ms.min() >= 0 and at_ms.max() <= seconds * 1000
    return at_ms if inside else np.clip(at_ms, 0, seconds * 1000)


def _count(
    place: Floats, second: IntColumn, weights: IntColumn | Floats | None = None, times: float = 1.0
) -> None:
    if not len(second):
        return
    low = int(second.min())
    added = np.bincount(second - low, weights=weights)
    place[low : low + len(added)] += added * times


def pauses_s(plan: Plan) -> dict[str, float]:
    """The mean pause before a request, by label."""
    found: dict[str, list[float]] = {}
    for scenario in plan.scenarios:
        for step in scenario.steps:
            found.setdefault(step.label, []).extend([step.think_time_s] * step.repeat)
    return {label: sum(pauses) / len(pauses) for label, pauses in found.items() if pauses}
