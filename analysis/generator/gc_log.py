"""What JMeter's garbage collector wrote: when the JVM stood still, and how full the heap was after that.

The lines of `-Xlog:gc:...:timemillis` (JEP 158, Java 9 and newer), one for each pause, at its end:

    [1750000012345ms] GC(7) Pause Young (Normal) (G1 Evacuation Pause) 151M->12M(256M) 3.456ms

Lines of concurrent work are no pauses. Whatever else is in the file, damage too, is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.generator.lateness import Floats

_ANY = re.compile(rb"^\[(\d{10,14})ms\]", re.MULTILINE)
_PAUSE = re.compile(
    rb"^\[(\d{10,14})ms\][^\r\n]{0,40}?GC\(\d{1,9}\) Pause [^\r\n]{0,120}? "
    rb"(\d{1,9})([KMG])->(\d{1,9})([KMG])\((\d{1,9})([KMG])\) (\d{1,9}[.]\d{1,6})ms\r?$",
    re.MULTILINE,
)
_MIB = {b"K": 1 / 1024, b"M": 1.0, b"G": 1024.0}


@dataclass(frozen=True)
class GcLog:
    """Pauses in the order in which they ended. `since_ms`: the first moment that the log covers, epoch ms."""

    since_ms: int
    ended_ms: Floats
    took_ms: Floats
    heap_share: Floats  # in use after the pause / the whole heap

    def between(self, from_ms: float, to_ms: float) -> GcLog:
        """The pauses that ended between two moments."""
        inside = (self.ended_ms >= from_ms) & (self.ended_ms - self.took_ms < to_ms)
        return GcLog(self.since_ms, self.ended_ms[inside], self.took_ms[inside], self.heap_share[inside])


def read_gc_log(files: Iterable[bytes]) -> GcLog | None:
    """The pauses of a log and of its older parts, in any order. None: there is no line of a collector.

    Never raises. A line that was cut off is left out.
    """
    pauses: set[tuple[int, float, float]] = set()
    since: list[int] = []
    for data in files:
        since.extend(int(found[1]) for found in [_ANY.search(data)] if found)
        for found in _PAUSE.finditer(data):
            after = int(found[4]) * _MIB[found[5]]
            whole = int(found[6]) * _MIB[found[7]]
            pauses.add((int(found[1]), float(found[8]), after / whole if whole else 0.0))
    if not since:
        return None
    columns = np.array(sorted(pauses), np.float64).reshape(-1, 3)
    return GcLog(min(since), columns[:, 0], columns[:, 1], np.minimum(columns[:, 2], 1.0))
