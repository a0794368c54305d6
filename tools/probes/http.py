"""Does the server answer HTTP, and how? Only methods that change nothing are sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import PolicyError
from perfpilot.domain.result import Connectivity
from perfpilot.domain.spec import Method
from perfpilot.tools.foreign_text import one_line, printable
from perfpilot.tools.probes.attempt import TIMEOUT_S, attempt, place
from perfpilot.tools.probes.web_address import read_web_address

if TYPE_CHECKING:
    import httpx

BODY_LIMIT = 16 * 1024
"""Bytes of an answer that are read; the rest is never fetched."""


class HttpAnswer(Frozen):
    """What came back. `status` is None where no answer came; `connectivity.detail` then says why.

    `elapsed_ms` runs from connecting to the last byte read. Header values and the body are text from the
    target: printable, bounded, and never to be trusted.
    """

    connectivity: Connectivity
    status: int | None = None
    elapsed_ms: float = 0.0
    body: str = ""
    truncated: bool = False
    content_type: str = ""
    location: str = ""  # where a redirect points; it is not followed
    allow: str = ""  # methods that a 405 says are allowed


async def probe_http(
    url: str,
    *,
    method: Method | str = Method.GET,
    address: str = "",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
    ok_below: int = 400,
    body_limit: int = BODY_LIMIT,
) -> HttpAnswer:
    """Send one request to `url` (at `address`, where given) and read at most `body_limit` bytes.

    `connectivity.ok` means: an answer with a status below `ok_below`. No redirect is followed. Raises
    PolicyError for a method other than GET, HEAD and OPTIONS, SpecError for what is no web address, and
    nothing for a server that does not answer.
    """
    import httpx

    method = Method(method)
    if not method.safe:
        raise PolicyError(
            f"a probe must not send {method.value} to {one_line(url)}", mend="use GET, HEAD or OPTIONS"
        )
    subject = _subject(url, address)
    seen: dict[str, object] = {}

    async def ask() -> str:
        from perfpilot.tools.probes.pinned import build_request, open_client

        async with await open_client(url, timeout_s) as client:
            request = build_request(client, method.value, url, address=address, headers=headers)
            begin = time.perf_counter()
            response = await client.send(request, stream=True)
            try:
                seen.update(await _read(response, body_limit))
                seen["elapsed_ms"] = round((time.perf_counter() - begin) * 1000, 3)
            finally:
                await response.aclose()
        return f"{method.value} answered {response.status_code}"

    connectivity = await attempt(
        "http", subject, ask, timeout_s=timeout_s, also=(httpx.HTTPError, httpx.InvalidURL)
    )
    status = seen.get("status")
    if isinstance(status, int) and status >= ok_below:
        connectivity = connectivity.model_copy(update={"ok": False})
    return HttpAnswer.model_validate({**seen, "connectivity": connectivity})


async def _read(response: httpx.Response, limit: int) -> dict[str, object]:
    data = b""
    # Raw bytes: a decoder would unpack a small answer into gigabytes (a compression bomb).
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > limit:
            break
    plain = response.headers.get("content-encoding", "identity").lower() == "identity"
    return {
        "status": response.status_code,
        "body": printable(data[:limit].decode("utf-8", errors="replace")) if plain else "",
        "truncated": len(data) > limit,
        **{
            field: one_line(response.headers.get(field.replace("_", "-"), ""))
            for field in ("content_type", "location", "allow")
        },
    }


def _subject(url: str, address: str) -> str:
    where = read_web_address(url)
    # Without the query: it may hold a secret.
    shown = f"{'https' if where.https else 'http'}://{place(where.host, where.port)}{where.path}"
    return one_line(shown) + (f" ({address})" if address and address != where.host else "")
