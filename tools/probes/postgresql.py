"""Does the PostgreSQL server let us in, and which one is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes.attempt import TIMEOUT_S, attempt, place

if TYPE_CHECKING:
    import asyncpg

_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


async def probe_postgresql(
    host: str,
    port: int = 5432,
    *,
    user: str = "",
    password: str = "",
    database: str = "",
    address: str = "",
    timeout_s: float = TIMEOUT_S,
) -> Connectivity:
    """Connect, ask for the version and the number of connections. `detail` never holds the password."""
    import asyncpg

    async def ask() -> str:
        connection = await connect_postgresql(
            address or host, port, user=user, password=password, database=database, timeout_s=timeout_s
        )
        try:
            version = await connection.fetchval("SHOW server_version")
            maximum = await connection.fetchval("SHOW max_connections")
            return f"PostgreSQL {version}, {await connection.fetchval(_CONNECTIONS)} of {maximum} connections"
        finally:
            connection.terminate()

    return await attempt(
        "postgresql", place(host, port, address), ask, timeout_s=timeout_s,
        also=(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError), words=_words,
    )  # fmt: skip


async def connect_postgresql(
    address: str, port: int, *, user: str, password: str, database: str, timeout_s: float
) -> asyncpg.Connection:
    """A connection that names itself perfpilot. Raises OSError, TimeoutError and asyncpg's errors.

    An empty password is passed on as such, so that asyncpg never takes one from a file or the environment.
    """
    import asyncpg

    return await asyncpg.connect(
        host=address, port=port, user=user or "postgres", password=password, database=database or None,
        timeout=timeout_s, command_timeout=timeout_s, server_settings={"application_name": "perfpilot"},
    )  # fmt: skip


def _words(error: Exception) -> str:
    import asyncpg

    if isinstance(error, asyncpg.InvalidPasswordError):
        return "the server refused the user or the password"
    if isinstance(error, asyncpg.CannotConnectNowError):
        return "the server is starting up or shutting down"
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return "the server has no connection left"
    return str(error) if isinstance(error, asyncpg.PostgresError) else ""
