"""Places of a request that can hold another value: parameters, path segments, fields of a body or form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote

from perfpilot.domain.base import Frozen
from perfpilot.domain.spec import Endpoint

_ID = re.compile(r"\d+|\$\{[A-Za-z][A-Za-z0-9_]*\}")
_DEEPEST = 8

Value = str | int | float | bool | None


class Place(Frozen):
    """One place. `name` reads like `query.q`, `path.3` (number of the segment), `body.user.name`."""

    part: Literal["query", "path", "body", "form"]
    keys: tuple[str | int, ...]
    value: str | int | float | bool | None  # what stands there now

    @property
    def name(self) -> str:
        """How a message or a model calls it."""
        return ".".join(map(str, (self.part, *self.keys)))


def places(endpoint: Endpoint) -> tuple[Place, ...]:
    """All places of a request, in its own order. Of a path, segments that are a number or a variable."""
    return tuple(_all(endpoint))


def with_value(endpoint: Endpoint, place: Place, value: Value) -> Endpoint:
    """The request with another value in that place. In an address it is percent-encoded (RFC 3986)."""
    if place.part == "body":
        return endpoint.model_copy(update={"body": _put(endpoint.body, place.keys, value)})
    key, text = place.keys[0], _text(value)
    if place.part == "form":
        return endpoint.model_copy(update={"form": {**endpoint.form, str(key): text}})
    if place.part == "query" and key in endpoint.query:
        return endpoint.model_copy(update={"query": {**endpoint.query, str(key): text}})
    return endpoint.model_copy(update={"path": _in_path(endpoint.path, place, quote(text, safe=""))})


def without(endpoint: Endpoint, place: Place) -> Endpoint:
    """The request without that parameter or field. A path segment cannot be left out: it becomes empty."""
    if place.part == "body":
        return endpoint.model_copy(update={"body": _drop(endpoint.body, place.keys)})
    key = place.keys[0]
    if place.part == "form":
        return endpoint.model_copy(update={"form": {k: v for k, v in endpoint.form.items() if k != key}})
    if place.part == "query" and key in endpoint.query:
        return endpoint.model_copy(update={"query": {k: v for k, v in endpoint.query.items() if k != key}})
    return endpoint.model_copy(update={"path": _in_path(endpoint.path, place, None)})


def _all(endpoint: Endpoint) -> Iterator[Place]:
    path, _, query = endpoint.path.partition("?")
    for number, segment in enumerate(path.split("/")):
        if _ID.fullmatch(segment):
            yield Place(part="path", keys=(number,), value=segment)
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        yield Place(part="query", keys=(name,), value=value)
    for name, value in endpoint.query.items():
        yield Place(part="query", keys=(name,), value=value)
    for name, value in endpoint.form.items():
        yield Place(part="form", keys=(name,), value=value)
    if isinstance(endpoint.body, dict | list):
        yield from _leaves(endpoint.body, ())


def _leaves(value: Any, keys: tuple[str | int, ...]) -> Iterator[Place]:
    if isinstance(value, dict | list | tuple) and len(keys) < _DEEPEST:
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in entries:
            yield from _leaves(inner, (*keys, key))
    elif keys and (value is None or isinstance(value, str | int | float)):
        yield Place(part="body", keys=keys, value=value)


def _in_path(path: str, place: Place, encoded: str | None) -> str:
    """`encoded` None: a parameter goes, a segment becomes empty."""
    base, mark, query = path.partition("?")
    if place.part == "path":
        segments = base.split("/")
        segments[int(place.keys[0])] = encoded or ""
        return "/".join(segments) + mark + query
    pairs = []
    for pair in query.split("&"):
        name = pair.partition("=")[0]
        if name != place.keys[0]:
            pairs.append(pair)
        elif encoded is not None:
            pairs.append(f"{name}={encoded}")
    return base + ("?" + "&".join(pairs) if pairs else "")


def _put(value: Any, keys: tuple[str | int, ...], new: Value) -> Any:
    if not keys:
        return new
    if isinstance(value, dict):
        return {k: _put(v, keys[1:], new) if k == keys[0] else v for k, v in value.items()}
    return [_put(v, keys[1:], new) if i == keys[0] else v for i, v in enumerate(value)]


def _drop(value: Any, keys: tuple[str | int, ...]) -> Any:
    if isinstance(value, dict):
        return {
            k: _drop(v, keys[1:]) if k == keys[0] else v
            for k, v in value.items()
            if k != keys[0] or len(keys) > 1
        }
    return [
        _drop(v, keys[1:]) if i == keys[0] else v
        for i, v in enumerate(value)
        if i != keys[0] or len(keys) > 1
    ]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
