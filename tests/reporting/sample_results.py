"""Results with realistic figures to render: a 60-second run against the demo shop, and its variations."""

from __future__ import annotations

from typing import Any

from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.events import Event, EventKind
from perfpilot.domain.judgement import (
    Answer,
    Decision,
    Insight,
    Insights,
    ProductionReadiness,
    ReadinessItem,
    Roadmap,
)
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.loops import Loop, LoopPass, Reason
from perfpilot.domain.measure import (
    Attempt,
    FileHealth,
    GeneratorHealth,
    SteadyState,
)
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.result import Artifact, Connectivity, Remark, Repair, Result, RunInfo
from tests.reporting import sample_outlook as outlook
from tests.reporting.sample_judgements import BROKEN, CHATTY, FACTS, POOL, THRESHOLDS, UNDECIDED
from tests.reporting.sample_measures import phases

START_MS = 1_795_360_836_000


def plan(attempt: int = 1) -> Plan:
    steps = (PlannedStep(endpoint="list products", label="list products"),)
    curve = LoadCurve(
        unit="rate_per_s",
        segments=(Segment(duration_s=10, start=0, end=300), Segment(duration_s=50, start=300, end=300)),
    )
    scenario = Scenario(name="mix", engine=Engine.OPEN_SCHEDULE, curve=curve, steps=steps, users=1200)
    return Plan(
        attempt=attempt,
        scenarios=(scenario,),
        duration_s=60,
        warm_up_s=12,
        peak_rate_per_s=300,
        users=1200,
        expected_samples=16_500,
        connect_timeout_s=3,
        response_timeout_s=10,
        notes=("1,200 users at most: 300/s for up to 4 s each in flight.",),
    )


def run_info(**changes: Any) -> RunInfo:
    fields: dict[str, Any] = {
        "id": "20261122-152036-7f3a",
        "test_name": "shop under 300 a second",
        "test_type": "load",
        "environment": "staging",
        "base_url": "http://127.0.0.1:8080",
        "started_ms": START_MS - 14_000,
        "ended_ms": START_MS + 71_400,
        "perfpilot": "0.1.0",
        "jmeter": "5.6.3",
        "java": "21.0.5",
        "host": "Linux 6.8, 2 cores, 7.8 GiB",
        "spec_sha256": "9f2c" * 16,
        "phase_times_s": {
            "report": 1.9,
            "validate": 0.04,
            "approve": 0.01,
            "setup": 6.2,
            "plan": 0.21,
            "execute": 71.3,
            "collect": 0.62,
            "analyze": 0.87,
        },
    }
    return RunInfo(**(fields | changes))


def go_result(**changes: Any) -> Result:
    """A healthy run: GO, every threshold met, nothing found."""
    attempt = Attempt(
        number=1,
        started_ms=START_MS,
        ended="completed",
        phases=phases(),
        generator=GeneratorHealth(limited=False, achieved_load=0.998, cpu_share=0.17, in_flight_mean=10.3),
        files=FileHealth(rows=16_432),
    )
    fields: dict[str, Any] = {
        "run": run_info(),
        "outcome": Outcome(
            status=Status.COMPLETED, verdict=Verdict.GO, reasons=("all 4 thresholds were met",)
        ),
        "thresholds": THRESHOLDS,
        "scenarios": (attempt,),
        "decided_by": 1,
        "plan": plan(),
        "generator": attempt.generator,
        "files": attempt.files,
        "facts": FACTS,
        "environment": {"target": "demo shop 0.1.0", "python": "3.11.9"},
        "connectivity": (
            Connectivity(kind="dns", subject="localhost", ok=True, duration_ms=0.31),
            Connectivity(
                kind="http", subject="http://127.0.0.1:8080/health", ok=True, duration_ms=2.41, detail="200"
            ),
        ),
        "comparison": Comparison(because="there is no earlier run of this description"),
        "capacity": Capacity(
            estimated=False, because="the test held one level; a breakpoint test finds capacity"
        ),
        "insights": Insights(
            executive_summary=(
                Insight(text="At 299.4 requests a second the p95 was 83.2 ms.", facts=("F1",)),
                Insight(text="The target used 31 % of its processor.", facts=("F4",), source="model"),
            ),
            recommendation="GO",
        ),
        "artifacts": (
            Artifact(path="report.html", sha256="ab" * 32, bytes=312_113),
            Artifact(path="attempts/1/results.jtl", sha256="cd" * 32, bytes=1_631_402),
        ),
    }
    return Result(**(fields | changes))


