"""What to change in a plan whose load did not answer the question: more users, or a longer run."""

from __future__ import annotations

import math

from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.plan import Engine, Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.units import format_duration
from perfpilot.planning.change import Change
from perfpilot.planning.sizing import users_for

_SPARE = 1.2  # more than the shortfall: a run that ends two samples short of the floor would be wasted
_DOUBLE = 2.0


def replan(
    trouble: Trouble,
    plan: Plan,
    envelope: Envelope,
    tried: frozenset[str],
    *,
    spent_requests: float = 0,
    spent_s: float = 0.0,
) -> Change | None:
    """The change that could help, or None: nothing is left in the envelope, or it was tried (`Change.key`).

    `trouble.value` is the mean response time in seconds for LOAD_FELL_SHORT, and samples needed over samples
    had for TOO_FEW_SAMPLES (2 where it is missing). NO_STEADY_STATE doubles the run.
    """
    change = None
    if trouble.reason is Reason.LOAD_FELL_SHORT:
        change = _more_users(trouble, plan, envelope)
    elif trouble.reason is Reason.TOO_FEW_SAMPLES:
        factor = trouble.value or _DOUBLE
        change = _longer(factor, plan, envelope, spent_requests, spent_s, "for enough samples")
    elif trouble.reason is Reason.NO_STEADY_STATE:
        change = _longer(_DOUBLE, plan, envelope, spent_requests, spent_s, "to let the target settle")
    return None if change is None or change.key in tried else change


def _more_users(trouble: Trouble, plan: Plan, envelope: Envelope) -> Change | None:
    """Only paced users can be too few: an open schedule starts all it needs, a closed model has its own."""
    paced = [s for s in plan.scenarios if s.engine is Engine.STEERED_RATE]
    if not paced or not trouble.value or not math.isfinite(trouble.value):
        return None
    wanted = sum(
        users_for(
            s.curve.peak,
            s.requests,
            trouble.value,
            s.think_time_s,
        )
        for s in paced
    )
    users = min(wanted, envelope.users)
    if users <= plan.users:
        return None
    capped = f", as far as the envelope goes ({wanted} would be needed)" if users < wanted else ""
    return Change(
        kind="users",
        value=users,
        sentence=f"{users} users instead of {plan.users}: "
        f"a response took {trouble.value * 1000:.0f} ms{capped}",
    )


def _longer(
    factor: float, plan: Plan, envelope: Envelope, spent_requests: float, spent_s: float, purpose: str
) -> Change | None:
    """A run long enough for `factor` times the steady samples, or None where the envelope has less."""
    if not math.isfinite(factor) or factor <= 1:
        return None
    steady_s = plan.duration_s - plan.warm_up_s
    needed_s = plan.warm_up_s + steady_s * factor
    most_s = envelope.wall_time_s - spent_s
    if plan.expected_samples:
        # Stretched holds run at most at the peak, so this never promises more than the envelope has.
        left = envelope.requests - spent_requests - plan.expected_samples
        most_s = min(most_s, plan.duration_s + left / plan.peak_rate_per_s)
    if most_s < needed_s:
        return None
    # Whole seconds, downwards where the envelope is near: a plan must fit into it.
    wanted_s = plan.warm_up_s + steady_s * factor * _SPARE
    duration_s = float(math.ceil(wanted_s)) if math.ceil(wanted_s) <= most_s else most_s
    return Change(
        kind="duration_s",
        value=duration_s,
        sentence=f"{format_duration(round(duration_s, 3))} instead of "
        f"{format_duration(round(plan.duration_s, 3))}, {purpose}",
    )
