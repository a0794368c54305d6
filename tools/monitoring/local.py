"""All samplers of this machine, read one after the other in one thread."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from perfpilot.tools.monitoring.failures import Failures
from perfpilot.tools.monitoring.host import HostSampler
from perfpilot.tools.monitoring.listener import PortListener
from perfpilot.tools.monitoring.neighbours import NeighbourSampler
from perfpilot.tools.monitoring.process import ProcessSampler, fixed_root
from perfpilot.tools.monitoring.process_table import ProcessTable
from perfpilot.tools.monitoring.reading import LocalSampler, Restart
from perfpilot.tools.monitoring.record import RESTARTED, Line

OURSELVES = "perfpilot"


class LocalSamplers:
    """Host, the listeners of `ports` (component -> port), processes by pid, perfpilot itself, neighbours.

    Free disk space is that of `directory`. Not for two threads at once.
    """

    def __init__(self, ports: Mapping[str, int], failures: Failures, directory: Path | None = None) -> None:
        self._failures = failures
        self._table = ProcessTable()
        self._listeners = {component: PortListener(component, port) for component, port in ports.items()}
        self._processes = {
            component: ProcessSampler(component, listener.current, self._table)
            for component, listener in self._listeners.items()
        }
        # JMeter is a child of ours, and so is the demo's target: they are not counted with us.
        self._ourselves = ProcessSampler(OURSELVES, fixed_root(os.getpid()), self._table, self._watched)
        self._host = HostSampler(directory)
        self.neighbours = NeighbourSampler(self._table, lambda: self._watched() | self._ourselves.pids)
        self._restarts_written = 0

    def set_process(self, component: str, pid: int) -> None:
        """Watch the process that has `pid` now as `component`, in place of any before."""
        self._listeners.pop(component, None)
        self._processes[component] = ProcessSampler(
            component, fixed_root(pid), self._table, sockets=component == "jmeter"
        )

    def read(self) -> list[Line]:
        """One tick. A sampler that fails is noted; the others go on."""
        now_ms = time.time_ns() // 1_000_000
        self._table.refresh()
        lines: list[Line] = []
        samplers: list[LocalSampler] = [
            *self._processes.values(),
            self._ourselves,
            self.neighbours,
            self._host,
        ]
        for sampler in samplers:
            try:
                reading = sampler.read()
            except Exception as error:  # whatever one sampler meets must not silence the others
                self._failures.note(sampler.component, error)
                continue
            lines += [Line(now_ms, sampler.component, metric, value) for metric, value in reading.items()]
        return lines + self._new_restarts()

    def restarts(self) -> tuple[Restart, ...]:
        """Every restart seen, by time."""
        found = [restart for listener in self._listeners.values() for restart in listener.restarts]
        return tuple(sorted(found, key=lambda restart: restart.time_ms))

    def _new_restarts(self) -> list[Line]:
        found = self.restarts()
        fresh, self._restarts_written = found[self._restarts_written :], len(found)
        return [Line(r.time_ms, r.component, RESTARTED, float(r.after_pid)) for r in fresh]

    def _watched(self) -> set[int]:
        return set().union(*(sampler.pids for sampler in self._processes.values()))
