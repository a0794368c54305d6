"""From a description to the plan of one attempt: scenarios, curves, sizes. Equal input, equal plan."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.cases.case import Case
from perfpilot.planning.cases.choice import choose
from perfpilot.planning.cases.during import during
from perfpilot.planning.change import Change
from perfpilot.planning.guard.envelope import within
from perfpilot.planning.load.changed import changed
from perfpilot.planning.load.curves import curve, whole_parts
from perfpilot.planning.load.demand import engine_of
from perfpilot.planning.load.memory import heap_note
from perfpilot.planning.load.placement import Placed, placed
from perfpilot.planning.load.searched import search_note, search_of
from perfpilot.planning.load.sizing import open_bound, users_for
from perfpilot.planning.load.warm_up import warm_up_s
from perfpilot.planning.reasons import BEFORE, case_notes, why

EXPECTED_RESPONSE_S = 0.1
"""Response time to size users by before anything was measured."""


def make_plan(
    spec: Spec,
    attempt: int,
    *,
    envelope: Envelope,
    expected_response_s: float = EXPECTED_RESPONSE_S,
    changes: Sequence[Change] = (),
    proposals: Sequence[Case] = (),
) -> Plan:
    """The plan of an attempt. `expected_response_s` comes from a probe, `changes` from earlier attempts.

    Journeys come first, in the description's order; cases follow where `cases.share` sends them in the load.
    `proposals`: further cases, from a model, that passed the guard.
    Raises `PolicyError` where the plan would lie outside the envelope.
    """
    curves = changed([curve(pattern) for pattern in spec.load_patterns], changes)
    every = placed(spec, curves)
    whole_s = round(max(each.duration_s for each in curves), 6)
    loaded = [entry for entry in every if entry.curve.peak > 0]
    choice = choose(spec, proposals)
    in_load = during(spec, choice.run, curves)
    loaded += in_load
    notes = [change.sentence for change in changes]
    notes += [
        f"{entry.draft.name} gets no user: its pattern has fewer users than scenarios"
        for entry in every
        if entry.curve.peak == 0
    ]
    search = search_of(spec)
    notes += [search_note(search)] if search else []
    users, sizing_notes = _users(loaded, envelope, expected_response_s, spec, _asked(changes, "users"))
    scenarios = tuple(
        _scenario(spec, entry, count, why(entry, loaded)) for entry, count in zip(loaded, users, strict=True)
    )
    by_rate = [s for s in scenarios if s.curve.unit == "rate_per_s"]
    plan = Plan(
        attempt=attempt,
        scenarios=scenarios,
        duration_s=whole_s,
        warm_up_s=_warm_up_s(spec, curves),
        peak_rate_per_s=sum(s.curve.peak * s.requests for s in by_rate),
        users=sum(users),
        expected_samples=sum(scenario.expected_samples for scenario in scenarios),
        connect_timeout_s=spec.environment.timeouts.connect,
        response_timeout_s=spec.environment.timeouts.response,
        login=spec.environment.auth.login if spec.environment.auth else "",
        notes=(*notes, *sizing_notes, heap_note(scenarios), *case_notes(spec, choice.run, len(in_load))),
        before=tuple(_before(spec, case) for case in choice.run),
        left_out=choice.left_out,
        search=search,
    )
    within(envelope, plan)
    return plan


def _warm_up_s(spec: Spec, curves: Sequence[LoadCurve]) -> float:
    first = [each for each, pattern in zip(curves, spec.load_patterns, strict=True) if pattern.begins <= 0]
    return max(map(warm_up_s, first), default=0.0)


def _scenario(spec: Spec, entry: Placed, users: int, reason: str) -> Scenario:
    draft, pattern = entry.draft, entry.pattern
    return Scenario(
        name=draft.name,
        engine=engine_of(pattern),
        curve=entry.curve,
        steps=draft.steps,
        users=users,
        even_arrivals=pattern.arrivals == "even",
        login_first=draft.login_first,
        seed=seed_of(spec.test_name, draft.name),
        kind=draft.kind,
        why=reason,
        transaction=draft.transaction,
        searched=pattern.search is not None,
    )


def _before(spec: Spec, case: Case) -> Scenario:
    """One user, one pass, before the load: what is unusual must not disturb what is measured."""
    return Scenario(
        name=case.name,
        engine=Engine.CLOSED_USERS,
        curve=LoadCurve(unit="users", segments=()),
        steps=case.steps,
        users=1,
        seed=seed_of(spec.test_name, case.name),
        kind=case.kind,
        why=f"{case.why}; {BEFORE}",
    )


def seed_of(test_name: str, scenario: str) -> int:
    """A positive seed that depends on the names alone: the same description draws the same arrivals."""
    digest = hashlib.sha256(f"{test_name}\0{scenario}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1


def _users(
    loaded: Sequence[Placed], envelope: Envelope, response_s: float, spec: Spec, at_least: float
) -> tuple[list[int], list[str]]:
    """Users of each scenario, and a sentence for each way of sizing that says why so many."""
    timeout_s = spec.environment.timeouts.response
    counts: list[int] = []
    for entry in loaded:
        draft, peak = entry.draft, entry.curve.peak
        if entry.pattern.model == "closed":
            counts.append(math.ceil(peak))
        elif entry.pattern.steered:
            counts.append(users_for(peak, draft.requests, response_s, draft.think_time_s))
        else:
            counts.append(open_bound(peak, draft.requests, timeout_s, draft.think_time_s))
    _size_paced(counts, loaded, envelope, at_least)
    return counts, _sizing_notes(counts, loaded, response_s)


def _size_paced(counts: list[int], loaded: Sequence[Placed], envelope: Envelope, at_least: float) -> None:
    """Paced users may be as many as the envelope has left, or as a re-plan asks for: in place."""
    paced = [i for i, e in enumerate(loaded) if engine_of(e.pattern) is Engine.STEERED_RATE]
    own = sum(counts[i] for i in paced)
    others = sum(counts) - own
    total = max(min(max(own, math.ceil(at_least) - others), envelope.users - others), len(paced))
    if paced and total != own:
        # Everybody keeps one user; the rest follows need.
        extra = whole_parts(total - len(paced), [counts[i] for i in paced])
        for index, more in zip(paced, extra, strict=True):
            counts[index] = 1 + more


def _sizing_notes(counts: Sequence[int], loaded: Sequence[Placed], response_s: float) -> list[str]:
    totals: dict[Engine, int] = {}
    for count, entry in zip(counts, loaded, strict=True):
        engine = engine_of(entry.pattern)
        totals[engine] = totals.get(engine, 0) + count
    return [_SIZING[engine].format(users=n, ms=response_s * 1000) for engine, n in totals.items()]


_SIZING = {
    Engine.CLOSED_USERS: "closed model: {users} users, as described",
    Engine.STEERED_USERS: "closed model: up to {users} users, held at a gate that follows the curve",
    Engine.OPEN_SCHEDULE: "open schedule: at most {users} users at once if every response times out",
    Engine.STEERED_RATE: "paced users: {users}, for a response time of {ms:.0f} ms "
    "(Little's law with head room)",
}


def _asked(changes: Sequence[Change], kind: str) -> float:
    return next((change.value for change in reversed(changes) if change.kind == kind), 0.0)
