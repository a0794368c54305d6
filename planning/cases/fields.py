"""The values that a request carries: where each stands, and the same request with another value there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from perfpilot.domain.spec import Endpoint
from perfpilot.planning.cases import json_text
from perfpilot.planning.variables import REFERENCE

_MOST_OF_A_BODY = 50
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ODD = re.compile(r"[^A-Za-z0-9_.-]+")
_SECRET = re.compile(r"pass|pwd|secret|(^|_)pin$", re.IGNORECASE)

Data = Mapping[str, tuple[str, ...]]


class Where(Enum):
    """The part of a request in which a value stands."""

    PATH = "path"  # a variable, a number or a UUID between slashes
    ADDRESS = "address"  # after the `?` of the path
    QUERY = "query"
    BODY = "body"  # JSON
    FORM = "form"


class Field(NamedTuple):
    """One value of a request. `name` is fit for the name of a case."""

    where: Where
    key: tuple[str | int, ...]
    name: str
    value: str | int | float  # as described; a text of JSON has it without its quotes
    numeric: bool
    secret: bool

    @property
    def is_number(self) -> bool:
        """Whether it is a number of JSON, and no text that looks like one."""
        return not isinstance(self.value, str) or json_text.is_bare(self.value)

    @property
    def in_address(self) -> bool:
        """Whether its value becomes part of the request line."""
        return self.where in (Where.PATH, Where.ADDRESS, Where.QUERY)


def fields(endpoint: Endpoint, data: Data) -> tuple[Field, ...]:
    """All values of a request, in the order path, query, body, form. `data`: rows of the test data."""
    return (
        *_of_the_path(endpoint, data),
        *_of_the_address(endpoint, data),
        *(_field(Where.QUERY, (name,), name, value, data) for name, value in endpoint.query.items()),
        *_of_the_body(endpoint, data),
        *(_field(Where.FORM, (name,), name, value, data) for name, value in endpoint.form.items()),
    )


def with_value(endpoint: Endpoint, field: Field, value: Any) -> Endpoint:
    """The same request with another value in this place, percent-encoded where it stands in the path."""
    if field.where is Where.PATH:
        return endpoint.model_copy(update={"path": _with_segment(endpoint.path, field, str(value))})
    if field.where is Where.ADDRESS:
        return endpoint.model_copy(update={"path": _with_parameter(endpoint.path, field, str(value))})
    if field.where is Where.QUERY:
        return endpoint.model_copy(update={"query": endpoint.query | {str(field.key[0]): str(value)}})
    if field.where is Where.FORM:
        return endpoint.model_copy(update={"form": endpoint.form | {str(field.key[0]): str(value)}})
    return with_json(endpoint, _replaced(json_body(endpoint), field.key, value))


def json_body(endpoint: Endpoint) -> Any:
    """The body as JSON, bare references marked as in `json_text`; None where it is none."""
    return json_text.read(endpoint.body) if isinstance(endpoint.body, str) else endpoint.body


def with_json(endpoint: Endpoint, value: Any) -> Endpoint:
    """The same request with another JSON body, written in the same way: as a text or as a value."""
    body = json_text.written(value) if isinstance(endpoint.body, str) else value
    return endpoint.model_copy(update={"body": body})


def plain_name(text: str) -> str:
    """A text from outside as a part of a name: letters, digits, `_`, `.` and `-`."""
    return _ODD.sub("-", text).strip("-.")[-30:].strip("-.")


def _of_the_path(endpoint: Endpoint, data: Data) -> Iterator[Field]:
    for index, segment in enumerate(endpoint.path.partition("?")[0].split("/")):
        for name in dict.fromkeys(REFERENCE.findall(segment)):
            yield _field(Where.PATH, (index, name), name, f"${{{name}}}", data)
        if _NUMBER.fullmatch(segment) or UUID.fullmatch(segment):
            kind = endpoint.path.split("/")[index - 1]
            yield _field(Where.PATH, (index,), f"{plain_name(kind)}.id" if kind else "id", segment, data)


def _of_the_address(endpoint: Endpoint, data: Data) -> Iterator[Field]:
    for index, parameter in enumerate(endpoint.path.partition("?")[2].split("&")):
        name, equals, value = parameter.partition("=")
        if name and equals:
            yield _field(Where.ADDRESS, (index,), unquote(name), unquote(value), data)


def _of_the_body(endpoint: Endpoint, data: Data) -> Iterator[Field]:
    body = json_body(endpoint)
    if not isinstance(body, dict | list):
        return
    for count, (key, value) in enumerate(_leaves(body, ())):
        if count >= _MOST_OF_A_BODY:
            return
        yield _field(Where.BODY, key, ".".join(map(str, key)), value, data)


def _leaves(
    value: Any, key: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str | int | float]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*key, name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*key, index))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield key, value


def _field(
    where: Where, key: tuple[str | int, ...], name: str, value: str | int | float, data: Data
) -> Field:
    text = str(value)
    likely = REFERENCE.sub(lambda m: data.get(m[1], ("",))[0], text)
    return Field(
        where=where,
        key=key,
        name=plain_name(name) or where.value,
        value=value,
        numeric=not isinstance(value, str)
        or json_text.is_bare(value)
        or _NUMBER.fullmatch(likely) is not None,
        secret="${env:" in text or _SECRET.search(name) is not None,
    )


def _with_segment(path: str, field: Field, value: str) -> str:
    before, mark, query = path.partition("?")
    segments = before.split("/")
    index = int(field.key[0])
    encoded = quote(value, safe="")
    if len(field.key) > 1:
        segments[index] = segments[index].replace(f"${{{field.key[1]}}}", encoded)
    else:
        segments[index] = encoded
    return "/".join(segments) + mark + query


def _with_parameter(path: str, field: Field, value: str) -> str:
    before, mark, query = path.partition("?")
    parameters = query.split("&")
    index = int(field.key[0])
    parameters[index] = f"{parameters[index].partition('=')[0]}={quote(value, safe='')}"
    return before + mark + "&".join(parameters)


def _replaced(value: Any, key: tuple[str | int, ...], new: Any) -> Any:
    if not key:
        return new
    first, rest = key[0], key[1:]
    if isinstance(value, dict):
        return {
            name: _replaced(inner, rest, new) if name == first else inner for name, inner in value.items()
        }
    return [_replaced(inner, rest, new) if index == first else inner for index, inner in enumerate(value)]
