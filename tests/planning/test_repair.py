"""Only repairs that a safe request can prove are proposed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.spec import Method
from perfpilot.planning.repair import Candidate, repair_candidates, why_not_repaired
from perfpilot.tools.spec.read import parse_spec
from tests.planning.sample_specs import mapping, mappings, spec


def candidates(reason: Reason, endpoint: dict[str, Any], **changes: Any) -> tuple[Candidate, ...]:
    others = changes.pop("others", [])
    described = spec(endpoints=[{"name": "a", "path": "/a", **endpoint}, *others], **changes)
    return repair_candidates(Trouble(reason=reason, subject="a"), described)


def env(base_url: str = "http://127.0.0.1", **keys: Any) -> dict[str, Any]:
    return {"base_url": base_url, **keys}


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("/products", ["/products/"]),
        ("/products/", ["/products"]),
        ("/products?q=a/b/", ["/products/?q=a/b/"]),
        ("//api//products", ["/api/products", "/api/products/"]),
        ("/", []),
    ],
)
def test_a_missing_path_is_looked_for_nearby(path: str, after: list[str]) -> None:
    found = candidates(Reason.ENDPOINT_NOT_FOUND, {"path": path})
    assert [c.after for c in found] == after
    for candidate in found:
        assert candidate.spec.endpoint("a").path == candidate.after == candidate.path
        assert (candidate.place, candidate.before, candidate.method) == ("endpoints.a.path", path, "GET")


def test_a_prefix_that_the_base_url_has_already_is_dropped() -> None:
    found = candidates(Reason.ENDPOINT_NOT_FOUND, {"path": "/api/a"}, environment=env("http://h/api"))
    assert "/a" in [c.after for c in found]


def test_a_prefix_that_the_other_endpoints_have_is_added() -> None:
    others = [{"name": "b", "path": "/api/b"}, {"name": "c", "path": "/api/c"}, {"name": "d", "path": "/d"}]
    found = candidates(Reason.ENDPOINT_NOT_FOUND, {}, others=others)
    assert [c.after for c in found] == ["/a/", "/api/a"]


def test_a_variable_in_a_path_is_proved_with_its_first_value_or_not_at_all() -> None:
    found = candidates(
        Reason.ENDPOINT_NOT_FOUND, {"path": "/p/${sku}"}, test_data={"values": {"sku": ["x1", "x2"]}}
    )
    assert [(c.after, c.path) for c in found] == [("/p/${sku}/", "/p/x1/")]
    extracted = spec(
        endpoints=[
            {"name": "find", "path": "/find", "extract": [{"name": "id", "json_path": "$.id"}]},
            {"name": "a", "path": "/p/${id}"},
        ],
        journeys=[{"name": "j", "steps": ["find", "a"]}],
    )
    assert repair_candidates(Trouble(reason=Reason.ENDPOINT_NOT_FOUND, subject="a"), extracted) == ()


def test_a_proof_has_the_query_of_the_endpoint_encoded() -> None:
    data = {"values": {"word": ["oak & ash"]}}
    found = candidates(
        Reason.ENDPOINT_NOT_FOUND, {"path": "/p?a=1", "query": {"q": "${word}", "é": ""}}, test_data=data
    )
    assert [(c.after, c.path) for c in found] == [("/p/?a=1", "/p/?a=1&q=oak+%26+ash&%C3%A9=")]


def test_a_form_is_not_kept_where_the_method_becomes_a_safe_one() -> None:
    (found,) = candidates(Reason.METHOD_NOT_ALLOWED, {"method": "POST", "form": {"a": "1"}})
    assert found.after == "GET" and found.spec.endpoint("a").form == {}


def test_basic_authentication_is_sent_with_a_proof_and_added_where_it_was_missing() -> None:
    basic = env(basic_auth={"user": "anna", "password": "${env:PERFPILOT_SECRET_P}"})
    (found,) = candidates(Reason.ENDPOINT_NOT_FOUND, {}, environment=basic)
    assert found.with_token
    (found,) = candidates(Reason.UNAUTHORIZED, {"authenticated": False}, environment=basic)
    assert found.with_token and found.spec.endpoint("a").authenticated


@pytest.mark.parametrize(
    ("method", "after"),
    [("POST", "GET"), ("DELETE", "GET"), ("HEAD", "GET"), ("OPTIONS", "GET"), ("GET", "HEAD")],
)
def test_a_method_is_changed_towards_a_safe_one_only(method: str, after: str) -> None:
    (found,) = candidates(Reason.METHOD_NOT_ALLOWED, {"method": method, "body": "x"})
    assert (found.before, found.after, found.method) == (method, after, after)
    assert found.spec.endpoint("a").method == Method(after)
    assert found.spec.endpoint("a").body is None


def test_a_login_keeps_its_method() -> None:
    environment = env(auth={"login": "a"})
    assert candidates(Reason.METHOD_NOT_ALLOWED, {"method": "POST"}, environment=environment) == ()


def test_an_expired_token_is_fetched_anew_in_every_iteration() -> None:
    others = [{"name": "login", "method": "POST", "path": "/login"}]
    (found,) = candidates(Reason.TOKEN_EXPIRED, {}, environment=env(auth={"login": "login"}), others=others)
    assert found.spec.environment.auth is not None
    assert found.spec.environment.auth.scope == "iteration"
    assert (found.place, found.method, found.path, found.with_token) == (
        "environment.auth.scope",
        "GET",
        "/a",
        True,
    )
    again = repair_candidates(Trouble(reason=Reason.TOKEN_EXPIRED), found.spec)
    assert again == ()


@pytest.mark.parametrize(
    ("endpoint", "auth", "count"),
    [
        ({"authenticated": False}, True, 1),
        ({"authenticated": True}, True, 0),
        ({"authenticated": False}, False, 0),
        ({"authenticated": False, "method": "POST"}, True, 0),
    ],
)
def test_a_token_is_added_where_there_is_one(endpoint: dict[str, Any], auth: bool, count: int) -> None:
    others = [{"name": "login", "method": "POST", "path": "/login"}]
    environment = env(auth={"login": "login"}) if auth else env()
    for reason in (Reason.UNAUTHORIZED, Reason.FORBIDDEN):
        found = candidates(reason, endpoint, environment=environment, others=others)
        assert len(found) == count
        assert all(c.with_token and c.spec.endpoint("a").authenticated for c in found)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (Reason.EXPECTATION_FAILED, "never repaired to fit the answer"),
        (Reason.EXTRACTION_FAILED, "what should have been extracted"),
        (Reason.CONNECTION_FAILED, "the target is not fit for a load"),
        (Reason.PROTOCOL_ERROR, "the target is not fit for a load"),
        (Reason.NO_ANSWER, "the target is not fit for a load"),
        (Reason.GENERATOR_FAILED, "the load generator is not fit for a load"),
        (Reason.ENDPOINT_NOT_FOUND, "no repair could be proven"),
    ],
)
def test_what_no_probe_can_prove_is_not_repaired_and_says_why(reason: Reason, why: str) -> None:
    checked = {"expect": {"status": [201], "contains": "x"}, "authenticated": False, "method": "POST"}
    others = [{"name": "login", "method": "POST", "path": "/login"}]
    if reason is not Reason.ENDPOINT_NOT_FOUND:
        found = candidates(reason, checked, environment=env(auth={"login": "login"}), others=others)
        assert found == ()
    assert why in why_not_repaired(reason)


@settings(max_examples=80, deadline=None)
@given(mappings(), st.sampled_from(list(Reason)))
def test_no_repair_leaves_the_host_or_sends_anything_unsafe(data: dict[str, Any], reason: Reason) -> None:
    described = parse_spec(data)
    for endpoint in described.endpoints:
        for candidate in repair_candidates(Trouble(reason=reason, subject=endpoint.name), described):
            assert candidate.method in ("GET", "HEAD")
            assert candidate.path.startswith("/") and not candidate.path.startswith("//")
            assert candidate.spec.environment.base_url == described.environment.base_url
            assert candidate.spec.thresholds == described.thresholds
            assert candidate.spec.endpoint(endpoint.name).expect == endpoint.expect
            after = candidate.spec.endpoint(endpoint.name)
            assert after.method is endpoint.method or after.method.safe
            parse_spec(candidate.spec.model_dump(mode="json"))


def test_an_unknown_subject_has_no_repair() -> None:
    trouble = Trouble(reason=Reason.ENDPOINT_NOT_FOUND, subject="nobody")
    assert repair_candidates(trouble, parse_spec(mapping())) == ()
