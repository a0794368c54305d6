"""One process with its children: JMeter, perfpilot itself, or whatever listens on a port of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import psutil

from perfpilot.tools.monitoring.cores import cores_allowed, host_cores
from perfpilot.tools.monitoring.listener import is_alive, open_process
from perfpilot.tools.monitoring.process_table import CpuLedger, ProcessTable, look_at
from perfpilot.tools.monitoring.reading import Reading
from perfpilot.tools.monitoring.sockets import SocketCount

Root = Callable[[], psutil.Process | None]
"""Gives the process at the top of the tree, or None while there is none; may raise LookupError."""


def fixed_root(pid: int) -> Root:
    """The process that has `pid` now; never a later one with the same number."""
    process = open_process(pid)
    return lambda: process if process is not None and is_alive(process) else None


class ProcessSampler:
    """Figures of a process tree, less the processes that `without` names (those of other components).

    `cpu_share` is of ALL cores of the host, 0..1; `cores_allowed` says how many the root may use. `rss_bytes`
    adds up the tree, so memory that processes share counts once for each. `up` is 1 or 0: nothing else is
    given while there is no process. Children are found within 2 s of their birth. With `sockets` every fifth
    second has the open sockets too.
    """

    def __init__(
        self,
        component: str,
        root: Root,
        table: ProcessTable,
        without: Callable[[], set[int]] = set,
        *,
        sockets: bool = False,
    ) -> None:
        self.component = component
        self.pids: set[int] = set()
        self._root, self._table, self._without = root, table, without
        self._known: dict[int, psutil.Process] = {}
        self._ledger = CpuLedger()
        self._at_s = 0.0
        self._allowed: tuple[psutil.Process | None, float] = (None, 0.0)
        self._sockets = SocketCount() if sockets else None

    def read(self) -> Reading:
        """Figures since the last reading; no `cpu_share` in the first. Raises LookupError of the root."""
        root = self._root()
        if root is None:
            self.pids, self._known = set(), {}
            return {"up": 0.0}
        self.pids = (self._table.tree(root.pid) | {root.pid}) - self._without()
        processes = list(self._open(root))
        share = self._cpu_share(processes)
        if self._allowed[0] != root:
            self._allowed = (root, cores_allowed(root))
        return {
            "up": 1.0,
            "processes": float(len(processes)),
            "cores_allowed": self._allowed[1],
            **({} if share is None else {"cpu_share": share}),
            **_sizes(processes),
            **self._open_sockets(),
        }

    def _open_sockets(self) -> Reading:
        found = self._sockets.read(self.pids) if self._sockets else None
        return {} if found is None else {"sockets": float(found)}

    def _open(self, root: psutil.Process) -> Iterable[psutil.Process]:
        known, self._known = self._known, {}
        for pid in sorted(self.pids):
            process = root if pid == root.pid else known.get(pid) or open_process(pid)
            if process is not None:
                self._known[pid] = process
                yield process

    def _cpu_share(self, processes: list[psutil.Process]) -> float | None:
        entries = [entry for entry in map(look_at, processes) if entry is not None]
        now_s, before_s = time.monotonic(), self._at_s
        used = self._ledger.used_s(entries)
        self._at_s = now_s
        if not used or now_s <= before_s:
            return None
        return min(sum(used.values()) / (now_s - before_s) / host_cores(), 1.0)


def _sizes(processes: Iterable[psutil.Process]) -> Reading:
    total: Reading = {"rss_bytes": 0.0, "threads": 0.0}
    open_files: float | None = 0.0
    for process in processes:
        try:
            with process.oneshot():
                total["rss_bytes"] += process.memory_info().rss
                total["threads"] += process.num_threads()
        except psutil.Error:  # it ended since
            continue
        try:
            if open_files is not None:
                open_files += process.num_fds()
        except psutil.NoSuchProcess:
            continue
        except (psutil.AccessDenied, AttributeError):  # of another user; not on this system
            open_files = None
    return total if open_files is None else {**total, "open_files": open_files}
