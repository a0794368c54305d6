"""Names must exist, load must be makeable, and texts may hold nothing that JMeter would evaluate."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.tools.spec.problems import SpecProblems
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.references import NotAReference, references
from tests.planning.sample_specs import mapping, pattern

URL = "http://127.0.0.1"
LOGIN = {
    "name": "login",
    "method": "POST",
    "path": "/login",
    "extract": [{"name": "user_id", "json_path": "$.id"}],
}
SKU = {"name": "find", "path": "/find", "extract": [{"name": "sku", "json_path": "$.sku"}]}
BUY = {"name": "buy", "path": "/buy/${sku}"}


def env(**keys: Any) -> dict[str, Any]:
    return {"environment": {"base_url": URL, **keys}}


def endpoint(**keys: Any) -> dict[str, Any]:
    return {"endpoints": [{"name": "a", "path": "/a", **keys}]}


REFUSED: list[tuple[dict[str, Any], str]] = [
    (env(base_url="http://h:99999"), "environment.base_url: the port must be"),
    (env(base_url="http://h/${__P(x)}"), "environment.base_url: '${__P(x)}' is neither"),
    (env(health="up"), "environment.health: must begin with /"),
    (env(auth={"login": "product"}),
     "environment.auth.login: no endpoint is called 'product'; did you mean products?"),
    (env(headers={"A B": "x"}), "environment.headers.A B: is no name of an HTTP header"),
    (env(headers={"A": "x\r\nB: y"}), "environment.headers.A: holds the character U+000D"),
    (env(timeouts={"response": "0s"}), "environment.timeouts.response: must lie between"),
    (env(servers=[{"name": "db", "kind": "redis", "host": "h", "port": 1, "password": "hunter2"}]),
     "environment.servers.db.password: must be a reference"),
    (env(servers=[{"name": "db", "kind": "redis", "host": "h/x", "port": 1}]), "servers.db.host"),
    (env(servers=[{"name": "db", "kind": "redis", "host": "h", "port": 1, "user": "${env:X}"}]),
     "${env:X} may stand only in headers"),
    (endpoint(path="/a${env:X}"), "endpoints.a.path: ${env:X} may stand only in headers"),
    (endpoint(path="/a b"), "endpoints.a.path: holds a space"),
    (endpoint(path="/a#b"), "endpoints.a.path: holds a fragment"),
    (endpoint(path="/${sku}"), "endpoints.a.path: ${sku} has no value here"),
    (endpoint(body={"x": ["${__groovy(1)}"]}), "endpoints.a.body.x.0: '${__groovy(1)}' is neither"),
    (endpoint(body={"${__groovy(1)}": 1}), "is neither"),
    (endpoint(body="\x07"), "holds the character U+0007"),
    (endpoint(body="\ud800"), "holds the character U+D800"),
    (endpoint(expect={"contains": "${__time}"}), "endpoints.a.expect.contains: '${__time}' is neither"),
    (endpoint(extract=[{"name": "x", "regex": "${y}"}]),
     "endpoints.a.extract.x.regex: ${y} has no value here"),
    (endpoint(expect={"status": [99]}), "endpoints.a.expect.status.0: 99 is no HTTP status"),
    ({"endpoints": [{"name": "a", "path": "/"}, {"name": "a", "path": "/b"}]},
     "endpoints.1.name: 'a' is taken"),
    ({"journeys": [{"name": "j", "steps": ["prodcts"]}]},
     "journeys.j.steps.0: no endpoint is called 'prodcts'; did you mean products?"),
    ({"test_data": {"values": {"x": []}}}, "test_data.values.x: needs at least one value"),
    ({"test_data": {"values": {"x": ["a\nb"]}}}, "test_data.values.x.0: holds the character U+000A"),
    ({"test_data": {"values": {"x": ["${__P(a)}"]}}}, "test_data.values.x.0"),
    ({"notifications": {"webhook": "hook"}}, "notifications.webhook: is not a web address"),
    ({"limits": {"rate_per_s": 0}}, "limits.rate_per_s: must be greater than 0"),
    ({"load_patterns": pattern({"rate_per_s": 0, "duration": "5s"})}, "ask for no load"),
    ({"load_patterns": pattern({"rate_per_s": -1, "duration": "5s"})}, "rate_per_s: must lie between 0"),
    ({"load_patterns": pattern({"users": 3, "duration": "5s"}, model="closed", steered=True)},
     "steered: belongs to"),
    ({"load_patterns": pattern({"rate_per_s": 1, "duration": "40d"})}, "is longer than 30 days"),
    ({"thresholds": ["p95(prodcts) < 1s"]},
     "thresholds.0: 'p95(prodcts) < 1s': no endpoint is called 'prodcts'; did"),
    ({"thresholds": ["cpu < 80%"]}, "say whose: cpu(target)"),
    ({"thresholds": ["cpu(targte) < 80%"]}, "did you mean target?"),
    ({"thresholds": ["capacity(products) >= 3/s"]}, "leave (products) out"),
    ({"thresholds": ["p95(b) < 1s"], "endpoints": [{"name": "a", "path": "/"}, {"name": "b", "path": "/b"}],
      "journeys": [{"name": "j", "steps": ["a"]}]}, "'b' gets no load in this test"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "part"), REFUSED, ids=[part[:50] for _, part in REFUSED])
def test_a_description_that_makes_no_sense_is_refused(changes: dict[str, Any], part: str) -> None:
    with pytest.raises(SpecProblems) as caught:
        parse_spec(mapping(**changes))
    assert part in str(caught.value)
    assert "hunter2" not in str(caught.value)


ACCEPTED: list[dict[str, Any]] = [
    {"test_data": {"values": {"sku": ["a"]}}, "endpoints": [BUY]},
    {"endpoints": [SKU, BUY], "journeys": [{"name": "j", "steps": ["find", "buy"]}]},
    {**env(auth={"login": "login", "scope": "iteration"}),
     "endpoints": [LOGIN, {"name": "me", "path": "/users/${user_id}"}], "thresholds": ["p95(login) < 1s"]},
    env(headers={"Authorization": "Bearer ${env:PERFPILOT_SECRET_TOKEN}"}),
    env(servers=[{"name": "db", "kind": "redis", "host": "h", "port": 1, "password": "${env:DB}"}]),
    endpoint(body="line 1\nline 2\t$5 {x} $$ {}"),
    {"notifications": {"webhook": "${env:PERFPILOT_SECRET_HOOK}"}},
    {"thresholds": ["cpu(db) < 80%"],
     **env(servers=[{"name": "db", "kind": "postgresql", "host": "h", "port": 1}])},
]  # fmt: skip


@pytest.mark.parametrize("changes", ACCEPTED, ids=range(len(ACCEPTED)))
def test_declared_names_and_references_in_their_places_are_accepted(changes: dict[str, Any]) -> None:
    parse_spec(mapping(**changes))


def test_an_extracted_value_has_no_value_before_its_step() -> None:
    for journeys in ([{"name": "j", "steps": ["buy", "find"]}], []):
        with pytest.raises(SpecProblems, match=r"endpoints.buy.path: \$\{sku\} has no value here"):
            parse_spec(mapping(endpoints=[SKU, BUY], journeys=journeys))


def test_a_login_before_the_load_hands_over_its_token_only() -> None:
    with pytest.raises(SpecProblems, match=r"\$\{user_id\} has no value here"):
        parse_spec(
            mapping(**env(auth={"login": "login"}), endpoints=[LOGIN, {"name": "me", "path": "/${user_id}"}])
        )


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["$", "{", "}", "\\", "__", "env:", "a", "sku", "(", "P"]), max_size=8).map(
        "".join
    )
)
def test_only_declared_references_survive(text: str) -> None:
    try:
        parse_spec(mapping(**endpoint(body=text), test_data={"values": {"sku": ["1"]}}))
    except SpecProblems:
        return
    for part in text.split("${")[1:]:
        assert re.match(r"sku\}|env:[A-Za-z_]+\}", part)
    assert "\\${" not in text


@pytest.mark.parametrize(
    "text",
    [
        "${a${b}}",
        "${",
        "${}",
        "${ a}",
        "${a b}",
        "${__P(a)}",
        "${env:}",
        "${env:A B}",
        "\\${a}",
        "${1}",
        "${á}",
    ],
)
def test_no_other_form_is_a_reference(text: str) -> None:
    with pytest.raises(NotAReference):
        list(references(text))
