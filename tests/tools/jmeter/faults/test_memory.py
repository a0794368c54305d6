"""A load generator that runs out of memory says so, and the target is not blamed."""

from __future__ import annotations

from pathlib import Path

from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import ExitCode, Verdict
from tests.tools.jmeter.faults.real_load import laid_out
from tests.tools.jmeter.faults.targets import HEAD, sends, target

MEBIBYTE = sends(HEAD + b"Content-Length: 1048576\r\n\r\n" + b"x" * 1048576)


async def test_a_jmeter_without_memory_left_ends_the_load_without_a_verdict(tmp_path: Path) -> None:
    with target({"/": MEBIBYTE}) as port:
        load = await laid_out(
            tmp_path, port, heap_mb=24,
            load_patterns=[{"model": "closed", "stages": [{"users": 200, "duration": "15s"}]}],
        )  # fmt: skip
        loaded = await load.run_to_its_end()
    assert loaded.outcome.exit_code == 3
    assert loaded.outcome.ended in (Ended.GENERATOR_DIED, Ended.NOT_STARTED)
    assert "out of memory" in loaded.outcome.detail
    assert "fewer users or a larger heap" in loaded.outcome.detail
    assert loaded.verdict.verdict is Verdict.INCONCLUSIVE
    assert loaded.verdict.exit_code() is ExitCode.INCONCLUSIVE
    assert not list(Path(load.prepared.directory).glob("*.hprof")), "no dump fills the disk"
