"""Does a server listen on the port?"""

from __future__ import annotations

import asyncio

from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes.attempt import TIMEOUT_S, attempt, place


async def probe_tcp(host: str, port: int, *, address: str = "", timeout_s: float = TIMEOUT_S) -> Connectivity:
    """Connect and hang up. With `address` the connection goes there and nothing is looked up."""

    async def connect() -> str:
        _, writer = await asyncio.open_connection(address or host, port)
        writer.close()
        return "connected"

    return await attempt("tcp", place(host, port, address), connect, timeout_s=timeout_s)
