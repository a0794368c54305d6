"""From a description to the plan of one attempt: scenarios, curves, sizes. Equal input, equal plan."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.change import Change
from perfpilot.planning.curves import curve, lengthened, split, whole_parts
from perfpilot.planning.demand import engine_of
from perfpilot.planning.envelope import within
from perfpilot.planning.scenarios import Draft, drafts
from perfpilot.planning.sizing import open_bound, users_for, warm_up_s

EXPECTED_RESPONSE_S = 0.1
"""Response time to size users by before anything was measured."""


def make_plan(
    spec: Spec,
    attempt: int,
    *,
    envelope: Envelope,
    expected_response_s: float = EXPECTED_RESPONSE_S,
    changes: Sequence[Change] = (),
) -> Plan:
    """The plan of an attempt. `expected_response_s` comes from a probe, `changes` from earlier attempts.

    Raises `PolicyError` where the plan would lie outside the envelope.
    """
    pattern = spec.load_patterns[0]
    whole = lengthened(curve(pattern), _asked(changes, "duration_s"))
    every = drafts(spec)
    parts = split(whole, [draft.weight for draft in every])
    notes = [change.sentence for change in changes]
    notes += [
        f"{draft.name} gets no user: {whole.peak:g} users are fewer than {len(every)} scenarios"
        for draft, part in zip(every, parts, strict=True)
        if part.peak == 0
    ]
    loaded = [(draft, part) for draft, part in zip(every, parts, strict=True) if part.peak > 0]
    users, sizing_note = _users(spec, loaded, envelope, expected_response_s, _asked(changes, "users"))
    scenarios = tuple(
        _scenario(spec, draft, part, count) for (draft, part), count in zip(loaded, users, strict=True)
    )
    plan = Plan(
        attempt=attempt,
        scenarios=scenarios,
        duration_s=whole.duration_s,
        warm_up_s=warm_up_s(whole),
        peak_rate_per_s=sum(part.peak * draft.requests for draft, part in loaded)
        if whole.unit == "rate_per_s"
        else 0.0,
        users=sum(users),
        expected_samples=sum(scenario.expected_samples for scenario in scenarios),
        connect_timeout_s=spec.environment.timeouts.connect,
        response_timeout_s=spec.environment.timeouts.response,
        notes=(*notes, sizing_note),
    )
    within(envelope, plan)
    return plan


def _scenario(spec: Spec, draft: Draft, part: LoadCurve, users: int) -> Scenario:
    pattern = spec.load_patterns[0]
    return Scenario(
        name=draft.name,
        engine=engine_of(pattern),
        curve=part,
        steps=draft.steps,
        users=users,
        even_arrivals=pattern.arrivals == "even",
        login_first=draft.login_first,
        seed=seed_of(spec.test_name, draft.name),
    )


def seed_of(test_name: str, scenario: str) -> int:
    """A positive seed that depends on the names alone: the same description draws the same arrivals."""
    digest = hashlib.sha256(f"{test_name}\0{scenario}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1


def _users(
    spec: Spec,
    loaded: Sequence[tuple[Draft, LoadCurve]],
    envelope: Envelope,
    response_s: float,
    at_least: float,
) -> tuple[list[int], str]:
    """Users of each scenario, and the sentence that says why so many."""
    engine = engine_of(spec.load_patterns[0])
    timeout_s = spec.environment.timeouts.response
    if engine is Engine.CLOSED_USERS:
        counts = [math.ceil(part.peak) for _, part in loaded]
        return counts, f"closed model: {sum(counts)} users, as described"
    if engine is Engine.OPEN_SCHEDULE:
        counts = [open_bound(part.peak, d.requests, timeout_s, d.think_time_s) for d, part in loaded]
        return counts, f"open schedule: at most {sum(counts)} users at once if every response times out"
    counts = [users_for(part.peak, d.requests, response_s, d.think_time_s) for d, part in loaded]
    wanted = max(sum(counts), math.ceil(at_least))
    total = max(min(wanted, envelope.users), len(counts))
    if total != sum(counts):
        # Everybody keeps one user; the rest follows need.
        counts = [1 + extra for extra in whole_parts(total - len(counts), counts)]
    return counts, (
        f"paced users: {total}, for a response time of {response_s * 1000:.0f} ms "
        "(Little's law with head room)"
    )


def _asked(changes: Sequence[Change], kind: str) -> float:
    return next((change.value for change in reversed(changes) if change.kind == kind), 0.0)
