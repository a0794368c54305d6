"""Options that several verbs share, and the types of their values."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

RUN_HELP = "a run: its id, the unique beginning of one, 'last', or the path of its directory"


def add_runs_directory(parser: argparse.ArgumentParser) -> None:
    """`--runs DIR`: `options.runs_dir` is a Path."""
    parser.add_argument(
        "--runs", dest="runs_dir", type=Path, metavar="DIR", default=default_runs_directory(),
        help="where runs are kept (default: $PERFPILOT_RUNS, or ./runs)",
    )  # fmt: skip


def default_runs_directory() -> Path:
    """`$PERFPILOT_RUNS`, or `runs` in the working directory."""
    return Path(os.environ.get("PERFPILOT_RUNS") or "runs")


def add_jmeter_home(parser: argparse.ArgumentParser) -> None:
    """`--jmeter-home DIR`: `options.jmeter_home` is a text or None."""
    parser.add_argument(
        "--jmeter-home", metavar="DIR", help="a JMeter to use (default: JMETER_HOME, or an installed one)"
    )


def add_showing(parser: argparse.ArgumentParser) -> None:
    """`--json`: progress moves to stderr, so that stdout holds the result and nothing else."""
    parser.add_argument(
        "--json", action="store_true", help="print result.json on stdout, everything else on stderr"
    )


def add_no_model(parser: argparse.ArgumentParser) -> None:
    """`--no-model`."""
    parser.add_argument(
        "--no-model", action="store_true", help="rules only, even where a model is configured"
    )


def positive_number(text: str) -> float:
    """A number above 0, for argparse."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number


def positive_integer(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    return _at_least(1, text)


def natural(text: str) -> int:
    """A whole number of at least 0, for argparse."""
    return _at_least(0, text)


def duration_s(text: str) -> float:
    """Seconds in `90s` or `5m`, for argparse."""
    from perfpilot.domain.units import parse_duration_s

    try:
        seconds = parse_duration_s(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"{text} is no time at all")
    return seconds


def share(text: str) -> float:
    """A share in `5%` or `0.05`, for argparse."""
    from perfpilot.domain.units import parse_share

    try:
        return parse_share(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _at_least(least: int, text: str) -> int:
    number = int(text)
    if number < least:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least {least}")
    return number
