"""Requests that wait although the processor is free: a fixed number of slots, or one that all must hold.

Little's law gives two figures for the slowed labels together: requests in flight (rate times response time)
and requests worked on (rate times response time without load). When the second stays far below the first
and the processor is idle, requests queue for something scarce. That something being one at a time, and only
for some labels, looks like a lock; several at a time looks like a limit of workers, slots or connections.
A database or another service behind the target can show the same figures: what is not monitored here is not
ruled out, so the confidence stays low.
"""

from __future__ import annotations

from perfpilot.analysis.causes.case import Case, bounded
from perfpilot.analysis.causes.cpu import one_core_full
from perfpilot.analysis.facts.book import fact_name
from perfpilot.domain.judgement import Finding, FindingKind

IDLE_PERCENT = 60.0
"""Below this share of its cores the target is not short of processor time."""

_SLOWED = 3.0
_SLOWED_BY_MS = 20.0
_UNAFFECTED = 1.7
_ONE_AT_A_TIME = 1.5
_GROWING = 1.5
_FLAT = 0.1


def waiting_elsewhere(case: Case) -> list[Finding]:
    """At most one finding: lock_contention or concurrency_limit."""
    idle = case.book.value("signal.target_cpu")
    slowed = _slowed_labels(case)
    flat = _flat_names(case)
    if idle is None or idle >= IDLE_PERCENT or not slowed or not flat or one_core_full(case):
        return []
    if case.generator_limited:
        return []
    worked = sum(case.book.value("signal.worked_on", label) or 0.0 for label in slowed)
    unaffected = [
        label
        for label, fact in case.book.about("signal.slowdown").items()
        if label not in slowed and fact.value <= _UNAFFECTED
    ]
    less = 0.1 if "plan.users" in flat else 0.0
    if worked <= _ONE_AT_A_TIME and unaffected:
        return [_finding(case, FindingKind.LOCK_CONTENTION, 0.55 - less, _LOCK, slowed, flat, ())]
    # Every label slowed alike speaks for the front door; untouched labels speak for something behind it.
    confidence = 0.4 if unaffected else 0.5
    kind = FindingKind.CONCURRENCY_LIMIT
    return [_finding(case, kind, confidence - less, _SLOTS, slowed, flat, tuple(unaffected))]


_LOCK = (
    "These endpoints are served one after another while the processor is idle and other endpoints stay fast. "
    "This is what a lock looks like; a database that serialises them would look the same from here.",
    (
        "Take thread dumps of the target under this load and look for one lock with many waiters.",
        "Shorten what is done while the lock is held, or split it.",
    ),
)
_SLOTS = (
    "Requests wait while the processor is idle, and only a fixed number is worked on at once. A limit of "
    "workers, slots or pooled connections fits; a slow service behind the target is not ruled out.",
    (
        "Compare the number worked on at once with the configured workers, threads and connections.",
        "Raise that one limit and run the same test again: if throughput rises with it, this was it.",
    ),
)


def _slowed_labels(case: Case) -> list[str]:
    slowed = []
    for label, fact in case.book.about("signal.slowdown").items():
        unloaded = case.book.value("unloaded.p50_ms", label) or 0.0
        if fact.value >= _SLOWED and unloaded * (fact.value - 1) >= _SLOWED_BY_MS:
            slowed.append(label)
    return sorted(slowed)


def _flat_names(case: Case) -> tuple[str, ...]:
    """Facts that show throughput not following: load not reached, or answers slowing at an equal rate."""
    if case.load_short:
        return ("generator.achieved_load",)
    response = case.book.value("signal.response_growth")
    throughput = case.book.value("signal.throughput_growth")
    grows = response is not None and response >= _GROWING
    if grows and throughput is not None and abs(throughput - 1) <= _FLAT:
        return ("signal.response_growth", "signal.throughput_growth")
    # Fixed users hold their number in flight by themselves: one level of them shows less.
    return ("generator.in_flight", "plan.users") if case.seen.plan.peak_rate_per_s == 0 else ()


def _finding(
    case: Case,
    kind: FindingKind,
    confidence: float,
    words: tuple[str, tuple[str, ...]],
    slowed: list[str],
    flat: tuple[str, ...],
    unaffected: tuple[str, ...],
) -> Finding:
    metrics = ("signal.slowdown", "signal.worked_on", "signal.in_flight")
    supporting = [fact_name(metric, label) for label in slowed for metric in metrics]
    against = [fact_name("signal.slowdown", label) for label in unaffected]
    return Finding(
        kind=kind,
        component=slowed[0] if len(slowed) == 1 else "target",
        severity=case.severity,
        confidence=bounded(confidence),
        evidence_for=case.book.ids("signal.target_cpu", *supporting, *flat),
        evidence_against=case.book.ids(*against),
        explanation=words[0],
        recommendations=words[1],
    )
