"""What following a running load costs: perfpilot's live loop on a result file that grows.

    python benchmarks/live_tail.py [--seconds N] [--rounds N] [--rates N,N] [--keep DIRECTORY]

A writer appends rows at a rate (20 labels, the columns of perfpilot's plans, steps of 8 KiB as JMeter's
buffer makes them); the reader, a process of its own, is the `Watch` of an attempt, called every half second:
tail, parse, count (labels, phases, series, thresholds, alerts, early failures), look for reasons to stop, and
make the figures of a screen with the percentiles of all labels. There is no JMeter, and the monitor rests.
The core share is processor time by wall time. Lag is from the end of a sample to the figures that hold it.

Then the rows of one run are read by Taurus's reader (bzt from PyPI, installed by pip into an environment of
its own) and by Python's csv module, in pieces of a second each: processor time by row, against perfpilot's
reader with all that it counts and with figures for each piece. Medians over the rounds, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from peers.taurus import REQUIREMENT

MOST_SHARE = {10_000: 0.025, 50_000: 0.07}
MOST_OF_TAURUS = 1 / 15
MOST_LAG_MS = 1000.0
_GROWTH_MIB = 4.0  # of allocators, and of time blocks that are not all in use yet
_QUIET = 0.1
_TIMEOUT_S = 600
_HERE = Path(__file__).parent / "tailing"
_SPARE_S = 1.0  # the reader outlives the writer


def main() -> int:
    """Run everything; the exit code says whether all figures are within their limits."""
    parser = argparse.ArgumentParser(description="what following a running load costs")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rates", default=",".join(map(str, MOST_SHARE)))
    parser.add_argument("--figures-every", type=float, default=0.5, metavar="SECONDS")
    parser.add_argument("--keep", type=Path, help="keep Taurus installed here; use it if it is")
    chosen = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="perfpilot-tail-") as scratch:
        directory = Path(scratch)
        for per_s in map(int, chosen.rates.split(",")):
            print(f"\n{per_s:,} rows a second for {chosen.seconds:g} s, {chosen.rounds} rounds", flush=True)
            runs = []
            for _ in range(chosen.rounds):
                runs.append(_follow(directory / f"{per_s}.jtl", per_s, chosen.seconds, chosen.figures_every))
                print("  " + _shown(runs[-1]), flush=True)
            failed += _judge(per_s, runs)
        failed += _compare(directory, chosen.keep or directory, min(directory.glob("*.jtl")), chosen)
    return failed


def _follow(path: Path, per_s: int, seconds: float, every_s: float) -> dict[str, Any]:
    path.unlink(missing_ok=True)
    attempt = path.parent / "attempt"
    shutil.rmtree(attempt, ignore_errors=True)
    attempt.mkdir()
    (attempt / "results.jtl").symlink_to(path)
    numbers = [str(seconds + _SPARE_S), str(every_s)]
    command = [sys.executable, str(_HERE / "ways.py"), "live", str(attempt), *numbers]
    before = os.times()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        writer = subprocess.run(
            [sys.executable, str(_HERE / "rows.py"), str(path), str(per_s), str(seconds)],
            capture_output=True, check=True, text=True, timeout=_TIMEOUT_S,
        )  # fmt: skip
        output, _ = reader.communicate(timeout=_TIMEOUT_S)
    if reader.returncode:
        raise SystemExit("the reader ended with an error")
    after = os.times()
    run: dict[str, Any] = json.loads(output)
    if run["rows"] != int(writer.stdout):
        raise SystemExit(f"{run['rows']:,} of {int(writer.stdout):,} rows were read")
    children_s = after.children_user + after.children_system - before.children_user - before.children_system
    run["share"] = run["cpu_s"] / seconds
    run["row_bytes"] = path.stat().st_size / run["rows"]
    run["others"] = max(run["machine_s"] - children_s, 0.0) / (run["wall_s"] * (os.cpu_count() or 1))
    return run


def _shown(run: dict[str, Any]) -> str:
    return (
        f"{run['share']:.2%} of a core, {run['rows']:,} rows of {run['row_bytes']:.0f} bytes, tick p50/max "
        f"{run['tick_p50_ms']:.1f}/{run['tick_max_ms']:.1f} ms, lag p50/p95/max {run['lag_p50_ms']:.0f}/"
        f"{run['lag_p95_ms']:.0f}/{run['lag_max_ms']:.0f} ms, memory {run['rss_third_mib']:.1f} then "
        f"{run['rss_end_mib']:.1f} MiB, others used {run['others']:.0%} of the machine"
    )


def _judge(per_s: int, runs: list[dict[str, Any]]) -> int:
    share, lag, growth, others = (
        statistics.median(run[name] for run in runs)
        for name in ("share", "lag_max_ms", "rss_end_mib", "others")
    )
    growth -= statistics.median(run["rss_third_mib"] for run in runs)
    failed = 0
    if per_s in MOST_SHARE:
        failed += _say(f"{share:.2%} of a core", f"{MOST_SHARE[per_s]:.1%}", share <= MOST_SHARE[per_s])
    if others <= _QUIET:
        failed += _say(f"{lag:.0f} ms from sample to figure", f"{MOST_LAG_MS:.0f} ms", lag <= MOST_LAG_MS)
    else:
        print(
            f"  ?    {lag:.0f} ms from sample to figure: others used {others:.0%} of the machine", flush=True
        )
    return failed + _say(f"{growth:+.1f} MiB after a third", f"{_GROWTH_MIB:g} MiB", growth <= _GROWTH_MIB)


def _say(found: str, limit: str, good: bool) -> int:
    print(f"  {'ok  ' if good else 'MORE'} {found}, at most {limit}", flush=True)
    return not good


def _compare(directory: Path, kept: Path, results: Path, chosen: argparse.Namespace) -> int:
    count = str(round(chosen.seconds))
    ours = [sys.executable, str(_HERE / "ways.py")]
    commands = {
        "perfpilot": [*ours, "pieces", str(results), count],
        "csv": [*ours, "csv", str(results), count],
    }
    try:
        python = _taurus_python(kept / "taurus")
        scratch = str(directory / "taurus.jtl")
        commands["taurus"] = [python, str(_HERE / "taurus.py"), str(results), scratch, count]
    except (OSError, subprocess.SubprocessError) as error:
        print(f"left out: Taurus, {error}")
    costs: dict[str, list[float]] = {way: [] for way in commands}
    for _ in range(chosen.rounds):
        for way, command in commands.items():
            done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=_TIMEOUT_S)
            found = json.loads(done.stdout.splitlines()[-1])
            costs[way].append(1e6 * found["cpu_s"] / found["rows"])
    medians = {way: statistics.median(found) for way, found in costs.items()}
    print(f"\nThe rows of {results.name} in {count} pieces, processor time by row")
    for way, found_us in medians.items():
        print(f"  {way:<10} {found_us:6.2f} us, {found_us / medians['perfpilot']:.1f} times perfpilot's")
    if "taurus" not in medians:
        return 1
    share = medians["perfpilot"] / medians["taurus"]
    return _say(
        f"1/{1 / share:.0f} of Taurus's reader", f"1/{1 / MOST_OF_TAURUS:.0f}", share <= MOST_OF_TAURUS
    )


def _taurus_python(environment: Path) -> str:
    python = environment / "bin" / "python"
    if not python.exists():
        print(f"\ninstalling {REQUIREMENT} with pip into {environment}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=_TIMEOUT_S)
        pip = [str(python), "-m", "pip", "install", "--quiet", REQUIREMENT]
        subprocess.run(pip, check=True, timeout=_TIMEOUT_S)
    return str(python)


if __name__ == "__main__":
    sys.exit(main())
