"""What one attempt of a description asks for at most, before any policy has a say."""

from __future__ import annotations

import math

from perfpilot.domain.base import Frozen
from perfpilot.domain.plan import Engine
from perfpilot.domain.spec import LoadPattern, Spec
from perfpilot.planning.curves import curve, split
from perfpilot.planning.scenarios import drafts
from perfpilot.planning.sizing import open_bound, users_for


class Demand(Frozen):
    """The demand of one attempt. `None`: the description does not say, the target's speed decides."""

    peak_rate_per_s: float | None  # samples per second
    requests: float | None  # of the load; smoke and probes come on top
    users: int  # most that could be needed at once
    least_users: int  # without these the load cannot be made
    duration_s: float  # of the load
    one_pass: int  # samples of one pass through every scenario, as the smoke sends


def demand(spec: Spec) -> Demand:
    """The demand of one attempt as described, without any re-planning."""
    pattern = spec.load_patterns[0]
    every = drafts(spec)
    whole = curve(pattern)
    parts = split(whole, [draft.weight for draft in every])
    pairs = list(zip(every, parts, strict=True))
    open_model = whole.unit == "rate_per_s"
    engine = engine_of(pattern)
    timeout_s = spec.environment.timeouts.response
    if engine is Engine.CLOSED_USERS:
        users = sum(math.ceil(part.peak) for part in parts)
    else:
        users = sum(open_bound(part.peak, d.requests, timeout_s, d.think_time_s) for d, part in pairs)
    least = users
    if engine is Engine.STEERED_RATE:
        # A fixed number of users paces itself: a slow target costs load, never more users.
        least = sum(users_for(part.peak, d.requests, 0.0, 0.0) for d, part in pairs)
        users = max(users, least)
    return Demand(
        peak_rate_per_s=sum(part.peak * d.requests for d, part in pairs) if open_model else None,
        requests=sum(part.area * d.requests for d, part in pairs) if open_model else None,
        users=users,
        least_users=least,
        duration_s=whole.duration_s,
        one_pass=sum(draft.requests for draft in every),
    )


def engine_of(pattern: LoadPattern) -> Engine:
    """How JMeter makes a pattern."""
    if pattern.model == "closed":
        return Engine.CLOSED_USERS
    return Engine.STEERED_RATE if pattern.steered else Engine.OPEN_SCHEDULE
