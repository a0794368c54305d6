"""`${name}` and `${env:NAME}`: the only two things in a description that stand for something else.

JMeter evaluates every text of a plan that holds `${...}`, functions that run code included, so whatever is
not exactly one of these two forms is refused before a plan is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_REFERENCE = re.compile(r"\$\{(?:(env):)?([A-Za-z_][A-Za-z0-9_]{0,127})\}", re.ASCII)
_OPENING = re.compile(r"\$\{")
ENVIRONMENT = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]{0,127})\}", re.ASCII)
"""A reference to an environment variable."""


class Reference(NamedTuple):
    """One reference: the name of a variable, or of an environment variable."""

    name: str
    environment: bool


class NotAReference(ValueError):
    """The text holds `${` that begins neither `${name}` nor `${env:NAME}`."""


def references(text: str) -> Iterator[Reference]:
    """The references of a text, in order. Raises `NotAReference` with the part that is none."""
    for opening in _OPENING.finditer(text):
        match = _REFERENCE.match(text, opening.start())
        part = text[opening.start() : opening.start() + 40]
        if match is None or (not match[1] and match[2].startswith("__")):
            raise NotAReference(f"{part!r} is neither ${{name}} nor ${{env:NAME}}; nothing else is evaluated")
        # JMeter handles \${ in two ways, depending on what else the text holds: there is no safe meaning.
        if opening.start() and text[opening.start() - 1] == "\\":
            raise NotAReference(f"a backslash before {part!r} has no meaning; leave it out")
        yield Reference(match[2], environment=bool(match[1]))


def forbidden_character(text: str, *, lines_allowed: bool = False) -> str:
    """The first character that no plan can carry, as `U+0000`; empty where there is none.

    Control characters, lone surrogates and the two non-characters U+FFFE and U+FFFF: XML 1.0 section 2.2.
    """
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs" or character in "\ufffe\uffff":
            return f"U+{ord(character):04X}"
        if category == "Cc" and not (lines_allowed and character in "\n\r\t"):
            return f"U+{ord(character):04X}"
    return ""
