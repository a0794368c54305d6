"""The description of a performance test, as an engineer writes it in YAML: the keys are these fields.

Every model is strict: an unknown key is an error. Outside strings may hold `${name}` for a declared
variable and `${env:NAME}` where a secret may stand; nothing else is ever evaluated.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from perfpilot.domain.base import Strict
from perfpilot.domain.thresholds import ThresholdLine
from perfpilot.domain.units import Duration, Rate

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$")]
"""A name that becomes a JMeter label, a file name and an HTML heading: a restricted alphabet on purpose."""

Variable = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]


class TestType(StrEnum):
    """What question the load asks."""

    __test__ = False  # not a test class, whatever pytest makes of the name

    SMOKE = "smoke"
    LOAD = "load"
    STRESS = "stress"
    SPIKE = "spike"
    SOAK = "soak"
    SCALABILITY = "scalability"
    BREAKPOINT = "breakpoint"
    VOLUME = "volume"


class Method(StrEnum):
    """HTTP methods. GET, HEAD and OPTIONS are safe (RFC 9110 section 9.2.1)."""

    GET = "GET"
    HEAD = "HEAD"
    OPTIONS = "OPTIONS"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"

    @property
    def safe(self) -> bool:
        """Whether a probe may send it without being asked."""
        return self in (Method.GET, Method.HEAD, Method.OPTIONS)


class Timeouts(Strict):
    """How long a request may take before it counts as failed. There is no 'for ever'."""

    connect: Duration = 3.0
    response: Duration = 10.0


class Auth(Strict):
    """A token obtained by a login endpoint and sent with every other request."""

    login: Name = Field(description="Name of the endpoint that logs in")
    token: str = Field(default="$.token", description="JSON path of the token in its answer")
    header: str = "Authorization"
    scheme: str = "Bearer"
    scope: Literal["run", "iteration"] = Field(
        default="run", description="run: one login before the load; iteration: each user logs in again"
    )


class Server(Strict):
    """A database or cache that the target depends on: its connectivity is proved and it is watched."""

    name: Name
    kind: Literal["postgresql", "redis"]
    host: str
    port: int = Field(ge=1, le=65535)
    database: str = ""
    user: str = ""
    password: str = Field(default="", description="A reference such as ${env:DB_PASSWORD}, never the secret")


class Environment(Strict):
    """Where the test runs."""

    base_url: str
    name: str = ""
    health: str = Field(default="", description="Path that answers when the target is well")
    headers: dict[str, str] = {}
    timeouts: Timeouts = Timeouts()
    auth: Auth | None = None
    servers: tuple[Server, ...] = ()

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{value!r} is not a web address: write http://host:port")
        if parts.username or parts.query or parts.fragment:
            raise ValueError(f"{value!r}: give scheme, host, port and path only")
        return value.rstrip("/")


class Expect(Strict):
    """What makes an answer a success."""

    status: tuple[int, ...] = Field(default=(), description="Empty: any status from 200 to 399")
    contains: str = ""


class Extract(Strict):
    """A value taken from an answer for later requests, as `${name}`."""

    name: Variable
    json_path: str = ""
    regex: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> Extract:
        if bool(self.json_path) == bool(self.regex):
            raise ValueError("give either json_path or regex")
        return self


class Endpoint(Strict):
    """One request."""

    name: Name
    method: Method = Method.GET
    path: str = Field(pattern=r"^/")
    headers: dict[str, str] = {}
    body: str | dict[str, Any] | list[Any] | None = Field(
        default=None, description="A text as it is, or a mapping that is sent as JSON"
    )
    expect: Expect = Expect()
    extract: tuple[Extract, ...] = ()
    weight: float = Field(default=1.0, gt=0, description="Share of the load where there are no journeys")
    authenticated: bool = Field(default=True, description="Send the token, where environment.auth is set")


class Step(Strict):
    """One request of a journey, and the pause of a person before it."""

    endpoint: Name
    think_time: Duration = 0.0


class Journey(Strict):
    """What one user does, in order. One arrival runs it once."""

    name: Name
    steps: tuple[
        Annotated[
            Step,
            BeforeValidator(
                lambda v: {"endpoint": v} if isinstance(v, str) else v, json_schema_input_type=Step | str
            ),
        ],
        ...,
    ] = Field(min_length=1)
    weight: float = Field(default=1.0, gt=0)


class Stage(Strict):
    """A piece of the load curve: the level is held for the duration, or reached in a straight line."""

    duration: Duration
    rate_per_s: Rate | None = Field(default=None, description="Arrivals per second (open model)")
    users: int | None = Field(default=None, ge=0, description="Concurrent users (closed model)")
    ramp: bool = False


class LoadPattern(Strict):
    """How load arrives. One arrival is one user who runs one journey (or one endpoint) once."""

    model: Literal["open", "closed"] = "open"
    stages: tuple[Stage, ...] = Field(min_length=1)
    arrivals: Literal["random", "even"] = "random"
    steered: bool = Field(
        default=False, description="open: a fixed number of paced users who take turns at the rate"
    )

    @model_validator(mode="after")
    def _levels_fit_the_model(self) -> LoadPattern:
        wanted, other = ("rate_per_s", "users") if self.model == "open" else ("users", "rate_per_s")
        for index, stage in enumerate(self.stages):
            if getattr(stage, wanted) is None or getattr(stage, other) is not None:
                raise ValueError(f"stage {index + 1}: the {self.model} model takes {wanted}, not {other}")
            if stage.duration <= 0:
                raise ValueError(f"stage {index + 1}: its duration must be longer than nothing")
        return self


class TestData(Strict):
    """Values for `${variable}`: rows are handed out in turn, again from the first when used up."""

    __test__ = False

    values: dict[Variable, tuple[str, ...]] = {}


class Baseline(Strict):
    """What to compare with: the id of a run, or `previous`."""

    run: str = "previous"


class Limits(Strict):
    """Bounds that the engineer sets for this test; they can only tighten the operator's policy."""

    rate_per_s: Rate | None = None
    users: int | None = Field(default=None, ge=1)
    requests: int | None = Field(default=None, ge=1)
    duration: Duration | None = None


class Notifications(Strict):
    """Who is told how the run ended."""

    webhook: str = Field(default="", description="Address that gets a JSON POST; may be ${env:NAME}")


class Reports(Strict):
    """Which reports are written. `result.json` always is."""

    formats: tuple[Literal["html", "markdown", "junit"], ...] = ("html", "markdown", "junit")


class Spec(Strict):
    """A whole description of a performance test."""

    version: Literal[1] = 1
    test_name: Name
    test_type: TestType = TestType.LOAD
    environment: Environment
    endpoints: tuple[Endpoint, ...] = Field(min_length=1)
    journeys: tuple[Journey, ...] = ()
    load_patterns: tuple[LoadPattern, ...] = Field(min_length=1, max_length=1)
    thresholds: tuple[ThresholdLine, ...] = ()
    test_data: TestData = TestData()
    baseline: Baseline | None = None
    limits: Limits = Limits()
    notifications: Notifications = Notifications()
    reports: Reports = Reports()

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name. Raises KeyError."""
        for endpoint in self.endpoints:
            if endpoint.name == name:
                return endpoint
        raise KeyError(name)
