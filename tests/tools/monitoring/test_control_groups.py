"""Limits of containers, read from files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from perfpilot.tools.monitoring.control_groups import folders
from perfpilot.tools.monitoring.cores import cores_allowed, host_cores
from perfpilot.tools.monitoring.memory_allowed import memory_allowed_mb

HOST_MB = psutil.virtual_memory().total // 2**20


def a_process(tmp_path: Path, groups: str, files: dict[str, str]) -> tuple[Path, Path]:
    """A root of control groups and a /proc in which process 7 is a member of `groups`."""
    (tmp_path / "proc" / "7").mkdir(parents=True)
    (tmp_path / "proc" / "7" / "cgroup").write_text(groups)
    for name, text in files.items():
        (tmp_path / "cgroup" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cgroup" / name).write_text(text)
    return tmp_path / "cgroup", tmp_path / "proc"


@pytest.mark.parametrize(
    ("groups", "files", "allowed"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max\n", "a/memory.max": str(64 * 2**20)}, 64),
        ("0::/a\n", {"a/memory.max": "max\n"}, HOST_MB),
        ("5:memory:/docker/x\n", {"memory/docker/x/memory.limit_in_bytes": str(128 * 2**20)}, 128),
        ("5:memory:/x\n", {"memory/x/memory.limit_in_bytes": "9223372036854771712"}, HOST_MB),
        ("5:cpu,cpuacct:/x\n", {"cpu,cpuacct/x/memory.max": "1048576"}, HOST_MB),
        ("", {}, HOST_MB),
    ],
)
def test_memory_is_the_least_of_the_machine_and_all_groups_above(
    tmp_path: Path, groups: str, files: dict[str, str], allowed: int
) -> None:
    root, proc = a_process(tmp_path, groups, files)
    assert memory_allowed_mb(7, root=root, proc=proc) == allowed


def test_a_group_never_leads_out_of_the_root(tmp_path: Path) -> None:
    root, proc = a_process(tmp_path, "0::/../../etc\n", {})
    assert folders(7, "memory", root=root, proc=proc) == ()


def test_this_process_may_use_something() -> None:
    assert 0 < memory_allowed_mb(psutil.Process().pid) <= HOST_MB
    assert 0 < cores_allowed(psutil.Process()) <= host_cores()
