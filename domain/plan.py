"""What will be run: scenarios with their curves and sizes. The JMX is written from this and the spec."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.domain.base import Frozen
from perfpilot.domain.load import LoadCurve


class Engine(StrEnum):
    """How JMeter makes the load of a scenario. Each has traps of its own: see `tools/jmeter/jmx`."""

    OPEN_SCHEDULE = "open_schedule"  # Open Model Thread Group, a fixed schedule
    STEERED_RATE = (
        "steered_rate"  # thread group whose users share one clock, its rate read from a control file
    )
    CLOSED_USERS = "closed_users"  # one thread group for each step of users


class PlannedStep(Frozen):
    """One sampler: the endpoint, its label in the results, and the think time before it."""

    endpoint: str
    label: str
    think_time_s: float = 0.0


class Scenario(Frozen):
    """One thread group: what a user does, and how users arrive."""

    name: str
    engine: Engine
    curve: LoadCurve
    steps: tuple[PlannedStep, ...]
    users: int  # threads that JMeter may have at once; for an open schedule the bound that was checked
    even_arrivals: bool = False
    login_first: bool = False  # the login is the first step of every iteration
    seed: int = 1

    @property
    def expected_samples(self) -> float:
        """Samples that the curve asks for, logins included; 0 where only users are given."""
        if self.curve.unit == "users":
            return 0.0
        return self.curve.area * (len(self.steps) + int(self.login_first))


class Plan(Frozen):
    """A whole attempt: scenarios run side by side in one JMX."""

    version: int = 1
    attempt: int
    scenarios: tuple[Scenario, ...]
    duration_s: float
    warm_up_s: float  # samples before this are set aside: ramp-up and the JVM's own warm-up
    peak_rate_per_s: float  # samples per second at the peak; 0 when only users are given
    users: int
    expected_samples: float
    connect_timeout_s: float
    response_timeout_s: float
    notes: tuple[str, ...] = ()  # why it is sized like this, for people

    def asked_per_s(self, t_s: float) -> float:
        """Samples per second that the plan asks for at a moment; 0 when only users are given."""
        return sum(
            s.curve.level_at(t_s) * (len(s.steps) + int(s.login_first))
            for s in self.scenarios
            if s.curve.unit == "rate_per_s"
        )

    def asked_between(self, from_s: float, to_s: float) -> float:
        """Samples that the plan asks for between two moments."""
        return sum(
            s.curve.area_between(from_s, to_s) * (len(s.steps) + int(s.login_first))
            for s in self.scenarios
            if s.curve.unit == "rate_per_s"
        )
