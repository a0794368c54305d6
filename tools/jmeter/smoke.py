"""The smoke pass: one user goes through every step once, on a JVM that starts fast, before any load.

The cases of the plan follow in the same pass, each once. What becomes of them is told and proves nothing.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from perfpilot.analysis.cases import case_outcomes
from perfpilot.analysis.early import second_counts, smoke_trouble
from perfpilot.analysis.reader import ResultReader
from perfpilot.domain.errors import ExecutionError
from perfpilot.domain.labels import is_measured
from perfpilot.domain.load_outcome import SmokeOutcome
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.tools.jmeter import process
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.jvm import command_line
from perfpilot.tools.jmeter.log import read_log
from perfpilot.tools.jmeter.prepare import PRIVATE, PUBLIC, SYSTEM, Prepared
from perfpilot.tools.jmeter.stop import end

_JVM_START_S = 30.0


async def smoke(prepared: Prepared) -> SmokeOutcome:
    """Run the smoke pass; `trouble` where it proves the description wrong.

    An endpoint that answers 5xx is the target's affair and no reason to stop here. The JMeter of a pass that
    was killed must have been ended before. Raises ExecutionError where JMeter itself failed.
    """
    directory = Path(prepared.directory) / "smoke"
    await asyncio.to_thread(_make_directory, directory)
    await asyncio.to_thread(_forget, Path(prepared.directory))
    begun = time.monotonic()
    command = command_line(
        prepared.generator,
        Path(prepared.directory),
        plan="smoke.jmx",
        results="smoke.jtl",
        log="smoke/jmeter.log",
        marker=f"{prepared.marker}/smoke",
        property_files=(PUBLIC, PRIVATE),
        system_properties=SYSTEM,
    )
    running = await process.start(
        command,
        directory=Path(prepared.directory),
        record=directory,
        marker=f"{prepared.marker}/smoke",
        environment=jvm_environment(),
    )
    try:
        in_time = await running.wait(_longest_s(prepared))
    finally:
        await end(running, udp_port=prepared.udp_port, open_schedule=False, hurry=lambda: True)
    outcome = await asyncio.to_thread(_judge, prepared, directory, in_time)
    return outcome.model_copy(update={"seconds": round(time.monotonic() - begun, 2)})


def _judge(prepared: Prepared, directory: Path, in_time: bool) -> SmokeOutcome:
    results = Path(prepared.directory) / "smoke.jtl"
    reader = ResultReader()
    rows = reader.feed(results.read_bytes() if results.is_file() else b"")
    counts = second_counts(rows, reader.labels, reader.codes, 0)
    log = read_log(directory)
    if not counts and log.problems:
        seen = f"JMeter did not run the plan: {log.problems[0]}"
        return SmokeOutcome(ok=False, detail=seen, trouble=Trouble(reason=Reason.PLAN_REFUSED, seen=seen))
    if not in_time:
        return SmokeOutcome(ok=False, detail="the smoke pass did not end in time: the target is very slow")
    trouble = smoke_trouble(counts, prepared.labels)
    if trouble and trouble.reason is Reason.PLAN_REFUSED and not log.ended:
        raise ExecutionError(
            f"JMeter died in the smoke pass: {_last_words(directory)}",
            mend="perfpilot doctor checks Java and JMeter",
        )
    unloaded = {
        label: float(rows.elapsed_ms[(rows.label == number) & rows.success].mean())
        for number, label in enumerate(reader.labels)
        if is_measured(label) and ((rows.label == number) & rows.success).any()
    }
    cases = case_outcomes(rows, reader.labels, reader.codes, prepared.plan, prepared.spec)
    failed = sum(count.count for count in counts if not count.success)
    passed = sum(count.count for count in counts if count.success)
    detail = trouble.seen if trouble else f"{passed} of {passed + failed} samples succeeded"
    if cases and not trouble:
        detail += f"; {sum(case.ok for case in cases)} of {len(cases)} cases went as expected"
    return SmokeOutcome(ok=trouble is None, detail=detail, trouble=trouble, unloaded_ms=unloaded, cases=cases)


def _longest_s(prepared: Prepared) -> float:
    per_step = prepared.plan.connect_timeout_s + prepared.plan.response_timeout_s
    every = (*prepared.plan.scenarios, *prepared.plan.before)
    return _JVM_START_S + per_step * sum(scenario.requests + 1 for scenario in every)


def _last_words(directory: Path) -> str:
    lines = (directory / "jmeter.out").read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "it wrote nothing")


def _forget(attempt: Path) -> None:
    """Remove what a pass that was killed had written: JMeter would append to its results."""
    for name in ("smoke.jtl", "smoke/jmeter.out", "smoke/jmeter.log", f"smoke/{process.RECORD}"):
        (attempt / name).unlink(missing_ok=True)


def _make_directory(directory: Path) -> None:
    directory.mkdir(exist_ok=True, mode=0o700)
