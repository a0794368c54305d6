"""list the runs, the newest last"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from perfpilot.cli.arguments import add_runs_directory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`runs [--runs DIR] [--json]`."""
    add_runs_directory(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    """One line a run: id, test, when, status, verdict."""
    from perfpilot.cli.columns import aligned
    from perfpilot.cli.run_names import run_ids

    rows = [_row(options.runs_dir / id_) for id_ in run_ids(options.runs_dir)]
    if options.json:
        for row in rows:
            print(json.dumps(row))
    elif rows:
        keys = ("id", "test", "when", "status", "verdict")
        for line in aligned([[key.upper() for key in keys], *([row[key] for key in keys] for row in rows)]):
            print(line)
    else:
        print(f"no runs in {options.runs_dir}")
    return 0


def _row(path: Path) -> dict[str, str]:
    """What a run says of itself. Read as plain JSON: a list must not fail for one damaged run."""
    result = _json(path / "result.json")
    if result:
        run, outcome = result.get("run", {}), result.get("outcome", {})
        return {
            "id": path.name,
            "test": str(run.get("test_name", "")),
            "when": _moment(run.get("started_ms")),
            "status": str(outcome.get("status", "")),
            "verdict": str(outcome.get("verdict") or "-"),
        }
    damaged = result is None and (path / "result.json").exists()
    return {
        "id": path.name,
        "test": _test_name(path),
        "when": _moment_of_id(path.name),
        "status": "damaged" if damaged else "unfinished",
        "verdict": "-",
    }


def _json(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _test_name(path: Path) -> str:
    """The name in the description; an unfinished run has no result that says it."""
    try:
        with (path / "spec.yaml").open(encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("test_name:")]
    except (OSError, ValueError):
        return "-"
    return names[0].strip("'\"") if names else "-"


def _moment(epoch_ms: object) -> str:
    from perfpilot.reporting.figures import moment

    return moment(int(epoch_ms)) if isinstance(epoch_ms, int | float) else "-"


def _moment_of_id(id_: str) -> str:
    day, time = id_[:8], id_[9:15]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]}:{time[4:]} UTC"
