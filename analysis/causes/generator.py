"""The load generator was the limit, not the target."""

from __future__ import annotations

from perfpilot.analysis.causes.case import Case
from perfpilot.domain.judgement import Finding, FindingKind, Severity


def load_generator_limited(case: Case) -> list[Finding]:
    """A finding whenever the generator's health says so, with its own reasons."""
    health = case.seen.attempt.generator
    if not health.limited:
        return []
    reasons = "; ".join(health.reasons)
    return [
        Finding(
            kind=FindingKind.LOAD_GENERATOR_LIMITED,
            component="jmeter",
            severity=Severity.HIGH,
            confidence=0.9,
            evidence_for=case.book.ids(
                "generator.cpu_share", "generator.achieved_load", "resource.cpu_share.mean(jmeter)"
            ),
            evidence_against=case.book.ids("signal.target_cpu") if _target_full(case) else (),
            explanation="The load generator could not keep up: response times and throughput are partly "
            "its own." + (f" Seen: {reasons}." if reasons else ""),
            recommendations=(
                "Give the load generator a machine of its own or more cores, or ask for less load.",
            ),
        )
    ]


def _target_full(case: Case) -> bool:
    share = case.book.value("signal.target_cpu")
    return share is not None and share > 85
