"""Rules for every text of a description: which references may stand in it, and which characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perfpilot.domain.spec import Endpoint, Server, Spec
from perfpilot.planning.scenarios import drafts
from perfpilot.tools.spec.plain_data import scalars
from perfpilot.tools.spec.problems import Place, did_you_mean
from perfpilot.tools.spec.references import ENVIRONMENT, NotAReference, forbidden_character, references

Found = tuple[Place, str]

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token: RFC 9110 section 5.6.2
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_PATH = re.compile(r"[^\s\\]+")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[\x21-\x5b\x5d-\x7e](?:[\x20-\x5b\x5d-\x7e]*[\x21-\x5b\x5d-\x7e])?|")


def text_problems(spec: Spec) -> Iterator[Found]:
    """Every text that JMeter, HTTP or a file could not carry as it is meant."""
    available = _available(spec)
    anywhere = {extract.name for endpoint in spec.endpoints for extract in endpoint.extract}
    anywhere |= set(spec.test_data.values)
    yield from _environment(spec)
    for index, endpoint in enumerate(spec.endpoints):  # an endpoint that nothing uses is sent by nothing
        yield from _endpoint(endpoint, ("endpoints", index), available.get(endpoint.name, anywhere))
    for name, rows in spec.test_data.values.items():
        for row, value in enumerate(rows):
            yield from _text(value, ("test_data", "values", name, row), set())
    if spec.baseline:
        yield from _text(spec.baseline.run, ("baseline", "run"), set())
        yield from _text(spec.baseline.source, ("baseline", "source"), set())
    webhook, place = spec.notifications.webhook, ("notifications", "webhook")
    yield from _text(webhook, place, set(), secrets=True)
    if webhook and not webhook.startswith(("http://", "https://", "${env:")):
        yield place, "is not a web address: write https://host/path or ${env:NAME}"


def _available(spec: Spec) -> dict[str, set[str]]:
    """For every endpoint the variables that have a value wherever it is used.

    Test data always has; an extracted value only in later steps of the same scenario.
    """
    data = set(spec.test_data.values)
    declared = {endpoint.name: endpoint for endpoint in spec.endpoints}
    auth = spec.environment.auth
    login = declared.get(auth.login) if auth else None
    available: dict[str, set[str]] = {login.name: set(data)} if login else {}
    for draft in drafts(spec):
        known = set(data)
        if draft.login_first and login:
            known |= {extract.name for extract in login.extract}
        for name in draft.endpoints:
            if name in declared:
                available[name] = available.get(name, set(known)) & known
                known |= {extract.name for extract in declared[name].extract}
    return available


def _environment(spec: Spec) -> Iterator[Found]:
    environment, top = spec.environment, "environment"
    yield from _path(environment.base_url, (top, "base_url"), set())
    yield from _text(environment.name, (top, "name"), set())
    yield from _text(environment.currency, (top, "currency"), set())
    yield from _path(environment.health, (top, "health"), set())
    yield from _headers(environment.headers, (top, "headers"), set(spec.test_data.values))
    if auth := environment.auth:
        for key in ("token", "header", "scheme"):
            yield from _text(getattr(auth, key), (top, "auth", key), set())
        if not _HEADER_NAME.fullmatch(auth.header):
            yield (top, "auth", "header"), f"{auth.header!r} is no name of an HTTP header"
        if not _SCHEME.fullmatch(auth.scheme):
            yield (top, "auth", "scheme"), "must be printable ASCII without a backslash, such as Bearer"
    if basic := environment.basic_auth:
        for key in ("user", "password"):
            yield from _text(getattr(basic, key), (top, "basic_auth", key), set(), secrets=True)
    for index, server in enumerate(environment.servers):
        yield from _server(server, (top, "servers", index))


def _server(server: Server, place: Place) -> Iterator[Found]:
    if not _HOST.fullmatch(server.host):
        yield (*place, "host"), f"{server.host!r} is no host name or address"
    for key in ("database", "user"):
        yield from _text(getattr(server, key), (*place, key), set())
    if server.password and not ENVIRONMENT.fullmatch(server.password):
        yield (*place, "password"), "must be a reference such as ${env:DB_PASSWORD}, never the secret itself"


def _endpoint(endpoint: Endpoint, place: Place, known: set[str]) -> Iterator[Found]:
    yield from _path(endpoint.path, (*place, "path"), known)
    yield from _headers(endpoint.headers, (*place, "headers"), known)
    yield from _fields(endpoint.query, (*place, "query"), known, secrets=False)
    yield from _fields(endpoint.form, (*place, "form"), known, secrets=True)
    for index, upload in enumerate(endpoint.files):
        for key in ("field", "path"):
            yield from _text(getattr(upload, key), (*place, "files", index, key), set())
    for at, value in scalars(_lists(endpoint.body), (*place, "body")):
        if isinstance(value, str):
            yield from _text(value, at, known, secrets=True, lines_allowed=True)
    for at, key in _keys(endpoint.body, (*place, "body")):
        yield from _text(key, at, known)
    for key in ("contains", "lacks"):
        yield from _text(getattr(endpoint.expect, key), (*place, "expect", key), known)
    yield from _text(endpoint.expect.json_path, (*place, "expect", "json_path"), set())
    for index, extract in enumerate(endpoint.extract):
        for key in ("json_path", "regex"):
            yield from _text(getattr(extract, key), (*place, "extract", index, key), set())
        if extract.header and not _HEADER_NAME.fullmatch(extract.header):
            yield (*place, "extract", index, "header"), f"{extract.header!r} is no name of an HTTP header"


def _fields(fields: dict[str, str], place: Place, known: set[str], *, secrets: bool) -> Iterator[Found]:
    """Parameters of an address, or fields of a form: names as they are, values encoded when they are sent."""
    for name, value in fields.items():
        yield from _text(name, (*place, name), set())
        yield from _text(value, (*place, name), known, secrets=secrets, lines_allowed=True)


def _path(text: str, place: Place, known: set[str]) -> Iterator[Found]:
    yield from _text(text, place, known)
    if text and not _PATH.fullmatch(text):
        yield place, "holds a space or a backslash; write a space as %20"
    if "#" in text:
        yield place, "holds a fragment (#...), which is never sent to a server; leave it out"
    if _BAD_PERCENT.search(text):
        yield place, "holds a % that begins no escape such as %20; write it as %25"


def _headers(headers: dict[str, str], place: Place, known: set[str]) -> Iterator[Found]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            yield (*place, name), "is no name of an HTTP header"
        yield from _text(value, (*place, name), known, secrets=True)


def _text(
    text: str, place: Place, known: set[str], *, secrets: bool = False, lines_allowed: bool = False
) -> Iterator[Found]:
    character = forbidden_character(text, lines_allowed=lines_allowed)
    if character:
        yield place, f"holds the character {character}, which cannot be sent as it is"
    try:
        for reference in references(text):
            if reference.environment and not secrets:
                yield (
                    place,
                    (
                        f"${{env:{reference.name}}} may stand only in headers, bodies, forms, basic_auth, a "
                        "server's password and notifications.webhook"
                    ),
                )
            elif not reference.environment and reference.name not in known:
                yield place, _unknown(reference.name, known)
    except NotAReference as error:
        yield place, str(error)


def _unknown(name: str, known: set[str]) -> str:
    declared = did_you_mean(name, known) if known else "no variable has a value here"
    return (
        f"${{{name}}} has no value here; {declared} "
        "(variables come from test_data.values and from extract in an earlier step)"
    )


def _lists(body: Any) -> Any:
    """The body with its tuples as lists, as `scalars` walks them."""
    if isinstance(body, dict):
        return {key: _lists(value) for key, value in body.items()}
    return [_lists(value) for value in body] if isinstance(body, list | tuple) else body


def _keys(body: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(body, dict):
        for key, value in body.items():
            yield (*place, key), key
            yield from _keys(value, (*place, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from _keys(value, (*place, index))
