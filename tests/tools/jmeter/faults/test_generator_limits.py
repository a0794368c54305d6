"""A load generator at its own limits: its load is marked, and the target is not blamed."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from perfpilot.analysis.failures.failure_class import FailureClass, class_of_cause
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import ExitCode
from tests.tools.jmeter.faults.real_load import java_through, laid_out
from tests.tools.jmeter.faults.targets import silence, target, well


async def test_a_jmeter_without_file_descriptors_left_is_marked_and_decides_nothing(tmp_path: Path) -> None:
    """JMeter holds some 150 files itself; its users need one each."""
    java = await asyncio.to_thread(java_through, tmp_path, "ulimit -n 210")
    with target({"/": well, "/slow": silence}) as port:
        load = await laid_out(
            tmp_path, port, java=java,
            endpoints=[{"name": "page", "path": "/"}, {"name": "slow", "path": "/slow"}],
            journeys=[{"name": "both", "steps": [{"endpoint": "page", "think_time": "500ms"}, "slow"]}],
            load_patterns=[{"model": "closed", "stages": [{"users": 150, "duration": "8s"}]}],
            thresholds=["p95(page) < 500ms", "error_rate(page) < 1%"],
        )  # fmt: skip
        loaded = await load.run_to_its_end()
    assert loaded.outcome.ended is Ended.COMPLETED, loaded.outcome
    causes = loaded.causes("page")
    assert {class_of_cause(code) for code in causes} == {FailureClass.GENERATOR}
    health = loaded.closed.attempt.generator
    assert health.limited
    assert "failed within JMeter" in health.reasons[0] and "not at the target" in health.reasons[0]
    assert loaded.verdict.exit_code() is ExitCode.INCONCLUSIVE
    assert any("generator" in reason for reason in loaded.verdict.reasons)


async def test_a_control_port_that_is_taken_ends_the_attempt_before_any_load(tmp_path: Path) -> None:
    with target({"/": well}) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        load = await laid_out(tmp_path, port)
        taken.bind(("", load.prepared.udp_port))
        loaded = await load.run_to_its_end()
    assert loaded.outcome.ended is Ended.NOT_STARTED, "JMeter would run on, and heed no order"
    assert loaded.outcome.start_again is not None
    assert "another control port" in loaded.outcome.start_again.changed
    assert loaded.closed.attempt.files.rows == 0
