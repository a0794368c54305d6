"""What samplers hold for queries, forms, files, headers and Basic authentication: the tree, byte for byte."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Kind, PlannedStep
from perfpilot.domain.spec import Endpoint
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.jmeter_evaluation import evaluated

LOAD = curve((10, 5, 5))
BASIC = {"user": "anna", "password": "${env:PERFPILOT_SECRET_P}"}


def one(*endpoints: dict[str, Any], **more: Any) -> WrittenPlan:
    """The plan of these endpoints, which has passed the guard."""
    described = spec(*endpoints, **more)
    written = write_jmx(described, plan(scenario(*(e["name"] for e in endpoints), load=LOAD)))
    check_functions(written.xml)
    lint(written.xml, described)
    return written


def texts(written: WrittenPlan, name: str) -> list[str]:
    return [node.text or "" for node in etree.fromstring(written.xml).iterfind(f".//*[@name='{name}']")]


def fields(written: WrittenPlan) -> list[tuple[str, str]]:
    return list(zip(texts(written, "Argument.name"), texts(written, "Argument.value"), strict=True))


def at(**more: Any) -> dict[str, Any]:
    return {"name": "a", "path": "/", **more}


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_jmeter_encodes_a_query_where_it_adds_it_to_the_address(method: str) -> None:
    written = one(at(method=method, query={"q": "a &${id}", "empty": ""}, extract=[
        {"name": "id", "json_path": "$.id"}]))  # fmt: skip
    assert fields(written) == [("q", "a &${id}"), ("empty", "")]
    assert texts(written, "HTTPArgument.always_encode") == ["true", "true"]
    assert texts(written, "HTTPSampler.path") == ["/"]


@pytest.mark.parametrize(
    "changes",
    [{"method": "HEAD"}, {"method": "DELETE"}, {"method": "POST"}, {"body": "x"},
     {"method": "PUT", "form": {"f": "1"}}],
)  # fmt: skip
def test_elsewhere_the_query_stands_encoded_in_the_path(changes: dict[str, Any]) -> None:
    data = {"values": {"id": ["a-1", "b_2"]}}
    written = one(at(path="/p?x=1", query={"é q": "a &=+/?#${id}", "empty": ""}, **changes), test_data=data)
    (path,) = texts(written, "HTTPSampler.path")
    assert path == "/p?x=1&%C3%A9%20q=a%20%26%3D%2B%2F%3F%23${id}&empty="
    assert not [name for name, _ in zip(texts(written, "Argument.name"), "x", strict=False) if name == "é q"]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20), st.text(max_size=20), st.sampled_from(["GET", "DELETE"]))
def test_a_query_is_kept_or_refused(name: str, value: str, method: str) -> None:
    try:
        written = one(at(method=method, query={name: value}))
    except SpecError:
        return
    if method == "GET":
        [found] = fields(written)
        assert tuple(evaluated(text, written.properties, {}) for text in found) == (name, value)
    else:
        (path,) = texts(written, "HTTPSampler.path")
        assert parse_qsl(path.partition("?")[2], keep_blank_values=True) == [(name, value)]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20), st.text(max_size=20), st.booleans())
def test_a_field_of_a_form_is_kept_or_refused(name: str, value: str, multipart: bool) -> None:
    upload = [{"field": name, "path": "a.txt"}] if multipart else []
    try:
        written = one(at(method="POST", form={name: value}, files=upload))
    except SpecError:
        return
    [found] = fields(written)
    assert tuple(evaluated(text, written.properties, {}) for text in found) == (name, value)
    if multipart:
        (field,) = texts(written, "File.paramname")
        assert evaluated(field, written.properties, {}) == name


def test_a_form_says_what_it_is_whatever_the_environment_says_of_all_requests() -> None:
    environment = {"headers": {"content-type": "application/json"}}
    form = at(method="POST", form={"a": "1"})
    assert texts(one(form, environment=environment), "Header.value") == ["application/x-www-form-urlencoded"]
    own = {**form, "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}}
    assert texts(one(own, environment=environment), "Header.value") == list(own["headers"].values())


def test_files_are_parts_of_a_form_with_places_of_their_own() -> None:
    files = [
        {"field": "pic", "path": "shop/cat 1.png", "type": "image/png"},
        {"field": "again", "path": "shop/cat 1.png"},
        {"field": "doc", "path": "other/cat 1.png"},
    ]
    written = one(at(method="POST", files=files, form={"title": "x"}))
    assert texts(written, "File.path") == ["files/1/cat 1.png"] * 2 + ["files/2/cat 1.png"]
    assert texts(written, "File.paramname") == ["pic", "again", "doc"]
    assert texts(written, "File.mimetype") == ["image/png"] + ["application/octet-stream"] * 2
    assert texts(written, "HTTPSampler.DO_MULTIPART_POST") == ["true"]
    assert fields(written) == [("title", "x")]
    assert written.uploads == {
        "files/1/cat 1.png": "shop/cat 1.png",
        "files/2/cat 1.png": "other/cat 1.png",
    }


def test_smoke_and_load_name_the_same_files_those_of_cases_included() -> None:
    described = spec(at(method="POST", files=[{"field": "f", "path": "a.txt"}]))
    request = Endpoint.model_validate(at(method="POST", files=[{"field": "f", "path": "b.txt"}]))
    step = PlannedStep(endpoint="a", label="case: a with another file", request=request)
    case = scenario("a", load=LOAD, kind=Kind.EDGE)
    case = case.model_copy(update={"name": "a with another file", "steps": (step,)})
    made = plan(scenario("a", load=LOAD)).model_copy(update={"before": (case,)})
    load, smoke = (write_jmx(described, made, smoke=s) for s in (False, True))
    assert load.uploads == smoke.uploads == {"files/1/a.txt": "a.txt", "files/2/b.txt": "b.txt"}
    assert texts(smoke, "File.path") == ["files/1/a.txt", "files/2/b.txt"]


def test_redirects_are_followed_where_they_are_asked_for() -> None:
    written = one(at(redirects=True), {"name": "b", "path": "/b"})
    assert texts(written, "HTTPSampler.follow_redirects") == ["true", "false"]
    assert texts(written, "HTTPSampler.auto_redirects") == ["false", "false"]


def test_basic_authentication_stands_below_those_that_send_it() -> None:
    written = one(
        at(),
        {"name": "public", "path": "/", "authenticated": False},
        {"name": "own", "path": "/", "headers": {"authorization": "Basic x"}},
        environment={"basic_auth": BASIC},
    )
    root = etree.fromstring(written.xml)
    (manager,) = root.iter("AuthManager")
    sampler = manager.getparent().getprevious()
    assert sampler.get("testname") == "a"
    assert texts(written, "Authorization.url") == ["http://127.0.0.1:8080/"]
    assert texts(written, "Authorization.password") == ["${__P(secret.env.PERFPILOT_SECRET_P)}"]
    assert written.secret_names == ("secret.env.PERFPILOT_SECRET_P",)


def test_of_a_token_and_basic_authentication_one_header_holds_one() -> None:
    login = {"name": "login", "method": "POST", "path": "/login"}
    for header, wanted in (("Authorization", ["login"]), ("X-Token", ["login", "a"])):
        written = one(
            login, at(), environment={"basic_auth": BASIC, "auth": {"login": "login", "header": header}}
        )
        managers = etree.fromstring(written.xml).iter("AuthManager")
        assert [m.getparent().getprevious().get("testname") for m in managers] == wanted


def test_the_target_of_a_password_is_the_spec_s_own() -> None:
    for base, address in {
        "https://shop.test/api": "https://shop.test:443/",
        "http://[::1]:8080": "http://[::1]:8080/",
    }.items():
        written = one(at(), environment={"base_url": base, "basic_auth": BASIC})
        assert texts(written, "Authorization.url") == [address]


@pytest.mark.parametrize(
    ("endpoint", "more", "message"),
    [
        ({"method": "DELETE", "query": {"q": "${id}"}, "extract": [{"name": "id", "json_path": "$"}]}, {},
         r"endpoints.a.query.q: \$\{id\} can't be encoded (.|\n)*put it into path"),
        ({"method": "HEAD", "query": {"q": "${id}"}}, {"test_data": {"values": {"id": ["a b"]}}},
         "'a b' may not stand in endpoints.a.query.q"),
        ({"method": "HEAD", "query": {"q": "${id}"}}, {"test_data": {"values": {"id": ["a%20b"]}}},
         "may not stand"),
        ({"query": {"": "x"}}, {}, "no name of a parameter"),
        ({"query": {"${id}": "x"}}, {"test_data": {"values": {"id": ["a"]}}}, "no name of a parameter"),
        ({"query": {"a\nb": "x"}}, {}, "control character"),
        ({"query": {"q": "${no}"}}, {}, "not declared"),
        ({"form": {"f": "1"}}, {}, "no form with GET"),
        ({"method": "DELETE", "form": {"f": "1"}}, {}, "no form with DELETE"),
        ({"method": "HEAD", "files": [{"field": "f", "path": "a"}]}, {}, "no form with HEAD"),
        ({"method": "POST", "form": {"a\r\nb": "1"}}, {}, "control character"),
        ({"method": "POST", "files": [{"field": "a\nb", "path": "a"}]}, {}, "control character"),
        ({"method": "POST", "files": [{"field": "f", "path": "a", "type": "a b/c"}]}, {}, "no media type"),
        ({"method": "POST", "files": [{"field": "f", "path": "a/..", "type": "a/b"}]}, {}, "file name"),
        ({"method": "POST", "files": [{"field": "f", "path": "a/${id}"}]}, {}, "file name"),
        ({"expect": {"status": ["4xx", 99]}}, {}, "classes from 2xx to 5xx"),
        ({"expect": {"within": "0s"}}, {}, "1ms at least"),
        ({"extract": [{"name": "x", "header": "a b"}]}, {}, "no name of a header"),
        ({}, {"environment": {"basic_auth": {"user": "a:b", "password": "x"}}}, "without a colon"),
        ({}, {"environment": {"basic_auth": {"user": "é", "password": "x"}}}, "ASCII"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_as_meant_is_refused(
    endpoint: dict[str, Any], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        one(at(**endpoint), **more)
