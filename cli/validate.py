"""check a description and review it; sends nothing

Imports neither LangChain nor LangGraph (a test holds that), so an editor can call it at every save.
"""

from __future__ import annotations

import argparse
import sys

EXAMPLES = """\
exit codes: 0 the description can be run (remarks may still ask for attention), 2 it can't
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`validate SPEC`."""
    parser.add_argument("spec", metavar="SPEC", help="the description, a YAML file")


def run(options: argparse.Namespace) -> int:
    """Parse strictly, add what a run adds, write the plan for trial, and print the remarks.

    0, or 2 with every problem and its line.
    """
    from perfpilot.cli.columns import cleaned
    from perfpilot.domain.outcome import ExitCode
    from perfpilot.planning.defaults import with_defaults
    from perfpilot.planning.review.review import review
    from perfpilot.tools.jmeter.writable import require_writable
    from perfpilot.tools.spec.problems import SpecProblems
    from perfpilot.tools.spec.read import load_spec

    try:
        spec = load_spec(options.spec)
    except SpecProblems as problems:
        print(cleaned(f"{options.spec}: {problems.located()}"), file=sys.stderr)
        return int(ExitCode.REFUSED)
    effective, added = with_defaults(spec)
    require_writable(effective)
    remarks = (*review(effective), *added)
    for remark in remarks:
        source = f"  [{remark.source}]" if remark.source else ""
        print(cleaned(f"{remark.severity}: {remark.place}: {remark.text}{source}"))
    if any(remark.severity == "error" for remark in remarks):
        print(f"{options.spec}: can't be run as it is", file=sys.stderr)
        return int(ExitCode.REFUSED)
    found = f"{len(remarks)} remark{'s' if len(remarks) != 1 else ''}" if remarks else "nothing to remark"
    print(cleaned(f"{options.spec}: {spec.test_name} can be run; {found}"))
    return 0