def no_go_result(**changes: Any) -> Result:
    """A run with everything: a broken and an undecided threshold, findings, loops, repairs, a comparison."""
    first = Attempt(
        number=1,
        started_ms=START_MS - 9_000,
        ended="early_failure",
        detail="checkout answered only 404",
        valid=False,
        invalid_because="the description was repaired after it",
    )
    second = go_result().scenarios[0]
    second = second.model_copy(
        update={
            "number": 2,
            "phases": (second.phases[0], outlook.with_intended(outlook.with_intervals(second.phases[1]))),
            "generator": outlook.health(),
            "steady": SteadyState(found=True, from_s=14.0, to_s=60.0, ramp_s=10.0, warm_up_s=4.0),
        }
    )
    fields: dict[str, Any] = {
        "outcome": Outcome(
            status=Status.COMPLETED,
            verdict=Verdict.NO_GO,
            reasons=("p95(checkout) < 300ms was broken: 346 ms", "checkout waited for database connections"),
        ),
        "thresholds": (BROKEN, UNDECIDED, *THRESHOLDS[1:]),
        "scenarios": (first, second),
        "decided_by": 2,
        "plan": plan(2),
        "findings": (CHATTY, POOL),
        "capacity": outlook.capacity(),
        "comparison": outlook.comparison(),
        "trend": outlook.trend(),
        "soak": outlook.soak(),
        "generator": outlook.health(),
        "insights": Insights(
            executive_summary=(
                Insight(
                    text="Checkout is too slow at 300 a second: its p95 is 346 ms, the limit 300 ms.",
                    facts=("F1",),
                ),
                Insight(
                    text="Its requests wait for database connections; processor and disks are idle.",
                    facts=("F2", "F4"),
                    source="model",
                ),
            ),
            technical_analysis=(
                Insight(text="All 8 connections were in use for 31 s of 48 s.", facts=("F2",)),
            ),
            risk_assessment=(
                Insight(text="A sale at twice the load would fail at checkout first.", facts=("F2",)),
            ),
            optimization_roadmap=Roadmap(
                weeks_0_2=(Insight(text="Raise the pool to 16: removes the wait at this load."),),
                months_1_3=(Insight(text="Move the payment call out of the transaction."),),
                months_3_plus=(Insight(text="Split reads from writes."),),
            ),
            capacity_planning=(Insight(text="At 262.5/s the thresholds hold; two replicas carry 500/s."),),
            comparative_analysis=(Insight(text="Checkout is 20 % slower than in the run before."),),
            readiness=ProductionReadiness(
                summary="1 of 3 questions is answered with yes, 1 with no, 1 was not tested.",
                items=(
                    ReadinessItem(
                        question="Does it meet its thresholds at the load that is expected?",
                        answer=Answer.NO,
                        text="p95(checkout) < 300ms was broken.",
                        facts=("F1",),
                    ),
                    ReadinessItem(
                        question="Is there head room over the expected peak?",
                        answer=Answer.YES,
                        text="The capacity is 31.2 % above it.",
                    ),
                    ReadinessItem(
                        question="Does it hold for hours?",
                        answer=Answer.NOT_TESTED,
                        text="The load took 60 s.",
                    ),
                ),
            ),
            recommendation="NO_GO",
        ),
        "loops": (
            LoopPass(
                loop=Loop.REPAIR,
                reason=Reason.ENDPOINT_NOT_FOUND,
                subject="checkout",
                attempt=1,
                seen="64 of 64 answers were 404",
                changed="path /chekout became /checkout",
                effect="checkout answers 200",
            ),
        ),
        "repairs": (
            Repair(
                place="endpoints.3.path",
                before="/chekout",
                after="/checkout",
                proof="GET /checkout answered 200",
            ),
        ),
        "review": (
            Remark(
                severity="warning",
                place="thresholds",
                text="No threshold on p99 of checkout.",
                source="rule R12",
            ),
            Remark(
                severity="info", place="load_patterns.0", text="Ramp-up added: 10 s.", source="best practice"
            ),
        ),
        "degradations": ("the language model did not answer in 20 s; the words are by rules",),
        "alerts": (
            Event(
                seq=31,
                time_ms=START_MS + 41_000,
                mono_s=41.0,
                kind=EventKind.ALERT,
                text="p95(checkout) over its limit for 10 s",
            ),
        ),
        "steering": (
            Event(
                seq=12,
                time_ms=START_MS + 20_000,
                mono_s=20.0,
                kind=EventKind.STEERING,
                text="rate held at 300/s",
            ),
        ),
    }
    return go_result(**(fields | changes))


