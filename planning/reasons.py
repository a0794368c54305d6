"""Why scenarios run, and why when they do, in words for people."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.domain.plan import Kind
from perfpilot.domain.spec import Spec
from perfpilot.domain.units import format_duration
from perfpilot.planning.cases.case import Case
from perfpilot.planning.cases.choice import at_the_login
from perfpilot.planning.load.placement import Placed

BEFORE = "before the load, one after the other: it must not disturb what is measured"


def why(entry: Placed, loaded: Sequence[Placed]) -> str:
    """Where a scenario of the load comes from, and which others run beside it."""
    if entry.draft.kind is not Kind.JOURNEY:
        when = "during the load, on top of it and not measured: cases.share asks for it"
    elif entry.pattern.begins > 0:
        when = f"begins after {format_duration(entry.pattern.begins)}, as its load pattern says"
    elif sum(1 for other in loaded if other.pattern.begins <= 0) > 1:
        when = "runs with the others from the start: users do these at the same time"
    else:
        when = "runs alone from the start of the load"
    return f"{entry.draft.why}; {when}"


def case_notes(spec: Spec, running: Sequence[Case], in_load: int) -> list[str]:
    """What is sent beside the journeys, and what of `cases.share` could not be done."""
    notes = []
    if running:
        requests = sum(case.requests for case in running)
        notes.append(f"cases before the load: {len(running)}, {requests} requests of one user")
    if running and spec.cases.share:
        notes += _share_notes(spec, running, in_load)
    return notes


def _share_notes(spec: Spec, running: Sequence[Case], in_load: int) -> list[str]:
    if all(pattern.model == "closed" for pattern in spec.load_patterns):
        return ["cases.share: a closed load has no arrivals to take a share of; cases run before it only"]
    notes = []
    if in_load:
        notes.append(f"cases during the load: {in_load}, {100 * spec.cases.share:.6g} % of arrivals on top")
    at_login = sum(1 for case in running if at_the_login(spec, case))
    if at_login:
        notes.append(
            f"{at_login} cases at the login run before the load only: many wrong passwords lock an account"
        )
    others = len(running) - in_load - at_login
    if others > 0:
        notes.append(
            f"{others} cases run before the load only: the share has no arrival for them, or a model "
            "proposed them with more steps than those of the rules"
        )
    return notes
