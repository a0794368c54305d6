"""A result with hostile text in every place that takes text: markup, escape sequences, hidden marks."""

from __future__ import annotations

from perfpilot.domain.judgement import Capacity, Comparison, Fact, Insight, Insights, MetricChange
from perfpilot.domain.load_outcome import Met
from perfpilot.domain.measure import ErrorCause, FileHealth, GeneratorHealth
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.plan import Kind, LeftOut, Plan, PlannedStep
from perfpilot.domain.result import Artifact, Charts, Connectivity, Remark, Repair, Result
from tests.reporting.sample_charts import charts
from tests.reporting.sample_judgements import BROKEN, POOL, UNDECIDED
from tests.reporting.sample_measures import label, phases
from tests.reporting.sample_plans import case, curve, scenario
from tests.reporting.sample_results import no_go_result, plan, run_info

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> \x1b[31mred\x1b[0m"
    " \u202egnp.exe\u202c `|` [x](javascript:alert(3)) @everyone \x00\x07"
)


def hostile_result() -> Result:
    """Outside text with scripts, escape sequences and hidden marks in every place that takes text."""
    bad = HOSTILE
    base = no_go_result()
    causes = (ErrorCause(code=bad, count=3, example=bad),)
    row = label(bad, 100, 3, 2.0, 20.0, causes=causes)
    steady = phases()[1].model_copy(update={"labels": (row,), "transactions": (row,), "cases": (row,)})
    insight = (Insight(text=bad, facts=(bad,)),)
    return base.model_copy(
        update={
            "run": run_info(
                id=bad,
                test_name=bad,
                environment=bad,
                base_url=bad,
                host=bad,
                jmeter=bad,
                java=bad,
                phase_times_s={bad: 1.0},
            ),
            "outcome": Outcome(status=Status.COMPLETED, verdict=Verdict.NO_GO, reasons=(bad, "=1+1")),
            "thresholds": (
                BROKEN.model_copy(update={"text": bad, "reason": bad}),
                UNDECIDED.model_copy(update={"reason": bad}),
            ),
            "scenarios": (
                base.scenarios[1].model_copy(update={"phases": (steady,), "detail": bad, "ended": bad}),
            ),
            "review": (Remark(severity=bad, place=bad, text=bad, source=bad),),
            "repairs": (Repair(place=bad, before=bad, after=bad, proof=bad),),
            "environment": {bad: bad},
            "connectivity": (Connectivity(kind=bad, subject=bad, ok=False, duration_ms=1.0, detail=bad),),
            "findings": tuple(
                POOL.model_copy(
                    update={
                        "component": bad,
                        "explanation": bad,
                        "recommendations": (bad,),
                        "evidence_for": (bad, "F1"),
                        "by_case": by_case,
                    }
                )
                for by_case in (False, True)
            ),
            "capacity": Capacity(estimated=False, because=bad),
            "comparison": Comparison(
                baseline_run=bad,
                because=bad,
                changes=(MetricChange(metric=bad, label=bad, before=1, after=2, unit=bad, change=1.0),),
            ),
            "trend": (bad,),
            "insights": Insights(executive_summary=insight, technical_analysis=insight, recommendation=bad),
            "loops": (
                base.loops[0].model_copy(update={"subject": bad, "seen": bad, "changed": bad, "effect": bad}),
            ),
            "alerts": (base.alerts[0].model_copy(update={"text": bad}),),
            "plan": hostile_plan(),
            "cases": tuple(
                case(bad, bad, met, why=bad, detail=bad, expected=bad, code=bad)
                for met in (Met.AS_EXPECTED, Met.OTHER, Met.NOT_SENT)
            ),
            "facts": (Fact(id="F1", name=bad, value=1.0, unit=bad, text=bad),),
            "degradations": (bad,),
            "generator": GeneratorHealth(limited=True, reasons=(bad,)),
            "files": FileHealth(rows=1, rejected=1, rejects=(bad,)),
            "artifacts": (Artifact(path="//evil.example/" + bad, sha256=bad, bytes=1),),
        }
    )


def hostile_plan() -> Plan:
    """A plan whose scenarios have hostile names, steps and reasons."""
    bad = HOSTILE
    step = PlannedStep(endpoint=bad, label=bad, only_if=bad)
    own = scenario(bad, curve((10, 0, 5), (50, 5, 5)), step, why=bad, login_first=True)
    left_out = tuple(LeftOut(name=bad, kind=Kind.EDGE, why=bad) for _ in range(9))
    return plan(2).model_copy(
        update={"scenarios": (own,), "before": (own,), "left_out": left_out, "notes": (bad,), "login": bad}
    )


def hostile_charts() -> Charts:
    """Charts whose components and metrics are hostile text."""
    series = charts()
    return series.model_copy(
        update={"resources": tuple(r.model_copy(update={"component": HOSTILE}) for r in series.resources)}
    )
