"""How much memory a process may use: the machine's, and the limit of its control groups."""

from __future__ import annotations

from pathlib import Path

import psutil

from perfpilot.tools.monitoring.control_groups import ROOT, folders, read_text

_MIB = 1024 * 1024


def memory_allowed_mb(pid: int, *, root: Path = ROOT, proc: Path = Path("/proc")) -> int:
    """Mebibytes that a process and its children may use together.

    A container has a limit below the machine's memory. What can't be read does not limit. `root` and `proc`
    are given by tests only.
    """
    limits = [psutil.virtual_memory().total]
    for folder in folders(pid, "memory", root=root, proc=proc):
        for name in ("memory.max", "memory.limit_in_bytes"):  # version 2 and 1
            text = read_text(folder / name).strip()
            if text.isdigit():  # not `max`
                limits.append(int(text))
    return min(limits) // _MIB
