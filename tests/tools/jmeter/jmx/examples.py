"""Small specs and plans for the tests of the plan writer."""

from __future__ import annotations

from typing import Any

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.spec import Spec


def spec(*endpoints: dict[str, Any], port: int = 8080, **more: Any) -> Spec:
    """A spec with these endpoints; `environment` is merged into one that points at loopback."""
    environment = {"base_url": f"http://127.0.0.1:{port}", **more.pop("environment", {})}
    return Spec.model_validate(
        {
            "test_name": "example",
            "environment": environment,
            "endpoints": list(endpoints) or [{"name": "home", "path": "/"}],
            "load_patterns": [{"stages": [{"rate_per_s": 10, "duration": "10s"}]}],
            **more,
        }
    )


def curve(*segments: tuple[float, float, float], unit: str = "rate_per_s") -> LoadCurve:
    """A curve of (seconds, start, end)."""
    pieces = tuple(Segment(duration_s=d, start=a, end=b) for d, a, b in segments)
    return LoadCurve(unit="users" if unit == "users" else "rate_per_s", segments=pieces)


def scenario(
    *endpoints: str, load: LoadCurve, engine: Engine = Engine.OPEN_SCHEDULE, users: int = 20, **more: Any
) -> Scenario:
    """A scenario of these endpoints, in order."""
    return Scenario(
        name=more.pop("name", endpoints[0]),
        engine=engine,
        curve=load,
        steps=tuple(PlannedStep(endpoint=name, label=name) for name in endpoints),
        users=users,
        **more,
    )


def plan(*scenarios: Scenario, response_timeout_s: float = 2.0) -> Plan:
    """A plan of these scenarios."""
    return Plan(
        attempt=1,
        scenarios=scenarios,
        duration_s=max(s.curve.duration_s for s in scenarios),
        warm_up_s=0.0,
        peak_rate_per_s=0.0,
        users=sum(s.users for s in scenarios),
        expected_samples=sum(s.expected_samples for s in scenarios),
        connect_timeout_s=1.0,
        response_timeout_s=response_timeout_s,
    )
