"""The stretches of a load in which its level stood still, and the part of each that speaks for the level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfpilot.analysis.capacity.ladder import held_levels
from perfpilot.domain.plan import Plan
from perfpilot.domain.search import SearchOutcome, SearchPhase, SearchStep

SETTLING = 0.2
"""Share of a hold that is left out at its begin: the level before still drains."""

_LONGEST_SETTLING_S = 15.0
_SEARCH_SETTLES_S = 1.5  # as the search judges its levels: JMeter follows within a second
_SHORTEST_S = 2.0  # less of a level says nothing


@dataclass(frozen=True)
class LevelSpan:
    """A hold. Seconds since the load began; samples that began in [from_s, to_s) speak for it."""

    rate_per_s: float  # arrivals
    from_s: float
    to_s: float
    asked: float  # samples that are certain in that time
    step: SearchStep | None = None  # of a search, which judged it while the load ran

    @property
    def seconds(self) -> float:
        """Length of the part that is looked at."""
        return self.to_s - self.from_s


def level_spans(plan: Plan, search: SearchOutcome | None = None) -> tuple[LevelSpan, ...]:
    """The holds of a stepped plan or of a search, in order of time; empty for loads given in users, and for
    a single hold, which the whole run speaks for.

    The plan of a search is the one with the levels that it applied (`as_searched`). Its steps for recovery
    judge nothing and are left out.
    """
    measured = [scenario for scenario in plan.scenarios if scenario.measured]
    if not measured or any(scenario.curve.unit != "rate_per_s" for scenario in measured):
        return ()
    if search:
        return _searched(plan, search.steps)
    spans = []
    for held in held_levels(plan):
        settling = min(SETTLING * (held.to_s - held.from_s), _LONGEST_SETTLING_S)
        begin = max(held.from_s + settling, plan.warm_up_s)
        if held.to_s - begin >= _SHORTEST_S:
            asked = plan.asked_between(begin, held.to_s)
            spans.append(LevelSpan(held.rate_per_s, begin, held.to_s, asked))
    return tuple(spans) if len(spans) > 1 else ()


def _searched(plan: Plan, steps: Sequence[SearchStep]) -> tuple[LevelSpan, ...]:
    spans = []
    for step in steps:
        begin, end = step.from_s + _SEARCH_SETTLES_S, step.to_s or 0.0
        if step.phase is not SearchPhase.RECOVER and end - begin >= _SHORTEST_S:
            spans.append(LevelSpan(step.level, begin, end, plan.asked_between(begin, end), step))
    return tuple(spans)
