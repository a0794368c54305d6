"""A webhook on loopback that remembers what it was told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Hook:
    """Where it listens, and the bodies that it got."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ends(self) -> list[dict[str, Any]]:
        """Those that tell how a run ended; the others are alerts."""
        return [body for body in self.bodies if body.get("event") != "alert"]


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Hook]:
    """A webhook that takes everything, as long as the block lasts."""
    hook = Hook("")

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        hook.bodies.append(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        hook.url = f"http://127.0.0.1:{port}/hook"
        yield hook
