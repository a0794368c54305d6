"""Which process of this machine listens on a port, and whether it became another one."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import psutil

from perfpilot.tools.monitoring.reading import Restart

_LOOK_EVERY_S = 5.0


class PortListener:
    """The process that listens on `port`, followed through restarts.

    A listener that lives is looked for again every 5 s only (a look costs about 6 ms): a graceful successor
    may take the port over while the old process still ends. A listener that is gone is looked for each time.
    """

    def __init__(self, component: str, port: int) -> None:
        self.restarts: list[Restart] = []
        self._component = component
        self._port = port
        self._process: psutil.Process | None = None
        self._alive = False
        self._gone_ms = 0
        self._looked_s = float("-inf")

    def current(self) -> psutil.Process | None:
        """The listener now, or None while there is none. Raises LookupError if there never was one."""
        lives = self._process is not None and is_alive(self._process)
        if self._alive and not lives:
            self._alive, self._gone_ms = False, _now_ms()
            self._looked_s = float("-inf")
        missing = self._process is not None and not self._alive
        if missing or time.monotonic() - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = time.monotonic()
            self._meet(find_listener(self._port))
        if self._process is None:
            raise LookupError(
                f"no process that listens on port {self._port} is visible here: it is not running yet, or it "
                "belongs to another user or to a container"
            )
        return self._process if self._alive else None

    def _meet(self, found: psutil.Process | None) -> None:
        before = self._process
        if found is None:
            # A listener may stop accepting while it drains: only its end counts as gone.
            return
        if before is not None and found != before:  # psutil compares pid and creation time
            now = _now_ms()
            gone_ms = now if self._alive else self._gone_ms
            self.restarts.append(
                Restart(
                    component=self._component, time_ms=now, gone_ms=gone_ms,
                    before_pid=before.pid, after_pid=found.pid,
                )
            )  # fmt: skip
        self._process, self._alive = found, True


def find_listener(port: int) -> psutil.Process | None:
    """The process that listens on TCP `port`, or None: nothing listens, or it belongs to another user.

    Where several share the socket (a master and its workers) it is the one at the top.
    """
    pids = {connection.pid for connection in _listening(psutil.net_connections(kind="tcp"), port)}
    found = [process for process in map(open_process, pids - {None}) if process is not None]
    # With SO_REUSEPORT each process has a socket of its own.
    first = min(found, key=lambda process: (process.create_time(), process.pid), default=None)
    return first and _topmost(first, port)


def _topmost(process: psutil.Process, port: int) -> psutil.Process:
    """Climb to the parents that listen on it too: of a shared socket psutil names the highest pid only.

    A service manager (pid 1) may hold the socket for the server that it started, and is not meant.
    """
    try:
        parent = process.parent()
        while parent is not None and parent.pid != 1 and _listening(parent.net_connections(kind="tcp"), port):
            process, parent = parent, parent.parent()
    except psutil.Error:  # the parent belongs to another user, or just ended
        pass
    return process


def _listening(connections: Iterable[Any], port: int) -> list[Any]:
    return [c for c in connections if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port]


def open_process(pid: int | None) -> psutil.Process | None:
    """The process with that pid, remembering when it was created, or None if there is none."""
    try:
        return psutil.Process(pid)
    except (psutil.Error, ValueError):
        return None


def is_alive(process: psutil.Process) -> bool:
    """Whether this very process (not a later one with its pid) still runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
