"""Ways to read results while they grow: perfpilot's live loop, its parts, and Python's csv module.

    python ways.py live DIRECTORY SECONDS EVERY   follow a load; figures each so many seconds
    python ways.py pieces PATH PIECES             read and count a complete file, handed over in pieces
    python ways.py csv PATH PIECES                csv.reader with dictionaries, on the same pieces

Each prints its findings as JSON. Processor time is that of the work, without imports.
"""

from __future__ import annotations

import csv
import io
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from watched import THRESHOLDS, made_watch

from perfpilot.analysis.counting.live_measurement import LiveMeasurement
from perfpilot.analysis.counting.second_counts import second_counts
from perfpilot.analysis.failures.early import EarlyFailures
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.analysis.thresholds.aborts import abort_fired
from perfpilot.analysis.thresholds.live import live_thresholds
from perfpilot.domain.plan import Plan
from perfpilot.domain.thresholds import parse_threshold
from perfpilot.tools.jmeter.running.tail import Tail

TICK_S = 0.5
_QUANTILES = {"p50": 0.5, "p95": 0.95, "max": 1.0}


def live(directory: Path, seconds: float, every_s: float) -> dict[str, Any]:
    """Follow the file of a running load, as the supervision of an attempt does."""
    watch = made_watch(directory)
    ticks: list[float] = []
    shown: list[tuple[float, int]] = []
    rss: list[float] = []
    own = psutil.Process()
    machine, before = _machine_s(), time.process_time()
    begun = next_tick = next_figures = time.perf_counter()
    while (now := time.perf_counter()) < begun + seconds:
        watch.absorb()
        watch.steer()
        if reason := watch.reason_to_stop(overdue=False):
            raise SystemExit(f"the made-up load gave a reason to stop: {reason.detail}")
        if now >= next_figures:
            next_figures += every_s
            if told := watch.told():
                shown.append((time.time() * 1000, told.figures.count))
        ticks.append(time.perf_counter() - now)
        rss.append(float(own.memory_info().rss) / 2**20)
        next_tick += TICK_S
        time.sleep(max(next_tick - time.perf_counter(), 0))
    cpu_s, wall_s = time.process_time() - before, time.perf_counter() - begun
    machine_s = _machine_s() - machine
    lags = _lags_ms(directory / "results.jtl", shown)
    return {
        "rows": watch.samples,
        "cpu_s": cpu_s,
        "wall_s": wall_s,
        "machine_s": machine_s,
        "tick_p50_ms": 1000 * float(np.median(ticks)),
        "tick_max_ms": 1000 * max(ticks),
        "rss_third_mib": max(rss[: len(rss) // 3]),
        "rss_end_mib": max(rss),
        **{f"lag_{name}_ms": float(np.quantile(lags, share)) for name, share in _QUANTILES.items()},
    }


def _lags_ms(results: Path, shown: list[tuple[float, int]]) -> np.ndarray:
    """For each sample, from its end to the first figures whose count held it."""
    rows = ResultReader().feed(results.read_bytes())
    at_ms, counts = np.array(shown).T
    first = np.searchsorted(counts, np.arange(rows.size), side="right")
    seen = first < len(at_ms)
    if not seen.all():
        raise SystemExit(f"{rows.size - int(seen.sum()):,} samples were never in the figures")
    lags: np.ndarray = at_ms[first] - (rows.start_ms + rows.elapsed_ms)
    return lags


def pieces(path: Path, count: int) -> dict[str, Any]:
    """Reading, counting and figures on a complete file: each piece is a tick."""
    whole = path.read_bytes()
    growing = path.with_suffix(".growing")
    start_ms = int(whole[whole.find(b"\n") + 1 :].split(b",", 1)[0])
    tail, reader, early, plan = Tail(growing), ResultReader(), EarlyFailures(()), _plan()
    lines = [parse_threshold(line) for line in THRESHOLDS]
    measurement = LiveMeasurement(plan, start_ms, reader.labels, reader.codes, lines)
    size = -(-len(whole) // count)
    cpu_s = 0.0
    with growing.open("wb", buffering=0) as file:
        for number, at in enumerate(range(0, len(whole), size)):
            file.write(whole[at : at + size])
            before = time.process_time()
            for chunk in tail.blocks():
                rows = reader.feed(chunk)
                measurement.add(rows)
                early.add(second_counts(rows, reader.labels, reader.codes, start_ms))
            now_ms = start_ms + 1000 * (number + 1)
            abort_fired(measurement.counters, now_ms)
            thresholds = live_thresholds(lines, measurement.counters, plan, now_ms)
            measurement.live(now_ms, thresholds=thresholds)
            cpu_s += time.process_time() - before
    return {"rows": reader.health().rows, "cpu_s": cpu_s}


def by_csv(path: Path, count: int) -> dict[str, Any]:
    """Counts, errors and logarithmic histograms by label and by second, by the csv module."""
    lines = path.read_bytes().decode().splitlines(keepends=True)
    size = -(-len(lines) // count)
    times: dict[str, dict[int, int]] = {}
    seconds: dict[int, list[int]] = {}
    at: dict[str, int] = {}
    found = 0
    before = time.process_time()
    for begin in range(0, len(lines), size):
        rows = csv.reader(io.StringIO("".join(lines[begin : begin + size]), newline=""))
        at = at or {name: place for place, name in enumerate(next(rows))}
        for row in rows:
            if len(row) != len(at):
                continue  # a piece may end inside a quoted message
            elapsed = int(row[at["elapsed"]])
            bucket = elapsed if elapsed < 512 else int(math.log2(elapsed) * 256)
            of_label = times.setdefault(row[at["label"]], {})
            of_label[bucket] = of_label.get(bucket, 0) + 1
            second = seconds.setdefault((int(row[at["timeStamp"]]) + elapsed) // 1000, [0, 0])
            second[0] += 1
            second[1] += row[at["success"]] != "true"
            found += 1
        for of_label in times.values():
            _percentiles(of_label)
    return {"rows": found, "cpu_s": time.process_time() - before}


def _percentiles(counts: dict[int, int]) -> list[int]:
    wanted = [share * sum(counts.values()) for share in (0.5, 0.95, 0.99)]
    found: list[int] = []
    passed = 0
    for bucket in sorted(counts):
        passed += counts[bucket]
        while len(found) < len(wanted) and passed >= wanted[len(found)]:
            found.append(bucket)
    return found


def _plan() -> Plan:
    return Plan(
        attempt=1,
        scenarios=(),
        duration_s=3600,
        warm_up_s=2,
        peak_rate_per_s=10_000,
        users=300,
        expected_samples=1e6,
        connect_timeout_s=1,
        response_timeout_s=30,
    )


def _machine_s() -> float:
    """Processor time that all processes of the machine used so far."""
    times = psutil.cpu_times()._asdict()
    return sum(float(times.get(kind, 0.0)) for kind in ("user", "nice", "system", "irq", "softirq", "steal"))


if __name__ == "__main__":
    way, file, number = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if way == "live":
        print(json.dumps(live(file, float(number), float(sys.argv[4]))))
    else:
        print(json.dumps({"pieces": pieces, "csv": by_csv}[way](file, int(number))))
