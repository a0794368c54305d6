"""The history in one SQLite file. Each call opens it, in a thread: no connection outlives a crash."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from perfpilot.domain.errors import HistoryError
from perfpilot.tools.history.database import Step, Value
from perfpilot.tools.history.migrations import VERSION, steps_from

_PATIENCE_S = 30.0
"""How long a writer waits for others. A write takes milliseconds; a slow disk and a crowd take seconds."""


class SqliteDatabase:
    """A `Database` in a file, which is made by the first write; without it every read finds nothing.

    The journal is SQLite's default, a rollback journal: runs may lie on a network file system, where a
    write-ahead log does not work (sqlite.org, "Write-Ahead Logging", section 1).
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def rows(self, statement: str, *values: Value) -> Sequence[Mapping[str, Any]]:
        """The rows that a statement finds."""
        return await asyncio.to_thread(self._rows, statement, values)

    async def write(self, *steps: Step) -> None:
        """Execute all steps in one transaction."""
        await asyncio.to_thread(self._write, steps)

    async def close(self) -> None:
        """Nothing is held between calls."""

    def _rows(self, statement: str, values: Sequence[Value]) -> list[dict[str, Any]]:
        if not self._path.is_file():
            return []
        with self._opened() as connection:
            return [dict(row) for row in connection.execute(_numbered(statement), values)]

    def _write(self, steps: Sequence[Step]) -> None:
        with suppress(OSError):  # what is wrong with the place, SQLite tells
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        with self._opened() as connection, _transaction(connection):
            for statement, values in steps:
                connection.executemany(_numbered(statement), values)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, _PATIENCE_S, isolation_level=None)) as connection:
                connection.row_factory = sqlite3.Row
                self._bring_up_to_date(connection)
                yield connection
        except sqlite3.Error as error:
            problem = f"the history {self._path} can't be used: {error}"
            raise HistoryError(problem, mend=_MEND) from error

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        if _version(connection) == VERSION:
            return
        with _transaction(connection):
            for statement in steps_from(_version(connection), str(self._path)):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")


_MEND = (
    "see to its disk and its rights; if the file is damaged, move it away: a new history begins, and runs "
    "keep their directories"
)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Immediate: a transaction that begins by reading could not wait for another writer, only fail."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _numbered(statement: str) -> str:
    return statement.replace("$", "?")
