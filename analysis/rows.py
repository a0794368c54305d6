"""`Rows`: samples as parallel numpy columns, the one shape in which measured data travels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IntColumn = NDArray[np.int64]
BoolColumn = NDArray[np.bool_]

ABSENT = -1
"""Value of an optional column (bytes, connect, latency, users) that the result file did not have."""


class FailureText(NamedTuple):
    """The first message seen for a label that failed with a code. Text is short, one line, printable."""

    label: int
    code: int
    text: str


class Rows(NamedTuple):
    """Samples in file order, one element a sample in every column. `label` and `code` index the
    lists `labels` and `codes` of the reader that made them. Times are milliseconds.
    """

    start_ms: IntColumn  # epoch
    elapsed_ms: IntColumn
    label: IntColumn
    code: IntColumn
    success: BoolColumn
    received_bytes: IntColumn
    connect_ms: IntColumn
    latency_ms: IntColumn  # to the first byte
    users: IntColumn  # threads alive in all thread groups: JMeter's allThreads
    failures: tuple[FailureText, ...] = ()

    @property
    def size(self) -> int:
        """Number of samples."""
        return len(self.start_ms)

    def pick(self, chosen: BoolColumn | IntColumn) -> Rows:
        """The samples chosen by a mask or by indices, with all failure texts."""
        return Rows(
            self.start_ms[chosen],
            self.elapsed_ms[chosen],
            self.label[chosen],
            self.code[chosen],
            self.success[chosen],
            self.received_bytes[chosen],
            self.connect_ms[chosen],
            self.latency_ms[chosen],
            self.users[chosen],
            self.failures,
        )


def labelled(rows: Rows, labels: Sequence[str], wanted: Callable[[str], bool]) -> Rows:
    """The samples whose label is wanted. `labels` is the list of the reader that made the rows."""
    is_wanted = np.array([wanted(text) for text in labels], np.bool_)
    if is_wanted.all():
        return rows
    chosen = is_wanted[rows.label]
    return rows if chosen.all() else rows.pick(np.flatnonzero(chosen))


def no_rows() -> Rows:
    """An empty batch."""
    none = np.zeros(0, np.int64)
    return Rows(none, none, none, none, np.zeros(0, np.bool_), none, none, none, none)


def joined(parts: list[Rows]) -> Rows:
    """Batches one after the other, in the order given."""
    if not parts:
        return no_rows()
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([part.start_ms for part in parts]),
        np.concatenate([part.elapsed_ms for part in parts]),
        np.concatenate([part.label for part in parts]),
        np.concatenate([part.code for part in parts]),
        np.concatenate([part.success for part in parts]),
        np.concatenate([part.received_bytes for part in parts]),
        np.concatenate([part.connect_ms for part in parts]),
        np.concatenate([part.latency_ms for part in parts]),
        np.concatenate([part.users for part in parts]),
        tuple(text for part in parts for text in part.failures),
    )
