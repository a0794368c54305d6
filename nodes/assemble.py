"""Putting the result together from what the run directory holds; every part but the outcome may miss."""

from __future__ import annotations

import platform
import time

import psutil

from perfpilot import __version__
from perfpilot.analysis.cases import latest_cases
from perfpilot.domain.events import EventKind
from perfpilot.domain.loops import LoopPass
from perfpilot.domain.measure import Attempt, FileHealth, GeneratorHealth
from perfpilot.domain.outcome import Outcome, Status
from perfpilot.domain.readiness import Readiness
from perfpilot.domain.result import Analysis, Charts, ClosedAttempt, Result, Review, RunInfo
from perfpilot.domain.result_file import ResultFile
from perfpilot.domain.spec import Spec
from perfpilot.graph.state import State
from perfpilot.tools.history.event_log import read_events
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.lay_out import FILE
from perfpilot.tools.spec.read import load_spec


def assemble(run: RunDirectory, state: State) -> Result:
    """The whole result. Blocks on files."""
    analysis = run.read_or_none("analysis.json", Analysis)
    review = run.read_or_none("review.json", Review) or Review()
    readiness = run.read_or_none("readiness.json", Readiness) or Readiness()
    closed = _closed(run)
    attempts = analysis.attempts if analysis else tuple(c.attempt for c in closed)
    decided_by = analysis.decided_by if analysis else 0
    shown = next((a for a in attempts if a.number == decided_by), attempts[-1] if attempts else None)
    plan = next((c.plan for c in closed if shown and c.attempt.number == shown.number), None)
    missing = Outcome(status=Status.FAILED, reasons=("the run ended without an outcome",))
    file = run.read_or_none(FILE, ResultFile)
    result = Result(
        run=_run_info(run, state, file),
        file=file,
        outcome=state.outcome or missing,
        scenarios=attempts,
        decided_by=decided_by,
        plan=plan if plan and plan.scenarios else None,
        cases=latest_cases(closed, shown.number) if shown else (),
        generator=shown.generator if shown else GeneratorHealth(limited=False),
        files=shown.files if shown else FileHealth(rows=0),
        review=review.remarks,
        repairs=tuple(state.repairs),
        environment=_environment(readiness),
        connectivity=readiness.connectivity,
        loops=tuple(_with_effect(loop, attempts) for loop in state.passes),
        alerts=read_events(run.path, EventKind.ALERT),
        steering=read_events(run.path, EventKind.STEERING),
        degradations=(
            *state.degradations,
            *(event.text for event in read_events(run.path, EventKind.DEGRADATION)),
        ),
    )
    if analysis is None:
        return result
    return result.model_copy(
        update={
            "thresholds": analysis.thresholds,
            "findings": analysis.findings,
            "capacity": analysis.capacity,
            "comparison": analysis.comparison,
            "trend": analysis.trend,
            "soak": analysis.soak,
            "insights": analysis.insights,
            "facts": analysis.facts,
        }
    )


def charts_of(run: RunDirectory, result: Result) -> Charts | None:
    """Charts of the attempt that the report shows."""
    number = result.decided_by or (result.scenarios[-1].number if result.scenarios else 0)
    closed = run.read_or_none(f"attempts/{number}/closed.json", ClosedAttempt)
    return closed.charts if closed else None


def effective_spec(run: RunDirectory) -> Spec | None:
    """The description as it was run; None where it was refused."""
    path = run.path / "spec.effective.yaml"
    return load_spec(path) if path.is_file() else None


def _closed(run: RunDirectory) -> list[ClosedAttempt]:
    names = (f"attempts/{number}/closed.json" for number in run.attempts())
    return [closed for name in names if (closed := run.read_or_none(name, ClosedAttempt))]


def _run_info(run: RunDirectory, state: State, file: ResultFile | None) -> RunInfo:
    spec = effective_spec(run)
    generator = run.read_or_none("generator.json", Generator)
    return RunInfo(
        id=run.id,
        test_name=file.name if file else spec.test_name if spec else "",
        test_type=spec.test_type.value if spec else "",
        environment=spec.environment.name if spec else "",
        base_url=spec.environment.base_url if spec else "",
        started_ms=run.made_ms(),
        ended_ms=int(time.time() * 1000),
        perfpilot=__version__,
        jmeter=generator.jmeter.version if generator else "",
        java=generator.java.version if generator else "",
        host="" if file else _this_machine(),
        spec_sha256=_sha256(run),
        phase_times_s=state.phase_times_s,
    )


def _this_machine() -> str:
    memory_gib = psutil.virtual_memory().total / 2**30
    return f"{platform.system()} {platform.release()}, {psutil.cpu_count()} cores, {memory_gib:.0f} GiB"


def _sha256(run: RunDirectory) -> str:
    import hashlib

    path = run.path / "spec.effective.yaml"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _environment(readiness: Readiness) -> dict[str, str]:
    quiet = readiness.quiet
    if not quiet.seconds:
        return {}
    found = {"host before the load": f"{quiet.cpu_share:.0%} of the processor in use"}
    if quiet.busiest:
        found["busiest other process"] = quiet.busiest
    if readiness.response_s is not None:
        found["one request without load"] = f"{readiness.response_s * 1000:.1f} ms"
    return found


def _with_effect(loop: LoopPass, attempts: tuple[Attempt, ...]) -> LoopPass:
    """What a pass did, from the attempt that followed it."""
    if loop.effect:
        return loop
    following = next((a for a in attempts if a.number > loop.attempt), None)
    if not loop.changed:
        return loop.model_copy(update={"effect": "nothing was changed"})
    if following is None:
        return loop.model_copy(update={"effect": "no attempt followed"})
    steady = following.phase("steady")
    if steady is None or not steady.pooled.count:
        return loop.model_copy(update={"effect": f"attempt {following.number} ended {following.ended}"})
    reached = following.generator.achieved_load
    text = f"attempt {following.number}: {steady.pooled.rate_per_s:.1f} samples per second"
    text += f", {reached:.1%} of the load asked" if reached is not None else ""
    return loop.model_copy(update={"effect": f"{text}, {steady.pooled.errors} failed"})
