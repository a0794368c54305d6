"""What labels of a file that JMeter wrote elsewhere stand for: samples, transactions, or parts of samples.

JMeter writes them with labels alike. A transaction controller's row says in its message how many samples it
adds up. Redirects and embedded resources are rows of their own with `-0`, `-1`, ... behind the label of their
sample, right below its row, and their times lie within its own. Counted as samples, both would count twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.domain.labels import CASE_PREFIX, CONTROL_PREFIX, TRANSACTION_PREFIX

PART_PREFIX = f"{CONTROL_PREFIX}part: "
"""Marks a label whose rows are parts of other samples. It is no measured label."""

SUMS_UP = b"Number of samples in transaction : "
"""How the message of a transaction begins (JMeter's `TransactionController`)."""

_PART = re.compile(r"(.+)-\d+")
_OWN = (TRANSACTION_PREFIX, CASE_PREFIX, CONTROL_PREFIX)
_LOOKED_AT = 20  # rows of a label that may be parts
_ABOVE = 100  # rows above one of them in which its sample must stand: others are written in between
_WITHIN = 0.8  # share of the rows looked at that must lie within a sample


class LabelKinds:
    """Names by label number, as a `Measurement` reads them: grows with the labels of the reader.

    Fed with the same pieces as the reader. A label is sorted by its first rows.
    """

    def __init__(self, delimiter: str = ",") -> None:
        self.names: list[str] = []
        self._separator = delimiter.encode()
        self._open: dict[int, str] = {}  # labels whose first row was not found in the text yet
        self._rest = b""

    def learn(self, labels: Sequence[str], piece: bytes, rows: Rows) -> None:
        """Take in the next piece of the file, and the rows that it completed."""
        for number in range(len(self.names), len(labels)):
            self._open[number] = labels[number]
            self.names.append(labels[number])
        text = self._rest + piece if self._open else b""
        for number, label in list(self._open.items()):
            line = self._first_line(label, text)
            if line:
                del self._open[number]
                self.names[number] = self._name(label, line, number, labels, rows)
        end = piece.rfind(b"\n") + 1
        self._rest = piece[end:] if end else self._rest + piece

    def _name(self, label: str, line: bytes, number: int, labels: Sequence[str], rows: Rows) -> str:
        if label.startswith(_OWN):
            return label  # written by perfpilot, which marks them itself
        if SUMS_UP in line:
            return f"{TRANSACTION_PREFIX}{label}"
        whole = _PART.fullmatch(label)
        if whole and whole[1] in labels and _lies_within(rows, number, labels.index(whole[1])):
            return f"{PART_PREFIX}{label}"
        return label

    def _first_line(self, label: str, text: bytes) -> bytes:
        """The first line with a field that is this label; empty: not in this text."""
        field = label.encode()
        if self._separator in field or b'"' in field or b"\n" in field:
            field = b'"' + field.replace(b'"', b'""') + b'"'
        at = text.find(self._separator + field + self._separator)
        if at < 0:
            return b""
        end = text.find(b"\n", at)
        return text[text.rfind(b"\n", 0, at) + 1 : end if end >= 0 else len(text)]


def _lies_within(rows: Rows, part: int, whole: int) -> bool:
    """Whether rows of one label lie within a row of the other that stands shortly above."""
    chosen = np.flatnonzero(rows.label == part)[:_LOOKED_AT]
    if not len(chosen):
        return False
    ends = rows.start_ms + rows.elapsed_ms
    inside = 0
    for row in chosen.tolist():
        above = slice(max(row - _ABOVE, 0), row)
        around = (rows.start_ms[above] <= rows.start_ms[row]) & (ends[above] >= ends[row])
        inside += bool((around & (rows.label[above] == whole)).any())
    # Rows come in the order of their ends: one above that ends no earlier is no coincidence, time after time.
    return inside >= _WITHIN * len(chosen)
