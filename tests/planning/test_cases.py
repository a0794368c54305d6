"""Cases are made from the description alone: unusual input, and requests that must be refused in order."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from perfpilot.domain.errors import SpecError
from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.plan import Kind, Plan
from perfpilot.domain.policy import Policy
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.planning.cases import values
from perfpilot.planning.cases.case import Case
from perfpilot.planning.cases.made import cases
from perfpilot.planning.guard.envelope import required_envelope, within
from perfpilot.planning.plan import make_plan
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.spec.problems import SpecProblems
from perfpilot.tools.spec.read import parse_spec
from tests.planning.case_specs import EVERYTHING, described, one, shop

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")


def by_name(spec: Spec) -> dict[str, Case]:
    found = cases(spec)
    assert len({case.name for case in found}) == len(found)
    return {case.name: case for case in found}


def sent(spec: Spec, name: str) -> Endpoint:
    request = by_name(spec)[name].steps[-1].request
    assert request is not None
    return request


def test_each_idea_takes_one_value_and_the_next_idea_the_next() -> None:
    spec = one({"method": "POST", "body": {"name": "a", "lines": [{"sku": "b", "count": 3}], "price": 1.5}})
    edge = {name: sent(spec, name).body for name, case in by_name(spec).items() if case.kind is Kind.EDGE}
    sku = {"name": "a", "price": 1.5}
    assert edge == {
        "it unusual characters name": {**sku, "name": values.UNUSUAL, "lines": [{"sku": "b", "count": 3}]},
        "it empty lines.0.sku": {**sku, "lines": [{"sku": "", "count": 3}]},
        "it longest name": {**sku, "name": "x" * 10_000, "lines": [{"sku": "b", "count": 3}]},
        "it largest page": {**sku, "lines": [{"sku": "b", "count": 10_000}]},
        "it very large lines.0.count": {**sku, "lines": [{"sku": "b", "count": 99999999999999999999}]},
        "it negative price": {"name": "a", "price": -1, "lines": [{"sku": "b", "count": 3}]},
        "it zero lines.0.count": {**sku, "lines": [{"sku": "b", "count": 0}]},
    }


@pytest.mark.parametrize(
    ("endpoint", "name", "path"),
    [
        ({"path": "/a?q=x&b=y&c=1"}, "it empty b", "/a?q=x&b=&c=1"),
        ({"path": "/a/${id}/b?q=1"}, "it unusual characters id",
         "/a/%22quoted%22%20%27single%27%20%3Cb%3E%26amp%3B%3C%2Fb%3E%20back%5Cslash%20100%25%20%F0%9F%A6%86%20"
         "e%CC%81%20%D8%B4%D9%83%D8%B1%D8%A7%20%D7%A9%D7%9C%D7%95%D7%9D/b?q=1"),
        ({"path": "/a/17/b"}, "it negative a.id", "/a/-1/b"),
        ({"path": "/a?limit=20&page=3"}, "it largest page", "/a?limit=10000&page=3"),
        ({"path": "/a?limit=20&page=3"}, "it far page", "/a?limit=20&page=1000000"),
        ({"path": "/a/${id}-${other}?q=${id}"}, "it coldest item", "/a/9-z?q=9"),
        ({"path": "/a/17/b/18?q=1"}, "it unknown b.id", "/a/17/b/999999999?q=1"),
        ({"path": "/a/${other}"}, "it unknown other", "/a/perfpilot-no-such-id"),
        ({"path": "/550e8400-e29b-41d4-a716-446655440001"}, "it unknown id", f"/{values.UNKNOWN_UUID}"),
        ({"path": "/a/${uuid}"}, "it unknown uuid", "/a/00000000-0000-4000-8000-000000000000"),
        ({"path": "/a?user_id=3&x=1"}, "it unknown user_id", "/a?user_id=999999999&x=1"),
    ],
)  # fmt: skip
def test_values_of_an_address_are_percent_encoded(endpoint: dict[str, Any], name: str, path: str) -> None:
    rows = {"id": ["8", "9"], "other": ["y", "z"], "uuid": ["550e8400-e29b-41d4-a716-446655440000"]}
    assert sent(one(endpoint, test_data={"values": rows}), name).path == path


def test_a_text_of_json_keeps_its_bare_references() -> None:
    spec = shop()
    assert sent(spec, "cart empty note").body == '{"product_id": ${product_id}, "note": ""}'
    assert sent(spec, "cart zero product_id").body == '{"product_id": 0, "note": "for ${user}"}'
    assert (
        sent(spec, "cart wrong type product_id").body
        == '{"product_id": "not a number", "note": "for ${user}"}'
    )
    assert sent(spec, "cart coldest item").body == '{"product_id": 4999, "note": "for ben"}'


def test_parameters_and_forms_have_cases_too() -> None:
    query = one({"query": {"q": "lamp", "per_page": "10"}})
    assert sent(query, "it empty q").query == {"q": "", "per_page": "10"}
    assert sent(query, "it largest page").query == {"q": "lamp", "per_page": "10000"}
    form = one({"method": "POST", "form": {"city": "Ulm", "zip": "89073"}})
    assert sent(form, "it zero zip").form == {"city": "Ulm", "zip": "0"}
    assert sent(form, "it missing city").form == {"zip": "89073"}


def test_an_edge_case_may_be_served_or_refused_and_a_failure_must_be_refused() -> None:
    for case in cases(shop()):
        expect = case.steps[-1].request.expect  # type: ignore[union-attr]
        answers = {status: expect.accepts(status) for status in (200, 302, 404, 500)}
        assert (
            answers
            == {
                Kind.EDGE: {200: True, 302: True, 404: True, 500: False},
                Kind.FAILURE: {200: False, 302: False, 404: True, 500: False},
            }[case.kind]
        )
        assert not (expect.contains or case.steps[-1].request.extract)  # type: ignore[union-attr]


def test_bodies_are_wrong_in_four_ways() -> None:
    spec = one({"method": "POST", "body": {"name": "a", "price": 3}})
    assert sent(spec, "it truncated body").body == '{"truncated": "'
    assert sent(spec, "it truncated body").headers == {"Content-Type": "application/json"}
    assert sent(spec, "it wrong type name").body == {"name": {"not": ["a", "text"]}, "price": 3}
    assert sent(spec, "it missing fields").body == {}
    assert sent(spec, "it wrong content type").headers == {"Content-Type": "text/plain"}
    assert sent(shop(), "cart wrong content type").headers == {"Content-Type": "text/plain"}
    with pytest.raises(json.JSONDecodeError):
        json.loads(values.TRUNCATED_JSON)


def test_tokens_are_missing_or_wrong_only_where_one_is_sent() -> None:
    spec = shop()
    assert (sent(spec, "cart no token").authenticated, sent(spec, "cart no token").headers) == (
        False, {"content-type": "application/json"},
    )  # fmt: skip
    wrong = sent(spec, "cart wrong token")
    assert (wrong.authenticated, wrong.headers["Authorization"]) == (False, "Bearer perfpilot-no-such-token")
    assert not {"list no token", "list wrong token", "login no token"} & set(by_name(spec))


def test_passwords_of_basic_authentication_are_those_of_nobody() -> None:
    basic = {
        "base_url": "http://127.0.0.1",
        "basic_auth": {"user": "u", "password": "${env:PERFPILOT_SECRET_P}"},
    }
    spec = one({}, environment=basic)
    assert not sent(spec, "it no password").authenticated
    assert sent(spec, "it wrong password").headers == {"Authorization": values.WRONG_BASIC}
    assert not by_name(spec)["it wrong password"].writes


def test_a_header_with_a_secret_is_sent_wrong() -> None:
    headers = {"X-Api-Key": "${env:PERFPILOT_SECRET_KEY}"}
    spec = one({}, environment={"base_url": "http://127.0.0.1", "headers": headers})
    assert sent(spec, "it wrong token").headers == {"X-Api-Key": values.WRONG_TOKEN}


def test_a_wrong_password_is_sent_last_and_asks_for_consent() -> None:
    made = cases(shop())
    password = by_name(shop())["login wrong password"]
    assert password.writes
    assert password.steps[-1].request.body == {"user": "${user}", "password": values.WRONG_PASSWORD}  # type: ignore[union-attr]
    logins = [case.name.startswith("login ") for case in made if case.kind is Kind.FAILURE]
    assert logins == sorted(logins)
    assert not any("PASSWORD" in str(case.steps[-1].request) for case in made if "password" in case.name)


def test_a_case_begins_with_the_steps_that_give_what_it_needs() -> None:
    made = by_name(shop())
    assert [(s.endpoint, s.label) for s in made["checkout no token"].steps] == [
        ("cart", "case: checkout no token / cart"), ("checkout", "case: checkout no token"),
    ]  # fmt: skip
    # Its cart is replaced: nothing has to be put into one.
    assert [s.endpoint for s in made["checkout unknown cart_id"].steps] == ["checkout"]


def test_who_logs_in_by_himself_does_so_in_a_case_that_sends_the_token() -> None:
    made = by_name(shop("iteration"))
    steps = {name: [step.endpoint for step in case.steps] for name, case in made.items()}
    assert steps["cart missing fields"] == ["login", "cart"]
    assert steps["cart no token"] == ["cart"]
    assert steps["checkout no token"] == ["login", "cart", "checkout"]
    assert steps["list empty limit"] == ["list"]
    assert made["checkout no token"].steps[0].label == "case: checkout no token / login"


def test_a_login_as_described_changes_no_data() -> None:
    endpoints = [
        {"name": "login", "method": "POST", "path": "/login", "body": {"user": "u", "password": "p"}},
        {"name": "me", "path": "/me?limit=1"},
    ]
    made = by_name(shop("iteration", endpoints=endpoints))
    assert [step.endpoint for step in made["me zero limit"].steps] == ["login", "me"]
    assert not made["me zero limit"].writes
    assert all(case.writes for name, case in made.items() if name.startswith("login"))


def test_a_session_that_a_cookie_keeps_is_begun_first() -> None:
    endpoints = [
        {"name": "sign in", "method": "POST", "path": "/in", "form": {"p": "${env:PERFPILOT_SECRET_P}"}},
        {"name": "me", "path": "/me?limit=1"},
    ]
    journeys = [{"name": "j", "steps": ["sign in", "me"]}]
    spec = shop(environment={"base_url": "http://127.0.0.1"}, endpoints=endpoints, journeys=journeys)
    assert [step.endpoint for step in by_name(spec)["me zero limit"].steps] == ["sign in", "me"]


def test_a_case_that_needs_what_may_not_be_found_runs_only_if_it_was() -> None:
    endpoints = [
        {"name": "find", "path": "/find", "extract": [{"name": "id", "regex": "x", "optional": True}]},
        {"name": "open", "path": "/items/${id}?limit=2"},
    ]
    case = by_name(shop(environment={"base_url": "http://127.0.0.1"}, endpoints=endpoints))["open zero limit"]
    assert [(step.endpoint, step.only_if) for step in case.steps] == [("find", ""), ("open", "id")]


def test_endpoints_that_no_journey_asks_have_no_cases() -> None:
    made = cases(shop(journeys=[{"name": "look", "steps": ["list"]}]))
    assert {case.steps[-1].endpoint for case in made} == {"list", "login"}


def test_names_that_would_meet_are_numbered_and_long_ones_cut() -> None:
    long = "e" * 64
    endpoints = [{"name": long, "path": "/a?limit=1"}, {"name": long[:-1] + "f", "path": "/b?limit=1"}]
    made = by_name(shop(environment={"base_url": "http://127.0.0.1"}, endpoints=endpoints))
    assert {f"{'e' * 53} zero limit", f"{'e' * 51} zero limit 2"} <= set(made)


def test_values_side_by_side_never_make_a_reference() -> None:
    spec = one({"method": "POST", "body": "${a}{b}"}, test_data={"values": {"a": ["x", "$"], "b": ["y"]}})
    assert not [case for case in cases(spec) if "${b}" in str(case.steps[-1].request)]


@pytest.mark.parametrize("name", [name for name in vars(values) if name.isupper()])
def test_no_value_of_a_case_could_be_a_reference(name: str) -> None:
    assert "$" not in str(getattr(values, name))


def _planned(data: dict[str, Any]) -> tuple[Spec, Plan]:
    """The description and its plan; those that can't be written even without cases are passed over."""
    try:
        spec = parse_spec(data)
        # Without the login as such, which the plan itself would not send.
        environment = spec.environment.model_copy(update={"auth": None})
        bare = spec.model_copy(update={"cases": type(spec.cases)(), "environment": environment})
        local = {"127.0.0.1": ("127.0.0.1",)}
        policy = Policy(max_users=100_000, max_requests=10**9)
        write_jmx(bare, make_plan(bare, 1, envelope=required_envelope(bare, local, policy)))
    except (SpecProblems, SpecError):
        assume(False)
    envelope = required_envelope(spec, local, policy)
    plan = make_plan(spec, 1, envelope=envelope)
    within(envelope, plan)
    return spec, plan


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(described())
def test_every_case_is_written_and_passes_the_guard(data: dict[str, Any]) -> None:
    spec, plan = _planned(data)
    everything = spec.model_copy(update={"cases": type(spec.cases).model_validate(EVERYTHING)})
    made = cases(spec)
    assert made == cases(everything)
    envelope = required_envelope(
        everything, {"127.0.0.1": ("127.0.0.1",)}, Policy(max_users=100_000, max_requests=10**9)
    )
    whole = make_plan(everything, 1, envelope=envelope)
    assert {scenario.name for scenario in whole.before} == {case.name for case in made}
    for each, smoke in ((plan, True), (plan, False), (whole, True)):
        written = write_jmx(spec, each, smoke=smoke)
        check_functions(written.xml)
        lint(written.xml, spec)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    taken = {endpoint.name for endpoint in spec.endpoints}
    for case in made:
        assert _NAME.fullmatch(case.name)
        assert case.name not in taken
        taken.add(case.name)
        assert case.steps[-1].label == CASE_PREFIX + case.name
        assert all(step.label.startswith(f"{CASE_PREFIX}{case.name} / ") for step in case.steps[:-1])
        own_login = spec.environment.auth.login if spec.environment.auth else ""
        others = [step for step in case.steps if step.request or step.endpoint != own_login]
        sends = [step.request or spec.endpoint(step.endpoint) for step in others]
        assert case.writes or all(endpoint.method.safe for endpoint in sends)


