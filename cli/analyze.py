"""judge a result file that JMeter wrote elsewhere

The same figures, reports and exit codes as of a run. Nothing is sent, and the file is not copied.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from perfpilot.cli.arguments import add_no_model, add_runs_directory, add_showing

EXAMPLES = """\
examples:
  perfpilot analyze results.jtl --threshold 'p95 < 400ms' --threshold 'error_rate < 1%'
  perfpilot analyze results.jtl --spec checkout.yaml
  perfpilot analyze new.jtl --baseline old.jtl --threshold 'change(p95, baseline) <= 10%'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`analyze FILE` and what it is held against."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a CSV result file of JMeter's (-l)")
    parser.add_argument(
        "--spec", metavar="SPEC", type=Path,
        help="the description of the load: its thresholds, and which load was asked",
    )  # fmt: skip
    parser.add_argument(
        "--threshold", dest="thresholds", metavar="LINE", action="append", default=[],
        help="a limit such as 'p95(checkout) < 400ms'; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--baseline", metavar="FILE", help="another result file to compare with, or the id of a run"
    )
    parser.add_argument("--name", default="", help="of the test (default: the description's, or the file's)")
    add_runs_directory(parser)
    add_showing(parser)
    add_no_model(parser)


def run(options: argparse.Namespace) -> int:
    """Analyse the file and print the summary; the exit code says what came out."""
    import asyncio
    import sys

    from perfpilot.cli.driving import finish
    from perfpilot.cli.live.lines import LiveLines
    from perfpilot.cli.words import Words
    from perfpilot.graph import session

    words = Words(sys.stderr if options.json else sys.stdout)
    words.line(f"reading {options.file}")
    result = asyncio.run(
        session.analyze(
            options.file,
            spec=options.spec,
            thresholds=options.thresholds,
            baseline=options.baseline,
            name=options.name,
            runs_dir=options.runs_dir,
            use_model=not options.no_model,
            watch=LiveLines(words),
        )
    )
    return finish(result, options.runs_dir, json=options.json)
