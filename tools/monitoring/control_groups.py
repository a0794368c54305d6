"""The control groups of a process, of both versions: where a container's limits stand."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def folders(pid: int, controller: str, *, root: Path = ROOT, proc: Path = Path("/proc")) -> tuple[Path, ...]:
    """Folders of the groups of a process for a controller such as `cpu`, each before the one above it.

    Empty where there are none, as on macOS. `root` and `proc` are given by tests only.
    """
    found: list[Path] = []
    for line in read_text(proc / str(pid) / "cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if controllers == "":
            top = root
        elif controller in controllers.split(","):
            top = root / controllers
        else:
            continue
        folder = Path(os.path.normpath(f"{top}/{group}"))
        while folder.is_relative_to(top):
            found.append(folder)
            if folder == top:
                break
            folder = folder.parent
    return tuple(found)


def read_text(path: Path) -> str:
    """What a file of the kernel says; nothing where there is no such file."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
