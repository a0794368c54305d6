"""A result with every kind of row: whole journeys, cases before and during the load, what was left out."""

from __future__ import annotations

from typing import Any

from perfpilot.domain.judgement import Fact, Finding, FindingKind, Severity
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.load_outcome import CaseOutcome, Met
from perfpilot.domain.plan import Engine, Kind, LeftOut, Plan, PlannedStep, Scenario
from perfpilot.domain.result import Result
from tests.reporting.sample_measures import label
from tests.reporting.sample_results import FACTS, go_result, plan


def curve(*pieces: tuple[float, float, float], unit: str = "rate_per_s") -> LoadCurve:
    """A curve of (seconds, start, end)."""
    return LoadCurve(
        unit="users" if unit == "users" else "rate_per_s",
        segments=tuple(Segment(duration_s=d, start=a, end=b) for d, a, b in pieces),
    )


def scenario(name: str, load: LoadCurve, *steps: PlannedStep, **more: Any) -> Scenario:
    """A scenario; without steps it has one of its own name."""
    fields: dict[str, Any] = {"engine": Engine.OPEN_SCHEDULE, "users": 600, **more}
    own = steps or (PlannedStep(endpoint=name, label=name),)
    return Scenario(name=name, curve=load, steps=own, **fields)


def case(name: str, endpoint: str, met: Met = Met.AS_EXPECTED, **more: Any) -> CaseOutcome:
    """What became of a case; an edge case that was answered with 200 unless told otherwise."""
    fields: dict[str, Any] = {
        "kind": Kind.EDGE,
        "code": "200",
        "elapsed_ms": 12.3,
        "expected": "an orderly answer",
        "why": f"unusual input to {endpoint} must be served or refused in order: no 5xx, no time-out",
        **more,
    }
    ok = met is Met.AS_EXPECTED
    return CaseOutcome(name=name, label=f"case: {name}", endpoint=endpoint, met=met, ok=ok, **fields)


STEPS = (
    PlannedStep(endpoint="list products", label="list products"),
    PlannedStep(endpoint="search", label="search", think_time_s=1.5, repeat=3),
    PlannedStep(endpoint="add to basket", label="add to basket", think_time_s=2, only_if="product_id"),
    PlannedStep(endpoint="checkout", label="checkout", only_if="basket_id"),
)
CASES = (
    case("search unusual characters q", "search"),
    case("search empty q", "search"),
    case(
        "search longest q", "search", Met.SERVER_ERROR, code="500",
        detail="500 where an orderly answer was expected",
    ),
    case("list products largest page", "list products"),
    case(
        "list products far page", "list products", Met.NO_ANSWER, elapsed_ms=10_000.0,
        code="Non HTTP response code: java.net.SocketTimeoutException", detail="no answer within 10s",
    ),
    case("add to basket zero quantity", "add to basket", code="422"),
    case("add to basket very large quantity", "add to basket", code="422"),
    case(
        "checkout no token", "checkout", Met.LET_IN, kind=Kind.FAILURE, expected="4xx",
        why="a request without a token must be refused in order: a 4xx, no 5xx and no success",
        detail="200 where 4xx was expected",
    ),
    case("checkout wrong token", "checkout", kind=Kind.FAILURE, code="401", expected="4xx"),
    case("checkout truncated body", "checkout", kind=Kind.FAILURE, code="400", expected="4xx"),
    case("checkout missing fields", "checkout", kind=Kind.FAILURE, code="422", expected="4xx"),
    case(
        "checkout unknown id", "checkout", Met.NOT_SENT, kind=Kind.FAILURE, code="", expected="4xx",
        elapsed_ms=0.0, detail="not sent: add to basket, which comes before it, met 503",
    ),
)  # fmt: skip
USED_UP = "the 12 requests of cases.most are used up: a higher number sends it"
LEFT_OUT = tuple(
    LeftOut(name=name, kind=Kind.FAILURE, why=why)
    for name, why in (
        ("login wrong password", "it may change data or lock an account: cases.writes: true sends it"),
        ("add to basket missing fields", USED_UP),
        ("add to basket wrong type quantity", USED_UP),
        ("add to basket wrong content type", USED_UP),
        ("checkout wrong content type", USED_UP),
    )
)  # fmt: skip
CASE_FACTS = (
    Fact(id="F11", name="cases.sent", value=11, unit="", text="cases sent before the load: 11"),
    Fact(
        id="F12",
        name="cases.let_in(checkout)",
        value=1,
        unit="",
        text="cases at checkout let in without the right credentials (checkout no token): 1",
    ),
)
LET_IN = Finding(
    kind=FindingKind.APPLICATION_ERRORS,
    component="checkout",
    severity=Severity.HIGH,
    confidence=0.9,
    evidence_for=("F12",),
    explanation="This endpoint answered with success without the right credentials.",
    recommendations=("Refuse a request without valid credentials with 401 or 403.",),
    by_case=True,
)


def rich_plan() -> Plan:
    """Three journeys with loads of their own, a case beside them, cases before, and some left out."""
    ramped = ((10.0, 0.0, 60.0), (50.0, 60.0, 60.0))
    return plan().model_copy(
        update={
            "scenarios": (
                scenario(
                    "buy", curve(*ramped), *STEPS, transaction=True, login_first=True,
                    why="a journey of the description",
                ),
                scenario(
                    "browse", curve((5, 0, 0), *((11, level, level) for level in (20, 40, 60, 80, 100))),
                    engine=Engine.STEERED_RATE, users=40, transaction=True,
                    why="a journey of the description",
                ),
                scenario(
                    "back office", curve((60, 12, 12), unit="users"), engine=Engine.CLOSED_USERS, users=12,
                    why="a journey of the description",
                ),
                scenario(
                    "search longest q", curve((60, 1, 1)), kind=Kind.EDGE, even_arrivals=True,
                    why="1,000 characters in q must be served or refused in order: no 5xx, no time-out",
                ),
            ),
            "before": tuple(
                scenario(c.name, curve(), PlannedStep(endpoint=c.endpoint, label=c.label), kind=c.kind)
                for c in CASES
            ),
            "left_out": LEFT_OUT,
            "login": "log in",
        }
    )  # fmt: skip


def rich_result() -> Result:
    """A GO whose cases showed something beside the load."""
    base = go_result()
    attempt = base.scenarios[0]
    steady = attempt.phases[1].model_copy(
        update={
            "transactions": (label("buy", 1_412, 32, 29.4, 214.0), label("browse", 2_990, 0, 62.3, 61.2)),
            "cases": (label("search longest q", 48, 48, 1.0, 12.0),),
        }
    )
    return go_result(
        scenarios=(attempt.model_copy(update={"phases": (attempt.phases[0], steady)}),),
        plan=rich_plan(),
        cases=CASES,
        findings=(LET_IN,),
        facts=(*FACTS, *CASE_FACTS),
    )
