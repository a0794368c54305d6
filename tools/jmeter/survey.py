"""The first pass over a result file that JMeter wrote elsewhere: its format, labels, length and series."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perfpilot.analysis.counting.second_series import SecondSeries, resized
from perfpilot.analysis.label_kinds import PART_PREFIX, SUMS_UP, LabelKinds
from perfpilot.analysis.reading.file_format import FIRST_BYTES, FileFormat, recognise
from perfpilot.analysis.reading.reader import PIECE, ResultReader
from perfpilot.analysis.rows import Rows, labelled
from perfpilot.domain.errors import ResultFileError
from perfpilot.domain.labels import TRANSACTION_PREFIX, is_measured, is_transaction
from perfpilot.domain.measure import FileHealth, Series
from perfpilot.domain.plan import Plan
from perfpilot.tools.jmeter.row_spool import RowSpool

_LONGEST_S = 7 * 24 * 3600
"""A file is looked at for so long; a damaged time stamp behind it can't fill the memory."""

_FIRST_ROWS = 1000
"""The series begins with the earliest start among so many: fewer than a piece has, whatever its size."""

_NAMES_SHOWN = 3


@dataclass(frozen=True)
class Survey:
    """What a result file is like. Transactions and parts of samples have names of their own."""

    path: Path
    format: FileFormat
    stat: os.stat_result
    sha256: str
    names: tuple[str, ...]  # by label number
    codes: tuple[str, ...]  # response codes by number
    counts: Mapping[str, int]  # rows by name
    health: FileHealth
    series: Series
    first_ms: int
    last_ms: int  # the end of the last sample
    notes: tuple[str, ...]

    @property
    def length_s(self) -> float:
        """From the first start to the last end."""
        return (self.last_ms - self.first_ms) / 1000

    @property
    def measured(self) -> dict[str, int]:
        """Samples by label."""
        return {name: count for name, count in self.counts.items() if is_measured(name)}


def survey(path: Path, spool: RowSpool, *, transactions: bool = False) -> Survey:
    """Read the file once. Blocks; raises ResultFileError where it can't be read.

    `spool` takes its rows for a second pass. `transactions`: count them as samples.
    """
    format_ = _recognised(path)
    reader, kinds, digest = reader_of(format_), LabelKinds(format_.delimiter), hashlib.sha256()
    seconds = SecondSeries(_LONGEST_S)
    counts = np.zeros(0, np.int64)  # rows by label number
    began_ms = first_ms = last_ms = summed_up = 0
    stat = path.stat()
    spool.begin()
    for piece, rows in pieces(path, reader, stat.st_size):
        digest.update(piece)
        kinds.learn(reader.labels, piece, rows)
        if any(map(is_transaction, kinds.names)):
            summed_up += piece.count(SUMS_UP)
        names = reader.labels if transactions else kinds.names
        if not rows.size:
            continue
        spool.add(rows)
        ended_ms = rows.start_ms + rows.elapsed_ms
        earliest_ms = int(rows.start_ms.min())
        if not counts.any():
            began_ms, first_ms = int(rows.start_ms[:_FIRST_ROWS].min()), earliest_ms
        first_ms, last_ms = min(first_ms, earliest_ms), max(last_ms, int(ended_ms.max()))
        counts = resized(counts, len(reader.labels)) + np.bincount(rows.label, minlength=len(reader.labels))
        measured = labelled(rows, names, is_measured)
        seconds.add((measured.start_ms + measured.elapsed_ms - began_ms) // 1000, measured)
    named = tuple(reader.labels if transactions else kinds.names)
    by_name = {named[number]: int(counts[number]) for number in np.flatnonzero(counts).tolist()}
    if not transactions and _only_transactions(by_name):
        return survey(path, spool, transactions=True)
    notes = _notes(by_name, summed_up)
    if transactions:
        notes = ("every row is a transaction: they are counted as the samples",)
    series = seconds.series(began_ms, max(seconds.seconds, math.ceil((last_ms - first_ms) / 1000)))
    health = reader.health()
    _refuse_no_rows(path, health)
    return Survey(
        path=path,
        format=format_,
        stat=stat,
        sha256=digest.hexdigest(),
        names=named,
        codes=tuple(reader.codes),
        counts=by_name,
        health=health,
        series=series,
        first_ms=first_ms,
        last_ms=last_ms,
        notes=(*format_.notes, *notes),
    )


def _recognised(path: Path) -> FileFormat:
    try:
        if path.is_dir():
            raise ResultFileError(f"{path} is a directory", mend="name the result file in it")
        with path.open("rb") as file:
            first = file.read(FIRST_BYTES)
    except FileNotFoundError:
        raise ResultFileError(f"{path} does not exist", mend="name the file that JMeter's -l wrote") from None
    except OSError as error:
        problem = f"{path} can't be read: {error.strerror or error}"
        raise ResultFileError(problem, mend="make it readable for this user") from None
    try:
        return recognise(first)
    except ResultFileError as error:
        raise ResultFileError(f"{path}: {error.problem}", mend=error.mend) from None


def reader_of(format_: FileFormat) -> ResultReader:
    """A reader for a file like that."""
    return ResultReader(format_)


def _refuse_no_rows(path: Path, health: FileHealth) -> None:
    if health.rows or not health.rejected:
        return
    problem = f"{path}: none of its {health.rejected:,} lines could be read, the first at {health.rejects[0]}"
    raise ResultFileError(problem, mend="let JMeter write CSV with a header line and its default columns")


def pieces(path: Path, reader: ResultReader, size: int) -> Iterator[tuple[bytes, Rows]]:
    """Pieces of the file with the rows that each completed. What is appended meanwhile is left alone."""
    with path.open("rb") as file:
        while size > 0 and (piece := file.read(min(PIECE, size))):
            size -= len(piece)
            yield piece, reader.feed(piece)
    yield b"", reader.finish()


def _only_transactions(counts: Mapping[str, int]) -> bool:
    """Whether transaction controllers wrote one row in the place of those of their samples."""
    return any(map(is_transaction, counts)) and not any(map(is_measured, counts))


def _notes(counts: Mapping[str, int], summed_up: int) -> tuple[str, ...]:
    """Sentences on rows that are no samples."""
    transactions = {name: n for name, n in counts.items() if is_transaction(name)}
    parts = {name: n for name, n in counts.items() if name.startswith(PART_PREFIX)}
    notes = []
    if transactions:
        these = some_of(name.removeprefix(TRANSACTION_PREFIX) for name in transactions)
        total = sum(transactions.values())
        notes.append(f"{total:,} rows are transactions ({these}): shown as journeys, counted by no threshold")
        if summed_up > total:
            notes.append("some labels stand for transactions and for samples alike: their figures are mixed")
    if parts:
        these = some_of(name.removeprefix(PART_PREFIX) for name in parts)
        notes.append(
            f"{sum(parts.values()):,} rows are parts of other samples ({these}), such as redirects or "
            "embedded resources: their times are within those of their samples, and they are left out"
        )
    return tuple(notes)


def some_of(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    several = list(names)
    more = len(several) - _NAMES_SHOWN
    return ", ".join(several[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def unasked_plan(from_s: float, to_s: float, length_s: float = 0.0) -> Plan:
    """The plan of a load of which nothing is known but its phases."""
    return Plan(
        attempt=1,
        scenarios=(),
        duration_s=to_s,
        warm_up_s=from_s,
        peak_rate_per_s=0.0,
        users=0,
        expected_samples=0.0,
        connect_timeout_s=0.0,
        response_timeout_s=max(length_s - to_s, 0.0),  # series reach so far behind the steady phase
    )
