"""Memory that leaks: what is left after each collection grows as long as the load stands still."""

from __future__ import annotations

from perfpilot.analysis.causes.case import Case, bounded
from perfpilot.analysis.soak.facts import soak_fact_names
from perfpilot.domain.judgement import Finding, FindingKind, Severity
from perfpilot.domain.soak import SlowChange

_SOON_H = 24.0
_CLEAR_SHARE_PER_H = 0.02
_LONG_H = 1.0


def memory_leak(case: Case) -> list[Finding]:
    """A finding for each component of the target whose memory climbs; the load generator's own is none.

    A leak needs no slow answers: it is found before they come.
    """
    changes = case.seen.soak.changes
    return [_finding(case, change) for change in changes if change.kind == "leak" and change.of_target]


def _finding(case: Case, change: SlowChange) -> Finding:
    degraded = [other for other in case.seen.soak.changes if other.kind == "degradation"]
    growth = case.book.value("signal.response_growth")
    against = ["signal.response_growth"] if not degraded and growth is not None and growth < 1.1 else []
    if case.generator_limited:
        against.append("generator.achieved_load")
    return Finding(
        kind=FindingKind.MEMORY_LEAK,
        component=change.component,
        severity=_severity(change),
        confidence=_confidence(case, change, bool(degraded)),
        evidence_for=case.book.ids(
            *soak_fact_names(change), *(name for other in degraded for name in soak_fact_names(other)[:1])
        ),
        evidence_against=case.book.ids(*against),
        explanation=f"The {change.subject} climbs without a break while the load stands still, in what is "
        "left after its peaks too, and does not flatten out." + (_DEGRADED if degraded else ""),
        recommendations=(
            "Take dumps of its heap some minutes apart under this load, and see which objects grew.",
            "Until it is mended, restart it before its memory ends, and watch the hours left.",
            "Run the same test for longer: a cache that fills slowly flattens out, a leak does not.",
        ),
    )


_DEGRADED = " Answers grew worse in the same time."


def _severity(change: SlowChange) -> Severity:
    if change.hours_left is not None and change.hours_left <= _SOON_H:
        return Severity.HIGH
    return Severity.MEDIUM


def _confidence(case: Case, change: SlowChange, degraded: bool) -> float:
    confidence = 0.6
    confidence += 0.1 * (case.seen.soak.hours >= _LONG_H)
    confidence += 0.1 * (change.low_per_hour >= _CLEAR_SHARE_PER_H * max(change.first, 1.0))
    confidence += 0.1 * degraded
    confidence -= 0.1 * case.generator_limited
    return bounded(confidence)
