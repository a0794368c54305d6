"""name, show or forget the run that a test is compared with"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING

from perfpilot.cli.arguments import RUN_HELP, add_runs_directory

if TYPE_CHECKING:
    from pathlib import Path

    from perfpilot.domain.history import PastRun
    from perfpilot.tools.history.store import History

EXAMPLES = """\
examples:
  perfpilot baseline set last             the newest run is the baseline of its test
  perfpilot baseline show
  perfpilot baseline clear checkout

A description uses it with  baseline: {run: set}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`baseline set RUN [--test NAME]`, `baseline show [TEST] [--json]`, `baseline clear TEST`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    naming = actions.add_parser("set", help="name a run as the baseline of its test")
    naming.add_argument("run", metavar="RUN", help=RUN_HELP)
    naming.add_argument("--test", metavar="NAME", help="of this test (default: the test of the run)")
    showing = actions.add_parser("show", help="list the baselines, or print that of one test")
    showing.add_argument("test", metavar="TEST", nargs="?", help="name of the test")
    showing.add_argument("--json", action="store_true", help="one JSON object a line")
    clearing = actions.add_parser("clear", help="forget the baseline of a test")
    clearing.add_argument("test", metavar="TEST", help="name of the test")
    for action in (naming, showing, clearing):
        add_runs_directory(action)


def run(options: argparse.Namespace) -> int:
    """Do it; a test or a run that is not known is refused."""
    import asyncio

    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    from perfpilot.tools.history.store import open_history

    async with open_history(options.runs_dir) as history:
        if options.action == "set":
            await _set(history, options.runs_dir, options.run, options.test)
        elif options.action == "clear":
            await _clear(history, options.test)
        else:
            await _show(history, options.test, options.json)
    return 0


async def _set(history: History, runs_dir: Path, name: str, test: str | None) -> None:
    from perfpilot.cli.columns import cleaned
    from perfpilot.cli.past_runs import find_past
    from perfpilot.domain.errors import SpecError
    from perfpilot.domain.history import NamedBaseline

    past = await find_past(history, runs_dir, name)
    if why := _no_baseline(past):
        raise SpecError(f"run {past.run_id} can't be a baseline: {why}", mend="name a run that decided")
    test = test or past.test_name
    now_ms = int(time.time() * 1000)
    await history.set_baseline(NamedBaseline(test_name=test, run_id=past.run_id, set_ms=now_ms))
    print(cleaned(f"the baseline of {test} is {past.run_id}"))


def _no_baseline(past: PastRun) -> str:
    if past.status != "completed":
        return f"it ended {past.status.replace('_', ' ')}"
    if not past.decided_by:
        return "no attempt of it decided anything"
    return "its load generator was limited" if past.limited else ""


async def _clear(history: History, test: str) -> None:
    from perfpilot.cli.columns import cleaned
    from perfpilot.domain.errors import SpecError

    if await history.baseline(test) is None:
        raise SpecError(f"{test!r} has no baseline", mend="perfpilot baseline show lists them")
    await history.clear_baseline(test)
    print(cleaned(f"{test} has no baseline any more"))


async def _show(history: History, test: str | None, as_json: bool) -> None:
    from perfpilot.cli.columns import aligned, cleaned
    from perfpilot.reporting.figures import moment

    named = [each for each in await history.baselines() if test in (None, each.test_name)]
    if as_json:
        for each in named:
            print(json.dumps(each.model_dump()))
    elif not named:
        print(cleaned(f"no baseline is set{f' for {test}' if test else ''}"))
    else:
        rows = [[each.test_name, each.run_id, moment(each.set_ms)] for each in named]
        for line in aligned([["TEST", "RUN", "SET"], *rows]):
            print(line)
