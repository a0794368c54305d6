"""What became of cases, told in words of ours, and which of them are findings."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.analysis.cases import case_outcomes, expected_words, latest_cases
from perfpilot.domain.load_outcome import CaseOutcome, Met
from perfpilot.domain.measure import Attempt
from perfpilot.domain.plan import Kind, Plan, PlannedStep, Scenario
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.spec import Endpoint, Expect, Spec
from tests.analysis.made_plans import plan, scenario
from tests.analysis.result_files import file, line, read

TIMEOUT = "Non HTTP response code: java.net.SocketTimeoutException"
CLOSED = "Non HTTP response code: org.apache.http.NoHttpResponseException"
REFUSED = "Non HTTP response code: org.apache.http.conn.HttpHostConnectException"
ORDERLY = Expect(status=("2xx", "3xx", "4xx"))
WHY = "it must be served in order; before the load, one after the other"
REJECTED = Expect(status=("4xx",))

SPEC = Spec.model_validate(
    {
        "test_name": "shop",
        "environment": {
            "base_url": "http://127.0.0.1:8080",
            "headers": {"X-Key": "${env:PERFPILOT_SECRET_KEY}", "Accept": "*/*"},
            "auth": {"login": "log in"},
        },
        "endpoints": [
            {"name": "log in", "method": "POST", "path": "/login", "body": {"user": "a"}},
            {"name": "search", "path": "/search?q=a"},
            {"name": "open", "path": "/open", "authenticated": False},
        ],
        "load_patterns": [{"rate_per_s": 1}],
    }
)


def case(name: str, endpoint: str, expect: Expect, *before: PlannedStep, **changes: Any) -> Scenario:
    request = SPEC.endpoint(endpoint).model_copy(update={"expect": expect, **changes})
    last = PlannedStep(endpoint=endpoint, label=f"case: {name}", request=request)
    return scenario(name, *before, last, rate=0, kind=Kind.EDGE, why=WHY)


def outcome(of: Scenario, *lines: str) -> CaseOutcome:
    rows, reader = read(file([line(0, label="search"), *lines]))
    made: Plan = plan(scenario("search", rate=1), before=(of,))
    (found,) = case_outcomes(rows, reader.labels, reader.codes, made, SPEC)
    return found


def failed(label: str, code: str, failure: str = "", **more: Any) -> str:
    return line(5, label=label, code=code, success=False, failure=failure, **more)


def test_a_case_that_went_as_expected_has_its_answer_and_no_detail() -> None:
    found = outcome(case("odd", "search", ORDERLY), line(5, 12, "case: odd", code="404"))
    assert (found.name, found.label, found.kind, found.endpoint) == ("odd", "case: odd", Kind.EDGE, "search")
    assert (found.code, found.ok, found.met, found.elapsed_ms) == ("404", True, Met.AS_EXPECTED, 12)
    assert (found.detail, found.expected) == ("", "an orderly answer")
    assert found.why == "it must be served in order"


@pytest.mark.parametrize(
    ("code", "message", "expect", "met", "detail"),
    [
        ("500", "unexpected status", ORDERLY, Met.SERVER_ERROR, "500 where an orderly answer was expected"),
        (TIMEOUT, "", ORDERLY, Met.NO_ANSWER, "no answer within 5s"),
        (CLOSED, "", ORDERLY, Met.NO_ANSWER, "the connection was closed without an answer"),
        (REFUSED, "", ORDERLY, Met.NO_ANSWER, "no connection could be made"),
        ("503", "unexpected status", REJECTED, Met.SERVER_ERROR, "503 where 4xx was expected"),
        ("200", "unexpected status", REJECTED, Met.ACCEPTED, "200 where 4xx was expected"),
        ("302", "unexpected status", REJECTED, Met.OTHER, "302 where 4xx was expected"),
        ("200", "expected text is missing", ORDERLY, Met.OTHER, "200, but expected text is missing"),
        (
            "200",
            "The operation lasted too long: It took 900 milliseconds",
            ORDERLY,
            Met.OTHER,
            "200, later than expected",
        ),
        ("200", "<script>", ORDERLY, Met.OTHER, "200, but not the answer that was expected"),
    ],
)
def test_a_case_that_did_not_is_told_in_words_of_ours(
    code: str, message: str, expect: Expect, met: Met, detail: str
) -> None:
    asked = case("odd", "open", expect, path="/open?x=1")
    found = outcome(asked, failed("case: odd", code, message, message="hostile text"))
    assert (found.met, found.ok, found.detail) == (met, False, detail)


@pytest.mark.parametrize(
    ("endpoint", "changes", "met"),
    [
        ("search", {"authenticated": False}, Met.LET_IN),  # no token
        ("search", {"authenticated": False, "headers": {"Authorization": "Bearer wrong"}}, Met.LET_IN),
        ("search", {"headers": {"X-Key": "wrong"}}, Met.LET_IN),
        ("log in", {"body": {"user": "a", "password": "wrong"}}, Met.LET_IN),
        ("search", {"path": "/search?q="}, Met.ACCEPTED),
        ("search", {"headers": {"Content-Type": "text/plain"}}, Met.ACCEPTED),
        ("search", {"headers": {"Accept": "text/odd"}}, Met.ACCEPTED),
        ("open", {"path": "/open?x=1"}, Met.ACCEPTED),
    ],
)
def test_a_success_without_the_right_credentials_is_told_from_other_input_that_was_accepted(
    endpoint: str, changes: dict[str, Any], met: Met
) -> None:
    asked = case("odd", endpoint, REJECTED, **changes)
    assert outcome(asked, failed("case: odd", "200", "unexpected status")).met is met


def test_a_case_that_was_not_sent_says_why() -> None:
    first = PlannedStep(endpoint="search", label="case: odd / search")
    asked = case("odd", "open", ORDERLY, first)
    broken = outcome(asked, failed(first.label, "503"))
    assert (broken.met, broken.code) == (Met.NOT_SENT, "")
    assert broken.detail == "not sent: search, which comes before it, met 503"
    assert outcome(asked).detail == "not sent: JMeter ended before it"
    last = asked.steps[-1].model_copy(update={"only_if": "id"})
    conditional = asked.model_copy(update={"steps": (first, last)})
    assert outcome(conditional, line(5, label=first.label)).detail == "not sent: nothing was found for id"


def test_a_case_that_is_sent_several_times_is_judged_by_its_first_failure() -> None:
    lines = [
        line(5, 7, "case: odd"),
        failed("case: odd", "500", "unexpected status"),
        line(9, 7, "case: odd"),
    ]
    assert outcome(case("odd", "search", ORDERLY), *lines).met is Met.SERVER_ERROR


def test_outcomes_come_in_the_order_of_the_plan_and_other_rows_are_none() -> None:
    rows, reader = read(file([line(3, label="case: b"), line(1, label="search"), line(2, label="case: a")]))
    made = plan(
        scenario("search", rate=1), before=tuple(case(name, "search", ORDERLY) for name in ("a", "b", "c"))
    )
    found = case_outcomes(rows, reader.labels, reader.codes, made, SPEC)
    assert [(one.name, one.met) for one in found] == [
        ("a", Met.AS_EXPECTED),
        ("b", Met.AS_EXPECTED),
        ("c", Met.NOT_SENT),
    ]


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ((), "a status from 200 to 399"),
        (("2xx", "3xx", "4xx"), "an orderly answer"),
        (("2xx", "4xx", "5xx", "3xx"), "2xx or 4xx or 5xx or 3xx"),
        ((401, 403), "401 or 403"),
        (("4xx",), "4xx"),
    ],
)
def test_what_is_expected_in_words(statuses: tuple[Any, ...], words: str) -> None:
    assert expected_words(Endpoint(name="a", path="/", expect=Expect(status=statuses)).expect) == words


def test_the_cases_of_an_attempt_without_any_are_those_of_the_last_that_sent_some() -> None:
    sent = [(outcome(case(name, "search", ORDERLY)),) for name in ("first", "second")]
    attempts = [
        ClosedAttempt.model_construct(
            attempt=Attempt(number=number, started_ms=0, ended="completed"), cases=cases
        )
        for number, cases in ((1, sent[0]), (2, sent[1]), (3, ()))
    ]
    assert [latest_cases(attempts, number) for number in (1, 2, 3)] == [sent[0], sent[1], sent[1]]
    assert latest_cases([], 1) == ()
