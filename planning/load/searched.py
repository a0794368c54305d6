"""A search for the highest load within a plan: what each level asks of each scenario, and what was asked in
the end."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Plan, Scenario
from perfpilot.domain.search import Search, SearchOutcome, SearchStep
from perfpilot.domain.spec import Spec
from perfpilot.domain.units import format_duration
from perfpilot.planning.load.curves import whole_parts


def search_of(spec: Spec) -> Search | None:
    """What the description wants to be searched for, if anything. It has one such pattern at most."""
    for pattern in spec.load_patterns:
        if wanted := pattern.search:
            return Search(
                unit="rate_per_s" if pattern.model == "open" else "users",
                start=wanted.start,
                end=wanted.end,
                precision=wanted.precision,
                hold_s=wanted.hold,
                longest_s=wanted.longest,
            )
    return None


def search_note(search: Search) -> str:
    """What is searched for, for people."""
    if search.unit == "rate_per_s":
        start, end = f"{search.start:g}/s", f"{search.end:g}/s"
    else:
        start, end = f"{search.start:g} users", f"{search.end:g} users"
    return (
        f"the level is searched for while the load runs: from {start}, never above {end}, until the limit is "
        f"known within {100 * search.precision:.3g} %, for {format_duration(search.longest_s)} at most"
    )


def levels_of(plan: Plan, level: float) -> dict[str, float]:
    """The level of each searched scenario, by its name, where all of them together have `level`.

    Scenarios share it as they share the highest level; users are whole ones.
    """
    searched = [scenario for scenario in plan.scenarios if scenario.searched]
    if not searched:
        return {}
    shares = [scenario.curve.peak for scenario in searched]
    if searched[0].curve.unit == "users":
        parts: Sequence[float] = whole_parts(round(level), shares)
    else:
        parts = [level * share / sum(shares) for share in shares]
    return {scenario.name: part for scenario, part in zip(searched, parts, strict=True)}


def requests_per_arrival(plan: Plan) -> float:
    """Requests that one arrival makes for certain, as a mean over the searched scenarios by their shares."""
    searched = [scenario for scenario in plan.scenarios if scenario.searched]
    whole = sum(scenario.curve.peak for scenario in searched)
    return sum(s.curve.peak * s.certain_requests for s in searched) / whole if whole else 1.0


def as_searched(plan: Plan, found: SearchOutcome) -> Plan:
    """The plan with the levels that the search applied in the place of its highest one: what was asked.

    It ends with the last step.
    """
    steps = [step for step in found.steps if step.to_s is not None and step.to_s > step.from_s]
    if not steps:
        return plan
    scenarios = tuple(_applied(s, plan, steps) if s.searched else s for s in plan.scenarios)
    return plan.model_copy(
        update={
            "scenarios": scenarios,
            "duration_s": steps[-1].to_s,
            "warm_up_s": min(plan.warm_up_s, steps[0].to_s or 0.0),
            "peak_rate_per_s": sum(
                s.curve.peak * s.requests for s in scenarios if s.curve.unit == "rate_per_s"
            ),
            "expected_samples": sum(s.expected_samples for s in scenarios),
        }
    )


def _applied(scenario: Scenario, plan: Plan, steps: Sequence[SearchStep]) -> Scenario:
    segments: list[Segment] = []
    at_s = 0.0
    for step in steps:
        if step.from_s > at_s:  # nobody steered, after a crash: the last level went on
            level = segments[-1].end if segments else 0.0
            segments.append(Segment(duration_s=step.from_s - at_s, start=level, end=level))
        level = levels_of(plan, step.level)[scenario.name]
        to_s = step.to_s or step.from_s
        segments.append(Segment(duration_s=to_s - max(step.from_s, at_s), start=level, end=level))
        at_s = to_s
    return scenario.model_copy(
        update={"curve": LoadCurve(unit=scenario.curve.unit, segments=tuple(segments)), "searched": False}
    )
