"""The envelope: what one run may do over all its attempts, and the refusal of what lies outside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.loops import LOOP_BUDGET
from perfpilot.domain.plan import Engine, Plan
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.spec import Spec, TestType
from perfpilot.domain.units import format_duration
from perfpilot.planning.guard.hosts import Reach, classify, host_of, listed, target_hosts
from perfpilot.planning.load.demand import demand, engine_of
from perfpilot.planning.scenarios import renewing_token

PROBES = 20
"""Requests beside the load in one attempt: health and connectivity probes, proofs of a repair."""

AROUND_S = 120.0
"""Wall time of an attempt around its load: probes, JMeter's start, smoke, drain, reports."""


class _Cap(NamedTuple):
    value: float
    mend: str


def required_envelope(
    spec: Spec,
    addresses: Mapping[str, Sequence[str]],
    policy: Policy,
    *,
    budget: Mapping[str, int] | None = None,
) -> Envelope:
    """The envelope that a description needs, cut to what policy and the description's own limits allow.

    `addresses` has every resolved address of each host of `target_hosts(spec)`, by host name. One attempt
    must fit; further attempts get what is left below the limits. Limits on duration bound the time under
    load; the time around it comes on top. `budget`: passes of each loop, where they are fewer.
    Raises `PolicyError` that names the line to add.
    """
    hosts = target_hosts(spec)
    reaches = [_reach(host_of(place), addresses, policy) for place in hosts]
    need = demand(spec)
    most = demand(renewing_token(spec) or spec)  # what the largest repair would ask for
    attempts = 1 + sum((LOOP_BUDGET if budget is None else budget).values())
    around = need.one_pass + PROBES
    rate_cap = _cap(spec, policy, "rate_per_s")
    _fit(need.peak_rate_per_s, rate_cap, "samples per second at the peak")
    rate = rate_cap.value if most.peak_rate_per_s is None else min(rate_cap.value, most.peak_rate_per_s)
    wider = _searched_further(spec, rate, rate_cap)
    rate *= wider
    users_cap = _cap(spec, policy, "users")
    _fit(need.least_users, users_cap, "users at once" + _why_users(spec))
    users = int(min(math.ceil(most.users * wider), users_cap.value))
    one = None if need.requests is None else need.requests + around
    requests_cap = _cap(spec, policy, "requests")
    _fit(one, requests_cap, "requests")
    duration_cap = _cap(spec, policy, "duration")
    _fit(need.duration_s, duration_cap, "seconds of load")
    total = math.inf if most.requests is None else math.ceil((most.requests + around) * attempts)
    requests = min(requests_cap.value, total)
    load_s = min(duration_cap.value, need.duration_s * attempts)
    at_peak = "" if need.peak_rate_per_s is None else f"{rate:.10g} requests per second, "
    what = f"{at_peak}{users} users at once, {int(requests)} requests"
    pinned = tuple(
        f"{host} {address}"
        for host in dict.fromkeys(host_of(place) for place in hosts)
        for address in addresses[host]
    )
    return Envelope(
        hosts=hosts,
        addresses=pinned,
        peak_rate_per_s=rate,
        users=users,
        requests=int(requests),
        wall_time_s=load_s + attempts * AROUND_S,
        around_s=attempts * AROUND_S,
        needs_approval=_needs_approval(reaches, policy),
        why=_why(hosts, reaches, what, load_s, attempts),
    )


def within(envelope: Envelope, plan: Plan, *, spent_requests: float = 0, spent_s: float = 0.0) -> None:
    """Raises `PolicyError` for a plan that does not fit into what is left of the envelope."""
    for asked, left, what in (
        (plan.peak_rate_per_s, envelope.peak_rate_per_s, "samples per second at the peak"),
        (plan.users, envelope.users, "users at once"),
        (plan.expected_samples, envelope.requests - spent_requests, "requests"),
        (plan.duration_s, envelope.wall_time_s - spent_s, "seconds"),
    ):
        if asked > left * (1 + 1e-9):
            raise PolicyError(
                f"attempt {plan.attempt} asks for {asked:.10g} {what}; the run's envelope has {left:.10g}",
                mend="start a new run, whose envelope is granted anew",
            )


def _reach(host: str, addresses: Mapping[str, Sequence[str]], policy: Policy) -> Reach:
    """The widest reach of all addresses of a host: one bad address is enough to refuse it."""
    resolved = addresses.get(host, ())
    if not resolved:
        raise PolicyError(f"{host} has no address", mend="check the name, then start again")
    widest = Reach.LOOPBACK
    for address in resolved:
        reach = classify(address)
        if reach is Reach.FORBIDDEN:
            raise PolicyError(
                f"{host} is {address}: metadata, link-local, multicast and unspecified addresses "
                "never get load"
            )
        if reach is Reach.PUBLIC and not listed(host, address, policy):
            raise PolicyError(
                f"{host} is {address}, a public address that the policy does not list",
                mend=f"if you may test it, the operator adds to the policy file (PERFPILOT_POLICY): "
                f"allowed_hosts: [{host}]",
            )
        widest = max(widest, reach, key=list(Reach).index)
    return widest


def _needs_approval(reaches: Sequence[Reach], policy: Policy) -> bool:
    if policy.approval == "off_loopback":
        return any(reach is not Reach.LOOPBACK for reach in reaches)
    return policy.approval == "always"


def _cap(spec: Spec, policy: Policy, key: str) -> _Cap:
    """The lower of the policy's limit and the description's, with the line that would have to change."""
    field = f"max_{key}"
    operator = float(getattr(policy, field))
    own = getattr(spec.limits, key)
    if own is not None and own <= operator:
        return _Cap(float(own), f"raise limits.{key} in the description")
    return _Cap(operator, f"the operator raises {field} in the policy file (PERFPILOT_POLICY)")


def _fit(asked: float | None, cap: _Cap, what: str) -> None:
    """Raises `PolicyError` for more than the cap; None: the description does not say."""
    if asked is not None and asked > cap.value * (1 + 1e-9):
        needed = math.ceil(round(asked, 6))
        raise PolicyError(
            f"one attempt asks for {needed} {what}; at most {cap.value:g} are allowed",
            mend=f"ask for less, or {cap.mend} to {needed}",
        )


def _searched_further(spec: Spec, rate_per_s: float, cap: _Cap) -> float:
    """How many times the described peak a search for the breaking point may go on to.

    As far as the description's own limit says, which an engineer wrote for this test; without one, its last
    level is the end.
    """
    if spec.test_type is not TestType.BREAKPOINT or spec.limits.rate_per_s is None or rate_per_s <= 0:
        return 1.0
    return max(1.0, cap.value / rate_per_s)


def _why_users(spec: Spec) -> str:
    if all(engine_of(pattern) is not Engine.OPEN_SCHEDULE for pattern in spec.load_patterns):
        return ""
    return (
        f" (peak rate x response time-out of {format_duration(spec.environment.timeouts.response)}: an open "
        "schedule starts a user for every arrival; a shorter environment.timeouts.response or steered: true "
        "needs fewer)"
    )


def _why(hosts: Sequence[str], reaches: Sequence[Reach], what: str, load_s: float, attempts: int) -> str:
    where = ", ".join(f"{host} ({reach.value})" for host, reach in zip(hosts, reaches, strict=True))
    return (
        f"Load on {where}: at most {what} and {format_duration(math.ceil(load_s))} of load "
        f"in up to {attempts} attempt{'s' if attempts > 1 else ''}."
    )
