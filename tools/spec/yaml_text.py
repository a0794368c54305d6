"""YAML text to plain data, strictly: no tags, no duplicate keys, bounded in size, depth and aliases.

Scalars follow the core schema of YAML 1.2 (`no`, `010` and dates are text), which for the forms it reads
as numbers is a subset of YAML 1.1, so that text written by PyYAML means the same here.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from perfpilot.tools.spec.problems import Place, Problem, path_of

MAX_CHARACTERS = 256 * 1024
MAX_DEPTH = 32
MAX_VALUES = 50_000
"""Values after every alias is written out: nine lines of YAML can stand for a billion (`billion laughs`)."""

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,299})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]*([eE][-+][0-9]+)?")
_WORDS: dict[str, Any] = {"": None, "~": None}
_WORDS |= {word: None for word in ("null", "Null", "NULL")}
_WORDS |= {word: True for word in ("true", "True", "TRUE")}
_WORDS |= {word: False for word in ("false", "False", "FALSE")}


class NotYaml(ValueError):
    """The text cannot be read as plain data. `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read_yaml(text: str) -> tuple[Any, dict[Place, int]]:
    """The data, and the line of every key and list entry. Raises `NotYaml`."""
    if len(text) > MAX_CHARACTERS:
        raise NotYaml(Problem("", f"the text is longer than {MAX_CHARACTERS} characters"))
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(filter(None, (error.context, error.problem)))
        said += "; text that holds any of : # { } [ ] & * may need quotes"
        raise NotYaml(Problem("", f"this is not YAML: {said}", mark.line + 1 if mark else None)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = f"the character U+{error.character:04X} may not stand in YAML"
        raise NotYaml(Problem("", f"this is not YAML: {character}", line)) from None
    except RecursionError:
        raise NotYaml(Problem("", f"nested deeper than {MAX_DEPTH} levels")) from None
    except (yaml.YAMLError, ValueError):  # PyYAML lets int() fail on an absurd %YAML directive
        raise NotYaml(Problem("", "this is not YAML")) from None
    if node is None:
        return None, {}
    reading = _Reading()
    return reading.value(node, (), 0), reading.lines


class _Reading:
    """One pass over the node graph. Aliases are followed and counted like everything else."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self._values = 0

    def value(self, node: yaml.Node, place: Place, depth: int) -> Any:
        self._values += 1
        if depth > MAX_DEPTH:
            self._fail(node, place, f"nested deeper than {MAX_DEPTH} levels")
        if self._values > MAX_VALUES:
            self._fail(node, (), f"more than {MAX_VALUES} values, aliases written out")
        if isinstance(node, yaml.MappingNode):
            self._plain_tag(node, place, "map")
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            self._plain_tag(node, place, "seq")
            entries = []
            for index, child in enumerate(node.value):
                self.lines.setdefault((*place, index), child.start_mark.line + 1)
                entries.append(self.value(child, (*place, index), depth + 1))
            return entries
        return self._scalar(node, place) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, child in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge" and key_node.value == "<<":
                for source in child.value if isinstance(child, yaml.SequenceNode) else [child]:
                    base = self.value(source, place, depth + 1)
                    if not isinstance(base, dict):
                        self._fail(child, place, "'<<' takes a mapping")
                    merged = {**base, **merged}
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._fail(key_node, place, "a key must be text")
            key = key_node.value
            if key in own:
                self._fail(key_node, (*place, key), "this key is given twice")
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            own[key] = self.value(child, (*place, key), depth + 1)
        return {**merged, **own}

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Any:
        text = node.value
        # A tag written by hand (`!!python/object`, `!!binary`) is never obeyed; only text may be forced.
        if node.tag == "tag:yaml.org,2002:str" or node.style is not None:
            if not node.tag.startswith("tag:yaml.org,2002:str"):
                self._fail(node, place, f"the tag {node.tag} is not supported")
            return text
        if node.tag not in _IMPLICIT:
            self._fail(node, place, f"the tag {node.tag} is not supported")
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if not math.isfinite(number):
                self._fail(node, place, f"{text} is too large")
            return number
        return text

    def _plain_tag(self, node: yaml.Node, place: Place, kind: str) -> None:
        if node.tag != f"tag:yaml.org,2002:{kind}":
            self._fail(node, place, f"the tag {node.tag} is not supported")

    def _fail(self, node: yaml.Node, place: Place, text: str) -> None:
        raise NotYaml(Problem(path_of(place, None), text, node.start_mark.line + 1))


_IMPLICIT = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "timestamp", "value", "merge")
)
