"""Descriptions for the tests of cases: a small shop, and generated ones with every part of a request."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from perfpilot.domain.spec import Spec
from perfpilot.tools.spec.read import parse_spec
from tests.planning.sample_specs import mapping

SHOP: list[dict[str, Any]] = [
    {"name": "login", "method": "POST", "path": "/login",
     "body": {"user": "${user}", "password": "${env:PERFPILOT_SECRET_PASSWORD}"}},
    {"name": "list", "path": "/products?page=${page}&limit=20", "authenticated": False},
    {"name": "product", "path": "/products/${product_id}", "authenticated": False},
    {"name": "cart", "method": "POST", "path": "/cart", "headers": {"content-type": "application/json"},
     "body": '{"product_id": ${product_id}, "note": "for ${user}"}',
     "extract": [{"name": "cart_id", "json_path": "$.cart_id"}]},
    {"name": "checkout", "method": "POST", "path": "/carts/${cart_id}/checkout", "body": {"gift": False}},
]  # fmt: skip
ROWS = {"user": ["anna", "ben"], "page": ["1", "2"], "product_id": ["17", "4999"]}
EVERYTHING = {"run": ["edge", "failure"], "writes": True, "most": 1000}


def shop(scope: str = "run", **changes: Any) -> Spec:
    """A shop with a login. `scope` of the login; keyword arguments replace keys of the description."""
    environment = {"base_url": "http://127.0.0.1:8080", "auth": {"login": "login", "scope": scope}}
    return parse_spec(
        mapping(**{"environment": environment, "endpoints": SHOP, "test_data": {"values": ROWS}, **changes})
    )


def one(endpoint: dict[str, Any], **changes: Any) -> Spec:
    """A description of one endpoint, called `it`."""
    return parse_spec(mapping(endpoints=[{"name": "it", "path": "/it", **endpoint}], **changes))


_names = st.text("abcXYZ019 _.-", min_size=1, max_size=63).map(lambda text: "n" + text)
_keys = st.text("abI_$ .\u00e9d", min_size=1, max_size=6).filter(lambda text: bool(text.strip()))
_texts = st.sampled_from(["", "a b", "17", "${row}", "x${row}", "${first}", '\u00e9"\\', "{}$", "-3.5", "$"])
_json = st.recursive(
    _texts | st.integers(-5, 10**25) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=6,
)
_JSON_TEXTS = (
    '{"id": ${row}}', '{"id": ${first}, "n": "a${row}\\\\"}', "[1, ${row}]", "{broken", "", "a=1&b=${row}",
    "7",
)  # fmt: skip
_PATHS = (
    "/", "/a", "/a/17", "/a/${row}", "/a/${first}/b", "/${row}", "/v1/${row}.json?q=${first}&limit=10",
    "/?page=", "/a?page=1&size=${row}&&x", "/550e8400-e29b-41d4-a716-446655440000/7?user_id=3",
    "/a//b?=1&y=%41",
)  # fmt: skip


@st.composite
def described(draw: st.DrawFn) -> dict[str, Any]:
    """Mappings of descriptions whose endpoints carry values everywhere; most of them are sound."""
    names = draw(st.lists(_names, min_size=1, max_size=5, unique_by=lambda name: name.strip()))
    endpoints = [_endpoint(draw, name) for name in names]
    endpoints[0]["extract"] = [{"name": "first", "json_path": "$.id", "optional": draw(st.booleans())}]
    environment: dict[str, Any] = {"base_url": "http://127.0.0.1:8080"}
    if draw(st.booleans()):
        environment["auth"] = {
            "login": draw(st.sampled_from(names)),
            "scope": draw(st.sampled_from(["run", "iteration"])),
        }
    journeys = [{"name": "j", "steps": names}] if draw(st.booleans()) else []
    return mapping(
        endpoints=endpoints,
        environment=environment,
        journeys=journeys,
        load_patterns=[
            {
                "steered": draw(st.booleans()),
                "stages": [{"rate_per_s": draw(st.floats(0.1, 20)), "duration": "20s"}],
            },
            *draw(st.sampled_from([[], [{"model": "closed", "users": 3, "journeys": [names[0]]}]])),
        ],
        test_data={
            "values": {"row": draw(st.sampled_from([["1"], ["1", "2"], ["a", "b-c"], ["x" * 8, "$"]]))}
        },
        cases={
            "run": draw(st.sampled_from([[], ["edge"], ["failure"], ["edge", "failure"]])),
            "writes": draw(st.booleans()),
            "share": draw(st.sampled_from(["0%", "5%", "50%"])),
            "most": draw(st.sampled_from([1, 5, 40, 1000])),
        },
    )


def _endpoint(draw: st.DrawFn, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "path": draw(st.sampled_from(_PATHS)),
        "method": draw(st.sampled_from(["GET", "GET", "HEAD", "POST", "DELETE"])),
        "authenticated": draw(st.booleans()),
        "headers": draw(st.dictionaries(st.sampled_from(["X-A", "content-TYPE", "Authorization"]),
                                        st.sampled_from(["a", "${row}"]), max_size=1)),
        "query": draw(st.dictionaries(_keys, _texts, max_size=2)),
    }  # fmt: skip
    if found["method"] == "POST":
        kind = draw(st.sampled_from(["none", "json", "text", "form"]))
        if kind == "json":
            found["body"] = draw(st.dictionaries(_keys, _json, max_size=3) | st.lists(_json, max_size=3))
        elif kind == "text":
            found["body"] = draw(st.sampled_from(_JSON_TEXTS))
        elif kind == "form":
            found["form"] = draw(st.dictionaries(_keys, _texts, max_size=3))
    return found
