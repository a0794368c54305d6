"""Obtain the token of `environment.auth` from the login endpoint that the spec declares.

There is no LangChain face on purpose: what a tool returns is traced, and this is a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from perfpilot.domain.errors import NotReadyError, SpecError
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.probes.json_path import take
from perfpilot.tools.probes.reasons import reason

if TYPE_CHECKING:
    import httpx

_REFERENCE = re.compile(r"\$\{(env:)?([A-Za-z_][A-Za-z0-9_]*)\}")
_ANSWER_LIMIT = 256 * 1024
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")  # what a header may carry: printable ASCII without spaces


async def log_in(
    spec: Spec,
    *,
    values: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    address: str = "",
    timeout_s: float | None = None,
) -> str:
    """Send the declared login request once and return the token. It is never logged nor put in a message.

    `values` fill `${name}` (default: the first row of `test_data`), `secrets` fill `${env:NAME}`; only give
    names that the policy allows. `address` pins the connection; `timeout_s` defaults to the spec's response
    time-out. Raises SpecError (nothing was sent) for a reference without a value, a missing endpoint or a
    path that can't be read, NotReadyError where no token came.
    """
    auth = spec.environment.auth
    if auth is None:
        raise SpecError("there is no environment.auth", mend="declare auth.login, or do not log in")
    try:
        endpoint = spec.endpoint(auth.login)
    except KeyError:
        raise SpecError(
            f"environment.auth.login names {auth.login!r}, which is no endpoint", mend="declare it"
        ) from None
    take(auth.token, None)  # a path that can't be read is found before anything is sent
    if values is None:
        values = {name: row[0] for name, row in spec.test_data.values.items() if row}
    limit_s = timeout_s or spec.environment.timeouts.response
    status, data = await _send(spec, endpoint, _Filler(values, secrets or {}), address, limit_s)
    if not _accepted(endpoint, status):
        raise NotReadyError(
            f"the login endpoint {endpoint.name!r} answered {status}",
            mend="check the user and the password that the spec refers to",
        )
    return _token(endpoint, auth.token, data)


async def _send(
    spec: Spec, endpoint: Endpoint, fill: _Filler, address: str, limit_s: float
) -> tuple[int, bytes]:
    import asyncio

    import httpx

    from perfpilot.tools.probes.pinned import build_request, open_client

    url = spec.environment.base_url + fill.text(endpoint.path)
    headers = {name: fill.text(value) for name, value in spec.environment.headers.items()}
    headers |= {name: fill.text(value) for name, value in endpoint.headers.items()}
    content = _content(endpoint.body, fill, headers)
    try:
        async with asyncio.timeout(limit_s), await open_client(url, limit_s) as client:
            request = build_request(
                client, endpoint.method.value, url, address=address, headers=headers, content=content
            )
            return await _answer(client, request)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, UnicodeError) as error:
        why = reason(error, limit_s)
        raise NotReadyError(
            f"the login endpoint {endpoint.name!r} could not be asked: {why}",
            mend="check that the target runs and that environment.base_url is right",
        ) from None


async def _answer(client: httpx.AsyncClient, request: httpx.Request) -> tuple[int, bytes]:
    response = await client.send(request, stream=True)
    try:
        data = b""
        async for chunk in response.aiter_raw():
            data += chunk
            if len(data) > _ANSWER_LIMIT:
                break
        return response.status_code, data
    finally:
        await response.aclose()


def _content(
    body: str | dict[str, Any] | list[Any] | None, fill: _Filler, headers: dict[str, str]
) -> bytes | None:
    if body is None:
        return None
    if isinstance(body, str):
        return fill.text(body).encode()
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return json.dumps(fill.value(body)).encode()


def _accepted(endpoint: Endpoint, status: int) -> bool:
    return endpoint.expect.accepts(status)


def _token(endpoint: Endpoint, path: str, data: bytes) -> str:
    try:
        found = take(path, json.loads(data))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not _TOKEN.fullmatch(found):
        raise NotReadyError(
            f"the answer of the login endpoint {endpoint.name!r} holds no usable token at {one_line(path)}",
            mend="set environment.auth.token to the path of the token in that answer",
        )
    return found


class _Filler:
    """Puts values where the spec has references, one pass, so that a value is never read as a reference."""

    def __init__(self, values: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._values = values
        self._secrets = secrets

    def text(self, template: str) -> str:
        return _REFERENCE.sub(self._value_of, template)

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
