"""The pieces of a plan in which its load stood still."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Plan


@dataclass(frozen=True)
class HeldLevel:
    """A piece of the plan at which the arrival rate stood still. Seconds since the load began."""

    from_s: float
    to_s: float
    rate_per_s: float  # arrivals, over all measured scenarios that are given by rate


def held_levels(plan: Plan) -> tuple[HeldLevel, ...]:
    """The pieces in which every curve stands still, ramps and pauses left out, in order of time.

    Users that some scenarios are given beside the rates of others must stand still as well; cases need not.
    """
    measured = [scenario.curve for scenario in plan.scenarios if scenario.measured]
    edges = {0.0}
    for curve in measured:
        at = 0.0
        for segment in curve.segments:
            at += segment.duration_s
            edges.add(at)
    rates = [curve for curve in measured if curve.unit == "rate_per_s"]
    ordered = sorted(edges)
    levels: list[HeldLevel] = []
    for begin, end in pairwise(ordered):
        rate = sum(curve.level_at((begin + end) / 2) for curve in rates)
        if rate > 0 and all(_stands_still(curve, begin, end) for curve in measured):
            levels.append(HeldLevel(begin, end, rate))
    return tuple(levels)


def _stands_still(curve: LoadCurve, begin: float, end: float) -> bool:
    first, middle = curve.level_at(begin), curve.level_at((begin + end) / 2)
    area = curve.area_between(begin, end)
    return abs(first - middle) <= 1e-9 * max(middle, 1.0) and abs(area - middle * (end - begin)) <= 1e-6
