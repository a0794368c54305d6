"""What rows that could not be read leave of a threshold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfpilot.analysis.thresholds.thresholds import Evidence, decide
from perfpilot.domain.judgement import Decision
from perfpilot.domain.measure import GeneratorHealth
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.result_files import line, measured, plan

MET, BROKEN, UNDECIDED = Decision.MET, Decision.BROKEN, Decision.UNDECIDED


@pytest.mark.parametrize(
    ("text", "slow", "failed", "unread", "decision"),
    [
        ("p95 < 400ms", 0, 0, 0, MET),
        ("p95 < 400ms", 0, 0, 1, UNDECIDED),
        ("p95 < 400ms", 51, 0, 0, BROKEN),
        ("p95 < 400ms", 51, 0, 20, UNDECIDED),  # 1,020 samples with 51 slow ones meet it
        ("p95 < 400ms", 51, 0, 19, BROKEN),
        ("p95 < 400ms over 10s", 300, 0, 5, BROKEN),
        ("max < 400ms", 1, 0, 1000, BROKEN),
        ("mean < 100ms", 500, 0, 100, BROKEN),
        ("mean < 100ms", 500, 0, 100_000, UNDECIDED),
        ("mean > 700ms", 500, 0, 1, UNDECIDED),
        ("error_rate < 1%", 0, 10, 0, BROKEN),
        ("error_rate < 1%", 0, 10, 1, UNDECIDED),
        ("error_rate < 1%", 0, 9, 1, UNDECIDED),
        ("error_rate < 1%", 0, 20, 900, BROKEN),
        ("apdex(0.1s) >= 0.9", 0, 200, 100, BROKEN),
        ("apdex(0.1s) >= 0.9", 0, 200, 1001, UNDECIDED),
        ("throughput >= 10/s", 0, 0, 9, MET),  # what was lost can only have made it more
        ("throughput >= 30/s", 0, 0, 1, UNDECIDED),
        ("throughput < 10/s", 0, 0, 1, BROKEN),
        ("achieved_load >= 95%", 0, 0, 1, UNDECIDED),
    ],
)
def test_what_lost_rows_could_have_decided_otherwise_is_undecided(
    text: str, slow: int, failed: int, unread: int, decision: Decision
) -> None:
    """1,000 samples of 50 ms in a steady phase of 50 s, some of them of 900 ms, some failed."""
    threshold = parse_threshold(text)
    lines = [
        line(10_000 + 50 * n, 900 if n < slow else 50, success=n < 1000 - failed) for n in range(1000)
    ]  # fmt: skip
    measurement = measured(lines, thresholds=[threshold])
    steady = next(phase for phase in measurement.phases() if phase.phase == "steady")
    health = GeneratorHealth(limited=False, achieved_load=0.8)
    evidence = Evidence(plan(rate_per_s=25), steady, measurement.counters, health)
    (result,) = decide([threshold], replace(evidence, unread=unread))
    assert result.decision is decision
    if decision is UNDECIDED:
        rows = "a row" if unread == 1 else f"{unread:,} rows"
        told = f"{rows} of the result file could not be read: what was lost could decide otherwise"
        assert (result.reason, result.marginal) == (told, False)
