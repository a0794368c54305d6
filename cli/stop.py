"""end the load of a run gracefully, from another terminal"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from perfpilot.cli.arguments import RUN_HELP, add_runs_directory

if TYPE_CHECKING:
    from perfpilot.tools.history.run_directory import RunDirectory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`stop RUN`."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    add_runs_directory(parser)


def run(options: argparse.Namespace) -> int:
    """Ask whoever runs the run to end its load; end it here where its perfpilot was killed."""
    import asyncio

    from perfpilot.cli.run_names import find_run
    from perfpilot.domain.errors import RunDirectoryError

    directory = find_run(options.run, options.runs_dir)
    if directory.has("result.json"):
        print(f"run {directory.id} has ended already")
        return 0
    directory.request_stop()
    try:
        with directory.held():
            ended = asyncio.run(_end_left_behind(directory))
    except RunDirectoryError:  # somebody is at work on it, and reads the request
        ended = None
    if ended is not None:
        what = "the load that it had left was ended" if ended else "it had left no load"
        print(f"nobody watches run {directory.id}: {what}; perfpilot resume {directory.id} reports it")
        return 0
    print(f"asked run {directory.id} to end its load; its report follows where it runs")
    return 0


async def _end_left_behind(directory: RunDirectory) -> bool:
    from perfpilot.domain.load_outcome import Ended
    from perfpilot.tools.jmeter.running.left_behind import end_left_behind

    why = "stopped on request"
    found = [
        await end_left_behind(directory, number, ended=Ended.STOPPED, detail=why)
        for number in directory.attempts()
    ]
    return any(found)
