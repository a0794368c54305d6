"""Does the Redis server let us in, and which one is it?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes.attempt import TIMEOUT_S, attempt, place

if TYPE_CHECKING:
    from redis.asyncio import Redis


async def probe_redis(
    host: str,
    port: int = 6379,
    *,
    user: str = "",
    password: str = "",
    database: str = "",
    address: str = "",
    timeout_s: float = TIMEOUT_S,
) -> Connectivity:
    """PING and INFO. `detail` never holds the password."""
    from redis.exceptions import RedisError

    async def ask() -> str:
        client = await open_redis(
            address or host, port, user=user, password=password, database=database, timeout_s=timeout_s
        )
        try:
            await client.ping()
            info = await client.info()
        finally:
            await client.aclose()
        version, clients = info.get("redis_version", "of unknown version"), info.get("connected_clients", "?")
        return f"Redis {version}, {clients} clients, {info.get('used_memory_human', '?')} in use"

    return await attempt(
        "redis", place(host, port, address), ask, timeout_s=timeout_s, also=(RedisError,),
        words=lambda error: _words(error, bool(password)),
    )  # fmt: skip


async def open_redis(
    address: str, port: int, *, user: str, password: str, database: str, timeout_s: float
) -> Redis:
    """A client with one connection that is opened by the first command and never retries by itself.

    Made in a thread: it reads the version of its own package from the disk.
    """
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return await asyncio.to_thread(
        Redis, host=address, port=port, db=database or 0, username=user or None, password=password or None,
        socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0),
        single_connection_client=False, decode_responses=True, encoding_errors="replace",
    )  # fmt: skip


def _words(error: Exception, password_given: bool) -> str:
    from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError

    if isinstance(error, AuthenticationError):
        refused = "the server refused the user or the password"
        return refused if password_given else "the server wants a password"
    if isinstance(error, BusyLoadingError):
        return "the server is still loading its data"
    if isinstance(error, RedisError) and "closed by server" in str(error):
        return "connection closed by the other side: is that a Redis?"
    return str(error) if isinstance(error, ResponseError) else ""
