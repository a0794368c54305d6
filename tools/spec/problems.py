"""One error for everything that is wrong with a description: each problem with its place and its mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from perfpilot.domain.errors import SpecError

Place = tuple[str | int, ...]
"""Keys and indices from the top of the description, such as ("endpoints", 0, "path")."""

_LONGEST = 400  # characters of one problem: values are quoted in it, and a value may be long


class Problem(NamedTuple):
    """One thing that is wrong. `line` counts from 1 and is known only where the description was text."""

    path: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class SpecProblems(SpecError):
    """All problems of a description. Its message has no line numbers, so a mapping gives the same."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(listed(self.problems, "the test description"))

    def located(self) -> str:
        """The message with line numbers where they are known: for the person who edits the file."""
        return listed(self.problems, "the test description", located=True)


def listed(problems: Sequence[Problem], subject: str, *, located: bool = False) -> str:
    """`<subject> has 2 problems:` and one indented line for each."""
    lines = [f"{subject} has {len(problems)} problem{'s' if len(problems) > 1 else ''}:"]
    for problem in problems:
        where = f"line {problem.line}: " if located and problem.line else ""
        lines.append(f"  {where}{problem}")
    return "\n".join(lines)


def problem_at(place: Place, text: str, data: object, lines: Mapping[Place, int] | None = None) -> Problem:
    """A problem at a place of the raw description."""
    return Problem(path_of(place, data), _shortened(text), line_of(place, lines or {}))


def path_of(place: Place, data: object) -> str:
    """`endpoints.checkout.path`: an entry of a list is called by its name where it alone has that name."""
    parts: list[str] = []
    for key in place:
        parts.append(_entry_name(data, key) or printable_key(key))
        if isinstance(data, Mapping):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            data = None
    return ".".join(parts)


def line_of(place: Place, lines: Mapping[Place, int]) -> int | None:
    """The line of the place, or of the nearest thing around it that has one."""
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def did_you_mean(wrong: str, right: Iterable[str]) -> str:
    """`did you mean x?`, or the list of what is possible where nothing is near."""
    names = sorted(set(right))
    near = get_close_matches(wrong.lower(), [name.lower() for name in names], n=1, cutoff=0.6)
    if near:
        return f"did you mean {next(name for name in names if name.lower() == near[0])}?"
    return f"possible here: {', '.join(names)}" if names else "nothing is declared there"


def printable_key(key: str | int) -> str:
    """A key as part of a path; what could break the line is escaped."""
    text = str(key)
    return _shortened(text if text.isprintable() and text else repr(text), 80)


def _entry_name(data: object, key: str | int) -> str:
    if not isinstance(data, list) or not isinstance(key, int) or key >= len(data):
        return ""
    names = [entry.get("name") if isinstance(entry, Mapping) else None for entry in data]
    name = names[key]
    if not isinstance(name, str) or not name or names.count(name) > 1:
        return ""
    return printable_key(name)


def _shortened(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
