"""Texts from outside, written so that JMeter sends exactly what the spec says and evaluates nothing else.

`${name}` for a declared variable and `${env:NAME}` are the only things with a meaning. A literal that
JMeter would evaluate or alter goes into a property file and is read with `${__P(lit.N)}`: values of
properties are not parsed again (measured, JMeter 5.5 and 5.6.3). Escaping with a backslash is no way:
JMeter keeps the backslash where a text has no reference and drops it where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Set

from perfpilot.domain.errors import SpecError
from perfpilot.tools.jmeter.jmx import templates

_TOKEN = re.compile(
    r"\$\{env:(?P<env>[A-Za-z_][A-Za-z0-9_]{0,127})\}|\$\{(?P<variable>[A-Za-z][A-Za-z0-9_]{0,63})\}"
)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JAVA_TRIMS = "".join(map(chr, range(0x21)))


class OutsideText:
    """Writes texts from outside and collects what the property files must hold for them."""

    def __init__(self, declared: Set[str]) -> None:
        self.declared = declared
        self._numbers: dict[str, int] = {}
        self._secrets: dict[str, None] = {}

    @property
    def properties(self) -> dict[str, str]:
        """`lit.N` -> literal, for the property file."""
        return {f"lit.{number}": value for value, number in self._numbers.items()}

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Names that the private property file must give, in the order of their first use."""
        return tuple(self._secrets)

    def token(self) -> str:
        """The reference to the token of the run."""
        self._secrets[templates.TOKEN_PROPERTY] = None
        return templates.token()

    def write(self, text: str, where: str) -> str:
        """The JMeter text that evaluates to `text` with its variables filled in.

        Raises SpecError for an undeclared variable, a JMeter function, or a character that XML cannot
        hold. `where` names the place in messages, such as `endpoints.pay.body`.
        """
        require_xml_text(text, where)
        pieces = split(text, self.declared, where)
        if all(isinstance(piece, str) for piece in pieces) and "${" not in text:
            return text  # JMeter leaves a text without references alone, backslashes included
        return "".join(
            self._literal(piece) if isinstance(piece, str) else self.reference(piece) for piece in pieces
        )

    def reference(self, token: re.Match[str]) -> str:
        """The JMeter text of a `${name}` or `${env:NAME}` that `split` found."""
        if token["variable"]:
            return templates.variable(token["variable"])
        self._secrets[f"secret.env.{token['env']}"] = None
        return templates.environment_secret(token["env"])

    def _literal(self, piece: str) -> str:
        if "\\" not in piece and "${" not in piece:
            return piece
        core = piece.strip(_JAVA_TRIMS)  # __P trims its value, so white space at the edges stays outside
        start = piece.index(core)
        number = self._numbers.setdefault(core, len(self._numbers) + 1)
        return piece[:start] + templates.literal(number) + piece[start + len(core) :]


def split(text: str, declared: Set[str], where: str) -> list[str | re.Match[str]]:
    """Literals and references of a text, in order. Raises SpecError for what is neither."""
    pieces: list[str | re.Match[str]] = []
    end = 0
    for token in _TOKEN.finditer(text):
        pieces += [text[end : token.start()], token]
        end = token.end()
        if token["variable"] and token["variable"] not in declared:
            raise SpecError(
                f"{where}: ${{{token['variable']}}} is not declared",
                mend="declare it in test_data.values or in an extract of an earlier request",
            )
    pieces.append(text[end:])
    for piece in pieces:
        if isinstance(piece, str) and "${__" in piece:
            raise SpecError(
                f"{where}: JMeter functions are not evaluated",
                mend="use test_data.values or an extract instead of ${__...}",
            )
    return [piece for piece in pieces if piece]


def require_xml_text(text: str, where: str) -> None:
    """Raise SpecError where a text holds a character that a JMX file cannot hold."""
    if found := _NOT_IN_XML.search(text):
        raise SpecError(
            f"{where}: the character U+{ord(found[0]):04X} cannot be written into a JMeter plan",
            mend="remove it; control characters and lone surrogates are not possible",
        )
