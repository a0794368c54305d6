"""How fast result files are read: perfpilot's reader against Python's csv module, on a file made here.

    python benchmarks/read_results.py [ROWS] [ROUNDS]

Like is compared with like. `read` makes columns of nine fields; `csv` converts the same nine fields of every
row. `measure` computes all figures (labels by phase with sums and percentiles, errors by cause, a series by
second, two thresholds); `csv figures` fills dictionaries with what those figures need.
Each way runs in a process of its own, in turns, and medians are printed. CPU and rows/s are of the work
without imports; the peak is of the whole process.
"""

from __future__ import annotations

import csv
import importlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfpilot.domain.plan import Plan

WAYS = {"read": "csv", "csv": "csv", "measure": "csv figures", "csv figures": "csv figures"}
"""Each way, and what it is compared with."""

_BLOCK = 256 * 1024
_START_MS = 1_750_000_000_000
_RATE_PER_S = 2000
_HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,"
    "bytes,sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect\n"
)
_LABELS = tuple(
    f"{verb} /api/{noun}" for verb in ("GET", "POST") for noun in ("item", "order", "user", "search")
)
_TIMEOUT = "Non HTTP response code: java.net.SocketTimeoutException,Non HTTP response message: Read timed out"


def main() -> None:
    """Make the file, run every way, print a table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "results.jtl"
        make_file(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB, {rounds} rounds in turns, medians")
        measured: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                measured[way].append(_in_own_process(way, path, rows))
    medians = {
        way: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for way, runs in measured.items()
    }
    print(f"{'way':<12} {'rows/s':>10} {'CPU s':>7} {'peak MiB':>9}  CPU in relation")
    for way, run in medians.items():
        share = run["cpu_s"] / medians[WAYS[way]]["cpu_s"]
        relation = "" if way == WAYS[way] else f"{share:.2f} of {WAYS[way]}"
        figures = f"{rows / run['wall_s']:>10,.0f} {run['cpu_s']:>7.2f} {run['peak_mib']:>9.1f}"
        print(f"{way:<12} {figures}  {relation}".rstrip())


def make_file(path: Path, rows: int) -> None:
    """Write a file as JMeter would: log-normal times, 1 % errors, some messages over several lines."""
    import numpy as np

    random = np.random.default_rng(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_HEADER)
        for begin in range(0, rows, 100_000):
            numbers = np.arange(begin, min(begin + 100_000, rows))
            elapsed = np.exp(random.normal(4.5, 0.6, len(numbers))).astype(int) + 1
            label = random.integers(0, len(_LABELS), len(numbers))
            kind = random.random(len(numbers))
            columns = zip(numbers.tolist(), elapsed.tolist(), label.tolist(), kind.tolist(), strict=True)
            file.writelines(_line(*values) for values in columns)


def _line(number: int, elapsed: int, label: int, kind: float) -> str:
    answer, success, failure = "200,OK", "true", ""
    if kind < 0.01:
        success = "false"
        answer = "503,Service Unavailable" if kind < 0.006 else _TIMEOUT
        failure = '"expected ""ok"",\nreceived {""status"":""error""}"' if kind < 0.001 else ""
    start = _START_MS + number * 1000 // _RATE_PER_S
    users = min(number // 100 + 1, 300)
    return (
        f"{start},{elapsed},{_LABELS[label]},{answer},users 1-{number % users + 1},text,{success},{failure},"
        f"{800 + number % 5000},214,{users},{users},{elapsed - 1},0,{number % 20 == 0:d}\n"
    )


def _in_own_process(way: str, path: Path, rows: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--way", way, str(path), str(rows)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return result


def _one_way(way: str, path: Path, rows: int) -> None:
    work = {
        "read": lambda: _with_reader(path, rows, measure=False),
        "measure": lambda: _with_reader(path, rows, measure=True),
        "csv": lambda: _csv_columns(path),
        "csv figures": lambda: _csv_figures(path),
    }[way]
    if not way.startswith("csv"):
        importlib.import_module("perfpilot.analysis.measurement")
    begun, cpu = time.perf_counter(), time.process_time()
    found = work()
    wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    if found != rows:
        raise SystemExit(f"{way} found {found:,} of {rows:,} rows")
    print(json.dumps({"wall_s": wall_s, "cpu_s": cpu_s, "peak_mib": _peak_mib()}))


def _peak_mib() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the parent's memory from before exec
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024  # bytes on macOS


def _with_reader(path: Path, rows: int, *, measure: bool) -> int:
    from perfpilot.analysis.measurement import Measurement
    from perfpilot.analysis.reader import ResultReader
    from perfpilot.domain.thresholds import parse_threshold

    reader = ResultReader()
    thresholds = [parse_threshold("p95 < 400ms"), parse_threshold("error_rate < 1%")]
    plan = _plan(rows)
    measurement = Measurement(plan, _START_MS, reader.labels, reader.codes, thresholds) if measure else None
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            batch = reader.feed(block)
            if measurement:
                measurement.add(batch)
    reader.finish()
    if measurement:
        measurement.phases()
        measurement.series()
    return reader.health().rows


def _plan(rows: int) -> Plan:
    from perfpilot.domain.plan import Plan

    return Plan(
        attempt=1,
        scenarios=(),
        duration_s=rows / _RATE_PER_S,
        warm_up_s=rows / _RATE_PER_S / 20,
        peak_rate_per_s=_RATE_PER_S,
        users=300,
        expected_samples=rows,
        connect_timeout_s=1,
        response_timeout_s=30,
    )


def _csv_columns(path: Path) -> int:
    count = 0
    for _ in _csv_rows(path):
        count += 1
    return count


def _csv_figures(path: Path) -> int:
    times: dict[tuple[bool, str], dict[int, int]] = {}
    sums: dict[tuple[bool, str], list[int]] = {}
    seconds: dict[int, list[int]] = {}
    causes: dict[tuple[bool, str, str], int] = {}
    count = fast = 0
    for start, elapsed, label, code, success, received, connect, latency, users in _csv_rows(path):
        group = (start - _START_MS > 25_000, label)
        of_group = times.setdefault(group, {})
        of_group[elapsed] = of_group.get(elapsed, 0) + 1
        total = sums.setdefault(group, [0] * 5)
        for place, value in enumerate((elapsed, received, connect, latency, not success)):
            total[place] += value
        second = seconds.setdefault((start + elapsed) // 1000, [0, 0, 0])
        second[0] += 1
        second[1] += not success
        second[2] = max(second[2], users)
        if not success:
            causes[(*group, code)] = causes.get((*group, code), 0) + 1
        fast += elapsed < 400
        count += 1
    return count


def _csv_rows(path: Path) -> Iterator[tuple[int, int, str, str, bool, int, int, int, int]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        at = {name: place for place, name in enumerate(next(lines))}
        start, elapsed, label, code = at["timeStamp"], at["elapsed"], at["label"], at["responseCode"]
        success, received, connect = at["success"], at["bytes"], at["Connect"]
        latency, users = at["Latency"], at["allThreads"]
        for row in lines:
            yield (
                int(row[start]), int(row[elapsed]), row[label], row[code], row[success] == "true",
                int(row[received]), int(row[connect]), int(row[latency]), int(row[users]),
            )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        _one_way(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
