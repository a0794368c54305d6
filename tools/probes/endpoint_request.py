"""The request of an endpoint with all its values, as JMeter would send it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import NotReadyError, SpecError
from perfpilot.domain.spec import BasicAuth, Endpoint, Spec

_REFERENCE = re.compile(r"\$\{(env:)?([A-Za-z_][A-Za-z0-9_]*)\}")


class EndpointRequest(Frozen):
    """What is sent. It may hold secrets: it is neither logged nor kept."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None


def endpoint_request(
    spec: Spec, endpoint: Endpoint, *, values: Mapping[str, str], secrets: Mapping[str, str]
) -> EndpointRequest:
    """The request without a token. `values` fill `${name}`, `secrets` fill `${env:NAME}`.

    Raises SpecError for a reference without a value and for files, which only JMeter uploads.
    """
    if endpoint.files:
        raise SpecError(
            f"{endpoint.name!r} uploads files, which only JMeter does",
            mend="let users log in by themselves: environment.auth.scope: iteration",
        )
    fill = _Filler(values, secrets)
    url = spec.environment.base_url + fill.text(endpoint.path)
    if endpoint.query:
        url += ("&" if "?" in url else "?") + urlencode(fill.pairs(endpoint.query))
    headers = {name: fill.text(value) for name, value in spec.environment.headers.items()}
    content = _content(endpoint, fill, headers)
    if spec.environment.basic_auth and spec.sends_basic_auth(endpoint):
        headers["Authorization"] = basic_auth_header(spec.environment.basic_auth, secrets)
    for name, value in endpoint.headers.items():
        _set(headers, name, fill.text(value))
    return EndpointRequest(method=endpoint.method.value, url=url, headers=headers, content=content)


def basic_auth_header(basic: BasicAuth, secrets: Mapping[str, str]) -> str:
    """The value of the Authorization header (RFC 7617).

    Raises SpecError for a reference without a value, NotReadyError for characters that JMeter would send as
    question marks.
    """
    fill = _Filler({}, secrets)
    user = fill.text(basic.user)
    pair = f"{user}:{fill.text(basic.password)}"
    if not pair.isascii() or ":" in user:
        raise NotReadyError(
            "the user or the password of environment.basic_auth holds other characters than ASCII, or the "
            "user holds a colon",
            mend="set others: JMeter and RFC 7617 can't send these",
        )
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _content(endpoint: Endpoint, fill: _Filler, headers: dict[str, str]) -> bytes | None:
    if endpoint.form:
        _set(headers, "Content-Type", "application/x-www-form-urlencoded")
        return urlencode(fill.pairs(endpoint.form)).encode()
    if endpoint.body is None:
        return None
    if isinstance(endpoint.body, str):
        return fill.text(endpoint.body).encode()
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return json.dumps(fill.value(endpoint.body)).encode()


def _set(headers: dict[str, str], name: str, value: str) -> None:
    """Set a header in the place of one of that name, whatever its case."""
    for other in [other for other in headers if other.lower() == name.lower()]:
        del headers[other]
    headers[name] = value


class _Filler:
    """Puts values where the spec has references, one pass, so that a value is never read as a reference."""

    def __init__(self, values: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._values = values
        self._secrets = secrets

    def text(self, template: str) -> str:
        return _REFERENCE.sub(self._value_of, template)

    def pairs(self, fields: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(name, self.text(value)) for name, value in fields.items()]

    def value(self, template: Any) -> Any:
        if isinstance(template, str):
            return self.text(template)
        if isinstance(template, list):
            return [self.value(item) for item in template]
        if isinstance(template, dict):
            return {key: self.value(item) for key, item in template.items()}
        return template

    def _value_of(self, match: re.Match[str]) -> str:
        source = self._secrets if match[1] else self._values
        if match[2] not in source:
            variable = "set the environment variable, and allow it in the policy"
            raise SpecError(f"{match[0]} has no value", mend=variable if match[1] else "add it to test_data")
        return source[match[2]]
