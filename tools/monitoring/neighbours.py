"""Everything else on this machine: processes that belong neither to the target nor to JMeter nor to us."""

from __future__ import annotations

import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable

from perfpilot.domain.base import Frozen
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.monitoring.cores import host_cores
from perfpilot.tools.monitoring.process_table import CpuLedger, Entry, ProcessTable
from perfpilot.tools.monitoring.reading import Reading

_KTHREADD = 2  # parent of Linux's kernel threads: they work for whoever causes network or disk traffic
_KEPT_LOOKS = 8000  # more than four hours of looks, each with a few names
_KEPT_NAMES = 3


class Neighbour(Frozen):
    """A process, by pid and name only: command lines hold secrets. The share is of all cores of the host."""

    pid: int
    name: str
    cpu_share: float

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


class NeighbourSampler:
    """`cpu_share` of all cores of the host, over the time between two looks at the process table."""

    component = "neighbours"

    def __init__(self, table: ProcessTable, ours: Callable[[], set[int]]) -> None:
        self._table, self._ours = table, ours
        self._ledger = CpuLedger()
        self._taken_s = float("-inf")
        self._looks: deque[tuple[int, float, list[tuple[int, str, float]]]] = deque(maxlen=_KEPT_LOOKS)

    def read(self) -> Reading:
        """The share since the last look; empty at the first, and where the table was not looked at anew."""
        if self._table.taken_s == self._taken_s:
            return {}
        elapsed_s, self._taken_s = self._table.taken_s - self._taken_s, self._table.taken_s
        ours = self._ours()
        used = self._ledger.used_s(entry for entry in self._table.entries.values() if not _is_kernel(entry))
        theirs = {pid: seconds for pid, seconds in used.items() if pid not in ours}
        if not theirs:
            return {}
        top = sorted(theirs, key=theirs.__getitem__, reverse=True)[:_KEPT_NAMES]
        names = [(pid, self._table.entries[pid].name, theirs[pid]) for pid in top if theirs[pid] > 0]
        self._looks.append((time.time_ns() // 1_000_000, elapsed_s, names))
        return {"cpu_share": min(sum(theirs.values()) / elapsed_s / host_cores(), 1.0)}

    def busiest(self, since_ms: int = 0, until_ms: int | None = None) -> Neighbour | None:
        """The neighbour that used most processor time between two moments, if any used some."""
        looks = [
            look
            for look in list(self._looks)
            if look[0] >= since_ms and (until_ms is None or look[0] <= until_ms)
        ]
        used: dict[tuple[int, str], float] = defaultdict(float)
        for _, _, names in looks:
            for pid, name, seconds in names:
                used[pid, name] += seconds
        if not used:
            return None
        pid, name = max(used, key=used.__getitem__)
        share = used[pid, name] / sum(look[1] for look in looks) / host_cores()
        return Neighbour(pid=pid, name=one_line(name, 64), cpu_share=share)


def _is_kernel(entry: Entry) -> bool:
    return sys.platform == "linux" and _KTHREADD in (entry.pid, entry.parent)
