"""Ways to read a result file, one a process. Run by the Python that has what the way needs.

    python ways.py WAY PATH

Each finds, by label: samples, errors, mean, p50 to p99.9, bytes; and what happened by second. It prints the
rows that it read and the p95 of each label as JSON.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

_QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
_START_MS = 1_750_000_000_000
_RATE_PER_S = 2000
_BLOCK = 1024 * 1024


def scan(path: Path) -> dict[str, Any]:
    """The floor: every byte is read, and line feeds are counted."""
    lines = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            lines += block.count(b"\n")
    return {"rows": None, "lines": lines}


def perfpilot(path: Path) -> dict[str, Any]:
    """The reader and all that is kept of an attempt: figures by phase and label, series, thresholds."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does

    from perfpilot.analysis.counting.measurement import Measurement
    from perfpilot.analysis.reading.reader import PIECE, ResultReader
    from perfpilot.analysis.rows import labelled
    from perfpilot.domain.labels import is_transaction
    from perfpilot.domain.plan import Plan
    from perfpilot.domain.thresholds import parse_threshold

    duration_s = path.stat().st_size / 147 / _RATE_PER_S
    plan = Plan(
        attempt=1, scenarios=(), duration_s=duration_s, warm_up_s=duration_s / 20, users=300,
        peak_rate_per_s=_RATE_PER_S, expected_samples=duration_s * _RATE_PER_S, connect_timeout_s=1,
        response_timeout_s=30,
    )  # fmt: skip
    thresholds = [parse_threshold("p95 < 400ms"), parse_threshold("error_rate < 1%")]
    reader = ResultReader()
    measurement = Measurement(plan, _START_MS, reader.labels, reader.codes, thresholds)
    journeys = last_ms = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(PIECE):
            rows = reader.feed(block)
            measurement.add(rows)
            journeys += labelled(rows, reader.labels, is_transaction).size
            last_ms = max(last_ms, int((rows.start_ms + rows.elapsed_ms).max(initial=0)))
    measurement.add(reader.finish())
    everything = measurement.phases()[0]
    measurement.series()
    for label in reader.labels:
        measurement.blocks(label)
    return {"rows": reader.health().rows, "p95": {label.label: label.p95_ms for label in everything.labels}}


def by_csv(path: Path) -> dict[str, Any]:
    """The csv module and dictionaries."""
    times: dict[str, dict[int, int]] = {}
    sums: dict[str, list[int]] = {}
    seconds: dict[int, list[int]] = {}
    count = 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        at = {name: place for place, name in enumerate(next(rows))}
        of_start, of_elapsed, of_label = at["timeStamp"], at["elapsed"], at["label"]
        of_success, of_bytes = at["success"], at["bytes"]
        for row in rows:
            elapsed, label, failed = int(row[of_elapsed]), row[of_label], row[of_success] != "true"
            of_times = times.setdefault(label, {})
            of_times[elapsed] = of_times.get(elapsed, 0) + 1
            total = sums.setdefault(label, [0, 0, 0])
            total[0] += elapsed
            total[1] += int(row[of_bytes])
            total[2] += failed
            second = seconds.setdefault((int(row[of_start]) + elapsed) // 1000, [0, 0])
            second[0] += 1
            second[1] += failed
            count += 1
    return {"rows": count, "p95": {label: _counted(counts)[2] for label, counts in times.items()}}


def _counted(counts: dict[int, int]) -> list[int]:
    wanted = [share * sum(counts.values()) for share in _QUANTILES]
    found: list[int] = []
    passed = 0
    for value in sorted(counts):
        passed += counts[value]
        while len(found) < len(wanted) and passed >= wanted[len(found)]:
            found.append(value)
    return found


def duckdb(path: Path) -> dict[str, Any]:
    """DuckDB with exact quantiles: a query by label and one by second."""
    import duckdb as engine  # type: ignore[import-not-found]

    table = f"read_csv('{path}', header=true, delim=',', quote='\"', escape='\"')"
    by_label = engine.sql(
        f"SELECT label, count(*), sum((NOT success)::INT), avg(elapsed), sum(bytes), "
        f"quantile_disc(elapsed, {list(_QUANTILES)}) FROM {table} GROUP BY label"
    ).fetchall()
    engine.sql(
        f'SELECT ("timeStamp" + elapsed) // 1000 AS second, count(*), sum((NOT success)::INT) FROM {table} '
        "GROUP BY second ORDER BY second"
    ).fetchall()
    return {"rows": sum(row[1] for row in by_label), "p95": {row[0]: row[5][2] for row in by_label}}


def polars(path: Path) -> dict[str, Any]:
    """Polars with its streaming engine: both groupings over one scan."""
    import polars as pl  # type: ignore[import-not-found]

    rows = pl.scan_csv(path)
    failed = (~pl.col("success")).sum()
    by_label = rows.group_by("label").agg(
        pl.len().alias("count"), failed.alias("errors"), pl.col("elapsed").mean().alias("mean"),
        pl.col("bytes").sum().alias("bytes"),
        *(pl.col("elapsed").quantile(q, "lower").alias(str(q)) for q in _QUANTILES),
    )  # fmt: skip
    second = ((pl.col("timeStamp") + pl.col("elapsed")) // 1000).alias("second")
    by_second = rows.group_by(second).agg(pl.len(), failed.alias("errors"))
    figures, _ = pl.collect_all([by_label, by_second], engine="streaming")
    return {"rows": figures["count"].sum(), "p95": dict(zip(figures["label"], figures["0.95"], strict=True))}


def taurus(path: Path) -> dict[str, Any]:
    """Taurus's own reader, with the accumulating figures that its reports take."""
    import logging

    from bzt.modules.aggregator import DataPoint  # type: ignore[import-not-found]
    from bzt.modules.jmeter import JTLReader  # type: ignore[import-not-found]

    logging.basicConfig(level=logging.ERROR)
    reader = JTLReader(str(path), logging.getLogger("bzt"))
    last: dict[str, Any] = {}
    for point in reader.datapoints(True):
        last = point[DataPoint.CUMULATIVE]
    p95 = {label: 1000 * kpis["perc"]["95.0"] for label, kpis in last.items() if label}
    return {"rows": last[""]["throughput"], "p95": p95}


WAYS = {
    "scan": scan,
    "perfpilot": perfpilot,
    "csv": by_csv,
    "duckdb": duckdb,
    "polars": polars,
    "taurus": taurus,
}

if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]))))
