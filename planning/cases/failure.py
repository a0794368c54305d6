"""Failure conditions: requests that are wrong. Refusing them in order, with a 4xx, is a success."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfpilot.domain.spec import Endpoint, Expect, Spec
from perfpilot.planning.cases.fields import UUID, Field, Where, fields, json_body, with_json, with_value
from perfpilot.planning.cases.idea import Idea
from perfpilot.planning.cases.values import (
    TRUNCATED_JSON,
    UNKNOWN_NUMBER,
    UNKNOWN_TEXT,
    UNKNOWN_UUID,
    WRONG_BASIC,
    WRONG_FOR_A_NUMBER,
    WRONG_FOR_A_TEXT,
    WRONG_PASSWORD,
    WRONG_TOKEN,
)
from perfpilot.planning.review.requests import SECRET_HEADERS

REFUSED = Expect(status=("4xx",))

_ID = re.compile(r"(.*[_.-])?(id|uuid|guid)|.*[a-z0-9](Id|ID)", re.DOTALL)


def failure_ideas(endpoint: Endpoint, spec: Spec) -> Iterator[Idea]:
    """Failure conditions of one endpoint, those first that find most."""
    auth = spec.environment.auth
    if auth and endpoint.name == auth.login:
        yield from _wrong_password(endpoint, spec)
    else:
        yield from _credentials(endpoint, spec)
    yield from _unknown_id(endpoint, spec)
    yield from _wrong_bodies(endpoint, spec)


def _wrong_password(login: Endpoint, spec: Spec) -> Iterator[Idea]:
    every = fields(login, spec.test_data.values)
    field = next((f for f in every if f.secret), every[-1] if every else None)
    if field:
        request = with_value(login, field, WRONG_PASSWORD)
        yield _idea("wrong password", "a login with a wrong password", request, writes=True)


def _credentials(endpoint: Endpoint, spec: Spec) -> Iterator[Idea]:
    environment = spec.environment
    auth = environment.auth
    own = endpoint.headers
    header, wrong, what = "", "", "token"
    if auth and spec.sends_token(endpoint):
        header, wrong = auth.header, f"{auth.scheme} {WRONG_TOKEN}".strip()
    elif spec.sends_basic_auth(endpoint):
        header, wrong, what = "Authorization", WRONG_BASIC, "password"
    if header:
        bare = endpoint.model_copy(update={"authenticated": False, "headers": _without(own, header)})
        if not _has(environment.headers, header):
            yield _idea(f"no {what}", f"a request without a {what}", bare)
        yield _idea(f"wrong {what}", f"a {what} that nobody gave out", _with_header(bare, header, wrong))
        return
    for name in {**environment.headers, **own}:
        if name.lower() in SECRET_HEADERS:
            request = _with_header(endpoint, name, WRONG_TOKEN)
            yield _idea("wrong token", f"a {name} that nobody gave out", request)
            return


def _unknown_id(endpoint: Endpoint, spec: Spec) -> Iterator[Idea]:
    """Of the last id in the address: the one that names the item."""
    every = fields(endpoint, spec.test_data.values)
    in_path = [field for field in every if field.where is Where.PATH]
    in_query = [f for f in every if f.where in (Where.ADDRESS, Where.QUERY) and _ID.fullmatch(f.name)]
    for field in (in_path or in_query)[-1:]:
        request = with_value(endpoint, field, _unknown(field, spec))
        yield _idea(f"unknown {field.name}", f"an item that does not exist, by {field.name},", request)


def _unknown(field: Field, spec: Spec) -> str:
    rows = spec.test_data.values.get(str(field.key[-1]), ()) if field.where is Where.PATH else ()
    known = [*rows, str(field.value)]
    if any(UUID.fullmatch(value) for value in known):
        return UNKNOWN_UUID
    extracted = str(field.value).startswith("${") and not rows
    return UNKNOWN_NUMBER if field.numeric or extracted else UNKNOWN_TEXT


def _wrong_bodies(endpoint: Endpoint, spec: Spec) -> Iterator[Idea]:
    body = json_body(endpoint)
    every = fields(endpoint, spec.test_data.values)
    if isinstance(body, dict | list):
        as_json = _as_json(endpoint, spec)
        yield _idea(
            "truncated body",
            "a JSON body that ends in the middle",
            as_json.model_copy(update={"body": TRUNCATED_JSON}),
        )
        for field in [f for f in every if f.where is Where.BODY and not f.secret][:1]:
            value = WRONG_FOR_A_NUMBER if field.is_number else WRONG_FOR_A_TEXT
            request = with_value(as_json, field, value)
            yield _idea(f"wrong type {field.name}", f"a value of another type in {field.name}", request)
        if isinstance(body, dict) and body:
            yield _idea("missing fields", "a JSON body without its fields", with_json(as_json, {}))
        request = _with_header(endpoint, "Content-Type", "text/plain")
        yield _idea("wrong content type", "a JSON body that is announced as plain text", request)
    for field in [f for f in every if f.where is Where.FORM and not f.secret][:1]:
        rest = {name: value for name, value in endpoint.form.items() if name != field.key[0]}
        if rest or endpoint.files:
            request = endpoint.model_copy(update={"form": rest})
            yield _idea(f"missing {field.name}", f"a form without {field.name}", request)


def _as_json(endpoint: Endpoint, spec: Spec) -> Endpoint:
    """With a content type, which a body that is a text does not have by itself."""
    if _has(endpoint.headers, "Content-Type") or _has(spec.environment.headers, "Content-Type"):
        return endpoint
    return _with_header(endpoint, "Content-Type", "application/json")


def _has(headers: dict[str, str], name: str) -> bool:
    return any(own.lower() == name.lower() for own in headers)


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {own: value for own, value in headers.items() if own.lower() != name.lower()}


def _with_header(endpoint: Endpoint, name: str, value: str) -> Endpoint:
    return endpoint.model_copy(update={"headers": {**_without(endpoint.headers, name), name: value}})


def _idea(name: str, what: str, request: Endpoint, *, writes: bool = False) -> Idea:
    return Idea(
        name=name,
        why=f"{what} must be refused in order: a 4xx, no 5xx and no success",
        request=request.model_copy(update={"expect": REFUSED, "extract": ()}),
        writes=writes,
    )
