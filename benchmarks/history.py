"""How quick the history stays with tens of thousands of runs, in SQLite and in a real PostgreSQL.

    python benchmarks/history.py [--runs N] [--tests N] [--rounds N]

Fills both with runs of ten endpoints (with the pooled figures eleven rows a run), spread evenly over the
tests, then reads. A read is timed as its caller sees it: SQLite with the opening of the file, PostgreSQL on
a connection that is open (what connecting takes is told beside it). The server is private, on loopback, and
does not wait for the disk. Reads are wall time, the best of the rounds: what else the machine does only
makes one longer (after the first, which warms the caches). Verbs are whole processes less an
interpreter that does nothing: medians of processor time, which the server's own does not count in.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from perfpilot.domain.history import LabelFigures, NamedBaseline, PastRun, RunFigures
from perfpilot.tools.history.database import Database, Value
from perfpilot.tools.history.postgresql_database import PostgresqlDatabase
from perfpilot.tools.history.sqlite_database import SqliteDatabase
from perfpilot.tools.history.store import History, recording
from tests import servers

MOST_OF_A_READ_S = 0.05
MOST_OF_A_VERB_S = 1.0
_LABELS = ("", *(f"endpoint {number}" for number in range(10)))
_AT_ONCE = 1000
_TEST = "test 0"


def main() -> int:
    """Fill and read both; the exit code says whether all figures are within their limits."""
    parser = argparse.ArgumentParser(description="how quick the history stays")
    parser.add_argument("--runs", type=int, default=50_000)
    parser.add_argument("--tests", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="perfpilot-history-") as scratch:
        path = Path(scratch) / "history.sqlite"
        print(f"SQLite, {chosen.runs:,} runs of {len(_LABELS) - 1} endpoints in {chosen.tests} tests")
        failed += asyncio.run(_measured(SqliteDatabase(path), chosen))
        print(f"       {path.stat().st_size / 2**20:.0f} MiB on the disk")
        failed += _verbs(Path(scratch), {}, chosen)
        with servers.postgresql_server() as server:
            address = f"postgresql://{server.user}:{server.password}@{server.host}:{server.port}/postgres"
            print("PostgreSQL, the same")
            failed += asyncio.run(_measured(PostgresqlDatabase(address), chosen))
            asyncio.run(_connecting(address, chosen.rounds))
            failed += _verbs(Path(scratch), {"PERFPILOT_HISTORY": address}, chosen)
    return int(failed > 0)


async def _measured(database: Database, chosen: argparse.Namespace) -> int:
    history = History(database)
    begun = time.perf_counter()
    for runs in _some(_runs(chosen.runs, chosen.tests)):
        together: dict[str, list[list[Value]]] = {}
        for past, figures in runs:
            for statement, values in recording(past, figures):
                together.setdefault(statement, []).extend(list(each) for each in values)
        await database.write(*together.items())
    print(f"       {time.perf_counter() - begun:.1f} s to fill it, {_AT_ONCE} runs at once")
    if isinstance(database, PostgresqlDatabase):
        await database.rows("ANALYZE")  # which the server's own housekeeping does within minutes
    newest = (await history.latest(_TEST, limit=1))[0]
    await history.set_baseline(NamedBaseline(test_name=_TEST, run_id=newest.run_id, set_ms=1))
    last = await history.latest(_TEST, limit=50, comparable=True)
    every = chosen.runs // chosen.tests
    reads: dict[str, Callable[[], Awaitable[object]]] = {
        "a run by its id": lambda: history.find(newest.run_id),
        "a run by the beginning of its id": lambda: history.beginning_with(newest.run_id[:12], 2),
        "the previous run": lambda: history.previous(_TEST, newest.started_ms),
        "the newest 50 of all": lambda: history.latest(limit=50),
        "the newest 50 comparable runs": lambda: history.latest(
            _TEST, limit=50, comparable=True, like=newest
        ),
        "their figures": lambda: history.with_figures(last),
        "a series of 50 runs": lambda: history.series(_TEST, "p95", "endpoint 3", like=newest),
        f"a series of {every:,} runs": lambda: history.series(_TEST, "p95", "endpoint 3", limit=every),
        "the baseline of a test": lambda: history.baseline(_TEST),
        "the names of all tests": lambda: history.test_names(),
        "a page of the export": lambda: history.following(last[-1]),
    }
    failed = 0
    for name, read in reads.items():
        times = [await _timed(read) for _ in range(chosen.rounds + 1)][1:]
        failed += _say(f"{1000 * min(times):6.1f} ms  {name}", MOST_OF_A_READ_S, min(times))
    times = []
    for number in range(chosen.rounds):
        past = newest.model_copy(update={"run_id": f"one more {number}", "test_name": "one more"})
        times.append(await _timed(lambda past=past: history.record(past, _figures(number))))  # noqa: B023
    print(f"       {1000 * statistics.median(times):6.1f} ms  to record a run")
    await history.close()
    return failed


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


async def _connecting(address: str, rounds: int) -> None:
    times = []
    for _ in range(rounds):
        history = History(PostgresqlDatabase(address))
        times.append(await _timed(lambda: history.find("none")))  # noqa: B023
        await history.close()
    print(f"       {1000 * statistics.median(times):6.1f} ms  to connect and ask once")


def _verbs(runs_dir: Path, environment: dict[str, str], chosen: argparse.Namespace) -> int:
    place = ["--runs", str(runs_dir)]
    perfpilot = [sys.executable, "-m", "perfpilot"]
    idle_s = statistics.median(_process_s([sys.executable, "-c", ""], environment) for _ in range(5))
    failed = 0
    for name, arguments in (
        ("perfpilot trend", ["trend", _TEST, "--metric", "p99", "--label", "endpoint 3", *place]),
        ("perfpilot trend, 500 runs", ["trend", _TEST, "--last", "500", *place]),
        ("perfpilot compare", ["compare", _run_id(0), _run_id(chosen.tests), *place]),
    ):
        times = [_process_s([*perfpilot, *arguments], environment) - idle_s for _ in range(5)]
        took_s = statistics.median(times)
        failed += _say(f"{took_s:6.2f} s   {name}", MOST_OF_A_VERB_S, took_s)
    for form in ("csv", "json"):
        command = [*perfpilot, "export", "--format", form, *place]
        took_s = _process_s(command, environment)
        print(f"       {took_s:6.2f} s   perfpilot export --format {form}, all {chosen.runs:,} runs")
    return failed


def _process_s(command: list[str], environment: dict[str, str]) -> float:
    """Processor time. `compare` ends with 3 where it can't decide: anything above that is an error."""
    before = os.times()
    done = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr.decode())
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _say(text: str, limit_s: float, found_s: float) -> int:
    good = found_s <= limit_s
    limit = f"{1000 * limit_s:.0f} ms" if limit_s < 1 else f"{limit_s:g} s"
    print(f"  {'ok  ' if good else 'MORE'} {text}, at most {limit}", flush=True)
    return not good


