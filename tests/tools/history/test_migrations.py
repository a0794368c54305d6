"""The tables: from version 1's rows to today's, once, whatever happens on the way; a newer one is refused."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from perfpilot.domain.errors import HistoryError
from perfpilot.tools.history import migrations, sqlite_database
from perfpilot.tools.history.migrations import VERSION
from perfpilot.tools.history.store import open_history
from tests.servers import DataServer
from tests.tools.history.databases import (
    VERSION_1,
    figures,
    new_database,
    past,
    server_address,
    version_1_file,
)

OLD = ("run-001", "checkout", 1000, "completed", "GO", 1, "GO: all met")


def _version(runs_dir: Path) -> int:
    connection = sqlite3.connect(runs_dir / "history.sqlite")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return int(found)


async def test_rows_of_version_1_are_kept(tmp_path: Path) -> None:
    version_1_file(tmp_path, OLD)
    async with open_history(tmp_path) as history:
        assert await history.find("run-001") == past(1)
        await history.record(past(2), figures())
        assert [found.run_id for found in await history.latest()] == ["run-002", "run-001"]
    assert _version(tmp_path) == VERSION


async def test_a_table_without_its_version_number_is_taken_over(tmp_path: Path) -> None:
    version_1_file(tmp_path, OLD)
    connection = sqlite3.connect(tmp_path / "history.sqlite")
    connection.execute("PRAGMA user_version = 0")
    connection.close()
    async with open_history(tmp_path) as history:
        assert await history.find("run-001") == past(1)


@pytest.mark.parametrize("at", range(len(migrations.MIGRATIONS[1])))
async def test_a_migration_that_breaks_off_leaves_version_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    version_1_file(tmp_path, OLD)
    steps = migrations.steps_from(1, "")
    broken = (*steps[:at], "SELECT no_such_column FROM runs", *steps[at:])
    with monkeypatch.context() as patched:
        patched.setattr(sqlite_database, "steps_from", lambda *_: broken)
        async with open_history(tmp_path) as history:
            with pytest.raises(HistoryError, match="no_such_column"):
                await history.latest()
    connection = sqlite3.connect(tmp_path / "history.sqlite")
    assert connection.execute("SELECT * FROM runs").fetchall() == [OLD]
    connection.close()
    assert _version(tmp_path) == 1
    async with open_history(tmp_path) as history:
        assert await history.find("run-001") == past(1)


async def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    version_1_file(tmp_path, OLD)
    connection = sqlite3.connect(tmp_path / "history.sqlite")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = (tmp_path / "history.sqlite").read_bytes()
    async with open_history(tmp_path) as history:
        with pytest.raises(HistoryError, match="newer perfpilot") as raised:
            await history.latest()
        with pytest.raises(HistoryError):
            await history.record(past(2))
    assert "PERFPILOT_HISTORY" in raised.value.mend
    assert (tmp_path / "history.sqlite").read_bytes() == before


async def test_a_newer_schema_on_a_server_is_refused(postgresql_server: DataServer, tmp_path: Path) -> None:
    address = await new_database(postgresql_server)
    async with open_history(tmp_path, address) as history:
        await history.record(past(1))
    connection = await asyncpg.connect(address)
    await connection.execute("UPDATE perfpilot.version SET number = $1", VERSION + 1)
    await connection.close()
    async with open_history(tmp_path, address) as history:
        with pytest.raises(HistoryError, match="newer perfpilot") as raised:
            await history.latest()
    assert postgresql_server.password not in str(raised.value)


async def test_version_1_on_a_server_is_brought_up_to_date(
    postgresql_server: DataServer, tmp_path: Path
) -> None:
    address = await new_database(postgresql_server)
    connection = await asyncpg.connect(address)
    tables = VERSION_1.replace("INTEGER NOT NULL,\n    status", "BIGINT NOT NULL,\n    status")
    await connection.execute("CREATE SCHEMA perfpilot; SET search_path = perfpilot;")
    await connection.execute(tables.partition("PRAGMA")[0])
    await connection.execute("CREATE TABLE version (number INTEGER NOT NULL); INSERT INTO version VALUES (1)")
    await connection.execute("INSERT INTO runs VALUES ($1, $2, $3, $4, $5, $6, $7)", *OLD)
    await connection.close()
    async with open_history(tmp_path, address) as history:
        assert await history.find("run-001") == past(1)


async def test_many_that_begin_at_once_make_the_tables_once(
    postgresql_server: DataServer, tmp_path: Path
) -> None:
    async def write(address: str, number: int) -> None:
        async with open_history(tmp_path, address) as history:
            await history.record(past(number), figures())

    for address in ("", await new_database(postgresql_server)):
        await asyncio.gather(*(write(address, number) for number in range(8)))
        async with open_history(tmp_path, address) as history:
            assert len(await history.latest()) == 8


def test_a_writer_that_is_killed_leaves_whole_runs(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from perfpilot.tools.history.store import open_history\n"
        "from tests.tools.history.databases import figures, past\n"
        "async def main():\n"
        "    for number in range(10_000):\n"
        "        async with open_history(Path(sys.argv[1])) as history:\n"
        "            await history.record(past(number), figures())\n"
        "        print(number, flush=True)\n"
        "asyncio.run(main())\n"
    )
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            cwd=Path(__file__).resolve().parents[3], stdout=subprocess.PIPE, text=True,
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            told = [writer.stdout.readline() for _ in range(5)]
            time.sleep(0.01)
            os.kill(writer.pid, signal.SIGKILL)
        written = int(told[-1]) + 1
        runs, whole = asyncio.run(_everything(tmp_path))
        assert runs >= written and whole == runs


async def _everything(runs_dir: Path) -> tuple[int, int]:
    async with open_history(runs_dir) as history:
        runs = await history.latest(limit=10_000)
        return len(runs), sum(len(each.labels) == 3 for each in await history.with_figures(runs))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://tester:hush-hush@127.0.0.1:1/postgres", "connection refused"),
        ("postgresql://tester:hush-hush@127.0.0.1:not-a-port/postgres", "address can't be read"),
        ("postgresql://tester:hush:hush@[127.0.0.1/postgres", "address can't be read"),
        ("mysql://tester:hush-hush@127.0.0.1/postgres", "does not begin with postgresql://"),
        ("hush-hush", "does not begin with postgresql://"),
    ],
)
async def test_a_server_that_can_not_be_used_is_told_without_its_password(
    address: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(HistoryError) as raised:
        async with open_history(tmp_path, address) as history:
            await history.latest()
    assert said in str(raised.value) and "mend:" in str(raised.value)
    assert "hush" not in str(raised.value) and raised.value.__cause__ is None


async def test_a_wrong_password_is_told_as_such(postgresql_server: DataServer, tmp_path: Path) -> None:
    async with open_history(tmp_path, server_address(postgresql_server, "postgres", "hush")) as history:
        with pytest.raises(HistoryError, match="refused the user or the password") as raised:
            await history.latest()
    assert "hush" not in str(raised.value)


async def test_the_environment_names_the_history_and_its_password(
    postgresql_server: DataServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_blocking: None
) -> None:
    address = await new_database(postgresql_server)
    monkeypatch.setenv("PERFPILOT_HISTORY", address.replace(f":{postgresql_server.password}@", "@"))
    monkeypatch.setenv("PGPASSWORD", postgresql_server.password)
    async with open_history(tmp_path) as history:
        await history.record(past(1))
        assert await history.find("run-001")
    assert not (tmp_path / "history.sqlite").exists()


async def test_a_user_who_may_not_make_the_schema_is_told_so(
    postgresql_server: DataServer, tmp_path: Path
) -> None:
    address = await new_database(postgresql_server)
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    guest = address.replace(f"tester:{postgresql_server.password}@", "guest:guest@")
    async with open_history(tmp_path, guest) as history:
        with pytest.raises(HistoryError, match="permission denied") as raised:
            await history.latest()
    assert "schema perfpilot" in raised.value.mend
    await connection.execute("CREATE SCHEMA perfpilot AUTHORIZATION guest")
    async with open_history(tmp_path, guest) as history:
        await history.record(past(1))
        assert await history.find("run-001")
    await connection.execute("DROP OWNED BY guest; DROP ROLE guest")
    await connection.close()


async def test_a_connection_that_was_lost_is_made_anew(postgresql_server: DataServer, tmp_path: Path) -> None:
    address = await new_database(postgresql_server)
    async with open_history(tmp_path, address) as history:
        await history.record(past(1))
        other = await asyncpg.connect(server_address(postgresql_server, "postgres"))
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'perfpilot'"
        )
        await other.close()
        with pytest.raises(HistoryError, match="can't be used"):
            await history.latest()
        assert len(await history.latest()) == 1
