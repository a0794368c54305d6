"""How fast result files are read: perfpilot's reader against Python's csv module, on a file made here.

    python benchmarks/read_results.py [ROWS] [ROUNDS]

Each way runs in a process of its own, in turns; medians are printed. `read` only makes columns, `measure`
also computes all figures (phases, labels, percentiles, series, two thresholds), `csv` loops over csv.reader
and counts samples, errors and response times per label in dictionaries, the least that is of use.
CPU and peak memory are of the whole process, imports included.
"""

from __future__ import annotations

import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from perfpilot.domain.plan import Plan

WAYS = ("read", "measure", "csv")
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
    print(f"{'way':<8} {'rows/s':>12} {'CPU s':>8} {'peak MiB':>9} {'CPU of csv':>11}")
    for way, run in medians.items():
        share = run["cpu_s"] / medians["csv"]["cpu_s"]
        print(
            f"{way:<8} {rows / run['wall_s']:>12,.0f} {run['cpu_s']:>8.2f} {run['peak_mib']:>9.1f} {share:>11.2f}"
        )


def make_file(path: Path, rows: int) -> None:
    """Write a file as JMeter would: log-normal times, 1 % errors, some messages with quotes and line breaks."""
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
    begun = time.perf_counter()
    found = _with_csv(path) if way == "csv" else _with_reader(path, rows, measure=way == "measure")
    wall_s = time.perf_counter() - begun
    if found != rows:
        raise SystemExit(f"{way} found {found:,} of {rows:,} rows")
    used = resource.getrusage(resource.RUSAGE_SELF)
    mib = used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(json.dumps({"wall_s": wall_s, "cpu_s": used.ru_utime + used.ru_stime, "peak_mib": mib}))


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


def _with_csv(path: Path) -> int:
    times: dict[str, dict[int, int]] = {}
    errors: dict[str, int] = {}
    count = 0
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        names = next(lines)
        elapsed_at, label_at, success_at = (names.index(name) for name in ("elapsed", "label", "success"))
        for row in lines:
            label, elapsed = row[label_at], int(row[elapsed_at])
            of_label = times.setdefault(label, {})
            of_label[elapsed] = of_label.get(elapsed, 0) + 1
            if row[success_at] != "true":
                errors[label] = errors.get(label, 0) + 1
            count += 1
    return count


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        _one_way(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
