"""Past runs: one row each in `history.sqlite` beside the run directories, for comparison and listing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perfpilot.domain.base import Frozen

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY,
    test_name TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    status TEXT NOT NULL,
    verdict TEXT NOT NULL,
    decided_by INTEGER NOT NULL,
    headline TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_by_test ON runs (test_name, started_ms);
PRAGMA user_version = 1;
"""


class PastRun(Frozen):
    """What is kept of a run; all else is read from its directory."""

    run_id: str
    test_name: str
    started_ms: int
    status: str
    verdict: str = ""
    decided_by: int = 0  # the attempt whose figures decided; 0: none
    headline: str = ""


class HistoryStore:
    """The history of one runs directory. Methods block: call them in a thread from asynchronous code."""

    def __init__(self, runs_dir: Path) -> None:
        self._path = runs_dir / "history.sqlite"

    def record(self, past: PastRun) -> None:
        """Keep a run, or keep it anew: recording twice leaves one row."""
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO runs VALUES "
                "(:run_id, :test_name, :started_ms, :status, :verdict, :decided_by, :headline)",
                past.model_dump(),
            )

    def latest(self, limit: int = 50) -> tuple[PastRun, ...]:
        """The newest runs, newest first."""
        return self._select("ORDER BY started_ms DESC LIMIT ?", (limit,))

    def previous(self, test_name: str, before_ms: int) -> PastRun | None:
        """The newest earlier run of the same test whose figures decided something."""
        clause = "WHERE test_name = ? AND started_ms < ? AND decided_by > 0 ORDER BY started_ms DESC LIMIT 1"
        return next(iter(self._select(clause, (test_name, before_ms))), None)

    def find(self, run_id: str) -> PastRun | None:
        """The run of that id."""
        return next(iter(self._select("WHERE run_id = ?", (run_id,))), None)

    def _select(self, clause: str, values: tuple[str | int, ...]) -> tuple[PastRun, ...]:
        if not self._path.is_file():
            return ()
        with self._open() as database:
            rows = database.execute(f"SELECT * FROM runs {clause}", values).fetchall()
        return tuple(PastRun.model_validate(dict(row)) for row in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=30)
        database.row_factory = sqlite3.Row
        try:
            with database:
                database.executescript(_SCHEMA)
                yield database
        finally:
            database.close()