def _runs(runs: int, tests: int) -> Iterator[tuple[PastRun, RunFigures]]:
    for number in range(runs):
        past = PastRun(
            run_id=_run_id(number), test_name=f"test {number % tests}", started_ms=60_000 * number,
            status="completed", verdict="GO", decided_by=int(number % 11 != 10), headline="GO: all were met",
        )  # fmt: skip
        yield past, _figures(number)


def _figures(number: int) -> RunFigures:
    labels = []
    for place, label in enumerate(_LABELS):
        p95_ms = 100 + 10 * place + number % 17
        labels.append(
            LabelFigures(
                label=label, count=18_000, errors=number % 7, rate_per_s=300, mean_ms=p95_ms / 3,
                p50_ms=p95_ms / 3, p90_ms=p95_ms * 0.8, p95_ms=p95_ms, p99_ms=p95_ms * 1.7,
                p999_ms=p95_ms * 3, max_ms=p95_ms * 5,
            )
        )  # fmt: skip
    return RunFigures(
        test_type="load", environment="staging", base_url="http://10.0.0.5:8080", load="300/s",
        labels=tuple(labels),
    )  # fmt: skip


def _run_id(number: int) -> str:
    return f"20261122-{number:06}-test-{number:06x}"


def _some(runs: Iterator[tuple[PastRun, RunFigures]]) -> Iterator[list[tuple[PastRun, RunFigures]]]:
    batch: list[tuple[PastRun, RunFigures]] = []
    for run in runs:
        batch.append(run)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    yield batch


if __name__ == "__main__":
    sys.exit(main())
