"""A result with hostile text in every place that takes text: markup, escape sequences, hidden marks."""

from __future__ import annotations

from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import ChangeDecision, Comparison
from perfpilot.domain.judgement import (
    Answer,
    Fact,
    Insight,
    Insights,
    ProductionReadiness,
    ReadinessItem,
    Roadmap,
)
from perfpilot.domain.load_outcome import Met
from perfpilot.domain.measure import ErrorCause, FileHealth, GeneratorHealth
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.plan import Kind, LeftOut, Plan, PlannedStep
from perfpilot.domain.result import Artifact, Charts, Connectivity, Remark, Repair, Result
from perfpilot.domain.soak import Soak
from perfpilot.domain.trend import Trend
from tests.reporting.sample_charts import charts
from tests.reporting.sample_judgements import BROKEN, POOL, UNDECIDED
from tests.reporting.sample_measures import label, phases
from tests.reporting.sample_outlook import capacity, comparison, soak, trend, with_intended, with_intervals
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
    row = label(bad, 100, 3, 2.0, 20.0, causes=causes, no_interval=bad)
    steady = phases()[1].model_copy(update={"labels": (row,), "transactions": (row,), "cases": (row,)})
    steady = with_intended(with_intervals(steady))
    insight = (Insight(text=bad, facts=(bad,), gain=bad, assumption=bad),)
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
            "capacity": _capacity(),
            "comparison": _comparison(),
            "trend": _trend(),
            "soak": _soak(),
            "insights": Insights(
                executive_summary=insight,
                technical_analysis=insight,
                comparative_analysis=insight,
                optimization_roadmap=Roadmap(weeks_0_2=insight),
                readiness=ProductionReadiness(
                    summary=bad,
                    items=(ReadinessItem(question=bad, answer=Answer.NO, text=bad, facts=(bad,)),),
                ),
                recommendation=bad,
            ),
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
            "generator": GeneratorHealth(limited=True, reasons=(bad,), notes=(bad,)),
            "files": FileHealth(rows=1, rejected=1, rejects=(bad,)),
            "artifacts": (Artifact(path="//evil.example/" + bad, sha256=bad, bytes=1),),
        }
    )


def _capacity() -> Capacity:
    bad, made = HOSTILE, capacity()
    assert made.scaling is not None
    return made.model_copy(
        update={
            "because": bad,
            "bound_because": bad,
            "levels": tuple(level.model_copy(update={"why": bad}) for level in made.levels),
            "scalability": made.scalability.model_copy(update={"because": bad}),
            "scaling": made.scaling.model_copy(update={"currency": bad, "assumptions": (bad,)}),
        }
    )


def _comparison() -> Comparison:
    bad, made = HOSTILE, comparison()
    texts = {"metric": bad, "label": bad, "unit": bad, "because": bad}
    return made.model_copy(
        update={
            "baseline_run": bad,
            "baseline_runs": (bad,),
            "because": bad,
            "method": bad,
            "changes": tuple(change.model_copy(update=texts) for change in made.changes),
        }
    )


def _trend() -> Trend:
    bad, made = HOSTILE, trend()
    moved = made.metrics[0]
    shifts = tuple(shift.model_copy(update={"run_id": bad}) for shift in moved.shifts)
    points = tuple(point.model_copy(update={"run_id": bad}) for point in moved.points)
    texts = {"metric": bad, "label": bad, "unit": bad, "because": bad}
    still = made.metrics[1].model_copy(update=texts | {"decision": ChangeDecision.UNDECIDED})
    shown = moved.model_copy(update=texts | {"shifts": shifts, "points": points})
    return made.model_copy(update={"metrics": (shown, still), "because": bad})


def _soak() -> Soak:
    bad, made = HOSTILE, soak()
    texts = {"component": bad, "metric": bad, "unit": bad}
    changes = tuple(change.model_copy(update=texts) for change in made.changes)
    return made.model_copy(update={"changes": changes, "because": bad})


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
