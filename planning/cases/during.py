"""Cases during the load: the running ones once more, on top of what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.spec import Spec
from perfpilot.planning.cases.case import Case
from perfpilot.planning.cases.choice import at_the_login
from perfpilot.planning.load.placement import Placed
from perfpilot.planning.scenarios import Draft

_NO_TIME_S = 1e-9


def during(spec: Spec, running: Sequence[Case], curves: Sequence[LoadCurve]) -> tuple[Placed, ...]:
    """`cases.share` of the arrivals of the open patterns, in equal parts for the running cases.

    `curves`: of the patterns, in their order. Cases at the login are none of them: wrong passwords without
    end lock accounts. Nor is a proposed case that is longer than those of the rules, by which the demand was
    reckoned. There are none where every pattern is closed: such a load has no arrivals to take a share of;
    and no more than arrivals, since JMeter rounds less than one down to none.
    """
    longest = longest_case(running)
    found = [c for c in running if not at_the_login(spec, c) and c.requests <= longest]
    pattern = pattern_of_cases(spec)
    if not found or pattern is None or not spec.cases.share:
        return ()
    whole = summed(curves).scaled(spec.cases.share)
    found = found[: int(whole.area)]
    if not found:
        return ()
    part = whole.scaled(1 / len(found))
    return tuple(
        Placed(draft=_draft(case), pattern=pattern, number=len(spec.load_patterns), curve=part)
        for case in found
    )


def longest_case(running: Sequence[Case]) -> int:
    """Requests of the longest case that the rules made."""
    return max((case.requests for case in running if case.source == "rules"), default=1)


def pattern_of_cases(spec: Spec) -> LoadPattern | None:
    """The pattern that cases arrive like: the first open one, on a schedule where there is such a one."""
    opened = [pattern for pattern in spec.load_patterns if pattern.model == "open"]
    return next((pattern for pattern in opened if not pattern.steered), opened[0] if opened else None)


def summed(curves: Sequence[LoadCurve]) -> LoadCurve:
    """The sum of the curves of arrivals among these. Its pieces end wherever one of theirs does."""
    by_rate = [curve for curve in curves if curve.unit == "rate_per_s"]
    if len(by_rate) == 1:
        return by_rate[0]
    ends = [0.0]
    for end in sorted(end for curve in by_rate for end in _ends(curve)):
        if end - ends[-1] > _NO_TIME_S:
            ends.append(end)
    return LoadCurve(
        unit="rate_per_s", segments=tuple(_piece(by_rate, start, end) for start, end in pairwise(ends))
    )


def _ends(curve: LoadCurve) -> list[float]:
    ends = [0.0]
    for segment in curve.segments:
        ends.append(ends[-1] + segment.duration_s)
    return ends


def _piece(curves: Sequence[LoadCurve], start: float, end: float) -> Segment:
    """Within a piece the sum is a straight line, which two points give; its ends may be jumps."""
    third = (end - start) / 3
    early, late = (sum(curve.level_at(at) for curve in curves) for at in (start + third, end - third))
    first, last = (max(0.0, round(level, 9)) for level in (2 * early - late, 2 * late - early))
    return Segment(duration_s=end - start, start=first, end=last)


def _draft(case: Case) -> Draft:
    return Draft(name=case.name, steps=case.steps, weight=1.0, kind=case.kind, why=case.why)
