"""How a series of runs ended: each run, what changed, and the answer of all."""

from __future__ import annotations

import sys
from pathlib import Path

from perfpilot.cli.columns import aligned, cleaned
from perfpilot.cli.comparison_table import comparison_lines
from perfpilot.cli.driving import report_lines
from perfpilot.cli.words import Words
from perfpilot.domain.outcome import ExitCode
from perfpilot.domain.repeated import Repeated

REPORTS = ("repeated.html", "repeated.md", "repeated.json")
"""Files that a series leaves in the directory of its last run, in the order in which they are told."""


def finish_repeated(made: Repeated | None, runs_dir: Path, *, json: bool = False) -> int:
    """Print it and return the exit code that its outcome earns."""
    if made is None:
        Words(sys.stderr).line("perfpilot: killed; perfpilot resume last reports what its last run left")
        return int(ExitCode.STOPPED)
    words = Words(sys.stderr if json else sys.stdout)
    for line in _lines(made, runs_dir):
        words.line(line)
    if json:
        Words(sys.stdout).exactly(made.model_dump_json(indent=2))
    return int(made.outcome.exit_code())


def _lines(made: Repeated, runs_dir: Path) -> list[str]:
    two_sides = len({one.side for one in made.repetitions}) > 1
    rows = [
        [
            str(runs_dir / one.run_id),
            one.side if two_sides else "",
            _answer(one.outcome.verdict, one.outcome.status),
        ]
        for one in made.repetitions
    ]
    told = ["", f"{len(made.repetitions)} RUNS OF {made.test_name}", *(f"  {row}" for row in aligned(rows))]
    told += ["", "COMPARISON", *(f"  {line}" for line in comparison_lines(made.comparison))]
    told += ["", f"VERDICT  {_answer(made.outcome.verdict, made.outcome.status)}"]
    told += [f"  - {cleaned(reason)}" for reason in made.outcome.reasons]
    told += [f"  degraded: {cleaned(text)}" for text in made.degradations]
    if made.repetitions:
        told += ["", *report_lines(runs_dir / made.repetitions[-1].run_id, REPORTS)]
    return told


def _answer(verdict: str | None, status: str) -> str:
    return verdict or status.replace("_", " ")
