"""Samples counted by second, label and answer: what the first seconds of a load are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.rows import IntColumn, Rows
from perfpilot.domain.labels import is_measured

_DENSE = 8  # counting by index beats sorting up to so many possible keys a row


@dataclass(frozen=True, slots=True)
class SecondCount:
    """Samples of one label with one answer that ended in one second of the load."""

    second: int
    label: str
    code: str
    success: bool
    count: int
    text: str = ""  # of a failure, where this batch brought one


def second_counts(
    rows: Rows, labels: Sequence[str], codes: Sequence[str], start_ms: int
) -> list[SecondCount]:
    """Samples by second of their end, label, code and success, ordered so. Unmeasured rows are left out."""
    if not rows.size:
        return []
    second = (rows.start_ms + rows.elapsed_ms - start_ms) // 1000
    first = int(second.min())
    keys = ((second - first) * len(labels) + rows.label) * len(codes) + rows.code
    keys = 2 * keys + rows.success
    found, counts = _counted(keys)
    texts = {(failure.label, failure.code): failure.text for failure in rows.failures}
    made = []
    for key, count in zip(found.tolist(), counts.tolist(), strict=True):
        rest, success = divmod(key, 2)
        rest, code = divmod(rest, len(codes))
        at, label = divmod(rest, len(labels))
        if is_measured(labels[label]):
            text = "" if success else texts.get((label, code), "")
            made.append(SecondCount(first + at, labels[label], codes[code], bool(success), count, text))
    return made


def _counted(keys: IntColumn) -> tuple[IntColumn, IntColumn]:
    """The keys that occur, in ascending order, and how often each does."""
    if int(keys.max()) < _DENSE * len(keys) + 1000:
        every = np.bincount(keys)
        found = np.flatnonzero(every)
        return found, every[found]
    return np.unique(keys, return_counts=True)
