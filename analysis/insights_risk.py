"""The risks that the figures themselves show, and where they end."""

from __future__ import annotations

from perfpilot.analysis.fact_book import FactBook
from perfpilot.analysis.statement import judged, named, say, shown
from perfpilot.domain.judgement import Decision, Finding, FindingKind, Insight, ThresholdResult
from perfpilot.domain.outcome import Outcome, Verdict

_LITTLE_HEADROOM = 70.0
"""The USE method's point from which utilisation `can begin to be a problem`, since a mean hides bursts."""


def risk_assessment(
    book: FactBook,
    findings: tuple[Finding, ...],
    outcome: Outcome,
    thresholds: tuple[ThresholdResult, ...],
) -> tuple[Insight, ...]:
    """Findings by severity, close calls, open questions, headroom; on a plain GO one sentence of scope."""
    told = [_finding(finding) for finding in findings]
    for result in thresholds:
        told += _threshold(book, result, outcome)
    cpu = book.get("signal.target_cpu")
    if cpu is not None and cpu.value >= _LITTLE_HEADROOM and not _has(findings, FindingKind.CPU_SATURATION):
        text = f"The CPU share of the target was {shown(cpu)}: little is left for peaks above this load."
        told.append(say(text, cpu))
    if outcome.verdict is Verdict.GO:
        rate = judged(book, "rate_per_s")
        if rate is not None:
            told.append(say(f"The load reached {shown(rate)}; nothing above it was tested.", rate))
    return tuple(told)


def _finding(finding: Finding) -> Insight:
    text = f"{finding.severity.value.capitalize()} risk: {named(finding)} ({finding.component})."
    return Insight(text=text, facts=finding.evidence_for)


def _threshold(book: FactBook, result: ThresholdResult, outcome: Outcome) -> list[Insight]:
    value, limit = book.get("threshold.value", result.text), book.get("threshold.limit", result.text)
    if result.marginal and value is not None and result.decision is not Decision.UNDECIDED:
        text = f"The threshold {result.text} is a close call, at {shown(value)}: another run may differ."
        return [say(text, value, limit)]
    if result.decision is Decision.UNDECIDED and outcome.verdict is not Verdict.INCONCLUSIVE:
        return [say(f"The threshold {result.text} was not decided; nothing is known about it.", value, limit)]
    return []


def _has(findings: tuple[Finding, ...], kind: FindingKind) -> bool:
    return any(finding.kind is kind for finding in findings)
