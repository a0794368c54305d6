"""What the target wrote down, in the terms of the comparison: arrivals, users, pauses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from peers.journeys import STEPS, Journey

FIELDS = ("at_ns", "done_ns", "step", "user", "status")
_FIRST_OF = {step.name: place for place, step in enumerate(STEPS)}


@dataclass(frozen=True)
class Pauses:
    """Times between an answer and the same user's next request, for one step: asked, and seen."""

    step: str
    asked_s: float
    seen_s: np.ndarray


@dataclass(frozen=True)
class Recorded:
    """All requests of a run in the order of their coming. Times in seconds since the first one."""

    at_s: np.ndarray
    done_s: np.ndarray
    step: np.ndarray
    user: np.ndarray
    status: np.ndarray
    begun_ns: int  # the first request, on the monotonic clock

    @property
    def failed(self) -> int:
        """Requests that the target refused."""
        return int((self.status != 200).sum())

    def arrivals(self, journey: Journey) -> np.ndarray:
        """When users began the journey."""
        found: np.ndarray = self.at_s[self.step == _FIRST_OF[journey.steps[0].name]]
        return found

    def users_in(self, from_s: int, to_s: int) -> np.ndarray:
        """Users in each second: those whose first request came before its end and whose last after it began.

        A user is who sends the same cookie.
        """
        _, number = np.unique(self.user, return_inverse=True)
        first = np.full(number.max() + 1, np.inf)
        last = np.zeros(number.max() + 1)
        np.minimum.at(first, number, self.at_s)
        np.maximum.at(last, number, self.at_s)
        return np.array([int(((first < s + 1) & (last >= s)).sum()) for s in range(from_s, to_s)])

    def pauses(self, journeys: tuple[Journey, ...], from_s: float, to_s: float) -> list[Pauses]:
        """Pauses that began between two moments, for each step that has one.

        Those that begin shortly before the end of the load may be cut off, the longest first.
        """
        order = np.lexsort((self.at_s, self.user))
        same = self.user[order][1:] == self.user[order][:-1]
        began = self.done_s[order][:-1][same]
        seen = self.at_s[order][1:][same] - began
        step = self.step[order][1:][same]
        return [
            Pauses(
                each.name,
                each.think_s,
                seen[(step == _FIRST_OF[each.name]) & (began >= from_s) & (began < to_s)],
            )
            for journey in journeys
            for each in journey.steps
            if each.think_s > 0
        ]


def read(path: Path) -> Recorded:
    """Read a record. Raises ValueError for one without a request."""
    rows = np.fromfile(path, dtype=np.int64).reshape(-1, len(FIELDS))
    if not len(rows):
        raise ValueError(f"{path}: not one request came")
    begin = rows[0, 0]
    return Recorded(
        at_s=(rows[:, 0] - begin) / 1e9,
        done_s=(rows[:, 1] - begin) / 1e9,
        step=rows[:, 2],
        user=rows[:, 3],
        status=rows[:, 4],
        begun_ns=int(begin),
    )