def inconclusive_result() -> Result:
    """The load generator was limited: latency decides nothing."""
    health = GeneratorHealth(
        limited=True,
        achieved_load=0.71,
        cpu_share=0.94,
        in_flight_mean=310.0,
        reasons=("JMeter used 94 % of the host's cores", "71 % of the load asked for was reached"),
    )
    attempt = go_result().scenarios[0].model_copy(update={"generator": health})
    unsure = tuple(
        t.model_copy(update={"decision": Decision.UNDECIDED, "reason": "the load generator was limited"})
        for t in THRESHOLDS
    )
    return go_result(
        outcome=Outcome(
            status=Status.COMPLETED, verdict=Verdict.INCONCLUSIVE, reasons=("the load generator was limited",)
        ),
        insights=Insights(recommendation="INCONCLUSIVE"),
        thresholds=unsure,
        scenarios=(attempt,),
        generator=health,
        files=FileHealth(
            rows=11_002, rejected=1, rejects=("line 17: wrong column count (9 of 17)",), torn_tail=True
        ),
    )


def never_started_result(status: Status = Status.REFUSED) -> Result:
    """No attempt at all: refused, not ready or failed. Everything optional is missing."""
    reasons = {
        Status.REFUSED: "endpoints.2.path: 'basket' must begin with /",
        Status.NOT_READY: "nothing listens on 127.0.0.1:8080",
    }
    return Result(
        run=run_info(jmeter="", java="", host="", spec_sha256="", phase_times_s={}),
        outcome=Outcome(status=status, reasons=(reasons.get(status, "JMeter could not be started"),)),
    )


def stopped_result() -> Result:
    """Stopped by a person after 20 s: one phase, nothing decided."""
    whole = phases()[0].model_copy(update={"to_s": 20.0})
    attempt = Attempt(
        number=1,
        started_ms=START_MS,
        ended="stopped",
        detail="stopped by SIGINT",
        phases=(whole,),
        files=FileHealth(rows=5_020, torn_tail=True),
    )
    return go_result(
        outcome=Outcome(status=Status.STOPPED, reasons=("stopped by SIGINT after 20 s",)),
        thresholds=(UNDECIDED,),
        scenarios=(attempt,),
        decided_by=0,
        facts=(),
        insights=Insights(),
    )


EVERY_RESULT = {
    "go": go_result(),
    "no_go": no_go_result(),
    "inconclusive": inconclusive_result(),
    "refused": never_started_result(Status.REFUSED),
    "not_ready": never_started_result(Status.NOT_READY),
    "failed": never_started_result(Status.FAILED),
    "stopped": stopped_result(),
}
