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
    (endpoint(query={"q": "${env:X}"}), "endpoints.a.query.q: ${env:X} may stand only in headers"),
    (endpoint(query={"q": "${sku}"}), "endpoints.a.query.q: ${sku} has no value here"),
    (endpoint(query={"${__time}": "1"}), "'${__time}' is neither"),
    (endpoint(query={" ": "1"}), "endpoints.a.query. : needs a name"),
    (endpoint(method="POST", form={"f": "${__time}"}), "endpoints.a.form.f: '${__time}' is neither"),
    (endpoint(method="POST", form={"a\nb": "1"}), "holds the character U+000A"),
    (endpoint(form={"f": "1"}), "endpoints.a.form: is not sent with GET: use POST"),
    (endpoint(method="DELETE", files=[{"field": "f", "path": "a"}]), "a.files: is not sent with DELETE"),
    (endpoint(method="POST", files=[{"field": "f", "path": "/etc/passwd"}]), "files.0.path: must lie below"),
    (endpoint(method="POST", files=[{"field": "f", "path": "a/../../b"}]), "files.0.path: must lie below"),
    (endpoint(method="POST", files=[{"field": "f", "path": "a/é.txt"}]), "files.0.path: needs a plain"),
    (endpoint(method="POST", files=[{"field": "f", "path": "${__P(x)}"}]), "'${__P(x)}' is neither"),
    (endpoint(method="POST", files=[{"field": "", "path": "a"}]), "files.0.field: needs a name"),
    (endpoint(method="POST", files=[{"field": "f", "path": "a", "type": "png"}]), "'png' is no media type"),
    (endpoint(expect={"lacks": "${__time}"}), "endpoints.a.expect.lacks: '${__time}' is neither"),
    (endpoint(expect={"json_path": "$.${__time}"}), "endpoints.a.expect.json_path: '${__time}' is neither"),
    (endpoint(expect={"within": "0s"}), "endpoints.a.expect.within: must be 1ms at least"),
    (endpoint(extract=[{"name": "x", "header": "a b"}]), "extract.x.header: 'a b' is no name of an HTTP"),
    (env(basic_auth={"user": "a", "password": "hunter2"}),
     "environment.basic_auth.password: must be a reference"),
    (env(basic_auth={"user": "a:b", "password": "${env:P}"}), "environment.basic_auth.user: must be ASCII"),
    (env(basic_auth={"user": "${x}", "password": "${env:P}"}), "basic_auth.user: ${x} has no value here"),
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
    ({"load_patterns": pattern({"rate_per_s": 1, "duration": "40d"})}, "is longer than 30 days"),
    ({"thresholds": ["p95(prodcts) < 1s"]},
     "thresholds.0: 'p95(prodcts) < 1s': no endpoint is called 'prodcts'; did"),
    ({"thresholds": ["cpu < 80%"]}, "say whose: cpu(target)"),
    ({"baseline": {"benchmark": ["p95 = 1s", "p95(prodcts) = 1s"]}},
     "baseline.benchmark.1: 'p95(prodcts) = 1s': no endpoint is called 'prodcts'; did"),
    ({"baseline": {"benchmark": ["p95 = 1s", "p95 = 2s"]}}, "'p95 = 2s': has a figure already"),
    ({"baseline": {"benchmark": ["p95 < 1s"]}}, "baseline.benchmark.0"),
    ({"thresholds": ["cpu(targte) < 80%"]}, "did you mean target?"),
    ({"thresholds": ["capacity(products) >= 3/s"]}, "leave (products) out"),
    ({"thresholds": ["p95(b) < 1s"], "endpoints": [{"name": "a", "path": "/"}, {"name": "b", "path": "/b"}],
      "journeys": [{"name": "j", "steps": ["a"]}]}, "'b' gets no load in this test"),
    ({"alerts": ["p95(prodcts) > 1s"]},
     "alerts.0: 'p95(prodcts) > 1s': no endpoint is called 'prodcts'; did"),
    ({"alerts": ["cpu > 80%"]}, "alerts.0: 'cpu > 80%': say whose: cpu(target)"),
    ({"alerts": ["cpu(targte) > 80%"]}, "nothing called 'targte' is watched; did you mean target?"),
    ({"alerts": ["connections(target) > 80"]},
     "connections is not read of target; possible here: cores_allowed"),
    ({"alerts": ["memory(host) > 2GB"]}, "memory is not read of host; did you mean memory_share?"),
    ({"alerts": ["commits_per_s(cache) > 5"],
      **env(servers=[{"name": "cache", "kind": "redis", "host": "h", "port": 1}])},
     "commits_per_s is not read of cache; did you mean commands_per_s?"),
    ({"alerts": ["users > 5", "users > 5"]}, "alerts.1: 'users > 5': stands twice"),
    ({"alerts": ["error_rate(b) > 5%"],
      "endpoints": [{"name": "a", "path": "/"}, {"name": "b", "path": "/b"}],
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
    {"alerts": ["connections(db) > 90 for 10s", "memory(db) > 1GB", "p95(products) > 1s", "users > 5",
                "disk_free_bytes(host) < 5GB", "answers(db) < 1", "cpu(jmeter) > 50%"],
     **env(servers=[{"name": "db", "kind": "postgresql", "host": "h", "port": 1}])},
]  # fmt: skip


@pytest.mark.parametrize("changes", ACCEPTED, ids=range(len(ACCEPTED)))
def test_declared_names_and_references_in_their_places_are_accepted(changes: dict[str, Any]) -> None:
    parse_spec(mapping(**changes))


def shaped(model: str = "open", **shape: Any) -> dict[str, Any]:
    """A description whose one pattern has this shape; a number that is left out is a sound one."""
    (key,) = shape
    return {"load_patterns": [{"model": model, key: SHAPES[key] | shape[key]}]}


SHAPES: dict[str, dict[str, Any]] = {
    "constant": {"level": 5, "duration": "60s"},
    "ramp": {"start": 1, "end": 5, "duration": "60s"},
    "steps": {"start": 5, "end": 20, "step": 5, "hold": "60s"},
    "spike": {"base": 2, "peak": 9, "before": "60s", "hold": "20s", "after": "60s"},
    "wave": {"low": 2, "high": 9, "period": "60s", "duration": "4m"},
    "soak": {"level": 5, "duration": "2h"},
    "breakpoint": {"start": 2, "end": 9},
}

BAD_SHAPES: list[tuple[str, dict[str, Any], str]] = [
    ("constant.level", shaped(constant={"level": 0}), "must be greater than 0: it asks for no load"),
    ("constant.level", shaped(constant={"level": 2e6}), "must lie between 0 and 1000000 arrivals per second"),
    ("constant.level", shaped(constant={"level": float("inf")}), "is not a number that can be used"),
    ("constant.level", shaped(constant={"level": float("nan")}), "is not a number that can be used"),
    ("constant.level", shaped("closed", constant={"level": 2.5}), "2.5 is no number of users: write 2 or 3"),
    ("constant.duration", shaped(constant={"duration": "0s"}), "must be longer than nothing"),
    ("constant.duration", shaped(constant={"duration": "31d"}), "is longer than 30 days"),
    ("constant.ramp", shaped(constant={"ramp": "31d"}), "is longer than 30 days"),
    ("constant", shaped(constant={"duration": "20d", "ramp": "20d"}), "lasts longer than 30 days in all"),
    ("ramp.end", shaped(ramp={"start": 0, "end": 0}), "from 0 to 0 it asks for no load"),
    ("ramp.duration", shaped(ramp={"duration": "0s"}), "must be longer than nothing"),
    ("steps.step", shaped(steps={"step": 0}), "must be greater than 0; steps go down where start is above"),
    ("steps.step", shaped("closed", steps={"step": 0.5}), "0.5 is no number of users: write 0 or 1"),
    ("steps.hold", shaped(steps={"hold": "0s"}), "must be longer than nothing"),
    ("steps", shaped(steps={"step": 0.01}), "about 3004 straight pieces, and 500 are"),
    ("steps", shaped(steps={"step": 1e-300}), "over a million straight pieces"),
    ("steps", shaped(steps={"hold": "9d"}), "lasts longer than 30 days in all"),
    ("steps.end", shaped(steps={"start": 0, "end": 0}), "from 0 to 0 it asks for no load"),
    ("spike.peak", shaped(spike={"peak": 2}), "must lie above the base, 2: else there is no spike"),
    ("spike.after", shaped(spike={"after": "0s"}), "must be longer than nothing"),
    ("spike.before", shaped(spike={"before": "0s"}), "must be longer than nothing"),
    ("wave.high", shaped(wave={"high": 1}), "must lie above low, 2: else write constant"),
    ("wave.period", shaped(wave={"period": "5m"}), "is longer than the duration"),
    ("wave.period", shaped(wave={"period": "0s"}), "must be longer than nothing"),
    ("wave", shaped(wave={"period": "1s"}), "about 3841 straight pieces, and 500 are"),
    ("soak.level", shaped(soak={"level": 0}), "must be greater than 0"),
    ("breakpoint.start", shaped(breakpoint={"start": 0}), "no share of nothing leads upwards"),
    ("breakpoint.end", shaped(breakpoint={"end": 2}), "must lie above start, 2: the search goes upwards"),
    ("breakpoint.growth", shaped(breakpoint={"growth": 0}), "must be greater than 0"),
    ("breakpoint", shaped(breakpoint={"growth": 0.001}), "500 are possible: give it a larger growth"),
    ("rate_per_s", {"load_patterns": [{"rate_per_s": 0}]}, "asks for no load: give the rate of interest"),
    ("rate_per_s", {"load_patterns": [{"rate_per_s": 2e6}]}, "must lie between 0 and 1000000 arrivals"),
    ("users", {"load_patterns": [{"users": 10**400}]}, "must lie between 0 and 1000000 users"),
    ("duration", {"load_patterns": [{"rate_per_s": 1, "duration": "0s"}]}, "must be longer than nothing"),
    ("duration", {"load_patterns": [{"rate_per_s": 1, "duration": "31d"}]}, "is longer than 30 days"),
    ("stages.0.duration", {"load_patterns": pattern({"rate_per_s": 1, "duration": float("nan")})},
     "is not a number that can be used"),
    ("stages", {"load_patterns": pattern(*[{"rate_per_s": 1, "duration": "1s"}] * 501)},
     "about 501 straight pieces, and 500 are possible: give it fewer stages"),
    ("constant.duration", shaped(constant={"duration": 60.0}), "write a number with its unit"),
    ("constant.ramp", shaped(constant={"ramp": 5.0}), "write a number with its unit"),
    ("steps.hold", shaped(steps={"hold": 5.0}), "write a number with its unit"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "changes", "part"), BAD_SHAPES, ids=[f"{place} {part[:30]}" for place, _, part in BAD_SHAPES]
)
def test_a_shape_that_cannot_be_drawn_is_refused_with_its_mend(
    place: str, changes: dict[str, Any], part: str
) -> None:
    with pytest.raises(SpecProblems) as caught:
        parse_spec(mapping(**changes))
    assert any(p.path == f"load_patterns.0.{place}" and part in p.text for p in caught.value.problems), (
        caught.value.problems
    )


@pytest.mark.parametrize("key", SHAPES)
@pytest.mark.parametrize("model", ["open", "closed"])
def test_every_shape_is_accepted_in_both_models(key: str, model: str) -> None:
    assert parse_spec(mapping(**shaped(model, **{key: {}}))).load_patterns[0].shape == key


@pytest.mark.parametrize(
    "load",
    [
        {"rate_per_s": 5},
        {"rate_per_s": 5, "duration": "5m"},
        {"users": 5},
        {"model": "closed", "stages": [{"users": 3, "duration": "5s"}], "steered": True},  # behind a gate
        {"rate_per_s": 5, "steered": True},
        {"steps": {"start": 20, "end": 5, "step": 5, "hold": "9s"}},
        {"ramp": {"end": 5, "duration": "9s"}},
    ],
)
def test_a_level_alone_and_steered_users_and_ways_down_are_accepted(load: dict[str, Any]) -> None:
    assert parse_spec(mapping(load_patterns=[load])).load_patterns


TWO = {"endpoints": [{"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}]}
ONE = {"rate_per_s": 5}

PATTERNS: list[tuple[str, list[dict[str, Any]], str]] = [
    ("an unknown name", [{**ONE, "journeys": ["aa"]}, ONE],
     "load_patterns.0.journeys.0: no scenario is called 'aa'; did you mean a?"),
    ("a name twice", [{**ONE, "journeys": ["a"]}, {**ONE, "journeys": ["a"]}, ONE],
     "load_patterns.1.journeys.0: 'a' arrives by another load pattern already"),
    ("a name twice in one", [{**ONE, "journeys": ["a", "a"]}, ONE],
     "load_patterns.0.journeys.1: 'a' arrives by another load pattern already"),
    ("nobody takes the rest", [{**ONE, "journeys": ["a"]}], "load_patterns: no load pattern names 'b'"),
    ("two take the rest", [ONE, ONE],
     "load_patterns.1: drives the same scenarios as an earlier pattern: name the journeys of each"),
    ("nothing is left", [{**ONE, "journeys": ["a", "b"]}, ONE],
     "load_patterns.1: has nothing left to drive: name its journeys"),
    ("nothing begins", [{**ONE, "begins": "5s"}],
     "load_patterns.0.begins: one load pattern must begin at once"),
    ("an end of the world", [{**ONE, "journeys": ["a"], "begins": "31d"}, ONE],
     "load_patterns.0.begins: is longer than 30 days"),
]  # fmt: skip


@pytest.mark.parametrize(("load", "part"), [row[1:] for row in PATTERNS], ids=[row[0] for row in PATTERNS])
def test_patterns_that_do_not_fit_together_are_refused(load: list[dict[str, Any]], part: str) -> None:
    with pytest.raises(SpecProblems) as caught:
        parse_spec(mapping(**TWO, load_patterns=load))
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "load",
    [
        [{**ONE, "journeys": ["a"]}, {**ONE, "begins": "5s"}],
        [{**ONE, "journeys": ["b"], "begins": "5s"}, ONE],
        [{**ONE, "journeys": ["a"]}, {"users": 3, "journeys": ["b"]}],
    ],
)
def test_patterns_that_share_the_scenarios_are_accepted(load: list[dict[str, Any]]) -> None:
    assert len(parse_spec(mapping(**TWO, load_patterns=load)).load_patterns) == 2


def test_a_pattern_names_journeys_where_there_are_some() -> None:
    journeys = [{"name": "j", "steps": ["a", "b"]}]
    parse_spec(mapping(**TWO, journeys=journeys, load_patterns=[{**ONE, "journeys": ["j"]}]))
    with pytest.raises(SpecProblems, match="no scenario is called 'a'"):
        parse_spec(mapping(**TWO, journeys=journeys, load_patterns=[{**ONE, "journeys": ["a"]}, ONE]))


def test_an_extracted_value_has_no_value_before_its_step() -> None:
    journeys = [{"name": "j", "steps": ["buy", "find"]}]
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
