"""A disk that is full while the results are written: said so, and never a GO."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import ExitCode
from tests.tools.jmeter.faults.real_load import laid_out
from tests.tools.jmeter.faults.targets import target, well

ROOM_KIB = 64


@pytest.fixture
def full_results(tmp_path: Path) -> Iterator[Path]:
    """A file on a file system of 64 KiB; where none may be mounted, one that takes nothing at all."""
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_KIB}k", "tmpfs", str(small)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield small / "results.jtl" if mounted else Path("/dev/full")
    if mounted:
        subprocess.run(["umount", "-l", str(small)], check=True)


async def test_results_that_find_no_room_decide_nothing(tmp_path: Path, full_results: Path) -> None:
    with target({"/": well}) as port:
        load = await laid_out(
            tmp_path, port,
            load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 300, "duration": "6s"}]}],
        )  # fmt: skip
        (Path(load.prepared.directory) / "results.jtl").symlink_to(full_results)
        loaded = await load.run_to_its_end()
    assert loaded.outcome.ended in (Ended.GENERATOR_DIED, Ended.NOT_STARTED), loaded.outcome
    assert "could not write all samples to results.jtl: is the disk full?" in loaded.outcome.detail
    assert loaded.verdict.exit_code() is ExitCode.INCONCLUSIVE
    assert loaded.closed.attempt.files.rows < 1800, "what there was room for"
    assert not any(result.decision == "met" for result in loaded.closed.thresholds)
