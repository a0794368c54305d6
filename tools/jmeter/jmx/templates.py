"""The closed table of JMeter functions that perfpilot writes: byte-exact, with numeric inputs.

Whatever a plan evaluates beyond `${declared_variable}` is one of these. Nothing that came from outside
(spec, model, target) is ever an argument; the only names among the inputs are those of environment
variables, in a restricted alphabet. `guard.check_functions` refuses everything else.
"""

from __future__ import annotations

import re

from perfpilot.tools.jmeter.jmx import pacing

TOKEN_PROPERTY = "secret.token"
"""Property that holds the token where one login serves the whole run (`auth.scope: run`)."""

TOKEN_VARIABLE = "pp_token"
"""Variable that holds a user's own token where each iteration logs in (`auth.scope: iteration`)."""

_NUMBERS = (11111, 22222, 33333, 44444)
_TURN = re.escape(pacing.take_turn(*_NUMBERS))
for _number in _NUMBERS:
    _TURN = _TURN.replace(str(_number), r"\d{1,12}")

ALLOWED: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        r"\$\{__P\(lit\.\d{1,9}\)\}",
        r"\$\{__P\(secret\.token\)\}",
        r"\$\{__P\(secret\.env\.[A-Za-z_][A-Za-z0-9_]{0,127}\)\}",
        r"\$\{__setProperty\(pp\.rate\.(\d{1,4}),\$\{__FileToString\(control/rate_\1\)\}\)\}",
        re.escape(pacing.WAITING),
        re.escape(pacing.NEXT_TIME_WAIT),
        _TURN,
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


def read_rate(scenario: int) -> str:
    """Copies the control file into the property that `pacing.take_turn` reads. Evaluates to nothing."""
    return f"${{__setProperty(pp.rate.{scenario},${{__FileToString(control/rate_{scenario})}})}}"


def is_allowed(reference: str) -> bool:
    """Whether a reference, from `${` to `}`, is one of ours to the byte."""
    return any(pattern.fullmatch(reference) for pattern in ALLOWED)
