"""What a model may add to a plan: declared requests with other values, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.plan import Kind
from perfpilot.domain.spec import Cases, Spec
from perfpilot.planning.cases.choice import choose
from perfpilot.tools.model.gateway import ModelGateway
from perfpilot.tools.model.openai import chat_model
from perfpilot.tools.model.propose import MOST, CaseSaid, Proposals, guarded, proposed
from tests.openai_server import Reply, openai_server

SPEC = Spec.model_validate(
    {
        "test_name": "shop",
        "environment": {"base_url": "http://10.1.2.3:8080", "auth": {"login": "login"}},
        "endpoints": [
            {"name": "login", "method": "POST", "path": "/login", "body": {"user": "hush"}},
            {"name": "search", "path": "/search?q=hush&page=2", "query": {"sort": "price"}},
            {"name": "item", "path": "/items/17"},
            {
                "name": "order", "method": "POST", "path": "/orders",
                "body": {"lines": [{"id": 1, "count": 2}], "note": "hush"},
                "extract": [{"name": "order_id", "json_path": "$.id"}],
            },
            {"name": "pay", "method": "POST", "path": "/pay/${order_id}", "body": {"sum": 3}},
        ],
        "load_patterns": [{"stages": [{"rate_per_s": 30, "duration": "60s"}]}],
    }
)  # fmt: skip


def _case(endpoint: str, *changes: tuple[str, Any], kind: str = "edge") -> Any:
    return {
        "endpoint": endpoint, "kind": kind, "why": "It shows something.",
        "changes": [{"place": place, "value": value} for place, value in changes],
    }  # fmt: skip


def _guarded(*cases: Any, journeys: tuple[Any, ...] = ()) -> Any:
    return guarded(Proposals.model_validate({"cases": cases, "journeys": journeys}), SPEC, ())


@pytest.mark.parametrize(
    ("case", "path", "body"),
    [
        (_case("search", ("address.q", "a crème")), "/search?q=a%20cr%C3%A8me&page=2", None),
        (_case("search", ("query.sort", "")), "/search?q=hush&page=2", None),
        (_case("item", ("path.items.id", "0017")), "/items/0017", None),
        (
            _case("order", ("body.lines.0.count", -1), ("body.note", None)),
            "/orders", {"lines": [{"id": 1, "count": -1}], "note": None},
        ),
    ],
)  # fmt: skip
def test_a_case_changes_the_places_that_it_names_and_nothing_else(case: Any, path: str, body: Any) -> None:
    found = _guarded(case)
    assert not found.refused
    request = found.cases[0].steps[-1].request
    described = SPEC.endpoint(case["endpoint"])
    assert (request.path, request.body) == (path, body)
    assert (request.method, request.headers) == (described.method, described.headers)
    assert request.expect.status == ("2xx", "3xx", "4xx")
    assert found.cases[0].steps[-1].label.startswith("case: ")
    assert found.cases[0].writes == (not described.method.safe)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (_case("nowhere", ("address.q", "x")), "no such endpoint"),
        (_case("search", ("query.host", "x")), "a place that the request does not have"),
        (_case("search", ("headers.Authorization", "x")), "a place that the request does not have"),
        (_case("search", ("environment.base_url", "http://evil.test")), "a place that the request does not"),
        (_case("search", ("address.q", "http://169.254.169.254/")), "an address"),
        (_case("search", ("address.q", "see evil.example.com")), "an address"),
        (_case("search", ("address.q", "${__groovy(1)}")), "a reference"),
        (_case("search", ("address.q", "1; DROP TABLE users")), "an attack"),
        (_case("search", ("address.q", "../../etc/passwd")), "an attack"),
        (_case("search", ("address.q", "x" * 5000)), "longer than"),
        (_case("search", ("address.q", "a\x00b")), "control characters"),
        (_case("search", ("address.q", 1e308)), "no finite number"),
        (_case("login", ("body.user", "root")), "the login"),
        (_case("search"), "changes nothing"),
    ],
)
def test_what_a_model_may_not_do_is_refused_with_a_reason(case: Any, reason: str) -> None:
    found = _guarded(case)
    assert not found.cases
    assert reason in found.refused[0].why


def test_the_plan_brings_about_the_values_that_a_proposal_needs() -> None:
    spec = SPEC.model_copy(update={"cases": Cases(run=("edge",), writes=True, most=1000)})
    found = guarded(Proposals(cases=[CaseSaid.model_validate(_case("pay", ("body.sum", 0)))]), spec, ())
    chosen = next(case for case in choose(spec, found.cases).run if case.source == "model")
    assert [step.endpoint for step in chosen.steps] == ["order", "pay"]


def test_a_case_that_the_rules_have_is_not_sent_twice() -> None:
    once = _guarded(_case("search", ("address.q", "")))
    twice = guarded(
        Proposals(cases=[CaseSaid.model_validate(_case("search", ("address.q", "")))]), SPEC, once.cases
    )
    assert not twice.cases
    assert "the rules have this case" in twice.refused[0].why


def test_more_than_it_may_propose_is_refused() -> None:
    found = _guarded(*(_case("item", ("path.items.id", number)) for number in range(MOST + 3)))
    assert (len(found.cases), len(found.refused)) == (MOST, 3)


def test_a_journey_is_a_suggestion_and_never_runs() -> None:
    journeys = (
        {"steps": ["search", "item"], "why": "People look before they open an item."},
        {"steps": ["search", "admin"], "why": "x"},
    )
    found = _guarded(journeys=journeys)
    assert not found.cases
    assert [(one.kind, one.why) for one in found.refused] == [
        (
            Kind.JOURNEY,
            "suggested by the model: add the journey search > item (People look before they open an item.)",
        ),
        (Kind.JOURNEY, "proposed by the model, refused: it names a request that is not declared"),
    ]


_ANY = st.one_of(st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.none())


@given(
    endpoint=st.sampled_from([*(endpoint.name for endpoint in SPEC.endpoints), "other", "http://x"]),
    place=st.sampled_from(
        ["address.q", "query.sort", "path.items.id", "body.lines.0.id", "body.note", "x", ""]
    ),
    value=_ANY,
    kind=st.sampled_from(["edge", "failure"]),
    why=st.text(max_size=300),
)
def test_whatever_a_model_says_only_declared_requests_come_out(
    endpoint: str, place: str, value: Any, kind: str, why: str
) -> None:
    said = {"endpoint": endpoint, "kind": kind, "why": why}
    found = _guarded({**said, "changes": [{"place": place, "value": value}]})
    assert len(found.cases) + len(found.refused) == 1
    for case in found.cases:
        request = case.steps[-1].request
        described = SPEC.endpoint(request.name)
        assert request.path.split("/")[1].split("?")[0] == described.path.split("/")[1].split("?")[0]
        same = {"method", "headers", "authenticated", "files", "weight"}
        assert request.model_dump(include=same) == described.model_dump(include=same)
        assert request.path.count("${") <= described.path.count("${")


async def test_the_model_sees_names_of_places_and_no_values() -> None:
    answer = {"cases": [_case("search", ("address.q", "naïve"))], "journeys": []}
    with openai_server(Reply(answer)) as server:
        found = await proposed(ModelGateway(await chat_model("tiny", server.url)), SPEC, ())
        prompt: str = server.requests[0]["messages"][0]["content"]
    assert [case.source for case in found.cases] == ["model"]
    assert "address.q" in prompt and "body.lines.0.count" in prompt
    assert "hush" not in prompt and "10.1.2.3" not in prompt
