"""Past runs, their figures, and the baselines that people named. The operator says where they are kept."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from perfpilot.domain.errors import HistoryError
from perfpilot.domain.history import (
    UNITS,
    LabelFigures,
    MetricPoint,
    NamedBaseline,
    PastFigures,
    PastRun,
    RunFigures,
    Source,
)
from perfpilot.tools.history.database import Database, Step, Value
from perfpilot.tools.history.postgresql_database import SCHEMES, PostgresqlDatabase
from perfpilot.tools.history.sqlite_database import SqliteDatabase

VARIABLE = "PERFPILOT_HISTORY"

_OUTCOME = ("run_id", "test_name", "started_ms", "status", "verdict", "decided_by", "headline")
_LOAD = ("source", "test_type", "environment", "base_url", "load", "limited", "capacity_per_s", "complete")
_FIGURES = ("run_id", *LabelFigures.model_fields)
_COMPARABLE = "status = 'completed' AND decided_by > 0 AND limited = 0"
_VALUES = {
    "rate": "rate_per_s",
    "error_rate": "100 * CAST(errors AS DOUBLE PRECISION) / NULLIF(count, 0)",
    "throughput": "rate_per_s * (count - errors) / NULLIF(count, 0)",
    "p99.9": "p999_ms",
    "capacity": "capacity_per_s",
}
_AT_ONCE = 200  # runs whose figures are read with one statement


@asynccontextmanager
async def open_history(runs_dir: Path, address: str = "") -> AsyncIterator[History]:
    """The history: at `address` if given, at `PERFPILOT_HISTORY` if set, or `history.sqlite` in `runs_dir`.

    Nothing is opened before it is used. Raises HistoryError for an address that is none of PostgreSQL's.
    """
    history = History(_database(runs_dir, address or os.environ.get(VARIABLE, "").strip()))
    try:
        yield history
    finally:
        await history.close()


class History:
    """The history in one database. Every method raises HistoryError where that can't be used.

    A run is comparable when it was completed, an attempt decided it, and the load generator was no limit.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.close()

    async def record(self, past: PastRun, figures: RunFigures | None = None) -> None:
        """Keep a run, or keep it anew: recording twice leaves one row.

        Without `figures` those that were kept before stay; where there are none they are read from the run's
        directory as soon as someone asks (`tools.history.completing`).
        """
        await self._database.write(*recording(past, figures))

    async def find(self, run_id: str) -> PastRun | None:
        """The run of that id."""
        found = await self._runs("WHERE run_id = $1", run_id)
        return found[0] if found else None

    async def beginning_with(self, text: str, limit: int = 10) -> tuple[PastRun, ...]:
        """Runs whose id begins so, the oldest first."""
        pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        clause = "WHERE run_id LIKE $1 ESCAPE '\\' ORDER BY started_ms, run_id LIMIT $2"
        return await self._runs(clause, pattern, limit)

    async def latest(
        self,
        test_name: str = "",
        *,
        limit: int = 50,
        before_ms: int | None = None,
        comparable: bool = False,
        source: Source | None = None,
        like: PastRun | None = None,
    ) -> tuple[PastRun, ...]:
        """The newest runs, newest first: of one test, before a moment, comparable, of one source or load."""
        where, values = _conditions(test_name, before_ms, comparable, like, source)
        clause = f"{where} ORDER BY started_ms DESC, run_id DESC LIMIT ${len(values) + 1}"
        return await self._runs(clause, *values, limit)

    async def previous(self, test_name: str, before_ms: int) -> PastRun | None:
        """The newest earlier comparable run of the same test that perfpilot made."""
        found = await self.latest(test_name, before_ms=before_ms, limit=1, comparable=True, source="run")
        return found[0] if found else None

    async def following(
        self, after: PastRun | None = None, test_name: str = "", limit: int = _AT_ONCE
    ) -> tuple[PastRun, ...]:
        """The next runs in time, oldest first: page by page through all of them, or through one test's."""
        where, values = _conditions(test_name, None, False, None)
        if after is not None:
            place = f"(started_ms, run_id) > (${len(values) + 1}, ${len(values) + 2})"
            where = f"{where} AND {place}" if where else f"WHERE {place}"
            values += [after.started_ms, after.run_id]
        clause = f"{where} ORDER BY started_ms, run_id LIMIT ${len(values) + 1}"
        return await self._runs(clause, *values, limit)

    async def with_figures(self, runs: Sequence[PastRun]) -> tuple[PastFigures, ...]:
        """The same runs in the same order with their figures; a run without any has no labels."""
        labels: dict[str, list[LabelFigures]] = {past.run_id: [] for past in runs}
        ids = list(labels)
        for begin in range(0, len(ids), _AT_ONCE):
            some = ids[begin : begin + _AT_ONCE]
            statement = f"SELECT * FROM figures WHERE run_id IN ({_places(len(some))}) ORDER BY run_id, label"
            for row in await self._database.rows(statement, *some):
                labels[row["run_id"]].append(LabelFigures.model_validate(dict(row)))
        return tuple(PastFigures(run=past, labels=tuple(labels[past.run_id])) for past in runs)

    async def series(
        self, test_name: str, metric: str, label: str = "", *, limit: int = 50, like: PastRun | None = None
    ) -> tuple[MetricPoint, ...]:
        """A metric of `domain.history.UNITS` over the newest comparable runs of a test, oldest first."""
        if metric not in UNITS:
            raise ValueError(f"{metric} is none of {', '.join(UNITS)}")
        if metric == "capacity" and label:
            return ()  # it belongs to the run as a whole
        value = _VALUES.get(metric, f"{metric}_ms")
        where, values = _conditions(test_name, None, True, like)
        if metric == "capacity":
            tables, where = "runs", f"{where} AND capacity_per_s IS NOT NULL"
        else:
            values.append(label)
            joined = f"figures ON figures.run_id = runs.run_id AND figures.label = ${len(values)}"
            tables = f"runs JOIN {joined}"
        rows = await self._database.rows(
            f"SELECT runs.run_id, started_ms, {value} AS value FROM {tables} {where} "
            f"ORDER BY started_ms DESC, runs.run_id DESC LIMIT ${len(values) + 1}",
            *values, limit,
        )  # fmt: skip
        points = (MetricPoint.model_validate(dict(row)) for row in rows if row["value"] is not None)
        return tuple(points)[::-1]

    async def test_names(self) -> tuple[str, ...]:
        """Names of all tests, sorted."""
        rows = await self._database.rows("SELECT DISTINCT test_name FROM runs")
        return tuple(sorted(row["test_name"] for row in rows))

    async def set_baseline(self, baseline: NamedBaseline) -> None:
        """Name the baseline of a test, in the place of the one before."""
        await self._database.write(
            (
                "INSERT INTO baselines (test_name, run_id, set_ms) VALUES ($1, $2, $3) "
                "ON CONFLICT (test_name) DO UPDATE SET run_id = excluded.run_id, set_ms = excluded.set_ms",
                [[_storable(baseline.test_name), baseline.run_id, baseline.set_ms]],
            )
        )

    async def baseline(self, test_name: str) -> NamedBaseline | None:
        """The baseline that was named for a test."""
        return next((named for named in await self.baselines() if named.test_name == test_name), None)

    async def baselines(self) -> tuple[NamedBaseline, ...]:
        """All named baselines, by test."""
        rows = await self._database.rows("SELECT * FROM baselines ORDER BY test_name")
        return tuple(NamedBaseline.model_validate(dict(row)) for row in rows)

    async def clear_baseline(self, test_name: str) -> None:
        """Forget the baseline of a test."""
        await self._database.write(("DELETE FROM baselines WHERE test_name = $1", [[test_name]]))

    async def _runs(self, clause: str, *values: Value) -> tuple[PastRun, ...]:
        rows = await self._database.rows(f"SELECT * FROM runs {clause}", *values)
        return tuple(PastRun.model_validate(dict(row)) for row in rows)


