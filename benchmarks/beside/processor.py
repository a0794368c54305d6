"""Who used the processor while something ran: a thread that looks twice a second."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil
from peers.running import busy_s

_LOOK_S = 0.5


@dataclass(frozen=True)
class Shares:
    """Processor time between two moments."""

    perfpilot: float  # share of one processor
    jmeter: float  # the same, of everything that the watched process started
    target: float  # the same
    others: float  # share of the machine that none of these used, nor this benchmark


class Looking:
    """Looks until it is left. `root` is the process that was started, `target` the server's.

    Where `root` is perfpilot, what it starts is JMeter; where it is JMeter itself, `perfpilot` is nothing.
    """

    def __init__(self, root: int, target: int, *, root_is_jmeter: bool) -> None:
        self._root, self._target = psutil.Process(root), psutil.Process(target)
        self._root_is_jmeter = root_is_jmeter
        self._seen: list[tuple[float, ...]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Looking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def between(self, from_s: float, to_s: float) -> Shares:
        """What was used between two moments of the monotonic clock."""
        clock, *used = np.array(self._seen).T
        root, below, target, own, busy = (
            float(np.diff(np.interp((from_s, to_s), clock, seen))[0]) / (to_s - from_s) for seen in used
        )
        others = max(busy - root - below - target - own, 0.0) / (os.cpu_count() or 1)
        if self._root_is_jmeter:
            return Shares(0.0, root + below, target, others)
        return Shares(root, below, target, others)

    def in_all(self) -> Shares:
        """Over the whole time."""
        return self.between(self._seen[0][0], self._seen[-1][0])

    def _look_on(self) -> None:
        self._look()
        while not self._over.wait(_LOOK_S):
            self._look()

    def _look(self) -> None:
        try:
            root: Any = self._root.cpu_times()
            tree_s = sum(map(_with_ended_s, (self._root, *self._root.children(recursive=True))))
        except psutil.Error:  # one of them has just ended: the next look sees its time at its parent
            return
        root_s = float(root.user + root.system)
        target: Any = self._target.cpu_times()
        used_s = (root_s, tree_s - root_s, target.user + target.system, time.process_time(), busy_s())
        self._seen.append((time.monotonic(), *used_s))


def _with_ended_s(process: psutil.Process) -> float:
    """Its own time, and that of children which it waited for: theirs is in nobody else's."""
    times: Any = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)
