"""All processes of the machine at one moment: who is whose child, and who used how much processor time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil

LOOK_EVERY_S = 1.9
"""One look costs 5 ms of processor time with 80 processes (psutil 7.2); so it is taken every
second tick of 1 s; a little less than 2 s, because ticks jitter."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One process. `own_s`: its processor time; `reaped_s`: that of children that it waited for."""

    pid: int
    parent: int
    created_s: float
    name: str
    own_s: float
    reaped_s: float


class ProcessTable:
    """The last look at all processes, taken again when it is older than `LOOK_EVERY_S`."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.taken_s = float("-inf")  # monotonic

    def refresh(self) -> bool:
        """Look again if it is time; whether it was."""
        if time.monotonic() - self.taken_s < LOOK_EVERY_S:
            return False
        self.entries = {entry.pid: entry for entry in map(_entry, psutil.process_iter()) if entry is not None}
        self.taken_s = time.monotonic()
        return True

    def tree(self, root: int) -> set[int]:
        """The pids of `root` and all its descendants; empty when it is not there."""
        if root not in self.entries:
            return set()
        children: dict[int, list[int]] = defaultdict(list)
        for entry in self.entries.values():
            children[entry.parent].append(entry.pid)
        found, waiting = set[int](), [root]
        while waiting:
            pid = waiting.pop()
            if pid not in found:
                found.add(pid)
                waiting.extend(children[pid])
        return found


class CpuLedger:
    """Processor time that processes used between two looks, short-lived children included."""

    def __init__(self) -> None:
        self._last: dict[int, Entry] = {}

    def used_s(self, entries: Iterable[Entry]) -> dict[int, float]:
        """Seconds by pid since the last call. A process that is new here counts from the next call on.

        A child that was born and ended between two looks shows up in its parent's `reaped_s`. One that was
        seen before and ended since shows up there too, with all its time: what was already counted is taken
        off again.
        """
        now, last = {entry.pid: entry for entry in entries}, self._last
        self._last = now
        counted = _counted_of_the_ended(last, now)
        used: dict[int, float] = {}
        for pid, entry in now.items():
            before = last.get(pid)
            if before is None or before.created_s != entry.created_s:
                continue
            reaped = entry.reaped_s - before.reaped_s - counted.get(pid, 0.0)
            used[pid] = max(entry.own_s - before.own_s, 0.0) + max(reaped, 0.0)
        return used


def look_at(process: psutil.Process) -> Entry | None:
    """The entry of one process, or None when it has ended or is hidden from us."""
    return _entry(process)


def _counted_of_the_ended(last: Mapping[int, Entry], now: Mapping[int, Entry]) -> dict[int, float]:
    counted: dict[int, float] = defaultdict(float)
    for pid, entry in last.items():
        if pid not in now:
            counted[entry.parent] += entry.own_s + entry.reaped_s
    return counted


def _entry(process: psutil.Process) -> Entry | None:
    try:
        with process.oneshot():
            times = process.cpu_times()
            return Entry(
                pid=process.pid,
                parent=process.ppid(),
                created_s=process.create_time(),
                name=process.name(),
                own_s=times.user + times.system,
                reaped_s=getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0),
            )
    except psutil.Error:
        return None