def recording(past: PastRun, figures: RunFigures | None) -> tuple[Step, ...]:
    """The statements that keep a run. They make one transaction."""
    row = past.model_dump() | ({} if figures is None else _load_of(figures))
    names = (*_OUTCOME, *_LOAD)
    renewed = _OUTCOME if figures is None else names
    run: Step = (
        f"INSERT INTO runs ({', '.join(names)}) VALUES ({_places(len(names))}) "
        f"ON CONFLICT (run_id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in renewed)}",
        [[_storable(row[name]) for name in names]],
    )
    if figures is None:
        return (run,)
    rows = {label.label: (past.run_id, *label.model_dump().values()) for label in figures.labels}
    return (
        run,
        ("DELETE FROM figures WHERE run_id = $1", [[past.run_id]]),
        (
            f"INSERT INTO figures ({', '.join(_FIGURES)}) VALUES ({_places(len(_FIGURES))})",
            [[_storable(value) for value in values] for values in rows.values()],
        ),
    )


def _database(runs_dir: Path, address: str) -> Database:
    if not address:
        return SqliteDatabase(runs_dir / "history.sqlite")
    if not address.startswith(SCHEMES):
        raise HistoryError(
            f"the address of the history ({VARIABLE}) does not begin with {SCHEMES[0]}",
            mend=f"{VARIABLE}=postgresql://USER@HOST/DATABASE, or leave it unset for a file beside the runs",
        )
    return PostgresqlDatabase(address)


def _conditions(
    test_name: str,
    before_ms: int | None,
    comparable: bool,
    like: PastRun | None,
    source: Source | None = None,
) -> tuple[str, list[Value]]:
    """Conditions are left out, not made true by a value: SQLite would not use an index for such a one."""
    conditions: list[str] = [_COMPARABLE] if comparable else []
    values: list[Value] = []
    wanted: list[tuple[str, Value]] = [("test_name =", test_name)] if test_name else []
    if before_ms is not None:
        wanted.append(("started_ms <", before_ms))
    if source is not None:
        wanted.append(("source =", source))
    if like is not None:
        same = ("source", "test_type", "environment", "base_url", "load")
        wanted += [(f"{name} =", str(getattr(like, name))) for name in same]
    for condition, value in wanted:
        values.append(value)
        conditions.append(f"{condition} ${len(values)}")
    return (f"WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _load_of(figures: RunFigures) -> dict[str, Any]:
    return figures.model_dump(exclude={"labels"}) | {"complete": True}


def _places(count: int) -> str:
    return ", ".join(f"${number}" for number in range(1, count + 1))


def _storable(value: Any) -> Value:
    """Neither database takes every text that Python can hold: PostgreSQL no NUL, both no lone surrogate."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    stored: Value = value
    return stored
