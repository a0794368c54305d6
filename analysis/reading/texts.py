"""Numbers for texts that repeat (labels, response codes): each text is decoded once, not once a row."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.reading.columns import Table, Words
from perfpilot.analysis.rows import BoolColumn, IntColumn

OTHER = "(other)"
"""Takes the place of every text beyond the bound, so that a column of unlike texts can't fill the memory."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing, Knuth vol. 3, 6.4
_SHIFT = np.uint64(29)
_SLOT_BITS = 12
_TO_SLOT = np.uint64(64 - _SLOT_BITS)
_SHORT = 7
_MOSTLY = 0.75  # of the rows that the usual text must have, to be worth a look before all others
_TRIALS = 3  # blocks without such a text: then there is none


class TextNumbers:
    """Gives each distinct text of a column a number, in the order in which they first appear.

    Rows are told apart by a 64-bit hash of the field: among the at most `most` texts that are kept
    a collision has a chance below one in 10^12.
    """

    def __init__(self, most: int) -> None:
        self.texts: list[str] = []
        self._most = most
        self._known: Words = np.zeros(0, np.uint64)  # sorted hashes
        self._numbers: IntColumn = np.zeros(0, np.int64)
        # A guess where a hash stands among the known ones, by its first bits: quicker than a search.
        self._guesses: IntColumn = np.zeros(1 << _SLOT_BITS, np.int64)
        self._usual = b""  # the text of most rows, if it is known
        self._trials = _TRIALS

    def of_column(self, table: Table, place: int | None) -> IntColumn:
        """The number of the text of every row; an absent column reads as the empty text."""
        if place is None:
            return np.full(table.count, self._number_of(""), np.int64)
        if not table.count:
            return np.zeros(0, np.int64)
        starts, lengths = table.span(place)
        usual = self._usual or table.text(place, 0)
        if not self._trials or len(usual) > _SHORT:
            return self._lookup(table, starts, lengths)
        same = table.reads(place, usual)
        first = int(same.argmax())  # stands for all that are the same
        same[first] = False
        rows = np.flatnonzero(~same)
        found = self._lookup(table, starts[rows], lengths[rows])
        numbers = np.full(table.count, found[rows.searchsorted(first)], np.int64)
        numbers[rows] = found
        good = len(rows) - 1 <= (1 - _MOSTLY) * table.count
        self._usual = usual if good else b""
        self._trials -= not good
        return numbers

    def _lookup(self, table: Table, starts: IntColumn, lengths: IntColumn) -> IntColumn:
        """The numbers of the texts of these fields."""
        hashes = _hashes(table, starts, lengths)
        at, known = self._find(hashes)
        if known.all():
            return self._numbers[at]
        self._learn(table, starts, lengths, hashes, np.flatnonzero(~known))
        at, known = self._find(hashes)
        if known.all():
            return self._numbers[at]
        return np.where(known, self._numbers[at], self._number_of(OTHER))

    def _find(self, hashes: Words) -> tuple[IntColumn, BoolColumn]:
        """Where the hashes stand among the known ones, and which of them do."""
        if not len(self._known):
            return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), np.bool_)
        at = self._guesses[hashes >> _TO_SLOT]
        known = self._known[at] == hashes
        missed = np.flatnonzero(~known)
        if len(missed):
            at[missed] = np.minimum(self._known.searchsorted(hashes[missed]), len(self._known) - 1)
            known[missed] = self._known[at[missed]] == hashes[missed]
        return at, known

    def _learn(
        self, table: Table, starts: IntColumn, lengths: IntColumn, hashes: Words, rows: IntColumn
    ) -> None:
        new, first = np.unique(hashes[rows], return_index=True)
        for at in np.argsort(first)[: max(self._most - len(self._known), 0)]:
            row = rows[first[at]]
            text = table.layout.grammar.shown(table.field(int(starts[row]), int(lengths[row])))
            spot = int(self._known.searchsorted(new[at]))
            self._known = np.insert(self._known, spot, new[at])
            self._numbers = np.insert(self._numbers, spot, self._number_of(text))
        self._guesses[self._known >> _TO_SLOT] = np.arange(len(self._known))

    def _number_of(self, text: str) -> int:
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)


def _hashes(table: Table, starts: IntColumn, lengths: IntColumn) -> Words:
    """A 64-bit number for every field: of its length, its last eight bytes, and its first ones by eight."""
    hashes, last = table.ends_of(starts, lengths)
    last += lengths.view(np.uint64)
    _mix(hashes, last)
    done = 8
    longer = np.flatnonzero(lengths > done + 8)
    while len(longer):
        part = hashes[longer]
        _mix(part, table.words(starts[longer] + done))
        hashes[longer] = part
        done += 8
        longer = longer[lengths[longer] > done + 8]
    return hashes


def _mix(hashes: Words, words: Words) -> None:
    """Take words into hashes, in place."""
    hashes *= _MULTIPLIER
    hashes ^= words
    hashes ^= hashes >> _SHIFT
    hashes *= _MULTIPLIER
