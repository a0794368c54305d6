"""Turns plain lines into numpy columns without a loop over rows.

All separators of a block are found at once; with w columns every w-th one ends a line. Numbers are read eight
digits at a time as one 64-bit word (the SWAR method, D. Lemire, "Quickly parsing eight digits", 2018).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.reading.grammar import COMMA, REQUIRED, Grammar
from perfpilot.analysis.reading.records import DAMAGED_LINE, LONGEST_RECORD, PAD
from perfpilot.analysis.reading.stamps import StampPattern
from perfpilot.analysis.rows import BoolColumn, IntColumn

_SAMPLES = "SampleCount"  # 1, or the samples that a row of sums stands for: such a row has no response time
NUMBERS = ("elapsed", "bytes", "Connect", "Latency", "allThreads", _SAMPLES)
"""Columns of whole numbers beside `timeStamp`; all but `elapsed` may be missing from a file."""

_MOST_DIGITS = 15  # more would not be exact as a float of 53 bits
_WORD_BYTES = 8
_ZEROS = np.uint64(0x3030303030303030)
_ABOVE_9 = np.uint64(0x7676767676767676)
_TOP_BITS = np.uint64(0x8080808080808080)
_WORD = 2**64 - 1
_LAST_BYTES = np.array([(_WORD << (8 * (8 - n))) & _WORD for n in range(9)], np.uint64)
_FIRST_BYTES = np.array([_WORD >> (8 * (8 - n)) if n else 0 for n in range(9)], np.uint64)
# Each factor adds the left neighbour's ten-, hundred- or ten-thousandfold to the right one, and shifts.
_JOINTS = (
    (np.uint64((10 << 8) + 1), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64((100 << 16) + 1), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64((10_000 << 32) + 1), np.uint64(32), np.uint64(0x00000000FFFFFFFF)),
)

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

    `padded`: the lines, with PAD before and after them. `bad_lines` and `bad_starts` are the indices and byte
    offsets of the lines that are no rows.
    """

    def __init__(self, padded: bytes, layout: Layout) -> None:
        self.layout = layout
        self._padded = padded
        self._raw = np.frombuffer(padded, np.uint8)[len(PAD) : -len(PAD)]
        self._words = self._words_from(0)
        self._words_before = self._words_from(-_WORD_BYTES)
        self._find_rows()
        self._read_numbers()

    @property
    def count(self) -> int:
        """Number of good rows."""
        return len(self._starts)

    def span(self, place: int) -> tuple[IntColumn, IntColumn]:
        """Offset and length of a field in every row."""
        starts = self._starts_of(place)
        return starts, self._separators[:, place] - starts

    def words(self, starts: IntColumn) -> Words:
        """The eight bytes that begin at these offsets."""
        return self._words[starts]

    def ends_of(self, starts: IntColumn, lengths: IntColumn) -> tuple[Words, Words]:
        """The first and the last eight bytes of fields; of a shorter field all bytes, and zeros."""
        within = np.minimum(lengths, _WORD_BYTES)
        first = self._words[starts]
        first &= _FIRST_BYTES.take(within)
        last = self._words_before[starts + lengths]
        last &= _LAST_BYTES.take(within)
        return first, last

    def reads(self, place: int, text: bytes) -> BoolColumn:
        """Which rows have this text in a field. It has at most seven bytes."""
        return self._read_from(self._starts_of(place), place, text)

    def text(self, place: int, row: int) -> bytes:
        """One field."""
        start = int(self._separators[row, place - 1]) + 1 if place else int(self._starts[row])
        return self.field(start, int(self._separators[row, place]) - start)

    def field(self, start: int, length: int) -> bytes:
        """The field at an offset."""
        return self._padded[len(PAD) + start : len(PAD) + start + length]

    def _words_from(self, offset: int) -> Words:
        """The eight bytes that begin so far from every byte of the lines: a view, nothing is copied."""
        return np.ndarray((len(self._raw) + 1,), "<u8", self._padded, len(PAD) + offset, (1,))

    def _starts_of(self, place: int) -> IntColumn:
        return self._separators[:, place - 1] + 1 if place else self._starts

    def _read_from(self, starts: IntColumn, place: int, text: bytes) -> BoolColumn:
        # The separator behind the field is compared too, so that its end need not be looked up.
        end = b"\n" if place == self.layout.width - 1 else self.layout.grammar.delimiter
        words = self._words[starts]
        words &= _FIRST_BYTES[len(text) + 1]
        found: BoolColumn = words == np.uint64(int.from_bytes(text + end, "little"))
        return found

    def _find_rows(self) -> None:
        width = self.layout.width
        feeds = self._raw == ord("\n")
        self.line_count = int(np.count_nonzero(feeds))
        separates = self._raw == ord(self.layout.grammar.delimiter)
        separates |= feeds
        separators = np.flatnonzero(separates)
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
        starts = by_place[self.layout.places - 1]
        starts += 1
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
        place = self.layout.names.index("success")
        starts = self._starts_of(place)
        success = self._read_from(starts, place, b"true")
        neither = ~success
        rest = np.flatnonzero(neither)  # few, as a rule
        neither[rest] = ~self._read_from(starts[rest], place, b"false")
        return success, neither

    def _whole_numbers(self, ends: IntColumn, lengths: IntColumn) -> tuple[IntColumn, BoolColumn]:
        """The numbers that end at these offsets, and which of them are none."""
        shortest, longest = int(lengths.min(initial=1)), int(lengths.max(initial=1))
        values, bad = _eight_digits(self._words_before[ends], lengths, shortest, longest)
        if longest > _WORD_BYTES:
            words = self._words_from(-2 * _WORD_BYTES)[ends]
            more = [n - _WORD_BYTES for n in (shortest, longest)]
            high, high_bad = _eight_digits(words, lengths - _WORD_BYTES, *more)
            values += high * np.uint64(100_000_000)
            bad |= high_bad
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


def _eight_digits(words: Words, lengths: IntColumn, shortest: int, longest: int) -> tuple[Words, BoolColumn]:
    """Numbers from the last `lengths` bytes of words, and which of these bytes are not all digits.

    Changes `words`. Neighbours are joined three times: digits to pairs, pairs to fours, fours to eight.
    """
    words ^= _ZEROS
    if shortest == longest:
        words &= _LAST_BYTES[min(max(longest, 0), _WORD_BYTES)]
    else:
        words &= _LAST_BYTES.take(lengths, mode="clip")
    # Adding 0x76 carries into the top bit of a byte that is above 9; a top bit set before stays seen by `|`.
    odd = words + _ABOVE_9
    odd |= words
    if np.bitwise_or.reduce(odd, axis=None) & _TOP_BITS:
        odd &= _TOP_BITS
        bad = odd.astype(np.bool_)
    else:
        bad = np.zeros(words.shape, np.bool_)
    for factor, shift, mask in _JOINTS:
        words *= factor
        words >>= shift
        words &= mask
    return words, bad


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
