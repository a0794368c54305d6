"""Cuts the bytes of a result file into plain lines: one record a line, no quoted field left.

JMeter quotes a field only where it holds a comma, a quote or a line break, and doubles quotes inside
(`CSVSaveService.quoteDelimiters`). So nearly every line is plain and never looked at here; a quoted record
is rewritten with stand-in bytes for its commas and line breaks, and a quote anywhere else means damage.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_RECORD = 1024 * 1024
MOST_LINES = 1000
"""Bounds of one record. A quote that stays open longer is damage: reading goes on at the next line."""

REQUIRED = ("timeStamp", "elapsed", "label", "success")
DAMAGED_LINE = b'"\n'
"""Stands for a line whose quotes do not match. It can't be a row: it has one column, a row four or more."""

# Bytes that UTF-8 never uses.
_COMMA, _BREAK = b"\xfd", b"\xfe"
_HIDE = bytes.maketrans(b",\n", _COMMA + _BREAK)
_SHOW = bytes.maketrans(_COMMA + _BREAK, b", ")

_FIELD = rb'(?:"(?:[^"]++|"")*+"|[^",\n]*+)'
_RECORD = re.compile(rb"%b(?:,%b)*+\n" % (_FIELD, _FIELD))
_BEGUN = re.compile(rb'(?:%b,)*+(?:"(?:[^"]++|"")*+"?|[^",\n]*+)\Z' % _FIELD)
_FIELDS = re.compile(rb"(%b)[,\n]" % _FIELD)
_QUOTED = re.compile(rb'"((?:[^"]++|"")*+)"')


class Block(NamedTuple):
    """Plain lines, each ending in a line feed."""

    columns: tuple[str, ...]  # of the header above them; empty: none was seen yet
    lines: bytes
    folded: tuple[tuple[int, int], ...]  # (offset of a line, further lines that it had in the file)
    first: bool  # these are the lines right below the header

    @property
    def folded_lines(self) -> int:
        """Lines of the file that are no lines here."""
        return sum(further for _, further in self.folded)


def shown_text(field: bytes) -> str:
    """A field as text: stand-ins put back, whatever is not UTF-8 replaced."""
    return field.translate(_SHOW).decode("utf-8", "replace")


class RecordSplitter:
    """Feed bytes in any pieces; the blocks that come out do not depend on where the pieces were cut."""

    def __init__(self) -> None:
        self._columns: tuple[str, ...] = ()
        self._tail = b""  # an unfinished record
        self._return = b""  # a carriage return at the end of a piece: half of a line end, or not
        self._dropping = False  # inside a line longer than any record may be
        self._blocks: list[Block] = []
        self._pieces: list[bytes] = []
        self._folded: list[tuple[int, int]] = []
        self._size = 0
        self._first = False

    def feed(self, chunk: bytes) -> list[Block]:
        """The lines that these bytes complete."""
        chunk = self._with_line_feeds(chunk)
        data = self._tail + chunk if self._tail else chunk
        if self._dropping:
            end = data.find(b"\n") + 1
            if not end:
                return []
            self._dropping, data = False, data[end:]
            self._add(DAMAGED_LINE)
        self._tail = self._split(data)
        if len(self._tail) > LONGEST_RECORD:
            self._dropping, self._tail = True, b""
        return self._take_blocks()

    def finish(self) -> tuple[list[Block], bool]:
        """Lines that an open quote held back, and whether unfinished bytes remain after them."""
        while (end := self._tail.find(b"\n") + 1) > 0:
            self._add(DAMAGED_LINE)
            self._tail = self._split(self._tail[end:])
        torn = bool(self._tail or self._return) or self._dropping
        self._tail, self._return, self._dropping = b"", b"", False
        return self._take_blocks(), torn

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """CR LF as LF."""
        chunk = self._return + chunk
        if b"\r" not in chunk:
            self._return = b""
            return chunk
        self._return = b"\r" if chunk.endswith(b"\r") else b""
        return chunk.removesuffix(b"\r").replace(b"\r\n", b"\n")

    def _split(self, data: bytes) -> bytes:
        """Put all whole records into blocks; return the unfinished rest."""
        at = 0
        while (quote := data.find(b'"', at)) >= 0:
            start = max(data.rfind(b"\n", at, quote) + 1, at)
            self._add(data[at:start])
            record = _RECORD.match(data, start)
            if record and self._fits(record):
                self._fold(record[0])
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
        self._add(data[at:end])
        return data[end:]

    def _fits(self, record: re.Match[bytes]) -> bool:
        """A record over several lines must have every column: a stray quote may have swallowed good lines."""
        text = record[0]
        breaks = text.count(b"\n")
        if len(text) > LONGEST_RECORD or breaks > MOST_LINES:
            return False
        return breaks == 1 or len(_FIELDS.findall(text)) == len(self._columns)

    def _may_be_open(self, data: bytes, start: int) -> bool:
        """Whether more bytes could complete the record that starts here."""
        within = len(data) - start <= LONGEST_RECORD and data.count(b"\n", start) <= MOST_LINES
        return within and _BEGUN.match(data, start) is not None

    def _fold(self, record: bytes) -> None:
        further = record.count(b"\n") - 1
        if further:
            self._folded.append((self._size, further))
        self._add(_QUOTED.sub(_unquoted, record))

    def _add(self, lines: bytes) -> None:
        """Append plain lines to the current block. The first header among them begins a new one."""
        if not self._columns and b"timeStamp" in lines:
            lines = self._find_header(lines)
        if lines:
            self._pieces.append(lines)
            self._size += len(lines)

    def _find_header(self, lines: bytes) -> bytes:
        """Close the block of what stands above the header; return what stands below it."""
        at = 0
        while (end := lines.find(b"\n", at) + 1) > 0:
            columns = header_columns(lines[at:end])
            if columns:
                self._pieces.append(lines[:at])
                self._close_block()
                self._columns, self._first = columns, True
                return lines[end:]
            at = end
        return lines

    def _close_block(self) -> None:
        lines = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        if lines:
            self._blocks.append(Block(self._columns, lines, tuple(self._folded), self._first))
            self._first = False
        self._pieces, self._folded, self._size = [], [], 0

    def _take_blocks(self) -> list[Block]:
        self._close_block()
        blocks, self._blocks = self._blocks, []
        return blocks


def header_columns(line: bytes) -> tuple[str, ...]:
    """The column names in a plain line, or nothing if it is no header."""
    if b"timeStamp" not in line:
        return ()
    names = tuple(line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\n").split(","))
    return names if set(REQUIRED) <= set(names) else ()


def _unquoted(field: re.Match[bytes]) -> bytes:
    return field[1].replace(b'""', b'"').translate(_HIDE)
