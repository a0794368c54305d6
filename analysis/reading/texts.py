"""Numbers for texts that repeat (labels, response codes): each text is decoded once, not once a row."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.reading.columns import Table, Words
from perfpilot.analysis.rows import BoolColumn, IntColumn

OTHER = "(other)"
"""Takes the place of every text beyond the bound, so that a column of unlike texts can't fill the memory."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing, Knuth vol. 3, 6.4
_SHIFT = np.uint64(29)


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

    def of_column(self, table: Table, place: int | None) -> IntColumn:
        """The number of the text of every row; an absent column reads as the empty text."""
        if place is None:
            return np.full(table.count, self._number_of(""), np.int64)
        numbers = np.zeros(table.count, np.int64)
        hashes = _hashes(table, *table.span(place))
        # Most rows have the same response code: only those that differ from the first are looked up.
        rows = np.flatnonzero(hashes != hashes[:1])
        if table.count:
            numbers += self._lookup(table, place, hashes, np.zeros(1, np.int64))
        if len(rows):
            numbers[rows] = self._lookup(table, place, hashes, rows)
        return numbers

    def _lookup(self, table: Table, place: int, hashes: Words, rows: IntColumn) -> IntColumn:
        wanted = hashes[rows]
        at, known = self._find(wanted)
        if not known.all():
            self._learn(table, place, hashes, rows[~known])
            at, known = self._find(wanted)
            if not known.all():
                return np.where(known, self._numbers[at], self._number_of(OTHER))
        return self._numbers[at]

    def _find(self, hashes: Words) -> tuple[IntColumn, BoolColumn]:
        """Where the hashes stand among the known ones, and which of them do."""
        if not len(self._known):
            return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), np.bool_)
        at = np.minimum(np.searchsorted(self._known, hashes), len(self._known) - 1)
        return at, self._known[at] == hashes

    def _learn(self, table: Table, place: int, hashes: Words, rows: IntColumn) -> None:
        new, first = np.unique(hashes[rows], return_index=True)
        for at in np.argsort(first)[: max(self._most - len(self._known), 0)]:
            text = table.layout.grammar.shown(table.text(place, int(rows[first[at]])))
            spot = int(np.searchsorted(self._known, new[at]))
            self._known = np.insert(self._known, spot, new[at])
            self._numbers = np.insert(self._numbers, spot, self._number_of(text))

    def _number_of(self, text: str) -> int:
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)


def _hashes(table: Table, starts: IntColumn, lengths: IntColumn) -> Words:
    """A 64-bit number for every field: a short field's own bytes, a hash of a longer one.

    Of a longer field: its length, its last eight bytes, and then eight bytes a round from the front.
    """
    hashes = table.first_word(starts, lengths)
    longer = np.flatnonzero(lengths > 8)
    if len(longer):
        of_longer = lengths[longer]
        words = table.word(starts[longer] + of_longer - 8)
        hashes[longer] = _mix(hashes[longer], words + of_longer.view(np.uint64))
    done = 8
    while len(longer := longer[lengths[longer] > done + 8]):
        hashes[longer] = _mix(hashes[longer], table.word(starts[longer] + done))
        done += 8
    return hashes


def _mix(hashes: Words, words: Words) -> Words:
    hashes = (hashes * _MULTIPLIER) ^ words
    hashes ^= hashes >> _SHIFT
    return hashes * _MULTIPLIER
