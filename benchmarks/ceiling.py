"""JMeter's ceiling with perfpilot beside it, against that of JMeter alone on the same machine.

    python benchmarks/ceiling.py [--pairs N] [--seconds N] [--users N]

Users who never pause ask the cheapest target that we have for as much as they get. In turns the load is one
of `perfpilot run`, which reads all results, counts, judges thresholds, watches the host and shows figures,
and one of JMeter alone, with the same plan, heap, flags and columns (autoflush included). The figure is how
many samples a second ended in the second half of the load, by the result file; target and perfpilot share the
processors with JMeter. The median of the pairs' ratios decides.
Pairs during which others used more than a tenth of the machine are repeated (`beside/quiet.py`).
"""

from __future__ import annotations

import argparse
import math
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from beside import target
from beside.processor import Shares
from beside.quiet import judged, quiet_pairs
from beside.ways import Ran, Whole, perfpilot_run, plain_jmeter

from perfpilot.analysis.reading.reader import ResultReader

LEAST = 0.85
_ENDPOINTS = 5
_PIECE = 1 << 22


@dataclass(frozen=True)
class Reached:
    """What a load reached in its second half, and what that cost."""

    per_s: float
    used: Shares


@dataclass(frozen=True)
class Pair:
    """JMeter beside perfpilot, and alone."""

    beside: Reached
    alone: Reached

    @property
    def ratio(self) -> float:
        """Of JMeter alone."""
        return self.beside.per_s / self.alone.per_s

    @property
    def others(self) -> float:
        """The most that others used of the machine during either."""
        return max(self.beside.used.others, self.alone.used.others)


def main() -> int:
    """The pairs in turns, and the median of their ratios; the exit code says whether it is high enough."""
    parser = argparse.ArgumentParser(description="JMeter's ceiling beside perfpilot")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20, help="length of a load")
    parser.add_argument("--users", type=int, default=20)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended on the way out
    print(f"{options.users} users, {options.seconds} s a load")
    with tempfile.TemporaryDirectory(prefix="perfpilot-ceiling-") as path, target.listening() as (port, pid):
        turns = Turns(_described(port, options), Path(path), pid, options.seconds)
        pairs = quiet_pairs(options.pairs, turns.pair)
    ratio, share = math.nan, math.nan
    if pairs:
        ratio = statistics.median(pair.ratio for pair in pairs)
        share = statistics.median(pair.beside.used.perfpilot for pair in pairs)
    print(f"perfpilot's own share meanwhile {share:.1%} of a processor (median)")
    figure = f"median of {len(pairs)} pairs {ratio:.1%} of JMeter alone, at least {LEAST:.0%}"
    return judged(figure, len(pairs), options.pairs, ratio >= LEAST)


class Turns:
    """Runs pairs, and knows the last run of perfpilot: JMeter alone takes its plan."""

    def __init__(self, description: dict[str, Any], directory: Path, target_pid: int, seconds: int) -> None:
        self._description, self._directory = description, directory
        self._target_pid, self._seconds = target_pid, seconds
        self._whole: Whole | None = None

    def pair(self, number: int) -> Pair:
        """Run a pair. The second meets a warmer machine: each goes first as often."""
        if number % 2 or self._whole is None:
            beside, alone = self._beside(), self._alone()
        else:
            alone, beside = self._alone(), self._beside()
        pair = Pair(beside, alone)
        print(f"pair {number}  beside  {_shown(beside)}\npair {number}  alone   {_shown(alone)}")
        print(f"pair {number}  {pair.ratio:.1%} of JMeter alone", flush=True)
        return pair

    def _beside(self) -> Reached:
        whole = perfpilot_run(self._description, self._directory, self._target_pid, self._seconds)
        self._whole = whole
        return _reached(whole, self._seconds)

    def _alone(self) -> Reached:
        assert self._whole is not None
        return _reached(
            plain_jmeter(self._whole, self._directory, self._target_pid, self._seconds), self._seconds
        )


def _reached(ran: Ran, seconds: int) -> Reached:
    """Raises RuntimeError where requests failed: they are no load."""
    reader = ResultReader()
    pieces = []
    with ran.results.open("rb") as file:
        while piece := file.read(_PIECE):
            rows = reader.feed(piece)
            if not rows.success.all():
                raise RuntimeError(f"{ran.results}: requests failed")
            pieces.append(rows.start_ms + rows.elapsed_ms)
    ends_ms = np.concatenate(pieces)
    to_ms = float(ends_ms.max()) - 1000  # JMeter's threads do not end all at once
    from_ms = float(ends_ms.max()) - seconds * 500
    count = int(((ends_ms >= from_ms) & (ends_ms < to_ms)).sum())
    to_monotonic_s = time.monotonic() - time.time()
    used = ran.looking.between(from_ms / 1000 + to_monotonic_s, to_ms / 1000 + to_monotonic_s)
    return Reached(count / (to_ms - from_ms) * 1000, used)


def _described(port: int, options: argparse.Namespace) -> dict[str, Any]:
    """A journey of five requests, and thresholds of every kind, so that there is something to count."""
    names = [f"step {number}" for number in range(1, _ENDPOINTS + 1)]
    return {
        "version": 1,
        "test_name": "ceiling",
        "environment": {"base_url": f"http://127.0.0.1:{port}"},
        "endpoints": [{"name": name, "path": f"/{number}"} for number, name in enumerate(names)],
        "journeys": [{"name": "all", "steps": names}],
        "load_patterns": [
            {"model": "closed", "stages": [{"users": options.users, "duration": f"{options.seconds}s"}]}
        ],
        "thresholds": [
            "p95 < 400ms",
            f"p99({names[0]}) < 800ms",
            "error_rate < 1%",
            "p95 < 500ms over 5s",
            "abort if error_rate > 50% for 10s",
        ],
    }


def _shown(reached: Reached) -> str:
    used = reached.used
    return (
        f"{reached.per_s:>7,.0f}/s  JMeter {used.jmeter:.2f}, target {used.target:.2f}, perfpilot"
        f" {used.perfpilot:.3f} of a processor; others {used.others:.1%} of the machine"
    )


if __name__ == "__main__":
    sys.exit(main())
