"""go on with a run that was interrupted or waits for approval

A load is never sent twice: a JMeter that still runs is watched on, and figures that are there are judged.
"""

from __future__ import annotations

import argparse
from functools import partial

from perfpilot.cli.arguments import RUN_HELP, add_jmeter_home, add_runs_directory, add_showing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`resume RUN [--approve]`."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("--approve", action="store_true", help="approve the load that the run waits with")
    add_runs_directory(parser)
    add_jmeter_home(parser)
    add_showing(parser)


def run(options: argparse.Namespace) -> int:
    """Go on at the node that was next; the result of a finished run is just shown again."""
    from perfpilot.cli.run_names import find_run

    directory = find_run(options.run, options.runs_dir)

    from perfpilot.cli.driving import drive, finish
    from perfpilot.graph import session

    work = partial(session.resume, directory.path, jmeter_home=options.jmeter_home)
    result = drive(work, title=directory.id, json=options.json, yes=options.approve)
    return finish(result, directory.path.parent, json=options.json)
