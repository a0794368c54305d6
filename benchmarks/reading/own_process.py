"""What a command costs: a process of its own, its processor time, its wall time, its peak of memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Of the whole process, start and imports included. The peak is never below that of the parent."""

    output: str
    cpu_s: float
    wall_s: float
    peak_mib: float


def run(
    command: Sequence[str], cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command to its end. Raises RuntimeError where it fails, with the end of what it said."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=environment
    ) as process:
        assert process.stdout
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {output[-2000:]}")
    return Cost(output, used.ru_utime + used.ru_stime, time.perf_counter() - begun, used.ru_maxrss / 1024)
