"""Plans of several scenarios, for tests of what is asked and what is reached."""

from __future__ import annotations

from typing import Any

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario


def step(label: str, **more: Any) -> PlannedStep:
    """A step that asks the endpoint of that name."""
    return PlannedStep(endpoint=label, label=label, **more)


def scenario(name: str, *steps: PlannedStep, rate: float = 0.0, users: int = 0, **more: Any) -> Scenario:
    """A scenario that holds a rate, or users, for a minute."""
    level, unit = (users, "users") if users else (rate, "rate_per_s")
    fields: dict[str, Any] = {
        "engine": Engine.CLOSED_USERS if users else Engine.OPEN_SCHEDULE,
        "users": users or 50,
        **more,
    }
    curve = LoadCurve.model_validate(
        {"unit": unit, "segments": (Segment(duration_s=60, start=level, end=level),)}
    )
    return Scenario(name=name, curve=curve, steps=steps or (step(name),), **fields)


def plan(*scenarios: Scenario, **more: Any) -> Plan:
    """A plan of a minute, of which the first ten seconds are warm-up."""
    by_rate = [s for s in scenarios if s.curve.unit == "rate_per_s"]
    fields: dict[str, Any] = {
        "attempt": 1,
        "duration_s": 60.0,
        "warm_up_s": 10.0,
        "peak_rate_per_s": sum(s.curve.peak * s.requests for s in by_rate),
        "users": sum(s.users for s in scenarios),
        "expected_samples": sum(s.expected_samples for s in scenarios),
        "connect_timeout_s": 1.0,
        "response_timeout_s": 5.0,
        **more,
    }
    return Plan(scenarios=scenarios, **fields)
