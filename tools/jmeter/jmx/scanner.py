"""Where JMeter would evaluate something in a text: a port of its FunctionParser (JMeter 5.6.3).

Ported from org.apache.jmeter.engine.util.FunctionParser, with its oddities, because they are what an
injected text would use: a backslash inside `${...}` vanishes (`${__gro\\ovy(..)}` runs groovy), a name is
trimmed before `(`, and the parameters of one call are compiled again as texts of their own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """What JMeter sees at `text[start:end]`: a call or a variable, or a `${` that is never closed."""

    start: int
    end: int
    name: str
    is_call: bool
    closed: bool = True


@dataclass(frozen=True)
class Scan:
    """All references at the top level of a text, and whether backslashes stand outside of them.

    Where there is a reference, JMeter drops backslashes before `$`, `,` and another backslash; where
    there is none, it leaves the text as it is.
    """

    references: tuple[Reference, ...]
    backslash_outside: bool


def scan(text: str) -> Scan:
    """Port of `compileString`: find the references that stand at the top level of a text."""
    if "${" not in text:  # the two must stand side by side
        return Scan((), "\\" in text)
    references: list[Reference] = []
    backslash = False
    previous = " "
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            backslash = True
            at += 1  # the next character is taken as it is, and cannot be half of a "${"
            previous = " "
        elif char == "{" and previous == "$":
            reference = _reference(text, at - 1)
            references.append(reference)
            at = reference.end - 1
            previous = " "
        else:
            previous = char
        at += 1
    return Scan(tuple(references), backslash)


def _reference(text: str, start: int) -> Reference:
    """Port of `makeFunction`: read one reference whose `${` stands at `start`.

    JMeter knows which names are functions and goes on reading where a name is none; here every name
    before `(` counts as a function, which only makes the guard stricter.
    """
    at = start + 2
    name: list[str] = []
    previous = " "
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
            if at < len(text):
                name.append(text[at])
            previous = " "
        elif char == "(" and previous != " ":
            return _call(text, start, "".join(name).strip(), at + 1)
        elif char == "}":
            return Reference(start, at + 1, "".join(name), is_call=False)
        else:
            name.append(char)
            previous = char
        at += 1
    return Reference(start, len(text), "".join(name), is_call=False, closed=False)


def _call(text: str, start: int, name: str, after_parenthesis: int) -> Reference:
    end = _end_of_parameters(text, after_parenthesis)
    if end is None:
        return Reference(start, len(text), name, is_call=True, closed=False)
    while end < len(text) and text[end].isspace():
        end += 1
    closed = end < len(text) and text[end] == "}"
    return Reference(start, end + 1 if closed else len(text), name, is_call=True, closed=closed)


def _end_of_parameters(text: str, at: int) -> int | None:
    """Port of `parseParams`: the place after the `)` that ends a parameter list, or None."""
    previous = " "
    references = parentheses = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
            previous = " "
        elif char == ")" and references == 0 and parentheses == 0:
            return at + 1
        else:
            if char == "{" and previous == "$":
                references += 1
            elif char == "}" and references > 0:
                references -= 1
            elif char == ")" and references == 0:
                parentheses -= 1
            elif char == "(" and references == 0:
                parentheses += 1
            if not (char == "," and references == 0):
                previous = char
        at += 1
    return None
