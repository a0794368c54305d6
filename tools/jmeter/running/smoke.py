"""The smoke pass: one user goes through every step once, on a JVM that starts fast, before any load.

The cases of the plan follow in the same pass, each once. What becomes of them is told and proves nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from perfpilot.analysis.cases import case_outcomes
from perfpilot.analysis.counting.second_counts import second_counts
from perfpilot.analysis.failures.early import smoke_trouble
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.domain.errors import ExecutionError
from perfpilot.domain.labels import is_measured
from perfpilot.domain.load_outcome import SmokeOutcome, StartAgain
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.policy import Envelope
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.jvm import command_line
from perfpilot.tools.jmeter.prepare import PRIVATE, PUBLIC, SYSTEM, Prepared
from perfpilot.tools.jmeter.running import process
from perfpilot.tools.jmeter.running.locks import held
from perfpilot.tools.jmeter.running.log import read_log
from perfpilot.tools.jmeter.running.own_thread import in_own_thread
from perfpilot.tools.jmeter.running.start_again import start_again
from perfpilot.tools.jmeter.running.stop import end_at_once

_JVM_START_S = 30.0
_LOOK_S = 0.25


class NotStarted(ExecutionError):
    """JMeter itself failed, before its first sample. `start_again` says what another attempt changes."""

    def __init__(self, problem: str, again: StartAgain) -> None:
        self.start_again = again
        super().__init__(problem, mend="perfpilot doctor checks Java and JMeter")


async def smoke(run: RunDirectory, prepared: Prepared) -> SmokeOutcome:
    """Run the smoke pass; `trouble` where it proves the description wrong.

    An endpoint that answers 5xx is the target's affair and no reason to stop here. The JMeter of a pass that
    was killed must have been ended before. Asked to stop, the pass ends and proves nothing.
    Raises NotStarted where JMeter itself failed, and NotReadyError where another run's load holds the target
    or this generator.
    """
    return await in_own_thread(lambda cancelled: _smoke(run, prepared, cancelled))


def _smoke(run: RunDirectory, prepared: Prepared, cancelled: threading.Event) -> SmokeOutcome:
    directory = Path(prepared.directory) / "smoke"
    directory.mkdir(exist_ok=True, mode=0o700)
    _forget(Path(prepared.directory))
    begun = time.monotonic()
    with held(run.id, run.path, run.read("envelope.json", Envelope).hosts) as locks:
        running = _start(prepared, directory, locks)
        try:
            in_time = _over(running, _longest_s(prepared), lambda: cancelled.is_set() or run.stop_requested())
        finally:
            end_at_once(running)
    if cancelled.is_set() or run.stop_requested():
        return SmokeOutcome(ok=False, detail="stopped on request: it proves nothing")
    outcome = _judge(prepared, directory, in_time, running.exit_code)
    return outcome.model_copy(update={"seconds": round(time.monotonic() - begun, 2)})


def _over(running: process.Running, seconds: float, stop: Callable[[], bool]) -> bool:
    """Wait for the end of the pass, or until somebody asks for it. False: it took too long."""
    deadline_s = time.monotonic() + seconds
    while not running.wait(_LOOK_S):
        if stop():
            return True
        if time.monotonic() > deadline_s:
            return False
    return True


def _start(prepared: Prepared, directory: Path, locks: tuple[int, ...]) -> process.Running:
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
    return process.start(
        command,
        directory=Path(prepared.directory),
        record=directory,
        marker=f"{prepared.marker}/smoke",
        environment=jvm_environment(),
        keep_open=locks,
    )


def _judge(prepared: Prepared, directory: Path, in_time: bool, exit_code: int | None) -> SmokeOutcome:
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
        problem = f"JMeter died in the smoke pass: {_last_words(directory)}"
        raise NotStarted(problem, start_again(log, exit_code, prepared.heap_mb))
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
