"""compare two runs: what changed, and whether it is a regression"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from perfpilot.cli.arguments import add_runs_directory, share

if TYPE_CHECKING:
    from perfpilot.analysis.comparison.measured import Measured
    from perfpilot.domain.comparison import Comparison
    from perfpilot.domain.history import PastFigures
    from perfpilot.tools.history.store import History

EXAMPLES = """\
A and B are runs as in the other verbs (an id, its beginning, 'last', a path), or several with commas between
them, which tell chance from change far better. A is the earlier side. A run whose directory was deleted is
shown by the figures that the history kept, and decides nothing alone.

examples:
  perfpilot compare 20260101-1200 last
  perfpilot compare --floor 3% old1,old2,old3 new1,new2,new3

exit codes: 0 nothing that is shown became worse, 1 a regression, 3 undecided or not comparable
"""

_NO_CHANGE, _REGRESSION, _UNDECIDED = 0, 1, 3


class Side(NamedTuple):
    """The runs of one side, newest first. Without any that decided something, `because` says why."""

    names: str
    runs: tuple[Measured, ...] = ()
    because: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`compare A B [--floor SHARE] [--metric METRIC ...] [--label LABEL ...] [--json]`."""
    parser.add_argument("before", metavar="A", help="the run, or runs, to compare with")
    parser.add_argument("after", metavar="B", help="the run, or runs, that are judged")
    parser.add_argument(
        "--floor", type=share, default=0.05, metavar="SHARE",
        help="changes within are of no practical matter (default: 5%%)",
    )  # fmt: skip
    parser.add_argument(
        "--metric", action="append", metavar="METRIC", help="show and judge this metric only; may be repeated"
    )
    parser.add_argument(
        "--label", action="append", metavar="LABEL",
        help="show and judge this endpoint only ('' is all of them pooled); may be repeated",
    )  # fmt: skip
    add_runs_directory(parser)
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the comparison; the exit code says what it came to."""
    import asyncio

    before, after = asyncio.run(_sides(options))
    comparison = _chosen(_compared(before, after, options.floor), options.metric, options.label)
    if options.json:
        print(comparison.model_dump_json(indent=2))
    else:
        _show(comparison, before, after)
    return _exit_code(comparison)


async def _sides(options: argparse.Namespace) -> tuple[Side, Side]:
    from perfpilot.tools.history.store import open_history

    async with open_history(options.runs_dir) as history:
        return (
            await _side(history, options.runs_dir, options.before),
            await _side(history, options.runs_dir, options.after),
        )


async def _side(history: History, runs_dir: Path, names: str) -> Side:
    found = [await _run(history, runs_dir, name.strip()) for name in names.split(",")]
    runs = [one for one in found if not isinstance(one, str)]
    because = next((one for one in found if isinstance(one, str)), "")
    newest_first = sorted(runs, key=lambda run: run.attempt.started_ms, reverse=True)
    return Side(", ".join(run.run_id for run in newest_first) or names, tuple(newest_first), because)


async def _run(history: History, runs_dir: Path, name: str) -> Measured | str:
    """A run, or why it can't be compared. Its own files come first: they are whole, and need no history."""
    from perfpilot.analysis.comparison.measured import Measured
    from perfpilot.cli.past_runs import find_recorded
    from perfpilot.cli.run_names import find_run
    from perfpilot.domain.errors import RunDirectoryError
    from perfpilot.domain.result import ClosedAttempt, Result

    try:
        directory = find_run(name, runs_dir)
    except RunDirectoryError as error:
        past = await find_recorded(history, name, error)
        return _recorded((await history.with_figures([past]))[0])
    result = directory.read("result.json", Result)
    attempt = result.deciding_attempt()
    if attempt is None:
        return f"no attempt of run {directory.id} decided anything"
    closed = directory.read_or_none(f"attempts/{attempt.number}/closed.json", ClosedAttempt)
    return Measured(attempt, result.plan, closed.windows if closed else None, directory.id)


def _recorded(past: PastFigures) -> Measured | str:
    from perfpilot.analysis.comparison.measured import Measured
    from perfpilot.tools.history.run_figures import attempt_of

    attempt = attempt_of(past)
    if attempt is None:
        return f"the directory of run {past.run.run_id} is gone, and no figures were kept"
    return Measured(attempt, run_id=past.run.run_id)


def _compared(before: Side, after: Side, floor: float) -> Comparison:
    from perfpilot.analysis.comparison.compare import compare_runs
    from perfpilot.domain.comparison import Comparison

    if not before.runs or not after.runs:
        return Comparison(baseline_run=before.names, because=before.because or after.because)
    return compare_runs(before.runs, after.runs, floor=floor)


def _chosen(comparison: Comparison, metrics: list[str] | None, labels: list[str] | None) -> Comparison:
    """The comparison with the rows that were asked for. Raises SpecError where a name is of none."""
    from perfpilot.domain.errors import SpecError

    if not comparison.comparable:
        return comparison
    for option, asked, there in (
        ("--metric", metrics, {change.metric for change in comparison.changes}),
        ("--label", labels, {change.label for change in comparison.changes}),
    ):
        for name in asked or []:
            if name not in there:
                known = ", ".join(sorted(there - {""}))
                raise SpecError(
                    f"{option} {name}: the two runs have no such figure", mend=f"they have {known}"
                )
    rows = (
        change
        for change in comparison.changes
        if (not metrics or change.metric in metrics) and (not labels or change.label in labels)
    )
    return comparison.model_copy(update={"changes": tuple(rows)})


def _exit_code(comparison: Comparison) -> int:
    from perfpilot.domain.comparison import ChangeDecision

    decisions = {change.decision for change in comparison.changes}
    if comparison.comparable and ChangeDecision.REGRESSION in decisions:
        return _REGRESSION
    if not comparison.comparable or not decisions or ChangeDecision.UNDECIDED in decisions:
        return _UNDECIDED
    return _NO_CHANGE


def _show(comparison: Comparison, before: Side, after: Side) -> None:
    from perfpilot.cli.comparison_table import comparison_lines

    print(f"before  {before.names}\nafter   {after.names}\n")
    for line in comparison_lines(comparison):
        print(line)
