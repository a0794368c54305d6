"""The same result file read by perfpilot and by its peers: processor time, wall time, peak of memory.

    python -m benchmarks.reading [--rows N] [--rounds N] [--keep DIRECTORY] [--with jmeter,taurus]

Every way runs in a process of its own that imports nothing else, in turns; processor time is of the whole
process, start and imports included. perfpilot's is the reader with all that is kept of an attempt, as
`close_attempt` feeds it; `analyze` is the whole command on the file, with its HTML report. Modules are
compiled before, as pip compiles those of an installed package. Peers (duckdb and polars, Taurus) are
installed by pip into environments of their own under the directory, which is kept where it is named.
`jmeter -g` takes minutes a round, Taurus runs once. All p95 are compared with the order statistics that were
computed when the file was made.
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
from collections.abc import Sequence
from pathlib import Path

from benchmarks.reading.dashboard import Dashboard
from benchmarks.reading.own_process import Cost, run

MOST_OF_JMETER = {"perfpilot": 1 / 40, "analyze": 1 / 20}
MOST_OF = {"duckdb": 0.8, "polars": 1.3}
MOST_PEAK_MIB = 80.0
MOST_GROWTH = 1.05
MOST_ERROR = 0.004

_EACH_ROUND = ("jmeter",)  # of the slow ways: what an aim is held against
_FAST = ("scan", "perfpilot", "duckdb", "polars", "analyze")
_REQUIREMENTS = {
    "duckdb": ("engines", "duckdb==2.0.0", "polars==2.1.0"),
    "polars": ("engines", "duckdb==2.0.0", "polars==2.1.0"),
    "taurus": ("taurus", "bzt==1.17.2"),
}
_WAYS = Path(__file__).with_name("ways.py")
_ROOT = Path(__file__).parents[2]
_P95 = 2  # place among the quantiles of the truth


def main() -> int:
    """Make the files, run every way, print a table; the exit code says whether all aims were met."""
    parser = argparse.ArgumentParser(description="reading result files: perfpilot and its peers")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="files and environments stay here")
    parser.add_argument("--with", dest="slow", default="", metavar="jmeter,taurus")
    parser.add_argument("--no-csv", action="store_true", help="leave out the csv module")
    chosen = parser.parse_args()
    slow = [way for way in chosen.slow.split(",") if way]
    with tempfile.TemporaryDirectory(prefix="perfpilot-reading-") as scratch:
        directory = chosen.keep or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        whole, tenth = (_made(directory, rows) for rows in (chosen.rows, chosen.rows // 10))
        size = whole.stat().st_size
        print(f"{chosen.rows:,} rows, {size / chosen.rows:.0f} bytes each; {chosen.rounds} rounds in turns")
        costs: dict[str, list[Cost]] = {}
        warm = _made(directory, 1000)
        for way in _FAST:
            _cost(way, warm, directory)
        for number in range(chosen.rounds):
            for way in _FAST:
                costs.setdefault(way, []).append(_read(way, whole, directory))
            costs.setdefault("tenth", []).append(_read("perfpilot", tenth, directory))
            for way in (*slow, *(() if chosen.no_csv else ("csv",))):
                if way in _EACH_ROUND or not number:
                    costs.setdefault(way, []).append(_read(way, whole, directory))
        return _judge(costs, whole, chosen.rows)


def _made(directory: Path, rows: int) -> Path:
    path = directory / f"{rows}.jtl"
    if not path.with_name(path.name + ".truth.json").exists():
        print(f"making {path.name}", flush=True)
        # In a process of its own: a child's peak is never below the memory of its parent.
        module = "benchmarks.reading.made_file"
        subprocess.run([sys.executable, "-m", module, str(rows), str(path)], check=True, cwd=_ROOT)
    return path


def _read(way: str, path: Path, directory: Path) -> Cost:
    cost = _cost(way, path, directory)
    print(f"  {way:<10} {cost.cpu_s:8.2f} s of processor time, {cost.wall_s:8.2f} s", flush=True)
    return cost


def _cost(way: str, path: Path, directory: Path) -> Cost:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(directory / "bytecode")
    if way == "analyze":
        runs = directory / "runs"
        code = "import sys; from perfpilot.cli.main import main; main(sys.argv[1:])"
        arguments = ["analyze", str(path), "--json", "--no-model", "--runs", str(runs)]
        cost = run([sys.executable, "-c", code, *arguments], cwd=_ROOT, environment=environment)
        reports = list(runs.glob("*/report.html"))
        shutil.rmtree(runs)
        if not reports:
            raise RuntimeError(f"perfpilot analyze wrote no report: {cost.output[-2000:]}")
        return cost
    if way == "jmeter":
        cost, figures = Dashboard.find().make(path, directory / "dashboard")
        p95 = {label: found["pct2ResTime"] for label, found in figures.items() if label != "Total"}
        counted = sum(found["sampleCount"] for label, found in figures.items() if label != "Total")
        return Cost(json.dumps({"rows": counted, "p95": p95}), cost.cpu_s, cost.wall_s, cost.peak_mib)
    return run([_python(way, directory), str(_WAYS), way, str(path)], environment=environment)


def _python(way: str, directory: Path) -> str:
    if way not in _REQUIREMENTS:
        return sys.executable
    name, *packages = _REQUIREMENTS[way]
    python = directory / name / "bin" / "python"
    if not python.exists():
        print(f"installing {' '.join(packages)} with pip into {python.parents[1]}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    return str(python)


def _judge(costs: dict[str, list[Cost]], path: Path, rows: int) -> int:
    truth = json.loads(path.with_name(path.name + ".truth.json").read_text(encoding="utf-8"))["labels"]
    median = {way: _median([cost.cpu_s for cost in found]) for way, found in costs.items()}
    peak = {way: _median([cost.peak_mib for cost in found]) for way, found in costs.items()}
    ours = median["perfpilot"]
    print(f"\n{'way':<10} {'CPU s':>8} {'wall s':>8} {'peak MiB':>9} {'perfpilot/way':>14}  error of p95")
    errors: dict[str, float] = {}
    for way, found in costs.items():
        if way == "tenth":
            continue
        shown = ""
        answer = {"rows": None} if way == "analyze" else json.loads(found[0].output.splitlines()[-1])
        if answer["rows"] is not None:
            if answer["rows"] != rows:
                shown = f"READ {answer['rows']:,} ROWS"
            p95 = answer["p95"]
            errors[way] = max(abs(p95[label] / exact[_P95] - 1) for label, exact in truth.items())
            shown = f"{errors[way]:.2%} {shown}".rstrip()
        wall = _median([cost.wall_s for cost in found])
        print(
            f"{way:<10} {median[way]:8.2f} {wall:8.2f} {peak[way]:9.1f} {ours / median[way]:14.3f}  {shown}"
        )
    print("\nprocessor time, where both were measured in turns: the median of the ratios of each round")
    failed = 0
    for way, most in MOST_OF.items():
        failed += _say_ratio(costs, "perfpilot", way, most)
    for way, most in MOST_OF_JMETER.items() if "jmeter" in costs else ():
        failed += _say_ratio(costs, way, "jmeter", most)
    growth = peak["perfpilot"] / peak["tenth"]
    failed += _say(
        f"peak of memory {growth:.3f} times that at a tenth", f"{MOST_GROWTH:g}", growth <= MOST_GROWTH
    )
    most_mib = max(cost.peak_mib for cost in costs["perfpilot"])
    failed += _say(f"peak of memory {most_mib:.1f} MiB", f"{MOST_PEAK_MIB:g} MiB", most_mib < MOST_PEAK_MIB)
    error = errors["perfpilot"]
    return failed + _say(f"p95 of every label within {error:.2%}", f"{MOST_ERROR:.1%}", error <= MOST_ERROR)


def _say_ratio(costs: dict[str, list[Cost]], way: str, peer: str, most: float) -> int:
    ratio = _median([a.cpu_s / b.cpu_s for a, b in zip(costs[way], costs[peer], strict=True)])
    quickest = min(cost.cpu_s for cost in costs[way]) / min(cost.cpu_s for cost in costs[peer])
    return _say(
        f"{way} {_share(ratio)} of {peer} (the quickest rounds: {_share(quickest)})",
        _share(most),
        ratio <= most,
    )


def _share(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio > 0.2 else f"1/{1 / ratio:.1f}"


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _say(found: str, limit: str, good: bool) -> int:
    print(f"  {'ok  ' if good else 'MISS'} {found}; aim: at most {limit}", flush=True)
    return not good


if __name__ == "__main__":
    sys.exit(min(main(), 1))
