"""The monitor as a whole, against real processes and servers."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from perfpilot.domain import monitored
from perfpilot.tools.face import call
from perfpilot.tools.monitoring.baseline import Baseline
from perfpilot.tools.monitoring.faces import sample_host
from perfpilot.tools.monitoring.newest import Newest
from perfpilot.tools.monitoring.postgresql import PostgresqlSampler
from perfpilot.tools.monitoring.read import read_monitor, read_restarts
from perfpilot.tools.monitoring.record import RESTARTED, Line
from perfpilot.tools.monitoring.redis import RedisSampler
from perfpilot.tools.monitoring.sampler import Monitor
from tests import servers
from tests.burner import burner

pytestmark = pytest.mark.usefixtures("no_blocking")
_FOREVER_MS = 10**15


async def _until(condition: Callable[[], bool], limit_s: float = 30.0) -> None:
    async with asyncio.timeout(limit_s):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 (a file grows, or a server answers)
            await asyncio.sleep(0.02)


def _values(path: Path, component: str, metric: str) -> tuple[float, ...]:
    found = [s for s in read_monitor(path, 0, _FOREVER_MS) if (s.component, s.metric) == (component, metric)]
    return found[0].values if found else ()


async def test_host_target_and_jmeter_are_watched_and_shown_live(tmp_path: Path) -> None:
    path = tmp_path / "run" / "monitor.csv"
    with servers.redis_server() as target, burner() as jmeter:
        monitor = Monitor(ports={"target": target.port}, period_s=0.1)
        await monitor.start(path)
        monitor.set_process("jmeter", jmeter.pid)
        await asyncio.to_thread(jmeter.burn, 0.3)
        await _until(lambda: {"host", "target", "jmeter", "perfpilot"} <= set(monitor.latest()))
        assert all(0 <= share <= 1 for share in monitor.latest().values())
        await asyncio.to_thread(jmeter.burn, 0.3)  # its first sample has nothing to compare with
        await _until(lambda: max(_values(path, "jmeter", "cpu_share")) > 0)
        await monitor.stop()
        await monitor.stop()
    assert _values(path, "target", "rss_bytes")[0] > 1_000_000
    assert monitor.failures == () and monitor.restarts == ()


async def test_the_newest_readings_are_there_with_their_age(tmp_path: Path) -> None:
    port = servers.free_port()
    monitor = Monitor(
        ports={"target": port}, remote=[RedisSampler("cache", "127.0.0.1", port)], period_s=0.05
    )
    with servers.redis_server(port=port):
        await monitor.start(tmp_path / "monitor.csv")
        wanted = {"cpu(target)", "rss_bytes(target)", "clients(cache)", "disk_free_bytes(host)", "cpu(host)"}
        await _until(lambda: wanted <= set(monitor.readings()))
        readings = monitor.readings()
    free = (await asyncio.to_thread(shutil.disk_usage, tmp_path)).free
    assert readings["disk_free_bytes(host)"] == pytest.approx(free, rel=0.2)
    assert 0 < readings["disk_free_share(host)"] <= 1
    assert 0 <= readings["cpu_share(target)"] <= readings["cpu(target)"] <= 1
    await _until(lambda: monitor.readings()["up(cache)"] == 0 and monitor.readings()["up(target)"] == 0)
    ages = monitor.ages()
    await _until(lambda: monitor.ages()["cache"] > ages["cache"] + 0.2)
    assert monitor.ages()["target"] > 0.2 and monitor.ages()["host"] < 5  # gone is not the same as not read
    await monitor.stop()


async def test_a_reading_that_is_stale_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    newest, lines = Newest(), [Line(0, "host", "cpu_share", 0.5), Line(0, "db", "up", 0.0)]
    newest.note([*lines, Line(0, "target", RESTARTED, 77.0)])
    assert newest.all() == {"cpu_share(host)": 0.5, "up(db)": 0.0, "cpu(host)": 0.5}
    later = time.monotonic() + 6
    monkeypatch.setattr("perfpilot.tools.monitoring.newest.time.monotonic", lambda: later)
    assert newest.all() == {} and newest.of("cpu_share") == {}
    assert newest.ages() == {"host": pytest.approx(6, abs=0.5)}


async def test_what_is_recorded_is_what_alert_lines_may_name(
    tmp_path: Path, postgresql_server: servers.DataServer, redis_server: servers.DataServer
) -> None:
    path, sql, cache = tmp_path / "monitor.csv", postgresql_server, redis_server
    where = {"user": sql.user, "password": sql.password, "database": sql.database}
    db = PostgresqlSampler("db", sql.host, sql.port, **where)
    kinds = {"cache": "redis", "db": "postgresql", "far": "redis"}
    remote = [db, RedisSampler("cache", cache.host, cache.port), RedisSampler("far", cache.host, cache.port)]
    monitor = Monitor(ports={"cache": cache.port, "target": sql.port}, remote=remote, period_s=0.1)
    await monitor.start(path)
    await _until(
        lambda: {"commits_per_s(db)", "busy_cores(far)", "cpu(neighbours)"} <= set(monitor.readings())
    )
    await monitor.stop()
    seen: dict[str, set[str]] = {}
    for series in read_monitor(path, 0, _FOREVER_MS):
        seen.setdefault(series.component, set()).add(series.metric)
    for component, metrics in seen.items():
        assert metrics <= monitored.metrics_of(component, kinds.get(component, "")), component
    sometimes = {
        "hit_share",
        "net_drops_per_s",
        "disk_read_bytes_per_s",
        "disk_write_bytes_per_s",
        "open_files",
    }
    assert seen["host"] >= monitored.HOST - sometimes
    assert seen["target"] >= monitored.PROCESS - sometimes
    assert seen["db"] >= monitored.POSTGRESQL - sometimes - {"answers"}
    assert seen["far"] >= monitored.REDIS - sometimes - {"answers"}
    assert seen["cache"] >= monitored.REDIS - sometimes


async def test_a_server_that_goes_and_comes_back_is_recorded_and_silences_nobody(tmp_path: Path) -> None:
    path, port = tmp_path / "monitor.csv", servers.free_port()
    monitor = Monitor(ports={"target": port}, remote=[RedisSampler("cache", "127.0.0.1", port)], period_s=0.1)
    with servers.redis_server(port=port):
        await monitor.start(path)
        await _until(lambda: 1.0 in _values(path, "cache", "up"))
    await _until(lambda: 0.0 in _values(path, "cache", "up") and 0.0 in _values(path, "target", "up"))
    seen = len(_values(path, "host", "cpu_share"))
    with servers.redis_server(port=port):
        await _until(lambda: len(monitor.restarts) == 1 and _values(path, "cache", "up")[-1] == 1.0)
        await monitor.stop()
    assert len(_values(path, "host", "cpu_share")) > seen
    failure = next(f for f in monitor.failures if f.component == "cache")
    assert failure.count >= 1 and "connection" in failure.detail.lower()
    assert len(read_restarts(path, 0, _FOREVER_MS)) == 1
    assert read_restarts(path, 0, _FOREVER_MS, "other") == ()


async def test_a_target_that_was_never_seen_is_not_called_down(tmp_path: Path) -> None:
    monitor = Monitor(ports={"target": servers.free_port()}, period_s=0.05)
    await monitor.start(tmp_path / "monitor.csv")
    await _until(lambda: len(monitor.failures) == 1)
    await monitor.stop()
    assert "is visible here" in monitor.failures[0].detail
    assert _values(tmp_path / "monitor.csv", "target", "up") == ()


async def test_databases_are_asked_for_what_matters(
    tmp_path: Path, postgresql_server: servers.DataServer, redis_server: servers.DataServer
) -> None:
    path, sql = tmp_path / "monitor.csv", postgresql_server
    monitor = Monitor(
        remote=[
            PostgresqlSampler(
                "db", sql.host, sql.port, user=sql.user, password=sql.password, database=sql.database
            ),
            RedisSampler("cache", redis_server.host, redis_server.port),
            PostgresqlSampler("locked", sql.host, sql.port, user=sql.user, password="wrong"),
        ],
        period_s=0.1,
    )
    await monitor.start(path)
    await _until(lambda: bool(_values(path, "db", "commits_per_s") and _values(path, "cache", "busy_cores")))
    await monitor.stop()
    assert _values(path, "db", "waiting_for_lock")[0] == 0
    assert 0 <= _values(path, "db", "connections_share")[-1] < 1
    assert _values(path, "cache", "clients")[0] >= 1
    assert [f.component for f in monitor.failures] == ["locked"]
    assert "wrong" not in monitor.failures[0].detail


async def test_a_session_that_waits_for_a_lock_is_counted(postgresql_server: servers.DataServer) -> None:
    import asyncpg

    server = postgresql_server
    where = {"host": server.host, "port": server.port, "user": server.user, "database": server.database}
    holder, waiter = [await asyncpg.connect(**where, password=server.password) for _ in range(2)]
    sampler = PostgresqlSampler("db", server.host, server.port, user=server.user, password=server.password,
                                database=server.database)  # fmt: skip
    try:
        await holder.execute("CREATE TABLE held (id int)")
        await holder.execute("BEGIN; LOCK TABLE held")
        waiting = asyncio.create_task(waiter.execute("SELECT * FROM held"))
        async with asyncio.timeout(20):
            while (reading := await sampler.sample())["waiting_for_lock"] == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await holder.execute("COMMIT")
        await waiting
    finally:
        await sampler.close()
        holder.terminate()
        waiter.terminate()
    assert reading["waiting_for_lock"] == 1 and reading["idle_in_transaction"] == 1
    assert reading["longest_query_s"] > 0


async def test_a_second_monitor_goes_on_in_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "monitor.csv"
    for expected in (1, 2):
        monitor = Monitor(period_s=0.05)
        await monitor.start(path)
        await _until(lambda: "host" in monitor.latest())  # noqa: B023
        await monitor.stop()
        text = await asyncio.to_thread(path.read_text)
        assert text.count("time_ms,component") == 1
        assert len(_values(path, "host", "memory_share")) >= expected
        await asyncio.to_thread(path.write_text, text + "17000,host,cpu_share,0.")


async def test_a_file_that_can_not_be_written_is_told_at_the_start() -> None:
    monitor = Monitor()
    with pytest.raises(OSError):
        await monitor.start(Path("/dev/full"))
    await monitor.stop()


async def test_a_baseline_says_how_busy_the_machine_is() -> None:
    message = await call(sample_host, seconds=1)
    found = message.artifact
    assert isinstance(found, Baseline) and found.cpu_share is not None and found.seconds >= 1
    assert 0 <= found.cpu_share <= (found.cpu_share_max or 0) <= 1
    assert "of the processor in use" in str(message.content)
