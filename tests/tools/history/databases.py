"""A history in each of the two databases, empty and private to a test."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from perfpilot.domain.history import LabelFigures, PastRun, RunFigures
from tests.servers import DataServer

VERSION_1 = """
CREATE TABLE runs (run_id TEXT PRIMARY KEY, test_name TEXT NOT NULL, started_ms INTEGER NOT NULL,
    status TEXT NOT NULL, verdict TEXT NOT NULL, decided_by INTEGER NOT NULL, headline TEXT NOT NULL);
CREATE INDEX runs_by_test ON runs (test_name, started_ms);
PRAGMA user_version = 1;
"""
"""The file as the first perfpilot made it."""


@dataclass(frozen=True)
class Place:
    """Where a history lies: `open_history(place.runs_dir, place.address)` opens it."""

    runs_dir: Path
    address: str = ""


def server_address(server: DataServer, database: str, password: str = "") -> str:
    secret = password or server.password
    return f"postgresql://{server.user}:{secret}@{server.host}:{server.port}/{database}"


async def new_database(server: DataServer) -> str:
    """The address of a new, empty database."""
    name = f"history_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(server_address(server, "postgres"))
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return server_address(server, name)


def version_1_file(runs_dir: Path, *rows: tuple[str, str, int, str, str, int, str]) -> None:
    connection = sqlite3.connect(runs_dir / "history.sqlite")
    connection.executescript(VERSION_1)
    with connection:
        connection.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.close()


def past(number: int, **fields: Any) -> PastRun:
    """The run `run-NNN` of the test `checkout`, which is `number` seconds old."""
    values: dict[str, Any] = {
        "run_id": f"run-{number:03}", "test_name": "checkout", "started_ms": 1000 * number,
        "status": "completed", "verdict": "GO", "decided_by": 1, "headline": "GO: all met",
    }  # fmt: skip
    return PastRun(**(values | fields))


def figures(p95_ms: float = 200.0, load: str = "300/s", **fields: Any) -> RunFigures:
    """Of two endpoints and both pooled; 1 % of the samples failed."""
    labels = tuple(
        LabelFigures(
            label=label, count=count, errors=count // 100, rate_per_s=count / 60, mean_ms=p95_ms / 2,
            p50_ms=p95_ms / 2, p90_ms=p95_ms * 0.9, p95_ms=p95_ms, p99_ms=p95_ms * 2, p999_ms=None,
            max_ms=p95_ms * 3,
        )
        for label, count in (("", 18_000), ("browse", 12_000), ("pay", 6_000))
    )  # fmt: skip
    values: dict[str, Any] = {"test_type": "load", "load": load, "labels": labels}
    return RunFigures(**(values | fields))
