"""What will be run: scenarios with their curves and sizes. The JMX is written from this and the spec."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.domain.base import Frozen
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.search import Search
from perfpilot.domain.spec import Endpoint


class Engine(StrEnum):
    """How JMeter makes the load of a scenario. Each has traps of its own: see `tools/jmeter/jmx`."""

    OPEN_SCHEDULE = "open_schedule"  # Open Model Thread Group, a fixed schedule
    STEERED_RATE = "steered_rate"  # users who share one clock, its rate read from a control file
    CLOSED_USERS = "closed_users"  # one thread group for each step of users
    STEERED_USERS = "steered_users"  # users behind a gate, their number read from a control file

    @property
    def steered(self) -> bool:
        """Whether a control file is read while the test runs."""
        return self in (Engine.STEERED_RATE, Engine.STEERED_USERS)


class Kind(StrEnum):
    """What a scenario is there for."""

    JOURNEY = "journey"  # what users do; the only kind that is measured
    EDGE = "edge"  # empty, longest and unusual values, the largest page, the coldest item
    FAILURE = "failure"  # wrong credentials, unknown ids, malformed bodies: an orderly error is a success


class PlannedStep(Frozen):
    """One sampler: the endpoint, its label in the results, and the think time before it."""

    endpoint: str
    label: str
    think_time_s: float = 0.0
    repeat: int = 1
    only_if: str = ""  # the variable whose extractor must have found something
    request: Endpoint | None = None  # what a case sends in the place of the endpoint as described


class Scenario(Frozen):
    """One thread group (closed users: several): what a user does, and how users arrive."""

    name: str
    engine: Engine
    curve: LoadCurve  # from the start of the load; levels of 0 until the scenario begins
    steps: tuple[PlannedStep, ...]
    users: int  # threads that JMeter may have at once; for an open schedule the bound that was checked
    even_arrivals: bool = False
    login_first: bool = False  # the login is the first step of every iteration
    seed: int = 1
    kind: Kind = Kind.JOURNEY
    why: str = ""  # one sentence: why it runs, and why when it does
    transaction: bool = False  # a row for each whole iteration, labelled `journey: NAME`
    searched: bool = False  # its level is searched for while the load runs; the curve is the most

    @property
    def measured(self) -> bool:
        """Whether thresholds count its samples."""
        return self.kind is Kind.JOURNEY

    @property
    def requests(self) -> int:
        """Requests of one iteration at most: steps with their repetitions, and the login."""
        return sum(step.repeat for step in self.steps) + int(self.login_first)

    @property
    def certain_requests(self) -> int:
        """Requests that every iteration makes, whatever extractors find."""
        return sum(step.repeat for step in self.steps if not step.only_if) + int(self.login_first)

    @property
    def think_time_s(self) -> float:
        """Pauses of one iteration together."""
        return sum(step.think_time_s * step.repeat for step in self.steps)

    @property
    def expected_samples(self) -> float:
        """Samples that the curve asks for at most, logins included; 0 where only users are given, or where
        a search decides."""
        return 0.0 if self.curve.unit == "users" or self.searched else self.curve.area * self.requests


class LeftOut(Frozen):
    """A scenario that was thought of and does not run, with the reason and how to have it."""

    name: str
    kind: Kind
    why: str


class Plan(Frozen):
    """A whole attempt: `before` runs once with one user ahead of the load, `scenarios` side by side in it."""

    version: int = 1
    attempt: int
    scenarios: tuple[Scenario, ...]
    duration_s: float
    warm_up_s: float  # samples before this are set aside: ramp-up and the JVM's own warm-up
    peak_rate_per_s: float  # samples per second at the peak, all kinds; 0 when only users are given
    users: int
    expected_samples: float
    connect_timeout_s: float
    response_timeout_s: float
    notes: tuple[str, ...] = ()  # why it is sized like this, for people
    before: tuple[Scenario, ...] = ()  # cases: one pass each after the smoke pass, one after the other
    left_out: tuple[LeftOut, ...] = ()
    login: str = ""  # label of the login, where iterations begin with one
    search: Search | None = None  # of the highest load that meets the thresholds

    def asked_per_s(self, t_s: float) -> float:
        """Samples per second that measured scenarios ask for at a moment; 0 when only users are given."""
        return sum(s.curve.level_at(t_s) * s.certain_requests for s in self._by_rate())

    def asked_between(self, from_s: float, to_s: float) -> float:
        """Samples that measured scenarios ask for between two moments."""
        return sum(s.curve.area_between(from_s, to_s) * s.certain_requests for s in self._by_rate())

    def _by_rate(self) -> list[Scenario]:
        return [s for s in self.scenarios if s.measured and s.curve.unit == "rate_per_s"]
