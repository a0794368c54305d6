"""run a test: review, check, plan, load, judge, report"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from perfpilot.cli.arguments import (
    add_jmeter_home,
    add_no_model,
    add_runs_directory,
    add_showing,
    duration_s,
    natural,
    positive_integer,
    positive_number,
)

if TYPE_CHECKING:
    from perfpilot.graph.context import Context

EXAMPLES = """\
examples:
  perfpilot run checkout.yaml
  perfpilot run checkout.yaml --max-rate 100 --require-approval
  perfpilot run checkout.yaml --json > result.json
  perfpilot run new.yaml --repeat 5 --against old.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`run SPEC` and its tightenings."""
    parser.add_argument("spec", metavar="SPEC", help="the description, a YAML file")
    add_runs_directory(parser)
    add_jmeter_home(parser)
    add_showing(parser)
    add_no_model(parser)
    parser.add_argument(
        "--yes", action="store_true", help="approve the load where the operator's policy wants a person to"
    )
    parser.add_argument(
        "--repeat", type=positive_integer, default=1, metavar="N",
        help="run it so many times and judge all runs together: several runs tell chance from change",
    )  # fmt: skip
    parser.add_argument(
        "--against", metavar="SPEC", help="with --repeat: another description, run in turns with this one"
    )
    limits = parser.add_argument_group("tightenings", "they only lower what the operator's policy allows")
    limits.add_argument("--max-rate", type=positive_number, metavar="N", help="requests per second")
    limits.add_argument("--max-users", type=positive_integer, metavar="N", help="users at once")
    limits.add_argument("--max-requests", type=positive_integer, metavar="N", help="requests in total")
    limits.add_argument("--max-duration", type=duration_s, metavar="TIME", help="load in total, such as 5m")
    limits.add_argument("--require-approval", action="store_true", help="ask a person in any case")
    limits.add_argument("--max-repairs", type=natural, metavar="N", help="ways back to validation")
    limits.add_argument("--max-replans", type=natural, metavar="N", help="ways back to planning")
    limits.add_argument("--max-resetups", type=natural, metavar="N", help="ways back to set-up")


def run(options: argparse.Namespace) -> int:
    """Run the whole workflow; the exit code says how it ended."""
    from perfpilot.tools.spec.read import load_spec

    spec = load_spec(options.spec)  # a wrong description is told at once, before LangGraph is imported

    from perfpilot.cli.driving import drive, finish
    from perfpilot.graph import session

    if options.repeat > 1 or options.against:
        return _repeated(options, spec.test_name)
    work = partial(
        session.run,
        Path(options.spec),
        runs_dir=options.runs_dir,
        jmeter_home=options.jmeter_home,
        context=_context(options),
    )
    result = drive(work, title=spec.test_name, json=options.json, yes=options.yes)
    return finish(result, options.runs_dir, json=options.json)


def _repeated(options: argparse.Namespace, title: str) -> int:
    from perfpilot.cli.driving import drive
    from perfpilot.cli.repeated import finish_repeated
    from perfpilot.graph.repeat import repeat

    work = partial(
        repeat,
        Path(options.spec),
        options.repeat,
        against=Path(options.against) if options.against else None,
        runs_dir=options.runs_dir,
        jmeter_home=options.jmeter_home,
        context=_context(options),
    )
    made = drive(work, title=title, json=options.json, yes=options.yes)
    return finish_repeated(made, options.runs_dir, json=options.json)


def _context(options: argparse.Namespace) -> Context:
    from perfpilot.graph.context import Context

    return Context(
        max_rate_per_s=options.max_rate,
        max_users=options.max_users,
        max_requests=options.max_requests,
        max_duration_s=options.max_duration,
        require_approval=options.require_approval,
        use_model=not options.no_model,
        max_repairs=options.max_repairs,
        max_replans=options.max_replans,
        max_resetups=options.max_resetups,
    )
