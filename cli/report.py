"""write the reports of a run anew from its result.json"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from perfpilot.cli.arguments import RUN_HELP, add_runs_directory

if TYPE_CHECKING:
    from perfpilot.domain.result import Charts, Result

FILES = {"html": "report.html", "markdown": "report.md", "junit": "junit.xml", "csv": "endpoints.csv"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`report RUN [--format FORMAT ...]`."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument(
        "--format", action="append", choices=list(FILES), help="one format, may be repeated (default: all)"
    )
    add_runs_directory(parser)


def run(options: argparse.Namespace) -> int:
    """Write the reports and print where they are. They show the figures of result.json and no others."""
    from perfpilot.cli.run_names import find_run
    from perfpilot.domain.result import Charts, Result
    from perfpilot.tools.history.manifest import renew_manifest

    directory = find_run(options.run, options.runs_dir)
    result = directory.read("result.json", Result)
    charts = directory.read_or_none("charts.json", Charts)
    written = [FILES[name] for name in dict.fromkeys(options.format or FILES)]
    for name in FILES:
        if FILES[name] in written:
            print(directory.write_text(FILES[name], _rendered(name, result, charts)))
    renew_manifest(directory, written)
    return 0


def _rendered(name: str, result: Result, charts: Charts | None) -> str:
    if name == "html":
        from perfpilot.reporting.html import render_html

        return render_html(result, charts)
    if name == "markdown":
        from perfpilot.reporting.markdown import render_markdown

        return render_markdown(result)
    if name == "junit":
        from perfpilot.reporting.junit import render_junit

        return render_junit(result)
    from perfpilot.reporting.spreadsheet import render_csv

    return render_csv(result)
