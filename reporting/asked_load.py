"""The load that a plan asks for, ready to be drawn: what each scenario asks, on moments that all share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Plan, Scenario

Piece = tuple[float, float]
"""Levels at the beginning and at the end of a piece, straight in between."""

_SAME_MOMENT_DIGITS = 6
_SAME_LEVEL = 1e-6  # of the peak


@dataclass(frozen=True)
class Asked:
    """What one scenario asks, or several together."""

    names: tuple[str, ...]
    pieces: tuple[Piece, ...]

    @property
    def peak(self) -> float:
        """The highest level."""
        return max((max(piece) for piece in self.pieces), default=0.0)


@dataclass(frozen=True)
class AskedLoad:
    """All scenarios of one unit. Piece `i` lies between `moments[i]` and `moments[i + 1]`, in seconds."""

    unit: str  # in words
    moments: tuple[float, ...]
    scenarios: tuple[Asked, ...]

    @property
    def total(self) -> Asked:
        """All scenarios together."""
        return together(self.scenarios)

    def highest(self, asked: Asked, from_s: float, to_s: float) -> float:
        """The highest level between two of the moments."""
        first, last = (bisect_left(self.moments, round(t, _SAME_MOMENT_DIGITS)) for t in (from_s, to_s))
        return max((max(piece) for piece in asked.pieces[first:last]), default=0.0)


def asked_loads(plan: Plan, at: Sequence[float] = ()) -> tuple[AskedLoad, ...]:
    """One load for each unit of the plan: requests per second first, then users.

    Requests are those of an iteration at most: a step under a condition counts as sent. `at`: moments that
    must be among the shared ones.
    """
    found = []
    for unit, words in (("rate_per_s", "requests per second"), ("users", "users")):
        own = [scenario for scenario in plan.scenarios if scenario.curve.unit == unit]
        if not own:
            continue
        moments = _moments(plan.duration_s, [scenario.curve for scenario in own], at)
        scenarios = tuple(Asked((s.name,), _pieces(s.curve, moments, _factor(s))) for s in own)
        found.append(AskedLoad(words, moments, scenarios))
    return tuple(found)


def together(several: Sequence[Asked]) -> Asked:
    """The sum of what several ask."""
    columns = zip(*(asked.pieces for asked in several), strict=True)
    return Asked(
        tuple(name for asked in several for name in asked.names),
        tuple((sum(start for start, _ in column), sum(end for _, end in column)) for column in columns),
    )


def by_shape(scenarios: Sequence[Asked]) -> list[list[Asked]]:
    """Scenarios whose curves differ in height only, together; in the order of the first of each."""
    groups: list[list[Asked]] = []
    for asked in scenarios:
        found = next((group for group in groups if _same_shape(group[0], asked)), None)
        if found:
            found.append(asked)
        else:
            groups.append([asked])
    return groups


def _same_shape(one: Asked, other: Asked) -> bool:
    low, high = one.peak or 1.0, other.peak or 1.0
    return all(
        abs(a / low - c / high) < _SAME_LEVEL and abs(b / low - d / high) < _SAME_LEVEL
        for (a, b), (c, d) in zip(one.pieces, other.pieces, strict=True)
    )


def _factor(scenario: Scenario) -> float:
    return scenario.requests if scenario.curve.unit == "rate_per_s" else 1.0


def _moments(duration_s: float, curves: Sequence[LoadCurve], at: Sequence[float]) -> tuple[float, ...]:
    found = {0.0, duration_s, *at}
    for curve in curves:
        found.update(accumulate(segment.duration_s for segment in curve.segments))
    return tuple(sorted({round(moment, _SAME_MOMENT_DIGITS) for moment in found if moment <= duration_s}))


def _pieces(curve: LoadCurve, moments: Sequence[float], factor: float) -> tuple[Piece, ...]:
    found: list[Piece] = []
    index, begin = 0, 0.0
    for low, high in pairwise(moments):
        middle = (low + high) / 2
        while index < len(curve.segments) and begin + curve.segments[index].duration_s <= middle:
            begin += curve.segments[index].duration_s
            index += 1
        if index == len(curve.segments):
            found.append((0.0, 0.0))
        else:
            segment = curve.segments[index]
            found.append((_level(segment, low - begin) * factor, _level(segment, high - begin) * factor))
    return tuple(found)


def _level(segment: Segment, t_s: float) -> float:
    share = min(max(t_s / segment.duration_s, 0.0), 1.0)
    return segment.start + (segment.end - segment.start) * share
