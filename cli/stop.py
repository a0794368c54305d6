"""end the load of a run gracefully, from another terminal"""

from __future__ import annotations

import argparse

from perfpilot.cli.arguments import RUN_HELP, add_runs_directory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`stop RUN`."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    add_runs_directory(parser)


def run(options: argparse.Namespace) -> int:
    """Ask whoever runs the run to end its load; a finished run is left alone."""
    from perfpilot.cli.run_names import find_run

    directory = find_run(options.run, options.runs_dir)
    if directory.has("result.json"):
        print(f"run {directory.id} has ended already")
        return 0
    directory.request_stop()
    print(f"asked run {directory.id} to end its load; its report follows where it runs")
    return 0
