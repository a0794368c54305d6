"""Reads the description of a test, from YAML text or from a mapping, with one error for all that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Spec
from perfpilot.domain.units import parse_duration_s
from perfpilot.tools.spec.crosscheck import cross_check
from perfpilot.tools.spec.plain_data import NotPlain, plain, scalars
from perfpilot.tools.spec.problems import Place, Problem, SpecProblems, problem_at
from perfpilot.tools.spec.wording import problems_of
from perfpilot.tools.spec.yaml_text import MAX_CHARACTERS, NotYaml, read_yaml

_DURATIONS = frozenset(
    {"duration", "think_time", "connect", "response", "within", "begins"}
    | {"ramp", "hold", "before", "after", "period"}
)
_FREE_KEYS = frozenset({"body", "headers", "values", "query", "form"})


def parse_spec(source: str | Mapping[str, Any]) -> Spec:
    """The description in YAML text or in a mapping (such as the JSON that a LangGraph server gets).

    Raises `SpecProblems` (a `SpecError`) with every problem found. Its message is the same for a mapping and
    for the text of the same mapping; line numbers are apart, in `SpecProblems.located()`.
    """
    data, lines = _data(source)
    if not isinstance(data, dict):
        raise SpecProblems([Problem("", "must be a mapping with test_name, environment, endpoints")])
    problems = [problem_at(place, text, data, lines) for place, text in _bare_durations(data)]
    try:
        spec = Spec.model_validate(data)
    except ValidationError as error:
        raise SpecProblems(problems + problems_of(error, Spec, data, lines)) from None
    problems += [problem_at(_present(place, data), text, data, lines) for place, text in cross_check(spec)]
    if problems:
        raise SpecProblems(list(dict.fromkeys(problems)))
    return spec


def load_spec(path: str | Path) -> Spec:
    """The description in a YAML file. Reads the disk: in asynchronous code use a thread.

    Raises `SpecError`, for a file that cannot be read too.
    """
    return parse_spec(read_text(path))


def read_text(path: str | Path) -> str:
    """The text of a description's file, read no further than it may be long. Raises `SpecError`."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(4 * MAX_CHARACTERS + 1)
        if len(content) > 4 * MAX_CHARACTERS:
            raise SpecError(f"{path}: longer than {MAX_CHARACTERS} characters")
        return content.decode("utf-8")
    except FileNotFoundError:
        raise SpecError(
            f"{path}: no such file", mend="give the path of a description, or make one: perfpilot init URL"
        ) from None
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: byte {error.start} is not UTF-8", mend="save the file as UTF-8") from None


def _data(source: str | Mapping[str, Any]) -> tuple[Any, dict[Place, int]]:
    try:
        if isinstance(source, str):
            data, lines = read_yaml(source)
        elif isinstance(source, Mapping):
            data, lines = source, {}
        else:
            raise SpecProblems([Problem("", "must be YAML text or a mapping")])
        return plain(data), lines
    except NotYaml as error:
        raise SpecProblems([error.problem]) from None
    except NotPlain as error:
        raise SpecProblems([problem_at(error.place, error.text, source)]) from None


def _bare_durations(data: Any) -> Iterator[tuple[Place, str]]:
    """Durations without a unit that the model itself would take: in Python a float is seconds."""
    for place, value in scalars(data):
        if place and place[-1] in _DURATIONS and isinstance(value, float) and not _FREE_KEYS & set(place):
            try:
                parse_duration_s(value)
            except ValueError as error:
                yield place, str(error)


def _present(place: Place, data: Any) -> Place:
    """The place as far as it was written: a bare step name has no key `endpoint`."""
    for length, key in enumerate(place):
        in_list = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if not in_list and not (isinstance(data, Mapping) and key in data):
            return place[:length]
        data = data[key]
    return place
