"""CPU saturation of the target: all of its cores, or the one core that its program can use."""

from __future__ import annotations

from perfpilot.analysis.causes.case import Case, bounded
from perfpilot.domain.judgement import Finding, FindingKind

SATURATED_PERCENT = 85.0
"""Mean share of the cores that the target may use. The USE method calls 70 % a possible problem and 100 %
a bottleneck; with random arrivals a mean of 85 % already queues for several service times."""

_NEIGHBOURS_PERCENT = 25.0


def cpu_saturation(case: Case) -> list[Finding]:
    """At most one finding. Busy cores without slow answers are a well-used machine, not a finding."""
    slow = case.slow_names()
    if not slow and (case.unloaded_known or not case.load_short):
        return []
    share = case.book.value("signal.target_cpu")
    if share is None:
        return []
    if share > SATURATED_PERCENT:
        return [_finding(case, slow, _all_cores_confidence(case, slow, share), _ALL_CORES)]
    if slow and one_core_full(case):
        return [_finding(case, slow, bounded(0.6 - 0.3 * case.generator_limited), _ONE_CORE)]
    return []


_ALL_CORES = "The target uses nearly all of the processor time that it may use, and requests wait for a core."
_ONE_CORE = (
    "The target uses one whole core, steadily, while others are free, and requests wait: its program seems "
    "to run on one core at a time."
)
_MEND_ALL = (
    "Profile the target under this load and reduce the processor time of its most expensive request.",
    "Until then add cores or instances, and run the same test again to see the new limit.",
)
_MEND_ONE = (
    "Run several worker processes, one a core, or move the heavy work off the one that serves.",
    "Profile that process under this load.",
)


def one_core_full(case: Case) -> bool:
    """Whether the target holds one whole core, no more and no less, although it may use several.

    The figure of a runtime with one executing thread (an event loop, an interpreter lock). A mean alone
    may be 1.0 by chance, so the seconds must agree with each other too.
    """
    used = case.book.value("signal.target_cores_used")
    spread = case.book.value("signal.target_cores_spread")
    allowed = case.seen.target_cores or case.seen.target_host_cores
    if used is None or spread is None or allowed < 2:
        return False
    return 0.92 <= used <= 1.08 and spread <= 0.08


def _all_cores_confidence(case: Case, slow: tuple[str, ...], share: float) -> float:
    confidence = 0.7
    confidence += 0.1 * (share >= 95)
    confidence += 0.1 * (case.load_short and bool(slow))
    confidence -= 0.1 * (not case.unloaded_known or not slow)
    confidence -= 0.3 * case.generator_limited
    confidence -= 0.2 * _neighbours_busy(case)
    return bounded(confidence)


def _neighbours_busy(case: Case) -> bool:
    share = case.book.value("resource.cpu_share.mean", "neighbours")
    return share is not None and share >= _NEIGHBOURS_PERCENT


def _finding(case: Case, slow: tuple[str, ...], confidence: float, explanation: str) -> Finding:
    supporting = ["signal.target_cpu", "resource.cpu_share.mean(target)", *slow]
    if explanation is _ONE_CORE:
        supporting += ["signal.target_cores_used", "signal.target_cores_spread"]
    against = []
    if case.load_short:
        supporting.append("generator.achieved_load")
    else:
        against.append("generator.achieved_load")
    if _neighbours_busy(case):
        against.append("resource.cpu_share.mean(neighbours)")
    if case.generator_limited:
        against.append("generator.cpu_share")
    return Finding(
        kind=FindingKind.CPU_SATURATION,
        component="target",
        severity=case.severity,
        confidence=confidence,
        evidence_for=case.book.ids(*supporting),
        evidence_against=case.book.ids(*against),
        explanation=explanation,
        recommendations=_MEND_ONE if explanation is _ONE_CORE else _MEND_ALL,
    )
