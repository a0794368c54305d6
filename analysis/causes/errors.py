"""Causes that the answers name: server errors, failed expectations, 429, requests that do not fit."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.causes.case import Case, bounded
from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.failures.error_kinds import ErrorKind, error_key, error_kind
from perfpilot.domain.judgement import Finding, FindingKind, Severity
from perfpilot.domain.measure import LabelStats, PhaseStats

NOISE_SHARE = 0.005
"""Failures up to half a percent of a label's samples are the noise of a healthy service, unless a threshold
is broken."""

NOISE_COUNT = 5
_WRONG_REQUEST_SHARE = 0.99


@dataclass(frozen=True)
class _Failures:
    label: str
    count: int
    share: float
    keys: tuple[str, ...]


def application_errors(case: Case) -> list[Finding]:
    """5xx answers and failed expectations: one finding a label, or one for the target if all labels fail."""
    return _by_label(
        case, {ErrorKind.SERVER_ERROR, ErrorKind.ASSERTION}, FindingKind.APPLICATION_ERRORS, 0.9, _APPLICATION
    )


def rate_limiting(case: Case) -> list[Finding]:
    """Answers with status 429: somebody counts requests and refuses the rest."""
    return _by_label(case, {ErrorKind.RATE_LIMITED}, FindingKind.RATE_LIMITING, 0.95, _LIMITED)


def unfit_requests(case: Case) -> list[Finding]:
    """Labels that got nothing but statuses of requests that do not fit (`ErrorKind.UNFIT_REQUEST`), over the
    whole load: the test asks wrongly."""
    whole = case.seen.attempt.phase("all") or case.seen.judged
    findings = []
    for stats in _sorted(whole):
        failures = _failures(stats, {ErrorKind.UNFIT_REQUEST})
        if failures.count < 3 or failures.share < _WRONG_REQUEST_SHARE:
            continue
        # 404 may be a missing record of the service as well; the others speak of the request itself.
        confidence = 0.8 if "404" in failures.keys else 0.9
        kind = FindingKind.TEST_CONFIGURATION
        findings.append(_finding(case, [failures], kind, confidence, _CONFIGURATION))
    return findings


_APPLICATION = (
    "The target answered, but with server errors or with answers that the test does not accept.",
    (
        "Read the target's log for these requests: the first failure often names the cause.",
        "Repeat the request alone: an error that stays without load is a defect, not a matter of capacity.",
    ),
)
_LIMITED = (
    "The target, or something in front of it, refuses part of the requests with HTTP 429.",
    (
        "Find the rate limit (gateway, proxy or framework) and decide whether it belongs into this test.",
        "If it does, make the limit the threshold of the test; if not, exempt the load generator.",
    ),
)
_CONFIGURATION = (
    "This endpoint answered nothing but statuses that say the request itself does not fit the service.",
    ("Check path, method, content type and login of this endpoint in the description of the test.",),
)
_Words = tuple[str, tuple[str, ...]]


def _by_label(
    case: Case, kinds: set[ErrorKind], kind: FindingKind, confidence: float, words: _Words
) -> list[Finding]:
    phase = case.seen.judged
    all_labels = [s for s in _sorted(phase) if s.count]
    hit = [f for s in all_labels if _matters(case, f := _failures(s, kinds))]
    if not hit:
        return []
    if kind is FindingKind.APPLICATION_ERRORS and _overloaded(case):
        confidence -= 0.3
    if len(hit) >= 2 and len(hit) == len(all_labels):
        return [_finding(case, hit, kind, bounded(confidence), words)]
    return [_finding(case, [failures], kind, bounded(confidence), words) for failures in hit]


def _matters(case: Case, failures: _Failures) -> bool:
    if failures.count >= NOISE_COUNT and failures.share >= NOISE_SHARE:
        return True
    return failures.count >= NOISE_COUNT and _error_threshold_broken(case, failures.label)


def _error_threshold_broken(case: Case, label: str) -> bool:
    return any(
        result.decision.value == "broken"
        and result.text.removeprefix("abort if ").startswith("error_rate")
        and ("(" not in result.text or f"({label})" in result.text)
        for result in case.seen.thresholds
    )


def _overloaded(case: Case) -> bool:
    share = case.book.value("signal.target_cpu")
    return share is not None and share > 85 and bool(case.slow_names())


def _failures(stats: LabelStats, kinds: set[ErrorKind]) -> _Failures:
    causes = [cause for cause in stats.causes if error_kind(cause.code) in kinds]
    count = sum(cause.count for cause in causes)
    keys = tuple(sorted({error_key(cause.code) for cause in causes}))
    return _Failures(stats.label, count, count / stats.count if stats.count else 0.0, keys)


def _sorted(phase: PhaseStats | None) -> list[LabelStats]:
    return sorted(phase.labels, key=lambda s: s.label) if phase is not None else []


def _finding(
    case: Case, hit: list[_Failures], kind: FindingKind, confidence: float, words: _Words
) -> Finding:
    whole_load = kind is FindingKind.TEST_CONFIGURATION
    prefixes = dict.fromkeys(("all", case.book.phase)) if whole_load else (case.book.phase,)
    supporting = [
        fact_name(f"{prefix}.{metric}", failures.label)
        for failures in hit
        for prefix in prefixes
        for metric in (*(f"errors.{key}" for key in failures.keys), "count", "error_rate")
    ]
    against = ["signal.target_cpu"] if kind is FindingKind.APPLICATION_ERRORS and _overloaded(case) else []
    worst = max(failures.share for failures in hit)
    severity = Severity.HIGH if case.broken or worst >= 0.05 else Severity.MEDIUM
    return Finding(
        kind=kind,
        component=hit[0].label if len(hit) == 1 else "target",
        severity=severity,
        confidence=confidence,
        evidence_for=case.book.ids(*supporting),
        evidence_against=case.book.ids(*against),
        explanation=words[0],
        recommendations=words[1],
    )
