"""What pydantic found, in the words of the person who wrote the description."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from perfpilot.tools.spec.problems import Place, Problem, did_you_mean, path_of, problem_at

_PATTERNS = {
    "^/": "must begin with /",
    "^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$": "must begin with a letter or digit; further letters, digits, "
    "spaces and _ . - may follow, 64 in all",
    "^[A-Za-z][A-Za-z0-9_]{0,63}$": "must begin with a letter; further letters, digits and _ may follow, "
    "64 in all",
}
_SENTENCES = {
    "string_type": "must be text; put it in quotes",
    "tuple_type": "must be a list, such as [a, b]",
    "list_type": "must be a list, such as [a, b]",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number that can be used",
}


def problems_of(
    error: ValidationError,
    model: type[BaseModel],
    data: Any,
    lines: Mapping[Place, int] | None = None,
) -> list[Problem]:
    """One problem for every mistake: what follows only from another one is left out."""
    details = error.errors(include_url=False)
    misspelt = {
        (*place[:-1], near)
        for place in (detail["loc"] for detail in details if detail["type"] == "extra_forbidden")
        if (near := _near(str(place[-1]), model, place[:-1]))
    }
    found: dict[tuple[str, str], Problem] = {}
    for detail in details:
        place = _place(detail["loc"], data)
        if detail["type"] == "missing" and place in misspelt:
            continue
        if detail["type"] == "too_short" and _at(data, place):
            continue  # entries that are wrong themselves are reported, and pydantic counts them as absent
        text = _text(detail, place, model, data)
        found.setdefault((path_of(place, data), text), problem_at(place, text, data, lines))
    return list(found.values())


def keys_at(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    """The keys that may stand in the mapping at a place of the model."""
    here: Any = model
    for key in place:
        here = _inside(here, key)
    here = _bare(here)
    return tuple(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else ()


def _text(detail: ErrorDetails, place: Place, model: type[BaseModel], data: Any) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), _at(data, place)
    if kind == "extra_forbidden":
        return f"unknown key; {did_you_mean(str(place[-1]), keys_at(model, place[:-1]))}"
    if kind == "missing":
        return "is missing"
    if place and place[-1] == "body":
        return "must be text, a mapping or a list"
    if kind in ("enum", "literal_error"):
        return _choice(value, re.findall(r"'([^']*)'|(\d+)", str(context["expected"])))
    if kind == "string_pattern_mismatch":
        sentence = _PATTERNS.get(str(context["pattern"]), f"must match {context['pattern']}")
        return f"this key {sentence}" if detail["loc"][-1] == "[key]" else f"{value!r} {sentence}"
    if kind == "value_error":
        return re.sub(r"//[^/@\s]*@", "//***@", str(context["error"]))
    if kind == "too_short":
        return "needs at least one entry"
    if kind == "too_long":
        return f"takes at most {context['max_length']}; write everything in that one"
    for bound, words in (("gt", "greater than"), ("ge", "at least"), ("lt", "less than"), ("le", "at most")):
        if bound in context:
            return f"must be {words} {context[bound]}"
    return _SENTENCES.get(kind) or detail["msg"].replace("Input should", "must")


def _choice(value: Any, expected: list[tuple[str, str]]) -> str:
    names = [word or number for word, number in expected]
    if len(names) == 1:
        return f"must be {names[0]}"
    return f"{value!r} is not possible; {did_you_mean(str(value), names)}"


def _near(wrong: str, model: type[BaseModel], place: Place) -> str:
    words = did_you_mean(wrong, keys_at(model, place))
    return words.removeprefix("did you mean ").removesuffix("?") if words.startswith("did you mean") else ""


def _place(location: tuple[int | str, ...], data: Any) -> Place:
    """The location without pydantic's own marks, such as the branch of a union or `[key]`."""
    place: list[int | str] = []
    for key in location:
        if isinstance(data, Mapping):
            if key not in data and key == "[key]":
                break
            place.append(key)
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int):
            place.append(key)
            data = data[key] if key < len(data) else None
        else:
            break  # a branch of a union, `[key]`, or the key that a bare step name stands for
    return tuple(place)


def _at(data: Any, place: Place) -> Any:
    for key in place:
        if isinstance(data, Mapping):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def _inside(annotation: Any, key: str | int) -> Any:
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        field = bare.model_fields.get(str(key))
        return field.annotation if field else None
    arguments = get_args(bare)
    return arguments[0] if isinstance(key, int) and arguments else arguments[-1] if arguments else None


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) in (Annotated, Union, types.UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        annotation = options[0]
    return annotation
