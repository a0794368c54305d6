"""Turns plain lines into numpy columns without a loop over rows.

All separators of a block are found at once; with w columns every w-th one ends a line. Numbers are read eight
digits at a time as one 64-bit word (the SWAR method, D. Lemire, "Quickly parsing eight digits", 2018).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.reading.grammar import COMMA, REQUIRED, Grammar
from perfpilot.analysis.reading.records import DAMAGED_LINE, LONGEST_RECORD
from perfpilot.analysis.reading.stamps import StampPattern
from perfpilot.analysis.rows import BoolColumn, IntColumn

_SAMPLES = "SampleCount"  # 1, or the samples that a row of sums stands for: such a row has no response time
NUMBERS = ("elapsed", "bytes", "Connect", "Latency", "allThreads", _SAMPLES)
"""Columns of whole numbers beside `timeStamp`; all but `elapsed` may be missing from a file."""

_PAD = 16  # bytes before and after the lines, so that a word never begins or ends outside
_MOST_DIGITS = 15  # more would not be exact as a float of 53 bits
_ZEROS = np.uint64(0x3030303030303030)
_WORD = 2**64 - 1
_LAST_BYTES = np.array([(_WORD << (8 * (8 - n))) & _WORD for n in range(9)], np.uint64)
_FIRST_BYTES = np.array([_WORD >> (8 * (8 - n)) if n else 0 for n in range(9)], np.uint64)
_JOINTS = (
    (np.uint64(10), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(100), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(10_000), np.uint64(32), np.uint64(0x00000000FFFFFFFF)),
)
_TRUE, _FALSE = (np.uint64(int.from_bytes(word, "little")) for word in (b"true", b"false"))

Words = NDArray[np.uint64]


class Layout(NamedTuple):
    """Where the columns of a file stand, and how its fields are written."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]  # those of NUMBERS that the file has
    places: IntColumn  # and where they stand
    grammar: Grammar
    stamps: StampPattern | None  # None: epoch milliseconds

    @property
    def width(self) -> int:
        """Columns in a row."""
        return len(self.names)

    def place(self, name: str) -> int | None:
        """Index of a column; None where the file has none of that name."""
        return self.names.index(name) if name in self.names else None


def layout_of(names: tuple[str, ...], grammar: Grammar = COMMA, stamps: StampPattern | None = None) -> Layout:
    """The layout of rows below a header."""
    numbers = tuple(name for name in NUMBERS if name in names)
    places = np.array([names.index(name) for name in numbers], np.int64)
    return Layout(names, numbers, places, grammar, stamps)


