"""Load curves after the changes of a re-plan: longer, or in narrower steps. Pure and repeatable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.planning.change import Change

LONGEST_RAMP_S = 30.0
"""Steps begin with a ramp to the lowest level, as long as one hold and at most this."""

_STILL = 1e-9


@dataclass(frozen=True)
class Held:
    """A stretch of time in which every curve stands still. Seconds since the load began."""

    from_s: float
    to_s: float
    levels: tuple[float, ...]  # of each curve

    @property
    def total(self) -> float:
        """All curves together."""
        return sum(self.levels)


def changed(curves: Sequence[LoadCurve], changes: Sequence[Change]) -> tuple[LoadCurve, ...]:
    """The curves of one plan after the changes, applied in their order; changes of users leave them alone.

    Longer: stretches in which all curves stand still are stretched by one factor, so that patterns keep their
    places relative to each other and ramps keep their slopes. A plan without such a stretch is stretched as a
    whole. A duration that is no longer than the plan changes nothing.

    Steps: each curve has at a total level what it had at that total before (in between: interpolated;
    outside: in proportion), so that weights are kept. Curves of users have no part in it and stay the same.
    """
    for change in changes:
        if change.kind == "duration_s":
            curves = _lengthened(curves, change.value)
        elif change.kind == "steps":
            curves = _stepped(curves, change)
    return tuple(curves)


def held(curves: Sequence[LoadCurve]) -> tuple[Held, ...]:
    """The stretches in which every curve stands still at some load, in order of time."""
    edges = {0.0}
    for curve in curves:
        at = 0.0
        for segment in curve.segments:
            at += segment.duration_s
            edges.add(at)
    found = []
    for begin, end in pairwise(sorted(edges)):
        levels = tuple(curve.level_at((begin + end) / 2) for curve in curves)
        if end - begin > _STILL and sum(levels) > 0 and all(_still(curve, begin, end) for curve in curves):
            found.append(Held(begin, end, levels))
    return tuple(found)


def _still(curve: LoadCurve, from_s: float, to_s: float) -> bool:
    """Between two neighbouring edges every curve is one straight line: it stands still or it does not."""
    third = (to_s - from_s) / 3
    low, high = curve.level_at(from_s + third), curve.level_at(to_s - third)
    return abs(high - low) <= _STILL * max(low, high, 1.0)


def _lengthened(curves: Sequence[LoadCurve], duration_s: float) -> tuple[LoadCurve, ...]:
    whole_s = max((curve.duration_s for curve in curves), default=0.0)
    more_s = duration_s - whole_s
    if more_s <= 0 or whole_s <= 0:
        return tuple(curves)
    stretches = [(piece.from_s, piece.to_s) for piece in held(curves)] or [(0.0, whole_s)]
    rate = more_s / sum(end - begin for begin, end in stretches)
    return tuple(_stretched(curve, stretches, rate) for curve in curves)


def _stretched(curve: LoadCurve, stretches: Sequence[tuple[float, float]], rate: float) -> LoadCurve:
    begin, segments = 0.0, []
    for segment in curve.segments:
        end = begin + segment.duration_s
        inside = sum(max(0.0, min(end, until) - max(begin, since)) for since, until in stretches)
        segments.append(segment.model_copy(update={"duration_s": segment.duration_s + rate * inside}))
        begin = end
    return curve.model_copy(update={"segments": tuple(segments)})


def _stepped(curves: Sequence[LoadCurve], change: Change) -> tuple[LoadCurve, ...]:
    by_rate = [index for index, curve in enumerate(curves) if curve.unit == "rate_per_s"]
    pieces = held([curves[index] for index in by_rate])
    count = round(change.value)
    if not pieces or count < 1:
        return tuple(curves)
    width = (change.high - change.low) / max(count - 1, 1)
    mixes = [_mix(pieces, change.low + width * step) for step in range(count)]
    found = list(curves)
    for own, index in enumerate(by_rate):
        levels = [mix[own] for mix in mixes]
        ramp = Segment(duration_s=min(change.hold_s, LONGEST_RAMP_S), start=0.0, end=levels[0])
        holds = (Segment(duration_s=change.hold_s, start=level, end=level) for level in levels)
        found[index] = curves[index].model_copy(update={"segments": (ramp, *holds)})
    return tuple(found)


def _mix(pieces: Sequence[Held], total: float) -> tuple[float, ...]:
    """The level of each curve at a total of all."""
    below = max((p for p in pieces if p.total <= total), key=lambda p: p.total, default=None)
    above = min((p for p in pieces if p.total >= total), key=lambda p: p.total, default=None)
    if below is None or above is None:
        near = below or above or pieces[0]
        return tuple(level * total / near.total for level in near.levels)
    if above.total <= below.total:
        return below.levels
    share = (total - below.total) / (above.total - below.total)
    return tuple(low + (high - low) * share for low, high in zip(below.levels, above.levels, strict=True))
