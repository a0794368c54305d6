"""What one attempt of a description asks for at most, before any policy has a say."""

from __future__ import annotations

import math
from typing import NamedTuple

from perfpilot.domain.base import Frozen
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.plan import Engine
from perfpilot.domain.spec import Spec
from perfpilot.planning.cases.choice import choose
from perfpilot.planning.cases.during import longest_case, pattern_of_cases, summed
from perfpilot.planning.load.curves import curve
from perfpilot.planning.load.layers import too_many_layers
from perfpilot.planning.load.placement import Placed, placed, whole_duration_s
from perfpilot.planning.load.sizing import LEAST_USERS, open_bound, users_for


class Demand(Frozen):
    """The demand of one attempt. `None`: the description does not say, the target's speed decides."""

    peak_rate_per_s: float | None  # samples per second
    requests: float | None  # of the load; smoke and probes come on top
    users: int  # most that could be needed at once
    least_users: int  # without these the load cannot be made
    duration_s: float  # of the load
    one_pass: int  # samples of one pass through every scenario, as the smoke sends, and of the cases after it


def demand(spec: Spec) -> Demand:
    """The demand of one attempt as described, without any re-planning.

    `None` for rate and requests as soon as one scenario is given in users alone; for requests where a search
    decides how many it needs.
    """
    every = placed(spec)
    by_rate = all(entry.curve.unit == "rate_per_s" for entry in every)
    counted = by_rate and not any(entry.pattern.search for entry in every)
    timeout_s = spec.environment.timeouts.response
    users = [_users(entry, timeout_s) for entry in every]
    beside = _cases_in_the_load(spec, timeout_s)
    peak = sum(p.curve.peak * p.draft.requests for p in every) + beside.peak_rate_per_s
    requests = sum(p.curve.area * p.draft.requests for p in every) + beside.requests
    return Demand(
        peak_rate_per_s=peak if by_rate else None,
        requests=requests if counted else None,
        users=sum(most for _, most in users) + beside.users,
        least_users=sum(least for least, _ in users) + beside.least_users,
        duration_s=whole_duration_s(spec),
        # All that may be sent, whatever the rules make: a model may propose more.
        one_pass=sum(entry.draft.requests for entry in every) + (spec.cases.most if spec.cases.run else 0),
    )


class _Beside(NamedTuple):
    """The demand of `cases.share`, for whichever cases will run: `cases.most` of them at most."""

    peak_rate_per_s: float = 0.0
    requests: float = 0.0
    users: int = 0
    least_users: int = 0


def _cases_in_the_load(spec: Spec, timeout_s: float) -> _Beside:
    pattern = pattern_of_cases(spec)
    if not spec.cases.run or not spec.cases.share or pattern is None:
        return _Beside()
    arrivals = summed([curve(each) for each in spec.load_patterns]).scaled(spec.cases.share)
    longest = longest_case(choose(spec).run)
    # Each case has a group of its own, and its users are whole ones.
    bound = open_bound(arrivals.peak, longest, timeout_s) + spec.cases.most
    least = LEAST_USERS * spec.cases.most
    users = (max(bound, least), least) if pattern.steered else (bound, bound)
    return _Beside(arrivals.peak * longest, arrivals.area * longest, *users)


def engine_of(pattern: LoadPattern) -> Engine:
    """How JMeter makes a pattern.

    Users that go up and down too often for thread groups are held at a gate, steered or not.
    """
    if pattern.model == "closed":
        gated = pattern.steered or too_many_layers(curve(pattern))
        return Engine.STEERED_USERS if gated else Engine.CLOSED_USERS
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