class Table:
    """The good rows of a block: numbers, success, and where the texts stand.

    `bad_lines` and `bad_starts` are the indices and byte offsets of the lines that are no rows.
    """

    def __init__(self, lines: bytes, layout: Layout) -> None:
        self.layout = layout
        self.lines = lines
        padded = np.frombuffer(b"".join((bytes(_PAD), lines, bytes(_PAD))), np.uint8)
        self._raw = padded[_PAD:-_PAD]
        # words[i] holds the eight bytes from i of `padded`, for every i: a view, nothing is copied.
        self.words: Words = np.lib.stride_tricks.as_strided(
            padded[:8].view("<u8"), shape=(len(padded) - 7,), strides=(1,)
        )
        self._find_rows()
        self._read_numbers()

    @property
    def count(self) -> int:
        """Number of good rows."""
        return len(self._starts)

    def span(self, place: int) -> tuple[IntColumn, IntColumn]:
        """Offset and length of a field in every row."""
        starts = self._separators[:, place - 1] + 1 if place else self._starts
        return starts, self._separators[:, place] - starts

    def first_word(self, starts: IntColumn, lengths: IntColumn) -> Words:
        """The first eight bytes of fields, zero where a field is shorter."""
        return self.words[starts + _PAD] & _FIRST_BYTES[np.minimum(lengths, 8)]

    def word(self, starts: IntColumn) -> Words:
        """The eight bytes that begin at these offsets."""
        return self.words[starts + _PAD]

    def text(self, place: int, row: int) -> bytes:
        """One field."""
        start = int(self._separators[row, place - 1]) + 1 if place else int(self._starts[row])
        return self.lines[start : int(self._separators[row, place])]

    def _find_rows(self) -> None:
        width = self.layout.width
        feeds = self._raw == ord("\n")
        self.line_count = int(np.count_nonzero(feeds))
        separators = np.flatnonzero(feeds | (self._raw == ord(self.layout.grammar.delimiter)))
        ends = separators[width - 1 :: width]
        if len(separators) == self.line_count * width and bool(feeds[ends].all()):
            good = None
        else:
            at = np.flatnonzero(feeds[separators])
            ends, widths = separators[at], np.diff(at, prepend=-1)
            good = widths == width
            separators = separators[: int(widths.sum())][np.repeat(good, widths)]
        starts = np.empty(len(ends), np.int64)
        starts[:1] = 0
        starts[1:] = ends[:-1] + 1
        too_long = ends - starts >= LONGEST_RECORD
        self._separators: IntColumn = separators.reshape(-1, width)
        self._starts, self.bad_starts = starts, starts[:0]
        self.bad_lines: IntColumn = self.bad_starts
        self._lines_of_rows: IntColumn | None = None
        if good is not None:
            self._starts, self.bad_starts = starts[good], starts[~good]
            self.bad_lines, self._lines_of_rows = np.flatnonzero(~good), np.flatnonzero(good)
            too_long = too_long[good]
        if too_long.any():
            self._drop(too_long)

    def _read_numbers(self) -> None:
        stamps, bad = self._read_stamps()
        by_place = self._separators.T
        ends = by_place[self.layout.places]
        starts = by_place[self.layout.places - 1] + 1
        starts[self.layout.places == 0] = self._starts
        table, bad_numbers = self._whole_numbers(ends, ends - starts)
        success, neither = self._read_success()
        if _SAMPLES in self.layout.numbers:
            bad |= table[self.layout.numbers.index(_SAMPLES)] != 1
        if bad.any() or bad_numbers.any() or neither.any():
            good = ~(bad | bad_numbers.any(axis=0) | neither)
            self._drop(~good)
            stamps, table, success = stamps[good], table[:, good], success[good]
        self.start_ms, self.success = stamps, success
        self.numbers = dict(zip(self.layout.numbers, table, strict=True))

    def _read_stamps(self) -> tuple[IntColumn, BoolColumn]:
        """Start times as epoch milliseconds, and which of them are none."""
        starts, lengths = self.span(self.layout.names.index("timeStamp"))
        if self.layout.stamps:
            return self.layout.stamps.read(self._raw, starts, lengths)
        return self._whole_numbers(starts + lengths, lengths)

    def _read_success(self) -> tuple[BoolColumn, BoolColumn]:
        """Which rows say true, and which say neither true nor false."""
        starts, lengths = self.span(self.layout.names.index("success"))
        success = ((self.words[starts + _PAD] & _FIRST_BYTES[4]) == _TRUE) & (lengths == 4)
        neither = ~success
        rest = np.flatnonzero(neither)  # few, as a rule
        neither[rest] = (self.first_word(starts[rest], lengths[rest]) != _FALSE) | (lengths[rest] != 5)
        return success, neither

    def _whole_numbers(self, ends: IntColumn, lengths: IntColumn) -> tuple[IntColumn, BoolColumn]:
        """The numbers that end at these offsets, and which of them are none."""
        values, odd = _eight_digits(self.words[ends + (_PAD - 8)], np.minimum(lengths, 8))
        longest, shortest = int(lengths.max(initial=1)), int(lengths.min(initial=1))
        if longest > 8:
            high_lengths = np.minimum(np.maximum(lengths - 8, 0), 8)
            high, high_odd = _eight_digits(self.words[ends + (_PAD - 16)], high_lengths)
            values += high * np.uint64(100_000_000)
            odd |= high_odd
        bad = odd.astype(np.bool_)
        if shortest < 1 or longest > _MOST_DIGITS:
            bad |= (lengths < 1) | (lengths > _MOST_DIGITS)
        return values.view(np.int64), bad

    def _drop(self, bad: BoolColumn) -> None:
        lines = np.arange(self.count) if self._lines_of_rows is None else self._lines_of_rows
        self.bad_lines = np.append(self.bad_lines, lines[bad])
        self.bad_starts = np.append(self.bad_starts, self._starts[bad])
        order = np.argsort(self.bad_lines)
        self.bad_lines, self.bad_starts = self.bad_lines[order], self.bad_starts[order]
        self._lines_of_rows = lines[~bad]
        self._starts, self._separators = self._starts[~bad], self._separators[~bad]


def _eight_digits(words: Words, lengths: IntColumn) -> tuple[Words, Words]:
    """Numbers from the last `lengths` bytes of words, and a word that is not 0 where one is no digit.

    Changes `words`. Neighbours are joined three times: digits to pairs, pairs to fours, fours to eight.
    """
    words ^= _ZEROS
    words &= _LAST_BYTES[lengths]
    # Adding 0x76 carries into the top bit of a byte that is above 9; a top bit set before stays seen by `|`.
    odd = words + np.uint64(0x7676767676767676)
    odd |= words
    odd &= np.uint64(0x8080808080808080)
    for factor, shift, mask in _JOINTS:
        right = words >> shift
        words *= factor
        words += right
        words &= mask
    return words, odd


def what_is_wrong(line: bytes, layout: Layout | None) -> str:
    """Why a line is no row, in words that hold nothing of the line itself."""
    if layout is None:
        return f"no header with {', '.join(REQUIRED)} above it"
    if line + b"\n" == DAMAGED_LINE:
        return "a quote that is not closed, or stands inside a field"
    if not line.strip():
        return "empty line"
    if len(line) >= LONGEST_RECORD:
        return f"longer than {LONGEST_RECORD} bytes"
    fields = line.split(layout.grammar.delimiter)
    if len(fields) != layout.width:
        return f"wrong column count ({len(fields)} of {layout.width})"
    if layout.stamps and not layout.stamps.matches(fields[layout.names.index("timeStamp")]):
        return f"timeStamp is not a time such as {layout.stamps.text}"
    for name in layout.numbers if layout.stamps else ("timeStamp", *layout.numbers):
        if not fields[layout.names.index(name)].isdigit():
            return f"{name} is not a whole number"
    if fields[layout.names.index("success")] not in (b"true", b"false"):
        return "success is neither true nor false"
    if _SAMPLES in layout.numbers and int(fields[layout.names.index(_SAMPLES)]) != 1:
        return "sums of several samples, not one"
    return "a number has too many digits"
