"""The highest load that met the thresholds, read off a stepped plan; never extrapolated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from perfpilot.analysis.figures import figure
from perfpilot.domain.judgement import Capacity
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Plan
from perfpilot.domain.search import SearchOutcome

ENOUGH_LEVELS = 3
"""With two levels the answer is one of the two, whatever the target can do."""

REACHED = 0.95


@dataclass(frozen=True)
class HeldLevel:
    """A piece of the plan at which the arrival rate stood still. Seconds since the load began."""

    from_s: float
    to_s: float
    rate_per_s: float  # arrivals, over all measured scenarios that are given by rate


@dataclass(frozen=True)
class LevelOutcome:
    """What a level showed. `met`: every threshold met, any broken (False), or undecided (None)."""

    rate_per_s: float
    met: bool | None
    achieved: float | None = None  # load reached / load asked at this level


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


def estimate_capacity(outcomes: Sequence[LevelOutcome]) -> Capacity:
    """The highest held level up to which every level met the thresholds, if the next one did not.

    The interval runs from that level to the next: the true limit lies between them. Where the answer
    lies outside the levels, only the bound that was seen is given and nothing is estimated.
    """
    levels = _by_rate(outcomes)
    if len(levels) < ENOUGH_LEVELS:
        return Capacity(estimated=False, because=_too_few(len(levels)))
    held: float | None = None
    for rate_per_s, met in levels.items():
        if met:
            held = rate_per_s
            continue
        rate = figure(rate_per_s, "/s")
        if met is None:
            return Capacity(estimated=False, low_per_s=held, because=f"the level of {rate} was undecided")
        if held is None:
            because = f"the lowest level, {rate}, already failed"
            return Capacity(estimated=False, high_per_s=rate_per_s, because=because)
        return Capacity(
            estimated=True,
            rate_per_s=held,
            low_per_s=held,
            high_per_s=rate_per_s,
            because=f"{figure(held, '/s')} met the thresholds and {rate} did not",
        )
    because = f"every level met the thresholds, up to {figure(held or 0.0, '/s')}: the limit lies above"
    return Capacity(estimated=False, low_per_s=held, because=because)


def searched_capacity(found: SearchOutcome) -> Capacity:
    """What a search that chose its levels while the load ran says about the highest arrival rate."""
    kept, lost = found.highest_kept, found.lowest_lost
    if found.search.unit == "users":
        most = "no number of users was kept" if kept is None else f"{kept:.0f} users were kept"
        return Capacity(
            estimated=False,
            users_kept=None if kept is None or found.generator_limited else round(kept),
            users_lost=None if lost is None else round(lost),
            because=found.generator_limited or f"users were searched, not rates: {most}",
        )
    if found.generator_limited:
        return Capacity(estimated=False, low_per_s=kept, because=found.generator_limited)
    if kept is None or lost is None or not found.finished:
        return Capacity(estimated=False, low_per_s=kept, high_per_s=lost, because=found.because)
    because = f"{figure(kept, '/s')} was kept and {figure(lost, '/s')} was lost, searched step by step"
    return Capacity(estimated=True, rate_per_s=kept, low_per_s=kept, high_per_s=lost, because=because)


def _too_few(levels: int) -> str:
    if levels == 0:
        return "no load level was judged by itself"
    if levels == 1:
        return "only one load level was held: it shows whether that level works, not where the limit is"
    return f"only {levels} load levels were held, {ENOUGH_LEVELS} are needed"


def _by_rate(outcomes: Sequence[LevelOutcome]) -> dict[float, bool | None]:
    """Ascending; a level held twice is met only if both were, and broken as soon as one was."""
    levels: dict[float, bool | None] = {}
    for outcome in sorted(outcomes, key=lambda o: o.rate_per_s):
        before = levels.get(outcome.rate_per_s, True)
        now = _met(outcome)
        levels[outcome.rate_per_s] = (
            False if False in (before, now) else None if None in (before, now) else True
        )
    return levels


def _met(outcome: LevelOutcome) -> bool | None:
    """A level that was not reached is not held, even if what was reached met the thresholds."""
    reached = outcome.achieved is None or outcome.achieved >= REACHED
    return outcome.met and reached if outcome.met is not None else None
