"""One description in which every text field of the vocabulary is used, and a walk over its texts."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any

from pydantic import BaseModel

from perfpilot.domain.alerts import AlertRule
from perfpilot.domain.benchmark import Benchmark
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import Threshold

Place = tuple[str | int, ...]

WHOLE: dict[str, Any] = {
    "version": 1,
    "test_name": "whole",
    "test_type": "load",
    "environment": {
        "base_url": "http://127.0.0.1:8080/base",
        "name": "here",
        "health": "/health",
        "headers": {"X-All": "all"},
        "auth": {
            "login": "login", "token": "$.token", "header": "X-Auth", "scheme": "Bearer",
            "scope": "iteration",
        },
        "basic_auth": {"user": "me", "password": "${env:PERFPILOT_SECRET_P}"},
        "servers": [
            {
                "name": "db", "kind": "redis", "host": "127.0.0.1", "port": 1, "database": "d", "user": "u",
                "password": "${env:PERFPILOT_SECRET_D}",
            }
        ],
    },
    "endpoints": [
        {"name": "login", "method": "POST", "path": "/login", "body": "in"},
        {
            "name": "read", "method": "GET", "path": "/read/${name}", "headers": {"X-Own": "own"},
            "query": {"q": "asked"},
            "expect": {"status": [200, "4xx"], "contains": "good", "lacks": "bad", "json_path": "$.a"},
            "extract": [
                {"name": "one", "json_path": "$.id", "match": "first"},
                {"name": "two", "regex": "id=(.)"},
                {"name": "three", "header": "Location"},
            ],
        },
        {"name": "text", "method": "POST", "path": "/text", "body": "plain ${name}", "query": {"p": "put"}},
        {
            "name": "json", "method": "PUT", "path": "/json",
            "body": {"key": "value", "list": ["entry", {"in": "x"}]},
        },
        {"name": "form", "method": "POST", "path": "/form", "form": {"field": "filled"}},
        {
            "name": "file", "method": "POST", "path": "/file", "form": {"f": "part"},
            "files": [{"field": "upload", "path": "a.txt", "type": "text/plain"}],
        },
    ],
    "journeys": [
        {
            "name": "all", "steps": [
                {"endpoint": "read"}, {"endpoint": "text", "only_if": "one"}, {"endpoint": "json"},
                {"endpoint": "form"}, {"endpoint": "file"},
            ],
            "transaction": True,
        },
        {"name": "other", "steps": [{"endpoint": "read"}]},
    ],
    "load_patterns": [
        {
            "model": "open", "arrivals": "even", "constant": {"level": 2, "duration": "30s"},
            "journeys": ["all"],
        },
        {"model": "closed", "constant": {"level": 2, "duration": "30s"}},
    ],
    "thresholds": ["p95 < 1s"],
    "alerts": ["cpu(host) > 90%"],
    "cases": {"run": ["edge"], "most": 1},
    "test_data": {"values": {"name": ["ann", "bob"], "spare": ["s", "t"]}, "order": "in_turn"},
    "baseline": {"run": "previous", "benchmark": ["p95 = 250ms"], "source": "last year"},
    "notifications": {"webhook": "https://example.org/hook"},
    "reports": {"formats": ["html"]},
}  # fmt: skip


class Text(typing.NamedTuple):
    """One text of a description: a value at a place, or (`key`) the last key of that place."""

    place: Place
    key: bool
    owner: str  # model and field that it belongs to


def texts(model: BaseModel, place: Place = ()) -> Iterator[Text]:
    """Every text of a description, found by the fields of its models."""
    for name in type(model).model_fields:
        owner = f"{type(model).__name__}.{name}"
        yield from _texts(getattr(model, name), (*place, name), owner)


def text_fields(model: type[BaseModel] = Spec) -> set[str]:
    """Every field of the models that a description is made of that may hold text."""
    found: set[str] = set()
    for each in _models(model, set()):
        for name, field in each.model_fields.items():
            if any(kind is str or kind is Any or _is_enum(kind) for kind in _kinds(field.annotation)):
                found.add(f"{each.__name__}.{name}")
    return found


def _texts(value: Any, place: Place, owner: str) -> Iterator[Text]:
    if isinstance(value, Threshold | AlertRule | Benchmark):
        yield Text(place, False, owner)
    elif isinstance(value, BaseModel):
        yield from texts(value, place)
    elif isinstance(value, str):
        yield Text(place, False, owner)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield Text((*place, key), True, owner)
            yield from _texts(entry, (*place, key), owner)
    elif isinstance(value, tuple | list):
        for index, entry in enumerate(value):
            yield from _texts(entry, (*place, index), owner)


def _models(model: type[BaseModel], found: set[type[BaseModel]]) -> set[type[BaseModel]]:
    if model not in found and not issubclass(model, Threshold | AlertRule | Benchmark):
        found.add(model)
        for field in model.model_fields.values():
            for kind in _kinds(field.annotation):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    _models(kind, found)
    return found


def _kinds(annotation: Any) -> Iterator[Any]:
    """All types of an annotation; a literal counts as the type of its values."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from {type(value) for value in typing.get_args(annotation)}
    elif typing.get_origin(annotation) is typing.Annotated or isinstance(annotation, types.UnionType):
        for part in typing.get_args(annotation)[
            : 1 if typing.get_origin(annotation) is typing.Annotated else None
        ]:
            yield from _kinds(part)
    elif arguments := typing.get_args(annotation):
        for part in arguments:
            yield from _kinds(part)
    else:
        yield annotation


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)
