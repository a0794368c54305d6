"""A mapping from outside (JSON, a library call) to plain data, bounded like YAML text is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from perfpilot.tools.spec.problems import Place, printable_key
from perfpilot.tools.spec.yaml_text import MAX_DEPTH, MAX_VALUES


class NotPlain(ValueError):
    """Something that a description cannot hold, at `place`."""

    def __init__(self, place: Place, text: str) -> None:
        self.place = place
        self.text = text
        super().__init__(text)


def plain(data: Any) -> Any:
    """A copy of dicts with text keys, lists, text, finite numbers, booleans and nothing else.

    Raises `NotPlain`.
    """
    return _copy(data, (), 0, [0])


def scalars(data: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value that is no mapping or list, with its place."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from scalars(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from scalars(value, (*place, index))
    else:
        yield place, data


def _copy(data: Any, place: Place, depth: int, seen: list[int]) -> Any:
    seen[0] += 1
    if depth > MAX_DEPTH:
        raise NotPlain(place, f"nested deeper than {MAX_DEPTH} levels")
    if seen[0] > MAX_VALUES:
        raise NotPlain((), f"more than {MAX_VALUES} values")
    if isinstance(data, Mapping):
        for key in data:
            if not isinstance(key, str):
                raise NotPlain(place, f"the key {printable_key(repr(key))} must be text")
            _check_encodable(key, place)
        return {str(key): _copy(value, (*place, key), depth + 1, seen) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_copy(value, (*place, index), depth + 1, seen) for index, value in enumerate(data)]
    if isinstance(data, float) and not math.isfinite(data):
        raise NotPlain(place, f"{data} is not a number that can be used")
    if data is None or isinstance(data, bool | int | float):
        return data
    if isinstance(data, str):
        _check_encodable(data, place)
        return str(data)
    raise NotPlain(place, f"must be text, a number, a list or a mapping, not {type(data).__name__}")


def _check_encodable(text: str, place: Place) -> None:
    """A lone surrogate cannot be written to any file or sent to any server."""
    if not text.isascii():
        character = next((c for c in text if "\ud800" <= c <= "\udfff"), "")
        if character:
            raise NotPlain(
                place, f"holds the character U+{ord(character):04X}, which cannot be written or sent"
            )
