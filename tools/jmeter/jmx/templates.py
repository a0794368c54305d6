"""The closed table of JMeter functions that perfpilot writes: byte-exact, with numeric inputs.

Whatever a plan evaluates beyond `${declared_variable}` is one of these. Nothing that came from outside
(spec, model, target) is ever an argument; the only names among the inputs are those of environment
variables and of extractors, in a restricted alphabet. `guard.check_functions` refuses everything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from perfpilot.tools.jmeter.jmx import conditions, gate, pacing

TOKEN_PROPERTY = "secret.token"
"""Property that holds the token where one login serves the whole run (`auth.scope: run`)."""

TOKEN_VARIABLE = "pp_token"
"""Variable that holds a user's own token where each iteration logs in (`auth.scope: iteration`)."""

_NUMBERS = (11111, 22222, 33333, 44444, 55555, 66666)
_TURN = re.escape(pacing.take_turn(*_NUMBERS))
_MOVE = re.escape(gate.move(*_NUMBERS[:4]))
_HELD = re.escape(gate.held(*_NUMBERS[:1]))
for _number in _NUMBERS:
    _TURN, _MOVE, _HELD = (text.replace(str(_number), r"\d{1,12}") for text in (_TURN, _MOVE, _HELD))


def _with_one_name(write: Callable[[str], str]) -> str:
    """The pattern of a template that holds the name of a variable, the same one at every place."""
    first, *others = re.escape(write("NAME")).split("NAME")
    return first + r"((?!pp_)[A-Za-z][A-Za-z0-9_]{0,63})" + r"\1".join(others)


ALLOWED: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        r"\$\{__P\(lit\.\d{1,9}\)\}",
        r"\$\{__P\(secret\.token\)\}",
        r"\$\{__P\(secret\.env\.[A-Za-z_][A-Za-z0-9_]{0,127}\)\}",
        r"\$\{__setProperty\(pp\.(rate|users)\.(\d{1,4}),\$\{__FileToString\(control/\1_\2\)\}\)\}",
        re.escape(pacing.WAITING),
        re.escape(pacing.NEXT_TIME_WAIT),
        _TURN,
        _MOVE,
        _HELD,
        re.escape(gate.look()),
        _with_one_name(conditions.found),
        _with_one_name(conditions.forget),
    )
)
"""A reference in a plan must match one of these from its first character to its last."""


def literal(number: int) -> str:
    """The odd literal of that number, read from a property file; JMeter does not parse it again."""
    return f"${{__P(lit.{number})}}"


def token() -> str:
    """The token of the run, from the private property file."""
    return f"${{__P({TOKEN_PROPERTY})}}"


def environment_secret(name: str) -> str:
    """The value of an environment variable, from the private property file."""
    return f"${{__P(secret.env.{name})}}"


def variable(name: str) -> str:
    """A JMeter variable."""
    return f"${{{name}}}"


def read_control(what: Literal["rate", "users"], scenario: int) -> str:
    """Copies a control file into the property that `pacing` or `gate` reads. Evaluates to nothing."""
    return f"${{__setProperty(pp.{what}.{scenario},${{__FileToString(control/{what}_{scenario})}})}}"


def is_allowed(reference: str) -> bool:
    """Whether a reference, from `${` to `}`, is one of ours to the byte."""
    return any(pattern.fullmatch(reference) for pattern in ALLOWED)
