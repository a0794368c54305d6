"""The machine that perfpilot runs on: processor, memory, disk, network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from perfpilot.tools.monitoring.rates import Rates
from perfpilot.tools.monitoring.reading import Reading


class HostSampler:
    """Figures of the whole host. In a container these are still the host's: /proc has no others.

    `cpu_share` counts time at work, without steal, over all time of all cores (steal included), so that the
    shares of processes add up to it. `steal_share` is what a hypervisor gave to others.
    `disk_free_*` are of the file system of `directory`, as far as we may use it.
    """

    component = "host"

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._times: dict[str, float] | None = None
        self._rates = Rates()

    def read(self) -> Reading:
        """Figures since the last reading; the first has neither processor nor rates."""
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        reading: Reading = {
            "memory_share": memory.percent / 100,
            "memory_available_bytes": float(memory.available),
            "swap_used_bytes": float(swap.used),
            "load_1m": os.getloadavg()[0],
            **{f"{name}_per_s": rate for name, rate in self._rates.of(_counters()).items()},
            **(_disk_free(self._directory) if self._directory else {}),
        }
        before, self._times = self._times, _cpu_times()
        return reading if before is None else {**reading, **cpu_shares(before, self._times)}


def cpu_shares(before: Mapping[str, float], now: Mapping[str, float]) -> Reading:
    """Shares of the time between two looks at the seconds by kind; empty when no time went by."""
    spent = {name: max(now[name] - before.get(name, 0.0), 0.0) for name in now}
    total = sum(spent.values())
    if total <= 0:
        return {}
    steal, waiting = spent.get("steal", 0.0), spent.get("iowait", 0.0)
    return {
        "cpu_share": (total - spent.get("idle", 0.0) - waiting - steal) / total,
        "steal_share": steal / total,
        "iowait_share": waiting / total,
    }


def _disk_free(directory: Path) -> Reading:
    try:
        disk = os.statvfs(directory)
    except OSError:  # a file system that does not answer must not silence the rest
        return {}
    free = {"disk_free_bytes": float(disk.f_bavail * disk.f_frsize)}
    ours = disk.f_blocks - disk.f_bfree + disk.f_bavail  # without what is kept for root
    return free | ({"disk_free_share": round(disk.f_bavail / ours, 4)} if ours else {})


def _cpu_times() -> dict[str, float]:
    """Seconds by kind over all cores. Guest time is left out: Linux counts it in user and nice already."""
    times: Any = psutil.cpu_times()
    return {name: value for name, value in times._asdict().items() if not name.startswith("guest")}


def _counters() -> dict[str, float]:
    disk, net = psutil.disk_io_counters(), psutil.net_io_counters()
    counters: dict[str, float] = {}
    if disk is not None:  # None where there is no disk, as in some containers
        counters |= {"disk_read_bytes": disk.read_bytes, "disk_write_bytes": disk.write_bytes}
    if net is not None:
        counters |= {"net_received_bytes": net.bytes_recv, "net_sent_bytes": net.bytes_sent}
        counters |= {"net_drops": net.dropin + net.dropout}
    return counters
