"""Secrets: `${env:NAME}` to its value where the policy allows it, and values out of what is written."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn
from urllib.parse import quote, quote_plus

from perfpilot.domain.errors import NotReadyError, PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.domain.spec import Spec
from perfpilot.tools.spec.plain_data import scalars
from perfpilot.tools.spec.references import ENVIRONMENT, forbidden_character

HIDDEN = "[secret]"

_SHORTEST_DERIVED = 6  # a derived form shorter than this would be found by chance in innocent text


def resolve_secrets(text: str, policy: Policy, environ: Mapping[str, str]) -> str:
    """The text with every `${env:NAME}` replaced by the variable's value.

    Raises `PolicyError` for a name that the policy does not list, and `NotReadyError` for a variable that is
    unset, empty, or holds a control character (a value with a line end would add headers of its own).
    """
    return ENVIRONMENT.sub(lambda match: _value(match[1], policy, environ), text)


def secret_names(spec: Spec) -> tuple[str, ...]:
    """Names of all environment variables that a description refers to, each once."""
    names: dict[str, None] = {}
    for _, value in scalars(spec.model_dump(mode="json")):
        if isinstance(value, str):
            names |= dict.fromkeys(ENVIRONMENT.findall(value))
    return tuple(names)


def read_secrets(spec: Spec, policy: Policy, environ: Mapping[str, str]) -> dict[str, str]:
    """Value by name of every variable that a description refers to. Raises like `resolve_secrets`."""
    return {name: _value(name, policy, environ) for name in secret_names(spec)}


def fill_secrets(text: str, values: Mapping[str, str]) -> str:
    """The text with `${env:NAME}` replaced by values that `read_secrets` gave."""
    for name, value in values.items():
        text = text.replace(f"${{env:{name}}}", value)
    return text


class Redactor:
    """Takes known secret values out of a text: as they are, URL-encoded, in base64, escaped for JSON or XML.

    It shows no value: not in its `repr`, not in `vars`, and it refuses to be pickled.
    """

    __slots__ = ("_count", "_forms", "_pattern")

    def __init__(self, values: Iterable[str]) -> None:
        secrets = {value for value in values if value}
        self._count = len(secrets)
        plain = {form for value in secrets for form in (value, *_long_enough(_escaped(value)))}
        encoded = {form for value in secrets for form in _long_enough(_in_base64(value))}
        self._forms = tuple(plain | encoded)
        # Longest first: a secret inside another one must not leave the rest of it behind. Around base64 up
        # to three characters more depend on the secret's first and last bytes.
        patterns = {re.escape(form): len(form) for form in plain}
        patterns |= {f"[\\w+/-]{{0,3}}{re.escape(form)}[\\w+/=-]{{0,3}}": len(form) + 6 for form in encoded}
        self._pattern = re.compile("|".join(sorted(patterns, key=lambda p: (-patterns[p], p))))

    def redact(self, text: str) -> str:
        """The text with every known secret replaced by `[secret]`."""
        return self._pattern.sub(HIDDEN, text) if self.found_in(text) else text

    def found_in(self, text: str) -> bool:
        """Whether the text holds a known secret in any form."""
        return any(form in text for form in self._forms)

    def __repr__(self) -> str:
        return f"Redactor({self._count} secret{'' if self._count == 1 else 's'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Redactor holds secrets: it is never stored")


def _value(name: str, policy: Policy, environ: Mapping[str, str]) -> str:
    if not _allowed(name, policy):
        raise PolicyError(
            f"the description refers to ${{env:{name}}}, which the policy does not allow",
            mend="the operator adds to the policy file (PERFPILOT_POLICY): "
            f"environment_names: [{', '.join((*policy.environment_names, name))}]",
        )
    value = environ.get(name, "")
    if not value:
        raise NotReadyError(f"the environment variable {name} is not set", mend=f"export {name}=...")
    character = forbidden_character(value)
    if character:
        raise NotReadyError(
            f"the value of {name} holds the character {character}, which no header or body can carry",
            mend="set it without a line end, such as: export NAME=\"$(tr -d '\\n' < file)\"",
        )
    return value


def _allowed(name: str, policy: Policy) -> bool:
    return any(
        name.startswith(entry[:-1]) if entry.endswith("*") else name == entry
        for entry in policy.environment_names
    )


def _long_enough(forms: Iterable[str]) -> Iterator[str]:
    return (form for form in forms if len(form) >= _SHORTEST_DERIVED)


def _escaped(value: str) -> Iterator[str]:
    for encoded in (quote(value), quote(value, safe=""), quote_plus(value)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)
    for ascii_only in (True, False):
        yield json.dumps(value, ensure_ascii=ascii_only)[1:-1]
    yield html.escape(value)
    yield html.escape(value, quote=False)


def _in_base64(value: str) -> Iterator[str]:
    """The three forms that a secret has, alone or inside something longer (`user:secret`).

    base64 writes three bytes as four characters. Characters that depend on the bytes before and after the
    secret are left out.
    """
    raw = value.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode()
        core = encoded[-(-before * 4 // 3) : (before + len(raw)) // 3 * 4]
        yield core
        yield core.replace("+", "-").replace("/", "_")
