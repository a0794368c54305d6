"""Obtain the token of `environment.auth` from the login endpoint that the spec declares.

There is no LangChain face on purpose: what a tool returns is traced, and this is a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from perfpilot.domain.errors import NotReadyError, SpecError
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.probes.endpoint_request import EndpointRequest, endpoint_request
from perfpilot.tools.probes.json_path import take
from perfpilot.tools.probes.reasons import reason

if TYPE_CHECKING:
    import httpx

_ANSWER_LIMIT = 256 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
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
    time-out. Raises SpecError (nothing was sent) for a reference without a value, a missing endpoint, files
    to upload or a path that can't be read, NotReadyError where no token came.
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
    request = endpoint_request(spec, endpoint, values=values, secrets=secrets or {})
    status, data = await _send(endpoint.name, request, address, limit_s)
    if endpoint.redirects and status in _REDIRECTS:
        raise NotReadyError(
            f"the login endpoint {endpoint.name!r} answered with a redirect, which is not followed here",
            mend="name the address that it leads to, or let users log in by themselves: "
            "environment.auth.scope: iteration",
        )
    if not _accepted(endpoint, status):
        raise NotReadyError(
            f"the login endpoint {endpoint.name!r} answered {status}",
            mend="check the user and the password that the spec refers to",
        )
    return _token(endpoint, auth.token, data)


async def _send(name: str, asked: EndpointRequest, address: str, limit_s: float) -> tuple[int, bytes]:
    import asyncio

    import httpx

    from perfpilot.tools.probes.pinned import build_request, open_client

    try:
        async with asyncio.timeout(limit_s), await open_client(asked.url, limit_s) as client:
            request = build_request(
                client,
                asked.method,
                asked.url,
                address=address,
                headers=asked.headers,
                content=asked.content,
            )
            return await _answer(client, request)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, UnicodeError) as error:
        why = reason(error, limit_s)
        raise NotReadyError(
            f"the login endpoint {name!r} could not be asked: {why}",
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
