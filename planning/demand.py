"""What one attempt of a description asks for at most, before any policy has a say."""

from __future__ import annotations

import math

from perfpilot.domain.base import Frozen
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.plan import Engine
from perfpilot.domain.spec import Spec
from perfpilot.planning.placement import Placed, placed, whole_duration_s
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
    """The demand of one attempt as described, without any re-planning.

    `None` for rate and requests as soon as one scenario is given in users alone.
    """
    every = placed(spec)
    by_rate = all(entry.curve.unit == "rate_per_s" for entry in every)
    timeout_s = spec.environment.timeouts.response
    users = [_users(entry, timeout_s) for entry in every]
    return Demand(
        peak_rate_per_s=sum(p.curve.peak * p.draft.requests for p in every) if by_rate else None,
        requests=sum(p.curve.area * p.draft.requests for p in every) if by_rate else None,
        users=sum(most for _, most in users),
        least_users=sum(least for least, _ in users),
        duration_s=whole_duration_s(spec),
        one_pass=sum(entry.draft.requests for entry in every),
    )


def engine_of(pattern: LoadPattern) -> Engine:
    """How JMeter makes a pattern."""
    if pattern.model == "closed":
        return Engine.STEERED_USERS if pattern.steered else Engine.CLOSED_USERS
    return Engine.STEERED_RATE if pattern.steered else Engine.OPEN_SCHEDULE


def _users(entry: Placed, timeout_s: float) -> tuple[int, int]:
    """Users without which the load cannot be made, and the most that could be needed."""
    draft, peak = entry.draft, entry.curve.peak
    if entry.pattern.model == "closed":
        return math.ceil(peak), math.ceil(peak)
    bound = open_bound(peak, draft.requests, timeout_s, draft.think_time_s)
    if not entry.pattern.steered:
        return bound, bound
    # A fixed number of users paces itself: a slow target costs load, never more users.
    least = users_for(peak, draft.requests, 0.0, 0.0)
    return least, max(bound, least)
