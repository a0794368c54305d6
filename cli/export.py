"""write the figures of all runs as CSV or JSON, a row for each run and endpoint"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from perfpilot.cli.arguments import add_runs_directory

if TYPE_CHECKING:
    from perfpilot.domain.history import PastFigures, PastRun
    from perfpilot.tools.history.store import History

Row = dict[str, str | int | float | bool | None]

RUN_COLUMNS = (
    "run_id", "test_name", "started_ms", "status", "verdict", "decided_by", "source", "test_type",
    "environment", "base_url", "load", "limited", "capacity_per_s",
)  # fmt: skip
FIGURE_COLUMNS = (
    "label", "count", "errors", "error_rate", "rate_per_s", "throughput_per_s", "mean_ms", "p50_ms", "p90_ms",
    "p95_ms", "p99_ms", "p999_ms", "max_ms",
)  # fmt: skip

EXAMPLES = """\
The row with an empty label holds all endpoints pooled. A run without figures has one row without them.
Times are milliseconds of the steady phase, error_rate is a share (0.01 is one per cent).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`export [TEST] [--format csv|json] [-o FILE]`."""
    parser.add_argument("test", metavar="TEST", nargs="?", default="", help="one test only (default: all)")
    parser.add_argument("--format", choices=("csv", "json"), default="csv", help="default: csv")
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="write FILE instead of stdout")
    parser.add_argument("--force", action="store_true", help="replace FILE where it exists")
    add_runs_directory(parser)


def run(options: argparse.Namespace) -> int:
    """Write row by row: memory does not grow with the history."""
    import asyncio

    if options.out is None:
        asyncio.run(_export(options, sys.stdout))
        return 0
    with _whole_or_none(options.out, options.force) as file:
        rows = asyncio.run(_export(options, file))
    print(f"wrote {rows} rows to {options.out}")
    return 0


async def _export(options: argparse.Namespace, file: TextIO) -> int:
    from perfpilot.cli.past_runs import known_test
    from perfpilot.tools.history.store import open_history

    async with open_history(options.runs_dir) as history:
        if options.test:
            await known_test(history, options.test)
        else:
            await history.latest(limit=1)  # what can't be read fails before anything is written
        write = _write_json if options.format == "json" else _write_csv
        return await write(file, _rows(history, options))


async def _rows(history: History, options: argparse.Namespace) -> AsyncIterator[Row]:
    from perfpilot.tools.history.completing import complete

    last: PastRun | None = None
    while page := await history.following(last, options.test):
        if await complete(history, options.runs_dir, page):
            page = await history.following(last, options.test)
        for past in await history.with_figures(page):
            for row in _rows_of(past):
                yield row
        last = page[-1]


def _rows_of(past: PastFigures) -> Iterator[Row]:
    run = {name: getattr(past.run, name) for name in RUN_COLUMNS}
    for figures in past.labels:
        yield run | {name: getattr(figures, name) for name in FIGURE_COLUMNS}
    if not past.labels:
        yield run | dict.fromkeys(FIGURE_COLUMNS)


async def _write_csv(file: TextIO, rows: AsyncIterator[Row]) -> int:
    from perfpilot.reporting.spreadsheet import cell

    shown = lru_cache(4096)(cell)  # the same few texts stand in every row
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow((*RUN_COLUMNS, *FIGURE_COLUMNS))
    count = 0
    async for row in rows:
        writer.writerow(shown(value) if isinstance(value, str) else value for value in row.values())
        count += 1
    return count


async def _write_json(file: TextIO, rows: AsyncIterator[Row]) -> int:
    """One array, an object a line."""
    count = 0
    async for row in rows:
        file.write(("[\n" if not count else ",\n") + json.dumps(row))
        count += 1
    file.write("\n]\n" if count else "[]\n")
    return count


@contextmanager
def _whole_or_none(path: Path, replace: bool) -> Iterator[TextIO]:
    """A file that appears under its name when it is complete. Raises SpecError as `write_new` does."""
    from perfpilot.domain.errors import SpecError

    if path.exists() and not replace:
        raise SpecError(f"{path} exists and is left as it is", mend="give another -o, or --force")
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise SpecError(
            f"{path} can't be written: {error.strerror or error}", mend="give another name with -o"
        ) from None
    finally:
        with suppress(OSError):
            part.unlink()
