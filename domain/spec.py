"""The description of a performance test, as an engineer writes it in YAML: the keys are these fields.

Every model is strict: an unknown key is an error. Outside strings may hold `${name}` for a declared
variable and `${env:NAME}` where a secret may stand; nothing else is ever evaluated.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from perfpilot.domain.alerts import AlertLine
from perfpilot.domain.base import Strict
from perfpilot.domain.benchmark import BenchmarkLine
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.thresholds import ThresholdLine
from perfpilot.domain.units import Duration, Rate, Share

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


class BasicAuth(Strict):
    """HTTP Basic authentication, sent with every request of an `authenticated` endpoint."""

    user: str
    password: str = Field(
        description="A reference such as ${env:PERFPILOT_SECRET_PASSWORD}, never the secret"
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
    cookies: bool = Field(default=True, description="Each user keeps the cookies that it is given")
    cache: bool = Field(
        default=False, description="Each user has a browser's cache and asks again only when due"
    )
    auth: Auth | None = None
    basic_auth: BasicAuth | None = None
    servers: tuple[Server, ...] = ()
    instances: int = Field(default=1, ge=1, description="Instances of the target that share the load")
    cost_per_hour: float | None = Field(
        default=None, gt=0, description="What all of them cost in an hour, for projections"
    )
    currency: str = Field(default="", max_length=8, description="Of cost_per_hour, such as EUR")

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{value!r} is not a web address: write http://host:port")
        if parts.username or parts.query or parts.fragment:
            raise ValueError(f"{value!r}: give scheme, host, port and path only")
        return value.rstrip("/")


StatusClass = Literal["2xx", "3xx", "4xx", "5xx"]


class Expect(Strict):
    """What makes an answer a success."""

    status: tuple[int | StatusClass, ...] = Field(
        default=(), description="Statuses such as 201, or classes such as 4xx. Empty: any from 200 to 399"
    )
    contains: str = ""
    lacks: str = Field(default="", description="A text that must not stand in the answer")
    json_path: str = Field(default="", description="A path that must exist in the JSON answer")
    within: Duration | None = Field(default=None, description="An answer that takes longer has failed")

    def accepts(self, status: int) -> bool:
        """Whether this status is a success."""
        if not self.status:
            return 200 <= status < 400
        return status in self.status or f"{status // 100}xx" in self.status


class Extract(Strict):
    """A value taken from an answer for later requests, as `${name}`."""

    name: Variable
    json_path: str = ""
    regex: str = ""
    header: str = Field(default="", description="Name of a header whose value is taken")
    match: Literal["first", "random"] = Field(default="first", description="Which, where several match")
    optional: bool = Field(
        default=False, description="An answer without it is no failure; see `only_if` of a step"
    )

    @model_validator(mode="after")
    def _one_source(self) -> Extract:
        if sum(map(bool, (self.json_path, self.regex, self.header))) != 1:
            raise ValueError("give exactly one of json_path, regex and header")
        return self


class Upload(Strict):
    """A file that is sent as a part of a multipart form."""

    field: str = Field(description="Name of the form's field")
    path: str = Field(description="Where the file is: below a data root of the operator's policy")
    type: str = Field(default="application/octet-stream", description="Its media type")


class Endpoint(Strict):
    """One request."""

    name: Name
    method: Method = Method.GET
    path: str = Field(pattern=r"^/")
    headers: dict[str, str] = {}
    query: dict[str, str] = Field(
        default={}, description="Parameters of the address; their values are encoded when they are sent"
    )
    body: str | dict[str, Any] | list[Any] | None = Field(
        default=None, description="A text as it is, or a mapping that is sent as JSON"
    )
    form: dict[str, str] = Field(
        default={}, description="Fields of a form, URL-encoded, or multipart with files"
    )
    files: tuple[Upload, ...] = ()
    redirects: bool = Field(default=False, description="Follow redirects, 3 at most; one sample in all")
    expect: Expect = Expect()
    extract: tuple[Extract, ...] = ()
    weight: float = Field(default=1.0, gt=0, description="Share of the load where there are no journeys")
    authenticated: bool = Field(default=True, description="Send the token, where environment.auth is set")

    @model_validator(mode="after")
    def _one_body(self) -> Endpoint:
        if self.body is not None and (self.form or self.files):
            raise ValueError("give a body, or form and files, not both")
        return self


class Step(Strict):
    """One request of a journey, and the pause of a person before it."""

    endpoint: Name
    think_time: Duration = 0.0
    repeat: int = Field(default=1, ge=1, le=1000, description="So many times in a row, with its think time")
    only_if: Variable | None = Field(
        default=None,
        description="Only where the extractor of this variable found something in this iteration",
    )


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
    transaction: bool = Field(
        default=False, description="Report the journey as a whole, without think times, beside its requests"
    )


class Cases(Strict):
    """Requests beside the journeys that perfpilot makes up: unusual input, and failures that must be orderly.

    They are planned in any case and shown by `perfpilot plan`; only what `run` names is sent. They are never
    measured: no threshold counts them.
    """

    run: tuple[Literal["edge", "failure"], ...] = Field(
        default=(), description="Kinds that are sent, once each, after the smoke pass and before the load"
    )
    writes: bool = Field(
        default=False, description="Also with methods that change data, and wrong credentials at the login"
    )
    share: Share = Field(
        default=0.0, description="Sent during the load too: this share of its arrivals, on top of them"
    )
    most: int = Field(default=40, ge=1, le=1000, description="Requests that the cases of one pass may send")


class TestData(Strict):
    """Values for `${variable}`: rows are handed out in turn, again from the first when used up."""

    __test__ = False

    values: dict[Variable, tuple[str, ...]] = {}
    order: Literal["in_turn", "shuffled"] = Field(
        default="in_turn", description="shuffled: rows in an order drawn once from the name of the test"
    )


class Baseline(Strict):
    """What to compare with: runs of this test, or a table of figures from elsewhere."""

    run: str = Field(
        default="previous",
        description="A run's id, `previous`, or `set`: the one named by `perfpilot baseline set`",
    )
    runs: int = Field(default=1, ge=1, le=100, description="So many runs, the newest of them `run`")
    benchmark: tuple[BenchmarkLine, ...] = Field(
        default=(), description="Lines such as `p95(checkout) = 250ms`, compared with in place of runs"
    )
    source: str = Field(default="", description="Where the benchmark's figures come from")
    floor: Share = Field(default=0.05, description="Changes within are of no practical matter")


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
    load_patterns: tuple[LoadPattern, ...] = Field(min_length=1, max_length=32)
    thresholds: tuple[ThresholdLine, ...] = ()
    alerts: tuple[AlertLine, ...] = Field(
        default=(), max_length=64, description="What is told while the load runs, beside the built-in rules"
    )
    cases: Cases = Cases()
    test_data: TestData = TestData()
    baseline: Baseline | None = None
    expected_load: Rate | None = Field(
        default=None, description="The peak that production brings: the capacity is held against it"
    )
    limits: Limits = Limits()
    notifications: Notifications = Notifications()
    reports: Reports = Reports()

    @property
    def searches(self) -> bool:
        """Whether the answer is a capacity: a breach of anything else shows only where the limit lies."""
        return self.test_type is TestType.BREAKPOINT or any(p.search for p in self.load_patterns)

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name. Raises KeyError."""
        for endpoint in self.endpoints:
            if endpoint.name == name:
                return endpoint
        raise KeyError(name)

    def sends_token(self, endpoint: Endpoint) -> bool:
        """Whether a request to this endpoint carries the token of `environment.auth`."""
        auth = self.environment.auth
        return bool(auth and endpoint.authenticated and endpoint.name != auth.login)

    def sends_basic_auth(self, endpoint: Endpoint) -> bool:
        """Whether it carries `environment.basic_auth`: one Authorization header holds one of the two."""
        auth = self.environment.auth
        taken = {name.lower() for name in (*self.environment.headers, *endpoint.headers)}
        if auth and self.sends_token(endpoint):
            taken.add(auth.header.lower())
        return bool(self.environment.basic_auth and endpoint.authenticated and "authorization" not in taken)
