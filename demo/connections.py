"""A fixed pool of SQLite connections: who finds none free waits for one."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perfpilot.demo.database import connect
from perfpilot.demo.messages import Refused

WAIT_LIMIT_S = 30.0


class Connections:
    """`size` connections to one file, each kept for `held_s` longer than its user needs it."""

    def __init__(self, database: Path, size: int, held_s: float = 0.0) -> None:
        self.size = size
        self.waiting = 0
        self._held_s = held_s
        self._idle = [connect(database) for _ in range(size)]
        self._changed = threading.Condition()
        self._writer = threading.Lock()

    @property
    def in_use(self) -> int:
        return self.size - len(self._idle)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for one piece of work. Raises `Refused` 503 when none came free in `WAIT_LIMIT_S`."""
        connection = self._take()
        try:
            yield connection
            if self._held_s:
                time.sleep(self._held_s)
        finally:
            self._give_back(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one write transaction, rolled back when the work raises.

        SQLite has one writer at a time, and its own busy handler sleeps in steps of up to 100 ms; a lock of
        ours hands over at once.
        """
        with self.reading() as connection, self._writer:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _take(self) -> sqlite3.Connection:
        with self._changed:
            self.waiting += 1
            try:
                free = self._changed.wait_for(lambda: bool(self._idle), WAIT_LIMIT_S)
            finally:
                self.waiting -= 1
            if not free:
                raise Refused(503, "the service is busy: try again", Retry_After="1")
            return self._idle.pop()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._changed:
            self._idle.append(connection)
            self._changed.notify()
