"""What is known of the limit so far, and which level to look at next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from perfpilot.domain.search import Search, SearchPhase, SearchStep

FACTOR = 2.0
"""From one level of the climb to the next: few levels, and the last is overloaded by less than this."""

LOOKS_BELOW = 4
"""The search gives up after so many lost levels, the start among them, with none kept below."""

CONFIRMED = 1.5
"""A level that was held for so many holds needs no more."""

_BELOW, _ABOVE = 0.4, 0.5
"""The probes around the estimate lie so far from it, in units of the precision: 0.98 and 1.025 of it at 5 %.
Together a little less than one precision, so that two probes are enough where the estimate is right."""

_EXPECTED_BELOW = 0.985
"""A target that completes more than this share of the load was not saturated: no estimate of its limit."""


class Next(NamedTuple):
    """A level to apply, or the end of the search (`level` None)."""

    phase: SearchPhase
    level: float | None
    why: str
    finished: bool = False


class Bracket:
    """The highest level kept and the lowest lost, with the estimate of what lies between."""

    def __init__(self, search: Search, earlier: Iterable[SearchStep] = ()) -> None:
        self._search = search
        self._held_s: dict[float, float] = {}  # kept levels, and for how long they were held
        self._lost: list[float] = []
        self._estimate: float | None = None
        self._nothing_kept = 0  # losses after which no level at all was kept
        for step in earlier:
            if step.kept is not None:
                self.learn(step.level, step.kept, (step.to_s or step.from_s) - step.from_s)

    @property
    def lost(self) -> float | None:
        """The lowest level lost."""
        return min(self._lost, default=None)

    @property
    def kept(self) -> float | None:
        """The highest level kept, below the lowest lost: a level kept above one that was lost was luck."""
        below = math.inf if self.lost is None else self.lost
        return max((level for level in self._held_s if level < below), default=None)

    @property
    def estimate(self) -> float | None:
        """What the saturated target completed per second, where that lies within the bracket."""
        if self._estimate is None or self._search.unit == "users":
            return None
        inside = (self.kept or 0.0) < self._estimate < (self.lost or 0.0)
        return self._estimate if inside else None

    def learn(self, level: float, kept: bool, held_s: float, completed: float | None = None) -> None:
        """Take in a judged level. `completed`: arrivals per second that the target completed while lost."""
        if kept:
            self._held_s[level] = max(held_s, self._held_s.get(level, 0.0))
            return
        self._lost.append(level)
        # The last one is nearest to the limit and was held longest.
        self._estimate = completed if completed and completed < _EXPECTED_BELOW * level else None
        self._nothing_kept += self.kept is None

    def next(self) -> Next:
        """The level that tells most now. Applied as it is: rounding and the end are seen to."""
        kept, lost, end = self.kept, self.lost, self._search.end
        if lost is None:
            if kept is None:
                return Next(SearchPhase.CLIMB, min(self._search.start, end), "where the search begins")
            if kept >= end:
                return self._confirmed(kept, f"the limit lies above {self.named(end)}, the end of the search")
            level = self._whole(min(FACTOR * kept, end), kept, math.inf)
            return Next(SearchPhase.CLIMB, level, f"{self.named(kept)} was kept")
        if kept is None:
            return self._below(lost)
        if self._closed(kept, lost):
            known = f"{self.named(kept)} was kept and {self.named(lost)} was lost"
            return self._confirmed(kept, known)
        if self._doubted(kept):
            why = f"it was kept briefly, yet a saturated target completed {self.named(self._estimate or 0.0)}"
            return Next(SearchPhase.CONFIRM, kept, why)
        level, why = self._between(kept, lost)
        return Next(SearchPhase.PROBE, self._whole(level, kept, lost), why)

    def recovery(self, why: str) -> Next:
        """A level low enough for a target to recover at."""
        base = self.estimate or self.kept or self.lost or self._search.start
        level = base / 4
        if self._search.unit == "users":
            level = float(max(round(level), 1))
        return Next(SearchPhase.RECOVER, min(level, self._search.end), why)

    def named(self, level: float) -> str:
        """A level with its unit."""
        return named(level, self._search.unit)

    def _below(self, lost: float) -> Next:
        too_low = self._search.unit == "users" and lost <= 1
        if self._nothing_kept >= LOOKS_BELOW or too_low:
            return Next(SearchPhase.PROBE, None, f"even {self.named(lost)} was lost")
        if self.estimate:
            level = self.estimate * (1 - _BELOW * self._search.precision)
            why = f"a little below the {self.named(self.estimate)} that the target completed"
        else:
            level, why = lost / FACTOR, f"{self.named(lost)} was lost"
        return Next(SearchPhase.PROBE, self._whole(level, 0.0, lost), why)

    def _between(self, kept: float, lost: float) -> tuple[float, str]:
        precision = self._search.precision
        estimate = self.estimate
        if estimate:
            about = f"the {self.named(estimate)} that the target completed"
            below = estimate * (1 - _BELOW * precision)
            if below > kept * (1 + precision / 4):
                return below, f"a little below {about}"
            above = estimate * (1 + _ABOVE * precision)
            if above < lost:
                return min(above, kept * (1 + 0.99 * precision)), f"a little above {about}"
        middle = math.sqrt(kept * lost)
        # Half way would do, but a level that closes the bracket when it is lost is worth more.
        if lost <= kept * (1 + precision) ** 2:
            middle = min(max(middle, lost / (1 + 0.99 * precision)), kept * (1 + 0.99 * precision))
        return middle, f"between {self.named(kept)}, kept, and {self.named(lost)}, lost"

    def _closed(self, kept: float, lost: float) -> bool:
        near = lost <= kept * (1 + self._search.precision) + 1e-9
        return near or (self._search.unit == "users" and lost - kept <= 1)

    def _doubted(self, kept: float) -> bool:
        """Whether the highest kept level is above what the target completed, and was only held briefly."""
        brief = self._held_s[kept] < CONFIRMED * self._search.hold_s - 1e-9
        estimate = self._estimate if self._search.unit == "rate_per_s" else None
        return brief and estimate is not None and estimate <= kept

    def _confirmed(self, kept: float, known: str) -> Next:
        if self._held_s[kept] < CONFIRMED * self._search.hold_s - 1e-9:
            return Next(SearchPhase.CONFIRM, kept, f"{known}; it is held once more")
        return Next(SearchPhase.CONFIRM, None, known, finished=True)

    def _whole(self, level: float, above: float, below: float) -> float:
        """Users are whole numbers, strictly between the two; nothing lies above the end."""
        if self._search.unit == "users":
            level = float(round(level))
            level = min(
                max(level, math.floor(above) + 1), math.ceil(below) - 1 if below < math.inf else level + 1
            )
        return min(level, self._search.end)


def named(level: float, unit: str) -> str:
    """A level with its unit."""
    if unit == "users":
        return f"{level:g} {'user' if level == 1 else 'users'}"
    return f"{level:.4g}/s"
