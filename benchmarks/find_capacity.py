"""How well a search finds the limit of a target whose capacity is known, with a real JMeter.

    python -m benchmarks.find_capacity            # five targets
    python -m benchmarks.find_capacity --only 4x50

Each target has c slots that take s milliseconds, so its highest sustainable rate under even arrivals is c/s.
Prints what was found against that, the interval and whether it covers, the requests that the target served
against those of a plain ladder (levels of 10 %, 20 %, ... 110 % of the capacity, 60 s each), and the highest
rate that was asked. Fails where an answer is more than 5 % off or outside its interval, took more than a
third of the ladder's requests, or went above its end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import perfpilot
from perfpilot.domain.policy import Policy
from perfpilot.domain.search import SearchOutcome
from perfpilot.tools.history.run_directory import RunDirectory

_LADDER_S = 60 * sum(level / 10 for level in range(1, 12))
"""Requests of the plain ladder, by the capacity."""

_OFF = 0.05
_SHARE = 1 / 3


class Target(NamedTuple):
    """A server, and where the search begins and ends as multiples of its capacity."""

    slots: int
    service_ms: int
    start: float
    end: float

    @property
    def per_s(self) -> float:
        """Its capacity."""
        return 1000 * self.slots / self.service_ms

    @property
    def name(self) -> str:
        """Slots and service time: `4x50`."""
        return f"{self.slots}x{self.service_ms}"


TARGETS = (
    Target(4, 50, 0.1, 5),
    Target(1, 20, 0.25, 10),
    Target(2, 100, 1.5, 4),
    Target(8, 80, 0.05, 2),
    Target(16, 160, 0.5, 3),
)


def _find(target: Target, folder: Path) -> str:
    """Run one search; a line of figures. Empty problems mean that all limits hold."""
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "benchmarks.known_capacity"),
            *("--slots", str(target.slots), "--service-ms", str(target.service_ms)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout
        port = int(server.stdout.readline().split()[-1])
        begun = time.monotonic()
        result = perfpilot.run_sync(_spec(target, port), runs_dir=folder, policy=Policy())
        seconds = time.monotonic() - begun
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/count", timeout=5) as answer:
            served = int(answer.read())
    finally:
        server.terminate()
        server.wait()
    run = RunDirectory(folder / result.run.id)
    attempts = len(run.attempts())
    found = run.read("attempts/1/search.json", SearchOutcome)
    capacity = result.capacity
    rate, low, high = (
        value or 0.0 for value in (capacity.rate_per_s, capacity.low_per_s, capacity.high_per_s)
    )
    off, share = rate / target.per_s - 1, served / attempts / (_LADDER_S * target.per_s)
    highest = max(step.level for step in found.steps)
    problems = [
        problem
        for wrong, problem in (
            (abs(off) > _OFF, "off by more than 5 %"),
            (not low <= target.per_s <= high, "not in the interval"),
            (share > _SHARE, "more than a third of the ladder's requests"),
            (highest > target.per_s * target.end * (1 + 1e-9), "above the end of the search"),
        )
        if wrong
    ]
    return (
        f"{target.name:>7}: {rate:7.2f}/s in {low:.2f} .. {high:.2f} of {target.per_s:6.1f}/s "
        f"({100 * off:+.1f} %), "
        f"{served / attempts:6.0f} requests, {100 * share:4.1f} % of the ladder's; "
        f"highest level {highest:.1f}/s, "
        f"{len(found.steps)} steps, {found.steps[-1].to_s or 0:.0f} s of load ({seconds:.0f} s in all, "
        f"{attempts} attempts)" + (f"  MISSED: {', '.join(problems)}" if problems else "")
    )


def _spec(target: Target, port: int) -> dict[str, Any]:
    return {
        "version": 1,
        "test_name": f"capacity {target.name}",
        "test_type": "breakpoint",
        "environment": {"base_url": f"http://127.0.0.1:{port}"},
        "endpoints": [{"name": "page", "path": "/"}],
        "load_patterns": [
            {"search": {"start": target.per_s * target.start, "end": target.per_s * target.end}}
        ],
        "thresholds": ["p95 < 1s", "error_rate < 1%", "capacity >= 1/s"],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 1 where a limit was missed."""
    parser = argparse.ArgumentParser(description="Find the limit of targets of known capacity.")
    parser.add_argument("--only", metavar="NAME", help=f"one of {', '.join(t.name for t in TARGETS)}")
    given = parser.parse_args(arguments)
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        for target in TARGETS:
            if given.only in (None, target.name):
                line = _find(target, Path(folder))
                missed |= "MISSED" in line
                print(line, flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
