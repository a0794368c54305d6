"""How many cores a process may use: its affinity, and the quota of its control groups."""

from __future__ import annotations

from pathlib import Path

import psutil

from perfpilot.tools.monitoring.control_groups import folders, read_text


def host_cores() -> int:
    """Logical cores of this machine."""
    return psutil.cpu_count() or 1


def cores_allowed(process: psutil.Process) -> float:
    """Cores that `process` may use at most, 0 < n <= `host_cores()`.

    A container with `--cpus 1.5` has a quota, one with `--cpuset-cpus` an affinity. Control groups of both
    versions are read; what can't be read does not limit.
    """
    allowed = float(host_cores())
    affinity = getattr(process, "cpu_affinity", None)  # not on macOS
    if affinity is not None:
        try:
            allowed = min(allowed, float(len(affinity())))
        except psutil.Error:
            pass
    return min([allowed, *_quotas(process.pid)])


def _quotas(pid: int) -> list[float]:
    return [quota for folder in folders(pid, "cpu") for quota in _quota(folder)]


def _quota(folder: Path) -> list[float]:
    """The quota of one group in cores: `cpu.max` of version 2, `cpu.cfs_*` of version 1."""
    words = read_text(folder / "cpu.max").split() or [
        *read_text(folder / "cpu.cfs_quota_us").split(), *read_text(folder / "cpu.cfs_period_us").split(),
    ]  # fmt: skip
    try:
        quota, period = (int(word) for word in words)
    except ValueError:  # `max`, or no such file
        return []
    return [quota / period] if quota > 0 and period > 0 else []
