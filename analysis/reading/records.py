"""Cuts the bytes of a result file into plain lines: one record a line, no quoted field left.

JMeter quotes a field only where it holds a delimiter, a quote or a line break, and doubles quotes inside
(`CSVSaveService.quoteDelimiters`). So nearly every line is plain and never looked at here; a quoted record is
rewritten with stand-in bytes for its delimiters and line breaks, and a quote anywhere else means damage.
"""

from __future__ import annotations

from typing import NamedTuple

from perfpilot.analysis.reading.grammar import COMMA, Grammar

LONGEST_RECORD = 1024 * 1024
MOST_LINES = 1000
"""Bounds of one record. A quote that stays open longer is damage: reading goes on at the next line."""

PAD = bytes(16)
"""Stands before and after the lines of a block, so that no word around a field reaches outside."""

DAMAGED_LINE = b'"\n'
"""Stands for a line whose quotes do not match. It can't be a row: it has one column, a row four or more."""


class Block(NamedTuple):
    """Plain lines, each ending in a line feed."""

    columns: tuple[str, ...]  # of the header above them; empty: none was seen yet
    padded: bytes  # the lines between two PAD
    folded: tuple[tuple[int, int], ...]  # (offset of a line, further lines that it had in the file)
    first: bool  # these are the lines right below the header

    @property
    def lines(self) -> bytes:
        """The lines alone, as a copy."""
        return self.padded[len(PAD) : -len(PAD)]

    @property
    def folded_lines(self) -> int:
        """Lines of the file that are no lines here."""
        return sum(further for _, further in self.folded)


class RecordSplitter:
    """Feed bytes in any pieces; the blocks that come out do not depend on where the pieces were cut.

    `columns`: those of a file without a header line.
    """

    def __init__(self, grammar: Grammar = COMMA, columns: tuple[str, ...] = ()) -> None:
        self._grammar = grammar
        self._columns = columns
        self._tail = b""  # an unfinished record
        self._return = b""  # a carriage return at the end of a piece: half of a line end, or not
        self._dropping = False  # inside a line longer than any record may be
        self._blocks: list[Block] = []
        self._pieces: list[bytes | memoryview] = []  # joined once: until then no line is copied
        self._folded: list[tuple[int, int]] = []
        self._size = 0
        self._first = False

    def feed(self, chunk: bytes) -> list[Block]:
        """The lines that these bytes complete."""
        data, at = self._behind_tail(self._with_line_feeds(chunk))
        if self._dropping:
            at = data.find(b"\n") + 1
            if not at:
                return []
            self._dropping = False
            self._add(DAMAGED_LINE)
        self._tail = self._split(data, at)
        if len(self._tail) > LONGEST_RECORD:
            self._dropping, self._tail = True, b""
        return self._take_blocks()

    def finish(self) -> tuple[list[Block], bool]:
        """Lines that an open quote held back, and whether unfinished bytes remain after them."""
        while (end := self._tail.find(b"\n") + 1) > 0:
            self._add(DAMAGED_LINE)
            self._tail = self._split(self._tail, end)
        torn = bool(self._tail or self._return) or self._dropping
        self._tail, self._return, self._dropping = b"", b"", False
        return self._take_blocks(), torn

    def _behind_tail(self, chunk: bytes) -> tuple[bytes, int]:
        """What is to be split, and from where; a plain line that these bytes complete is taken out."""
        end = chunk.find(b"\n") + 1
        if not self._tail:
            return chunk, 0
        if not self._columns or not end or b'"' in (line := self._tail + chunk[:end]):
            return self._tail + chunk, 0
        self._add(line)
        return chunk, end

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """CR LF as LF."""
        chunk = self._return + chunk
        if b"\r" not in chunk:
            self._return = b""
            return chunk
        self._return = b"\r" if chunk.endswith(b"\r") else b""
        return chunk.removesuffix(b"\r").replace(b"\r\n", b"\n")

    def _split(self, data: bytes, at: int) -> bytes:
        """Put all whole records from an offset on into blocks; return the unfinished rest."""
        view = memoryview(data)
        while (quote := data.find(b'"', at)) >= 0:
            start = max(data.rfind(b"\n", at, quote) + 1, at)
            self._add(view[at:start])
            record = self._grammar.record.match(data, start)
            if record and self._fold(record[0]):
                at = record.end()
            elif not record and self._may_be_open(data, start):
                return data[start:]
            else:
                end = data.find(b"\n", start) + 1
                if not end:
                    return data[start:]
                self._add(DAMAGED_LINE)
                at = end
        end = data.rfind(b"\n", at) + 1
        if not end:
            return data[at:]
        self._add(view[at:end])
        return data[end:]

    def _may_be_open(self, data: bytes, start: int) -> bool:
        """Whether more bytes could complete the record that starts here."""
        within = len(data) - start <= LONGEST_RECORD and data.count(b"\n", start) <= MOST_LINES
        return within and self._grammar.begun.match(data, start) is not None

    def _fold(self, record: bytes) -> bool:
        """Add a quoted record as a plain line, unless it is none.

        A record over several lines must have every column: a stray quote may have swallowed good lines.
        """
        line, further = self._grammar.plain(record), record.count(b"\n") - 1
        if len(record) > LONGEST_RECORD or further >= MOST_LINES:
            return False
        if further:
            if line.count(self._grammar.delimiter) != len(self._columns) - 1:
                return False
            self._folded.append((self._size, further))
        self._add(line)
        return True

    def _add(self, lines: bytes | memoryview) -> None:
        """Append plain lines to the current block. The first header among them begins a new one."""
        if not self._columns:
            lines = self._find_header(bytes(lines))
        if lines:
            self._pieces.append(lines)
            self._size += len(lines)

    def _find_header(self, lines: bytes) -> bytes:
        """Close the block of what stands above the header; return what stands below it."""
        if b"timeStamp" not in lines:
            return lines
        at = 0
        while (end := lines.find(b"\n", at) + 1) > 0:
            columns = self._grammar.header(lines[at:end])
            if columns:
                self._pieces.append(lines[:at])
                self._close_block()
                self._columns, self._first = columns, True
                return lines[end:]
            at = end
        return lines

    def _close_block(self) -> None:
        if self._size:
            padded = b"".join((PAD, *self._pieces, PAD))
            self._blocks.append(Block(self._columns, padded, tuple(self._folded), self._first))
            self._first = False
        self._pieces, self._folded, self._size = [], [], 0

    def _take_blocks(self) -> list[Block]:
        self._close_block()
        blocks, self._blocks = self._blocks, []
        return blocks
