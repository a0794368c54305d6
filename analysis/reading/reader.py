"""`ResultReader`: JMeter's CSV result file, read incrementally. One reader serves live and afterwards."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.reading.columns import Layout, Table, layout_of, what_is_wrong
from perfpilot.analysis.reading.file_format import FileFormat
from perfpilot.analysis.reading.grammar import Grammar
from perfpilot.analysis.reading.records import PAD, Block, RecordSplitter
from perfpilot.analysis.reading.stamps import StampPattern
from perfpilot.analysis.reading.texts import TextNumbers
from perfpilot.analysis.rows import ABSENT, FailureText, IntColumn, Rows, joined, no_rows
from perfpilot.domain.measure import FileHealth

MOST_LABELS = 1000
MOST_CODES = 300
MOST_EXAMPLES = 500
REJECTS_SHOWN = 10
EXAMPLE_CHARACTERS = 200

PIECE = 2 * 1024 * 1024
"""Bytes to feed at a time: half of it costs a sixth more a row, more gains little and takes memory."""

_NO_STATUS = b"Non HTTP response code"


class ResultReader:
    """Feed the bytes of a result file in pieces of any size; each call returns the samples they complete.

    Columns are found by the names in the header: any order, any of them may be missing except timeStamp,
    elapsed, label and success. Nothing raises, whatever the bytes: a line that is no row is counted and
    located (`health`), an unfinished last record is held back, a repeated header is accepted and counted.
    Below a header with other columns nothing is read: no file of one JMeter start has one.
    Memory is bounded by the size of a chunk plus one record (1 MiB at most).

    `form`: what the file is like (`recognise` finds it). Without it: a header line, commas, and time stamps
    in epoch milliseconds, as perfpilot's plans have them.

    Limit: in a file whose quotes are damaged, text within an open quote may be read as rows; `health` shows
    rejects.
    """

    def __init__(self, form: FileFormat = FileFormat()) -> None:  # noqa: B008 - it is frozen
        _keep_freed_memory()
        self._grammar = Grammar(form.delimiter.encode())
        self._stamps = StampPattern(form.timestamps, self._grammar) if form.timestamps else None
        self._splitter = RecordSplitter(self._grammar, () if form.header else form.columns)
        self._labels = TextNumbers(MOST_LABELS)
        self._codes = TextNumbers(MOST_CODES)
        self._failed_pairs: set[tuple[int, int]] = set()
        self._layout: Layout | None = None
        self._other_header = False
        self._extra_headers = 0
        self._line = 1  # number of the next line of the file
        self._rows = 0
        self._rejected = 0
        self._rejects: list[str] = []
        self._torn = False

    @property
    def labels(self) -> list[str]:
        """Label texts by number. The list itself grows while reading."""
        return self._labels.texts

    @property
    def codes(self) -> list[str]:
        """Response codes by number, as JMeter wrote them. The list itself grows while reading."""
        return self._codes.texts

    def feed(self, chunk: bytes) -> Rows:
        """The samples that these bytes complete, in file order."""
        return self._read(self._splitter.feed(chunk))

    def finish(self) -> Rows:
        """End of file: samples that a stray quote held back. To be called once, after the last feed."""
        blocks, self._torn = self._splitter.finish()
        rejected, rejects = self._rejected, list(self._rejects)
        rows = self._read(blocks)
        if blocks and not rows.size:
            # No whole row behind the open quote: the record itself was cut, inside its message.
            self._rejected, self._rejects, self._torn = rejected, rejects, True
        return rows

    def health(self) -> FileHealth:
        """What the file was like so far. `torn_tail` is known only after `finish`."""
        return FileHealth(
            rows=self._rows,
            rejected=self._rejected,
            rejects=tuple(self._rejects),
            torn_tail=self._torn,
            extra_headers=self._extra_headers,
        )

    def _read(self, blocks: list[Block]) -> Rows:
        rows = joined([self._read_block(block) for block in blocks])
        self._rows += rows.size
        return rows

    def _read_block(self, block: Block) -> Rows:
        self._line += block.first
        if not block.columns or self._other_header:
            self._reject_all(block, 0, 0)
            self._line += block.lines.count(b"\n") + block.folded_lines
            return no_rows()
        self._layout = self._layout or layout_of(block.columns, self._grammar, self._stamps)
        table = Table(block.padded, self._layout)
        lines = table.line_count + block.folded_lines
        if len(table.bad_lines):
            table = self._sort_out(block, table, self._layout)
        self._line += lines
        return self._rows_of(table)

    def _sort_out(self, block: Block, table: Table, layout: Layout) -> Table:
        """Count the bad lines of a block. A repeated header is none; below another header nothing counts."""
        bad, starts = table.bad_lines, table.bad_starts
        rejected = np.ones(len(bad), np.bool_)
        for at, start in enumerate(starts.tolist()):
            columns = self._grammar.header(_line_at(block, start))
            if columns == layout.names:
                self._extra_headers += 1
                rejected[at] = False
            elif columns:
                self._reject(block, bad[:at][rejected[:at]], starts[:at][rejected[:at]])
                self._other_header = True
                self._reject_all(block, int(bad[at]), start)
                return Table(PAD + block.lines[:start] + PAD, layout)
        self._reject(block, bad[rejected], starts[rejected])
        return table

    def _rows_of(self, table: Table) -> Rows:
        place = table.layout.place
        labels = self._labels.of_column(table, place("label"))
        codes = self._codes.of_column(table, place("responseCode"))
        return Rows(
            start_ms=table.start_ms,
            elapsed_ms=table.numbers["elapsed"],
            label=labels,
            code=codes,
            success=table.success,
            received_bytes=_column(table, "bytes"),
            connect_ms=_column(table, "Connect"),
            latency_ms=_column(table, "Latency"),
            users=_column(table, "allThreads"),
            failures=() if table.success.all() else self._new_failures(table, labels, codes),
        )

    def _new_failures(self, table: Table, labels: IntColumn, codes: IntColumn) -> tuple[FailureText, ...]:
        """One message for each pair of label and code that fails here for the first time."""
        failed = np.flatnonzero(~table.success)
        pairs = list(zip(labels[failed].tolist(), codes[failed].tolist(), strict=True))
        if self._failed_pairs.issuperset(pairs):
            return ()
        found = []
        for row, pair in zip(failed.tolist(), pairs, strict=True):
            if pair not in self._failed_pairs and len(self._failed_pairs) < MOST_EXAMPLES:
                self._failed_pairs.add(pair)
                found.append(FailureText(*pair, _message(table, row)))
        return tuple(found)

    def _reject_all(self, block: Block, line: int, start: int) -> None:
        """Reject a block from a line on, which begins at that offset."""
        ends = np.flatnonzero(np.frombuffer(block.lines, np.uint8)[start:] == ord("\n")) + start
        starts = np.concatenate([[start], ends[:-1] + 1])
        self._reject(block, np.arange(line, line + len(starts)), starts)

    def _reject(self, block: Block, lines: IntColumn, starts: IntColumn) -> None:
        self._rejected += len(lines)
        room = REJECTS_SHOWN - len(self._rejects)
        for line, start in zip(lines[:room].tolist(), starts[:room].tolist(), strict=True):
            number = self._line + line + sum(further for offset, further in block.folded if offset < start)
            why = "below a header with other columns"
            if not self._other_header:
                why = what_is_wrong(_line_at(block, start), self._layout)
            self._rejects.append(f"line {number}: {why}")


def _keep_freed_memory() -> None:
    """Let the allocator keep what a block of the file needed for the next one, in large pages.

    glibc gives freed memory back to the system, and clears it when it is taken anew: a fifth of the cost of
    reading. How much it keeps follows the largest block that was freed, 32 MiB at most (mallopt(3),
    M_MMAP_THRESHOLD), so one is freed here. The second one comes from the heap itself, for which numpy then
    asks for large pages, as for every array of 4 MiB (NUMPY_MADVISE_HUGEPAGE): a sixteenth of the cost.
    Neither is ever written to, and takes memory.
    """
    for _ in range(2):
        np.empty(30 * 1024 * 1024, np.uint8)


def _line_at(block: Block, start: int) -> bytes:
    at = len(PAD) + start
    return block.padded[at : block.padded.find(b"\n", at)]


def _column(table: Table, name: str) -> IntColumn:
    return table.numbers[name] if name in table.numbers else np.full(table.count, ABSENT, np.int64)


def _message(table: Table, row: int) -> str:
    """Why a sample failed: the assertion's message if there is one, else the response message.

    Assertions run without an answer too, and what they say of it is not why the sample failed.
    """
    code = table.layout.place("responseCode")
    unanswered = code is not None and table.text(code, row).startswith(_NO_STATUS)
    names = ("failureMessage", "responseMessage")
    for name in reversed(names) if unanswered else names:
        place = table.layout.place(name)
        if place is not None and (field := table.text(place, row)):
            # Text from the target is hostile: one line, printable, short.
            shown = "".join(
                c if c.isprintable() else " "
                for c in table.layout.grammar.shown(field[: 8 * EXAMPLE_CHARACTERS])
            )
            return " ".join(shown.split())[:EXAMPLE_CHARACTERS]
    return ""
