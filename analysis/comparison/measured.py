"""A run as one side of a comparison, whether it proves anything, and whether two carried the same load."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.figures import figure
from perfpilot.domain.measure import Attempt, PhaseStats
from perfpilot.domain.plan import Plan
from perfpilot.domain.time_windows import TimeWindows

SAME_LOAD = 0.05
"""Offered rates further apart than this make a slower run look like a regression, or hide one."""

_LOOKS = 64


@dataclass(frozen=True)
class Measured:
    """An attempt and the plan that it ran; without its plan, the rate reached stands for the rate asked.

    Without `windows` its figures are shown, and nothing is decided by them alone.
    """

    attempt: Attempt
    plan: Plan | None = None
    windows: TimeWindows | None = None
    run_id: str = ""

    @property
    def steady(self) -> PhaseStats | None:
        """The steady phase, if it was reached."""
        return self.attempt.phase("steady")


def not_usable(side: Measured, name: str) -> str:
    """Why the figures of a run prove nothing; empty: they do."""
    if not side.attempt.valid:
        return f"the {name} is not valid: {side.attempt.invalid_because or 'no reason recorded'}"
    if side.steady is None:
        return f"the {name} has no steady phase"
    if side.attempt.generator.limited:
        return f"the load generator of the {name} was limited"
    return ""


def not_comparable(before: Measured, after: Measured) -> str:
    """Why two runs that are usable can't be compared; empty: they can."""
    old, new = before.steady, after.steady
    if old is None or new is None:
        return "one of the two has no steady phase"
    missing = sorted({s.label for s in old.labels} ^ {s.label for s in new.labels})
    if missing:
        return f"the labels differ: {', '.join(missing)} in one of the two only"
    return _other_load(before, old, after, new)


def load_varies(side: Measured) -> bool:
    """Whether the load asked for rises or falls within the steady phase."""
    steady, plan = side.steady, side.plan
    if steady is None or plan is None:
        return False
    moments = [steady.from_s + (n + 0.5) / _LOOKS * (steady.to_s - steady.from_s) for n in range(_LOOKS)]
    for scenario in (s for s in plan.scenarios if s.measured):
        levels = [scenario.curve.level_at(moment) for moment in moments]
        if max(levels) > 1.01 * min(levels):
            return True
    return False


def _other_load(before: Measured, old: PhaseStats, after: Measured, new: PhaseStats) -> str:
    was, now = _offered(before, old), _offered(after, new)
    if set(was) != set(now):
        return "one of the two was given a rate, the other users"
    for unit, value in was.items():
        if value <= 0 or abs(now[unit] / value - 1) > SAME_LOAD:
            return f"the offered load differs: {figure(value, unit)} before, {figure(now[unit], unit)} now"
    return ""


def _offered(side: Measured, steady: PhaseStats) -> dict[str, float]:
    """What the measured scenarios were given, by unit: a plan may have rates and users."""
    plan = side.plan
    if plan is None:
        return {"/s": steady.pooled.rate_per_s}
    measured = [scenario for scenario in plan.scenarios if scenario.measured]
    found: dict[str, float] = {}
    if any(scenario.curve.unit == "rate_per_s" for scenario in measured):
        found["/s"] = plan.asked_between(steady.from_s, steady.to_s) / (steady.to_s - steady.from_s)
    if any(scenario.curve.unit == "users" for scenario in measured):
        found["users"] = float(sum(s.users for s in measured if s.curve.unit == "users"))
    return found
