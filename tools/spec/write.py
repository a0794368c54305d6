"""Writes a description as YAML: keys in the order of the models, units kept, secrets as references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from perfpilot.domain.result import Remark, Repair
from perfpilot.domain.spec import Spec
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.spec.problems import Place, path_of

_PLAIN = re.compile(r"[A-Za-z0-9/](?:[A-Za-z0-9 _./%()<>=?&-]|:(?=[^ ]))*(?<! )", re.ASCII)
_AWKWARD = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def dump_spec(spec: Spec, comments: Mapping[str, str] | None = None) -> str:
    """YAML that `parse_spec` reads back as an equal description. Defaults are left out, the version is not.

    `comments` are written above the place they are about, such as `thresholds.2`; what has no place of its
    own in the text goes to the top.
    """
    data = {
        "version": spec.version,
        "test_name": spec.test_name,
        "test_type": spec.test_type.value,
        **spec.model_dump(mode="json", exclude_defaults=True, exclude={"version", "test_name", "test_type"}),
    }
    left = {place: one_line(text, 500) for place, text in (comments or {}).items()}
    lines = list(_mapping(data, (), data, left))
    return "\n".join([*(f"# {place}: {text}" for place, text in left.items()), *lines]) + "\n"


def comments_of(added: Iterable[Remark], repairs: Iterable[Repair] = ()) -> dict[str, str]:
    """Comments for `dump_spec`: what was added (the remarks of `with_defaults`) or repaired, and why."""
    comments = {remark.place: f"{remark.text} ({remark.source})" for remark in added}
    for repair in repairs:
        comments[repair.place] = f"repaired: was {repair.before}; {repair.proof}"
    return comments


def scalar(value: Any) -> str:
    """One value without line breaks, quoted only where YAML would take it for something else."""
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list):
        return "[]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")
    return json.dumps(value)


def _mapping(data: Mapping[str, Any], place: Place, top: Any, comments: dict[str, str]) -> Iterator[str]:
    indent = "  " * len(place)
    for key, value in data.items():
        here = (*place, key)
        yield from _comment(here, top, indent, comments)
        if _nested(value):
            yield f"{indent}{scalar(key)}:"
            yield from _block(value, here, top, comments)
        else:
            yield f"{indent}{scalar(key)}: {scalar(value)}"


def _block(value: Any, place: Place, top: Any, comments: dict[str, str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping(value, place, top, comments)
        return
    indent = "  " * len(place)
    for index, entry in enumerate(value):
        here = (*place, index)
        yield from _comment(here, top, indent, comments)
        if not _nested(entry):
            yield f"{indent}- {scalar(entry)}"
            continue
        # The dash takes the place of the first line's indent: `- name: checkout`. A comment keeps its line.
        lines = list(_block(entry, here, top, comments))
        first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
        yield from lines[:first]
        yield f"{indent}- {lines[first][len(indent) + 2 :]}"
        yield from lines[first + 1 :]


def _comment(place: Place, top: Any, indent: str, comments: dict[str, str]) -> Iterator[str]:
    text = comments.pop(path_of(place, top), "")
    if text:
        yield f"{indent}# {text}"


def _nested(value: Any) -> bool:
    return bool(value) and isinstance(value, Mapping | list)


def _text(value: str) -> str:
    plain = _PLAIN.fullmatch(value) and _resolved(value) == "tag:yaml.org,2002:str"
    if plain:
        return value
    # JSON is YAML, but for the characters that YAML takes for line ends or does not let in at all.
    return _AWKWARD.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def _resolved(value: str) -> str:
    """What YAML 1.1 takes the bare text for: more forms than our own reader, so other readers agree too."""
    resolver: Any = yaml.resolver.Resolver()
    return str(resolver.resolve(yaml.ScalarNode, value, (True, False)))
