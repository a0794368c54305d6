"""HTTP requests that go to an address resolved before, with the host's name in the Host header and in TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

_HEADERS = {"User-Agent": "perfpilot-probe", "Accept": "*/*", "Accept-Encoding": "identity"}


async def open_client(url: str, timeout_s: float) -> httpx.AsyncClient:
    """A client for requests to `url`: no redirects, no proxy from the environment.

    A proxy would resolve the name itself and so undo the pinning. Close it (`async with`).
    """
    import httpx

    https = urlsplit(url).scheme == "https"
    verify: ssl.SSLContext | bool = await asyncio.to_thread(ssl.create_default_context) if https else False
    return httpx.AsyncClient(timeout=timeout_s, verify=verify, trust_env=False, follow_redirects=False)


def build_request(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    address: str = "",
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> httpx.Request:
    """The request to `url`, connecting to `address` where given. Raises httpx.InvalidURL."""
    import httpx

    asked = httpx.URL(url)
    extensions: dict[str, str] = {}
    sent = {**_HEADERS, **(headers or {})}
    if address and address != asked.host:
        if not any(name.lower() == "host" for name in sent):
            sent["Host"] = asked.netloc.decode("ascii")
        extensions["sni_hostname"] = asked.host  # httpcore verifies the certificate against this name too
        asked = asked.copy_with(host=address)
    return client.build_request(method, asked, headers=sent, content=content, extensions=extensions)
