"""look at Java, JMeter, disk, limits and the policy of this machine"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from perfpilot.cli.arguments import add_jmeter_home, add_runs_directory

if TYPE_CHECKING:
    from perfpilot.tools.jmeter.doctor import Check

EXAMPLES = """\
exit codes: 0 everything that perfpilot needs is there, 4 something is missing
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`doctor [--install]`."""
    parser.add_argument(
        "--install", action="store_true", help="install Java and JMeter into the cache where they are missing"
    )
    add_jmeter_home(parser)
    add_runs_directory(parser)


def run(options: argparse.Namespace) -> int:
    """A table of checks, then the mend of each that failed."""
    import asyncio

    from perfpilot.cli.columns import aligned, cleaned
    from perfpilot.domain.outcome import ExitCode
    from perfpilot.tools.jmeter.doctor import check_generator

    checks = asyncio.run(
        check_generator(
            jmeter_home=options.jmeter_home,
            runs_dir=str(options.runs_dir),
            install=options.install,
            progress=lambda text: print(text, flush=True),
        )
    )
    checks = (*checks, _check_policy())
    rows = [("ok" if check.ok else "MISSING", check.name, check.found, check.where) for check in checks]
    for line in aligned(rows):
        print(line)
    for check in checks:
        if check.problem:
            print(cleaned(f"\n{check.name}: {check.problem}"))
        if check.mend:
            print(cleaned(f"  mend: {check.mend}"))
    ready = all(check.ok for check in checks)
    print("\nready" if ready else "\nnot ready")
    return 0 if ready else int(ExitCode.NOT_READY)


def _check_policy() -> Check:
    from perfpilot.domain.errors import PolicyError
    from perfpilot.tools.jmeter.doctor import Check
    from perfpilot.tools.spec.policy import load_policy

    path = os.environ.get("PERFPILOT_POLICY", "")
    try:
        load_policy(path)
    except PolicyError as error:
        return Check(
            name="policy", ok=False, found="unusable", where=path, problem=error.problem, mend=error.mend
        )
    return Check(name="policy", ok=True, found="read" if path else "built-in defaults", where=path)
