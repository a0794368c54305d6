"""The history on a PostgreSQL server, in a schema of its own: one history for several machines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from perfpilot.domain.errors import HistoryError
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.history.database import Step, Value
from perfpilot.tools.history.migrations import SQLITE_ONLY, VERSION, steps_from
from perfpilot.tools.probes.reasons import reason

if TYPE_CHECKING:
    import asyncpg

SCHEMES = ("postgresql://", "postgres://")
_SCHEMA = "perfpilot"
_TIMEOUT_S = 10.0
_COMMAND_TIMEOUT_S = 60.0
_LOCK = 0x70657266  # of migrations, for pg_advisory_xact_lock; any number that is ours


class PostgresqlDatabase:
    """A `Database` on a server. It connects at its first use; one statement at a time is under way.

    Args:
        address: `postgresql://user:password@host:port/database?sslmode=...`, as libpq reads it. Without a
            password in it, that of the environment (`PGPASSWORD`) is taken.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()

    async def rows(self, statement: str, *values: Value) -> Sequence[Mapping[str, Any]]:
        """The rows that a statement finds."""
        async with self._used() as connection:
            found: Sequence[Mapping[str, Any]] = await connection.fetch(statement, *values)
            return found

    async def write(self, *steps: Step) -> None:
        """Execute all steps in one transaction."""
        async with self._used() as connection, connection.transaction():
            for statement, values in steps:
                await connection.executemany(statement, values)

    async def close(self) -> None:
        """Hang up at once: waiting for a farewell could take as long as the server likes."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    @asynccontextmanager
    async def _used(self) -> AsyncIterator[asyncpg.Connection]:
        import asyncpg

        # ValueError: asyncpg reads the address only when it connects.
        expected = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ValueError)
        async with self._turn:
            try:
                if self._connection is None:
                    self._connection = await self._connected()
                yield self._connection
            except (*expected, OSError, TimeoutError, EOFError) as error:
                await self.close()
                # Not `from error`: what asyncpg says of a wrong address may quote its password.
                raise HistoryError(
                    f"the history on {place_of(self._address)} can't be used: {_words(error)}", mend=_MEND
                ) from None
            except BaseException:
                await self.close()
                raise

    async def _connected(self) -> asyncpg.Connection:
        import asyncpg

        connection = await asyncpg.connect(
            self._address, password=_password(self._address), timeout=_TIMEOUT_S,
            command_timeout=_COMMAND_TIMEOUT_S,
            server_settings={"application_name": "perfpilot", "search_path": _SCHEMA},
        )  # fmt: skip
        try:
            if await _version(connection) != VERSION:
                await self._bring_up_to_date(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _bring_up_to_date(self, connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            # Asked for first: CREATE SCHEMA IF NOT EXISTS needs the right to make one even where it exists.
            if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", _SCHEMA):
                await connection.execute(f"CREATE SCHEMA {_SCHEMA}")
            await connection.execute("CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL)")
            for statement in steps_from(await _version(connection), f"on {place_of(self._address)}"):
                await connection.execute(statement.removesuffix(SQLITE_ONLY))
            await connection.execute("DELETE FROM version")
            await connection.execute("INSERT INTO version VALUES ($1)", VERSION)


_MEND = (
    "see that the server runs and lets us in, and that the user may use the schema perfpilot or make it; or "
    "unset PERFPILOT_HISTORY to keep the history beside the runs"
)


def place_of(address: str) -> str:
    """Host, port and database of an address, without what is secret in it."""
    try:
        parts = urlsplit(address)
        return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"
    except ValueError:
        return "the PostgreSQL server that PERFPILOT_HISTORY names"


async def _version(connection: asyncpg.Connection) -> int:
    if await connection.fetchval("SELECT to_regclass('version')") is None:
        return 0
    return int(await connection.fetchval("SELECT max(number) FROM version") or 0)


def _password(address: str) -> str | None:
    """None: it stands in the address. Otherwise given, so that asyncpg reads no file in the event loop."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.password is not None or "password=" in parts.query:
        return None
    return os.environ.get("PGPASSWORD", "")


def _words(error: BaseException) -> str:
    import asyncpg

    if isinstance(error, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError):
        return "the server refused the user or the password"
    if isinstance(error, ValueError):  # its text may quote the address, password and all
        return "its address can't be read"
    if isinstance(error, asyncpg.PostgresError):
        return one_line(str(error))
    return reason(error, _TIMEOUT_S)
