"""The load curve: a level (arrivals per second, or users) over time, made of straight pieces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from perfpilot.domain.base import Frozen


class Segment(Frozen):
    """A straight piece: from one level to another in `duration_s` seconds. Equal levels are a hold."""

    duration_s: float
    start: float
    end: float


class LoadCurve(Frozen):
    """Levels over time. `unit` says whether a level is arrivals per second or concurrent users."""

    unit: Literal["rate_per_s", "users"]
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        """Length of the whole curve."""
        return sum(segment.duration_s for segment in self.segments)

    @property
    def peak(self) -> float:
        """The highest level anywhere on the curve."""
        return max((max(s.start, s.end) for s in self.segments), default=0.0)

    @property
    def area(self) -> float:
        """The integral: arrivals in total for a rate, user-seconds for users."""
        return self.area_between(0.0, self.duration_s)

    def level_at(self, t_s: float) -> float:
        """The level at a moment; 0 before the start and after the end."""
        for begin, segment in self._placed():
            if begin <= t_s < begin + segment.duration_s:
                return _level(segment, t_s - begin)
        return 0.0

    def area_between(self, from_s: float, to_s: float) -> float:
        """The integral between two moments."""
        total = 0.0
        for begin, segment in self._placed():
            low, high = max(from_s, begin), min(to_s, begin + segment.duration_s)
            if high > low:
                total += (high - low) * (_level(segment, low - begin) + _level(segment, high - begin)) / 2
        return total

    def scaled(self, factor: float) -> LoadCurve:
        """The same shape with every level multiplied."""
        return LoadCurve(
            unit=self.unit,
            segments=tuple(
                Segment(duration_s=s.duration_s, start=s.start * factor, end=s.end * factor)
                for s in self.segments
            ),
        )

    def _placed(self) -> Iterable[tuple[float, Segment]]:
        begin = 0.0
        for segment in self.segments:
            yield begin, segment
            begin += segment.duration_s


def _level(segment: Segment, t_s: float) -> float:
    if segment.duration_s <= 0:
        return segment.end
    return segment.start + (segment.end - segment.start) * t_s / segment.duration_s
