"""What the whole workflow takes beyond the load itself: `perfpilot run` against plain `jmeter -n`.

    python benchmarks/overhead.py [--pairs N] [--seconds N] [--model open|closed]

For each pair `perfpilot run` goes through a small load (20/s, or 20 users who think for a second) on a
target on loopback, then JMeter alone runs the very plan that it wrote, from a copy of its files, with the
same flags. The figure is the wall time of the first, less that of the second, less the quiet baseline and the
smoke pass: what review, set-up, planning, analysis and reports take, and the start of Python. Times are of
the monotonic clock. Each phase is printed: `load` is JMeter's whole life, `command` what no node accounts
for. The median of the pairs decides.
Pairs during which others used more than a tenth of the machine are repeated (`beside/quiet.py`).
"""

from __future__ import annotations

import argparse
import math
import signal
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beside import target
from beside.quiet import judged, quiet_pairs
from beside.ways import Ran, Whole, perfpilot_run, plain_jmeter

MOST_S = 8.0
PHASES = ("validate", "approve", "setup", "plan", "execute", "collect", "analyze", "report")
_RATE_PER_S = 20
_THINK_S = 1


@dataclass(frozen=True)
class Pair:
    """One of each."""

    whole: Whole
    plain: Ran

    @property
    def beyond_s(self) -> float:
        """What perfpilot took beyond load, baseline and smoke."""
        return self.whole.wall_s - self.plain.wall_s - self.whole.baseline_s - self.whole.smoke_s

    @property
    def others(self) -> float:
        """The most that others used of the machine during either."""
        return max(ran.looking.in_all().others for ran in (self.whole, self.plain))


def main() -> int:
    """The pairs, each with its phases, and their median; the exit code says whether it is low enough."""
    parser = argparse.ArgumentParser(description="the workflow's own time, beside plain JMeter")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10, help="length of the load")
    parser.add_argument("--model", choices=("open", "closed"), default="open")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended on the way out
    with tempfile.TemporaryDirectory(prefix="perfpilot-overhead-") as path, target.listening() as (port, pid):

        def pair(number: int) -> Pair:
            whole = perfpilot_run(_described(port, options), Path(path), pid, options.seconds)
            both = Pair(whole, plain_jmeter(whole, Path(path), pid, options.seconds))
            print("\n".join(_shown(number, both, options.seconds)), flush=True)
            return both

        pairs = quiet_pairs(options.pairs, pair)
    median_s = statistics.median(pair.beyond_s for pair in pairs) if pairs else math.nan
    figure = f"median of {len(pairs)} pairs {median_s:.2f} s, at most {MOST_S:g} s"
    return judged(figure, len(pairs), options.pairs, median_s <= MOST_S)


def _described(port: int, options: argparse.Namespace) -> dict[str, Any]:
    """Two endpoints, as the examples have them."""
    level: dict[str, Any] = {"rate_per_s": _RATE_PER_S}
    steps: list[Any] = ["browse", "product"]
    if options.model == "closed":
        level = {"users": _RATE_PER_S * _THINK_S}
        steps = [{"endpoint": step, "think_time": f"{_THINK_S}s"} for step in steps]
    return {
        "version": 1,
        "test_name": "overhead",
        "environment": {"base_url": f"http://127.0.0.1:{port}", "timeouts": {"response": "1s"}},
        "endpoints": [{"name": "browse", "path": "/browse"}, {"name": "product", "path": "/product/17"}],
        "journeys": [{"name": "looker", "steps": steps}],
        "load_patterns": [{"model": options.model, "stages": [{**level, "duration": f"{options.seconds}s"}]}],
        "thresholds": ["p95 < 500ms", "error_rate < 1%"],
    }


def _shown(number: int, pair: Pair, seconds: int) -> list[str]:
    whole = pair.whole
    phases: dict[str, float] = {}
    for name in PHASES:
        if name == "execute":
            phases["smoke"], phases["load"] = whole.smoke_s, whole.phases_s[name] - whole.smoke_s
        else:
            phases[name] = whole.phases_s[name]
    phases["command"] = whole.wall_s - sum(whole.phases_s.values())
    return [
        f"pair {number}  perfpilot {whole.wall_s:.2f} s, JMeter alone {pair.plain.wall_s:.2f} s with a load"
        f" of {seconds} s; baseline {whole.baseline_s:.2f} s, smoke {whole.smoke_s:.2f} s:"
        f" beyond them {pair.beyond_s:.2f} s  (others used {pair.others:.0%} of the machine)",
        "        " + "  ".join(f"{name} {took_s:.2f}" for name, took_s in phases.items()),
    ]


if __name__ == "__main__":
    sys.exit(main())