def test_a_slash_in_a_parameter_is_encoded_too() -> None:
    path = sent(one({"path": "/a?q=x"}), "it unusual characters q").path
    assert path.startswith("/a?q=%22quoted%22")
    assert "%3C%2Fb%3E" in path


def test_what_would_be_sent_as_it_is_described_is_no_case() -> None:
    names = set(by_name(one({"path": "/a?q=&page=0", "query": {"empty": ""}})))
    assert "it longest q" in names
    assert not names & {"it empty q", "it empty empty", "it zero page"}


def test_a_wrong_login_asks_for_consent_whatever_its_method() -> None:
    login = {"name": "login", "path": "/login?user=u&page=1"}
    made = by_name(shop(endpoints=[login, {"name": "home", "path": "/?page=1"}]))
    consent = {(name.split()[0], case.writes) for name, case in made.items()}
    assert consent == {("login", True), ("home", False)}


def test_what_the_steps_before_need_comes_before_them() -> None:
    def step(name: str, gives: str, needs: str) -> dict[str, Any]:
        return {"name": name, "path": f"/{needs}", "extract": [{"name": gives, "json_path": "$.x"}]}

    endpoints = [step("one", "a", ""), step("two", "b", "${a}"), step("beside", "c", ""),
                 {"name": "three", "path": "/${b}?limit=1"}]  # fmt: skip
    journeys = [{"name": "j", "steps": ["one", "beside", "two", "three"]}]
    spec = shop(environment={"base_url": "http://127.0.0.1"}, endpoints=endpoints, journeys=journeys)
    assert [s.endpoint for s in by_name(spec)["three largest page"].steps] == ["one", "two", "three"]


def test_a_text_that_could_be_taken_for_our_own_mark_is_left_alone() -> None:
    made = by_name(one({"method": "POST", "body": '{"a": "\ue000x", "b": 1}'}))
    assert not made


def test_an_empty_first_segment_would_be_another_address_and_is_no_case() -> None:
    spec = one({"path": "/${shop}/items"}, test_data={"values": {"shop": ["a"]}})
    assert "it longest shop" in by_name(spec)
    assert "it empty shop" not in by_name(spec)
    assert (
        sent(one({"path": "/items/${a}"}, test_data={"values": {"a": ["b"]}}), "it empty a").path == "/items/"
    )


def test_a_token_that_the_environment_sends_anyway_cannot_be_missing() -> None:
    headers = {"authorization": "${env:PERFPILOT_SECRET_KEY}"}
    auth = {"login": "login", "scope": "run"}
    spec = shop(environment={"base_url": "http://127.0.0.1", "headers": headers, "auth": auth})
    assert "cart no token" not in by_name(spec)
    assert sent(spec, "cart wrong token").headers["Authorization"] == f"Bearer {values.WRONG_TOKEN}"
