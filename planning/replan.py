"""What to change in a plan whose load did not answer the question: users, length, or levels of a search."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.loops import MOST_TIMES_LONGER, Reason, Trouble
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.policy import Envelope
from perfpilot.domain.units import format_duration
from perfpilot.planning.cases.during import summed
from perfpilot.planning.change import Change, Unchanged
from perfpilot.planning.guard.envelope import within
from perfpilot.planning.load.changed import changed, held
from perfpilot.planning.load.sizing import open_bound, users_for

NARROW = 0.05
"""A limit that is known within this share of its level is found: a run measures no rate much finer."""

LEVELS = 6
"""Levels of a narrower or higher search, both ends included: each pass divides the gap by five."""

_SPARE = 1.2  # more than the shortfall: a run that ends two samples short of the floor would be wasted
_DOUBLE = 2.0
_NO_RATES = "levels of users are not searched: a slow target gets less to do from them"


def replan(
    trouble: Trouble,
    plan: Plan,
    envelope: Envelope,
    tried: Collection[str],
    *,
    spent_requests: float = 0,
    spent_s: float = 0.0,
) -> Change | Unchanged:
    """The change that could help, or why there is none: nothing to gain, no room, or tried (`Change.key`).

    `spent_requests` and `spent_s` are what the next load can't have of the envelope: used up, or granted for
    around the load. What `trouble.value` is depends on the reason:

    - LOAD_FELL_SHORT: the mean response time in seconds. More users, for that response time.
    - TOO_FEW_SAMPLES: samples needed over samples had. INTERVAL_TOO_WIDE: the time that would do over the
      time had. A run so many times as long, and a fifth more.
    - NO_STEADY_STATE: none; the run is doubled, to let the target settle.
    - KNEE_BETWEEN: the highest level that the target kept up with, and `trouble.high` the lowest that it did
      not, in arrivals per second of all scenarios. Narrower steps between the two.
    - LIMIT_NOT_FOUND: the highest level, which was kept up with. Steps above it, up to twice as high.
    """
    room = _Room(envelope, spent_requests, spent_s)
    answer = _answer(trouble, plan, room)
    if isinstance(answer, Unchanged):
        return answer
    if answer.key in tried:
        return Unchanged(why=f"tried before: {answer.sentence}")
    refusal = room.refusal(after(plan, answer))
    return Unchanged(why=f"outside the envelope: {refusal}") if refusal else answer


def after(plan: Plan, change: Change) -> Plan:
    """The plan of the next attempt, as far as the envelope is concerned."""
    measured = [s for s in plan.scenarios if s.measured]
    curves = changed([s.curve for s in measured], [change])
    scenarios = [_with_curve(s, curve, plan) for s, curve in zip(measured, curves, strict=True)]
    cases = [s for s in plan.scenarios if not s.measured]
    if cases:
        # What runs beside the journeys is a share of all their arrivals.
        before, now = summed([s.curve for s in measured]), summed(curves)
        scenarios += [_with_curve(s, now.scaled(s.curve.area / before.area), plan) for s in cases]
    users = sum(s.users for s in scenarios)
    return plan.model_copy(
        update={
            "attempt": plan.attempt + 1,
            "scenarios": tuple(scenarios),
            "duration_s": max(s.curve.duration_s for s in scenarios),
            "peak_rate_per_s": plan.peak_rate_per_s + _peak(scenarios) - _peak(plan.scenarios),
            "expected_samples": plan.expected_samples + _samples(scenarios) - _samples(plan.scenarios),
            "users": max(users, int(change.value)) if change.kind == "users" else users,
        }
    )


@dataclass(frozen=True)
class _Room:
    envelope: Envelope
    spent_requests: float
    spent_s: float

    def refusal(self, plan: Plan) -> str:
        """Why a plan does not fit; empty: it does."""
        try:
            within(self.envelope, plan, spent_requests=self.spent_requests, spent_s=self.spent_s)
        except PolicyError as error:
            return error.problem
        return ""


def _answer(trouble: Trouble, plan: Plan, room: _Room) -> Change | Unchanged:
    match trouble.reason:
        case Reason.LOAD_FELL_SHORT:
            return _more_users(trouble.value, plan, room.envelope)
        case Reason.TOO_FEW_SAMPLES:
            return _longer(trouble.value or _DOUBLE, plan, room, "for enough samples")
        case Reason.INTERVAL_TOO_WIDE:
            return _narrower_interval(trouble.value, plan, room)
        case Reason.NO_STEADY_STATE:
            return _longer(_DOUBLE, plan, room, "to let the target settle")
        case Reason.KNEE_BETWEEN:
            return _narrower_steps(trouble, plan)
        case Reason.LIMIT_NOT_FOUND:
            return _further_steps(trouble.value, plan, room.envelope)
    return Unchanged(why="no other plan mends it")


def _more_users(response_s: float | None, plan: Plan, envelope: Envelope) -> Change | Unchanged:
    """Only paced users can be too few: an open schedule starts all it needs, a closed model has its own."""
    paced = [s for s in plan.scenarios if s.engine is Engine.STEERED_RATE]
    if not paced or not response_s or not math.isfinite(response_s):
        return Unchanged(why="no users of this plan are paced: it has as many as its load asks for")
    others = plan.users - sum(s.users for s in paced)
    wanted = others + sum(users_for(s.curve.peak, s.requests, response_s, s.think_time_s) for s in paced)
    users = min(wanted, envelope.users)
    if users <= plan.users:
        most = plan.users >= envelope.users
        return Unchanged(
            why=f"the envelope ends at {envelope.users} users" if most else "more users would stand idle"
        )
    capped = f", as far as the envelope goes ({wanted} would be needed)" if users < wanted else ""
    return Change(
        kind="users",
        value=users,
        sentence=f"{users} users instead of {plan.users}: a response took {response_s * 1000:.0f} ms{capped}",
    )


def _narrower_interval(times: float | None, plan: Plan, room: _Room) -> Change | Unchanged:
    if times is None or times > MOST_TIMES_LONGER:
        needed = "no run is long enough" if times is None else f"it takes a run {times:.3g} times as long"
        return Unchanged(
            why=f"{needed}, and more than {MOST_TIMES_LONGER:g} times is not tried: it lies at its limit"
        )
    return _longer(times, plan, room, "for a narrower interval")


def _longer(factor: float, plan: Plan, room: _Room, purpose: str) -> Change | Unchanged:
    """A run long enough for `factor` times the steady samples, unless the envelope has less."""
    if not math.isfinite(factor) or factor <= 1:
        return Unchanged(why="a longer run would not give more")
    steady_s = plan.duration_s - plan.warm_up_s
    needed_s = plan.warm_up_s + steady_s * factor
    most_s = room.envelope.wall_time_s - room.spent_s
    if plan.expected_samples:
        # Stretched holds run at most at the peak, so this never promises more than the envelope has.
        left = room.envelope.requests - room.spent_requests - plan.expected_samples
        most_s = min(most_s, plan.duration_s + left / plan.peak_rate_per_s)
    if most_s < needed_s:
        # An envelope that is used up leaves less than nothing.
        shown = [format_duration(round(max(seconds, 0.0))) for seconds in (needed_s, most_s)]
        return Unchanged(why=f"it takes {shown[0]}, the envelope has {shown[1]} left for one load")
    # Whole seconds, downwards where the envelope is near: a plan must fit into it.
    wanted_s = plan.warm_up_s + steady_s * factor * _SPARE
    duration_s = float(math.ceil(wanted_s)) if math.ceil(wanted_s) <= most_s else most_s
    return Change(
        kind="duration_s",
        value=duration_s,
        sentence=f"{format_duration(round(duration_s, 3))} instead of "
        f"{format_duration(round(plan.duration_s, 3))}, {purpose}",
    )


def _narrower_steps(trouble: Trouble, plan: Plan) -> Change | Unchanged:
    low, high = trouble.value, trouble.high
    if not _levels_are_rates(plan):
        return Unchanged(why=_NO_RATES)
    if not low or not high or not high > low:
        return Unchanged(why="there is no gap to look into")
    if high - low <= NARROW * low * (1 + 1e-9):
        return Unchanged(why=f"the limit is known within {(high - low) / low:.1%} of {low:.4g}/s")
    return _steps(low, high, plan, f"between {low:.4g}/s and {high:.4g}/s")


def _further_steps(top: float | None, plan: Plan, envelope: Envelope) -> Change | Unchanged:
    """From the highest level on, as high as rate and users of the envelope allow."""
    if not _levels_are_rates(plan):
        return Unchanged(why=_NO_RATES)
    if not top or not math.isfinite(top):
        return Unchanged(why="there is no level to go on from")
    at_top = after(plan, _steps(top, top, plan, ""))
    open_users = sum(s.users for s in at_top.scenarios if s.engine is Engine.OPEN_SCHEDULE)
    further = _DOUBLE
    if at_top.peak_rate_per_s:
        further = min(further, envelope.peak_rate_per_s / at_top.peak_rate_per_s)
    if open_users:
        further = min(further, (envelope.users - (at_top.users - open_users)) / open_users)
    if further < 1 + NARROW:
        return Unchanged(
            why=f"the envelope has no room above {top:.4g}/s: limits.rate_per_s and limits.users of the "
            "description say how far a search for the breaking point may go"
        )
    high = _rounded_down(top * further)
    return _steps(top, high, plan, f"above {top:.4g}/s, up to {high:.4g}/s")


def _levels_are_rates(plan: Plan) -> bool:
    return all(s.curve.unit == "rate_per_s" for s in plan.scenarios)


def _steps(low: float, high: float, plan: Plan, where: str) -> Change:
    hold_s = _hold_s(high, plan)
    return Change(
        kind="steps",
        value=LEVELS,
        low=low,
        high=high,
        hold_s=hold_s,
        sentence=f"{LEVELS} levels {where}, {format_duration(round(hold_s, 3))} each",
    )


def _hold_s(level: float, plan: Plan) -> float:
    """How long the level nearest to this one was held."""
    pieces = held([s.curve for s in plan.scenarios if s.measured and s.curve.unit == "rate_per_s"])
    nearest = min(pieces, key=lambda piece: abs(piece.total - level), default=None)
    return nearest.to_s - nearest.from_s if nearest else plan.duration_s


def _rounded_down(rate_per_s: float) -> float:
    """Four digits at most, never more than asked: a level that people can read."""
    digit = 10.0 ** (math.floor(math.log10(rate_per_s)) - 3)
    return math.floor(rate_per_s / digit + 1e-9) * digit


def _with_curve(scenario: Scenario, curve: LoadCurve, plan: Plan) -> Scenario:
    """The scenario with another curve; an open schedule has users for every arrival of its peak."""
    users = scenario.users
    if scenario.engine is Engine.OPEN_SCHEDULE:
        users = open_bound(curve.peak, scenario.requests, plan.response_timeout_s, scenario.think_time_s)
    return scenario.model_copy(update={"curve": curve, "users": users})


def _peak(scenarios: Sequence[Scenario]) -> float:
    return sum(s.curve.peak * s.requests for s in scenarios if s.curve.unit == "rate_per_s")


def _samples(scenarios: Sequence[Scenario]) -> float:
    return sum(s.expected_samples for s in scenarios)
