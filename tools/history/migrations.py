"""The tables of the history, as steps from one version to the next. A step that was released never changes.

Both databases apply a version's statements and its number in one transaction, so that a crash leaves either
the version before or the one after, and two processes that start at once apply each version once.
"""

from __future__ import annotations

from perfpilot.domain.errors import HistoryError

SQLITE_ONLY = " WITHOUT ROWID"
"""Keeps a table in the order of its key, so that a look-up reads one page, not two. PostgreSQL has none."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # A crash of the first perfpilot could leave the table without its version number.
        """CREATE TABLE IF NOT EXISTS runs (
            run_id TEXT PRIMARY KEY,
            test_name TEXT NOT NULL,
            started_ms BIGINT NOT NULL,
            status TEXT NOT NULL,
            verdict TEXT NOT NULL,
            decided_by INTEGER NOT NULL,
            headline TEXT NOT NULL
        )""",
        "CREATE INDEX IF NOT EXISTS runs_by_test ON runs (test_name, started_ms)",
    ),
    (
        "ALTER TABLE runs ADD COLUMN source TEXT NOT NULL DEFAULT 'run'",
        "ALTER TABLE runs ADD COLUMN test_type TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN environment TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN base_url TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN load TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN limited INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN capacity_per_s DOUBLE PRECISION",
        "ALTER TABLE runs ADD COLUMN complete INTEGER NOT NULL DEFAULT 0",
        "DROP INDEX runs_by_test",
        "CREATE INDEX runs_by_test ON runs (test_name, started_ms, run_id)",
        "CREATE INDEX runs_by_time ON runs (started_ms, run_id)",
        """CREATE TABLE figures (
            run_id TEXT NOT NULL,
            label TEXT NOT NULL,
            count BIGINT NOT NULL,
            errors BIGINT NOT NULL,
            rate_per_s DOUBLE PRECISION NOT NULL,
            mean_ms DOUBLE PRECISION,
            p50_ms DOUBLE PRECISION,
            p90_ms DOUBLE PRECISION,
            p95_ms DOUBLE PRECISION,
            p99_ms DOUBLE PRECISION,
            p999_ms DOUBLE PRECISION,
            max_ms DOUBLE PRECISION,
            PRIMARY KEY (run_id, label)
        ) WITHOUT ROWID""",
        """CREATE TABLE baselines (
            test_name TEXT PRIMARY KEY,
            run_id TEXT NOT NULL,
            set_ms BIGINT NOT NULL
        )""",
    ),
)

VERSION = len(MIGRATIONS)


def steps_from(version: int, place: str) -> tuple[str, ...]:
    """The statements that lead from a version to the newest. Raises HistoryError: it is newer than we are."""
    if version > VERSION:
        raise HistoryError(
            f"the history {place} is of a newer perfpilot (version {version}, this one knows {VERSION})",
            mend="use that perfpilot, or name another place for the history with PERFPILOT_HISTORY or --runs",
        )
    return tuple(statement for migration in MIGRATIONS[version:] for statement in migration)
