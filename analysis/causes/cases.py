"""Cases that the target took badly: no part of the measured load, and no reason for the verdict."""

from __future__ import annotations

from perfpilot.analysis.causes.case import Case
from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.cases import taken_badly
from perfpilot.analysis.failures.error_kinds import ErrorKind, error_key, error_kind
from perfpilot.domain.judgement import Finding, FindingKind, Severity
from perfpilot.domain.load_outcome import Met

_FAILS_ANYWAY = 0.05
"""An endpoint that fails this share of its ordinary requests may have failed the case for the same reason."""

_ALONE = "Sent once, with no load on the target."
_REPEAT = "Send the request of the case alone: it is in the plan, under the name of the case."


def cases_taken_badly(case: Case) -> list[Finding]:
    """One finding for each endpoint and each way of taking a case badly. None of them changes the verdict."""
    return [_finding(case, endpoint, met) for endpoint, met in taken_badly(case.seen.cases)]


_SAID: dict[Met, tuple[Severity, float, str, tuple[str, ...]]] = {
    Met.LET_IN: (
        Severity.HIGH,
        0.9,
        "This endpoint answered with success without the right credentials.",
        (
            "Check first that this endpoint is meant to be protected: where it is open, describe it with "
            "authenticated: false.",
            "Refuse a request without valid credentials, before anything is done for it.",
        ),
    ),
    Met.SERVER_ERROR: (
        Severity.MEDIUM,
        0.85,
        "This endpoint answered unusual or wrong input with a server error, where serving it or refusing it "
        "with a client error would be in order.",
        (_REPEAT, "Check the input before it is used, and refuse what can't be served with a client error."),
    ),
    Met.NO_ANSWER: (
        Severity.MEDIUM,
        0.7,
        "This endpoint left unusual or wrong input without an answer.",
        (_REPEAT, "Bound the work for one request, and refuse what is too much with a client error."),
    ),
    Met.ACCEPTED: (
        Severity.LOW,
        0.6,
        "This endpoint answered with success where an error was expected.",
        ("Check what the target did with this request: input that is dropped without a word misleads.",),
    ),
}


_LOGIN = (
    "The login answered with success to a request that is wrong.",
    (
        "Check that this answer gives no token: some logins tell of a refusal in the body alone.",
        "Refuse a wrong login with a client error, so that clients and monitors can tell it.",
    ),
)


def _finding(case: Case, endpoint: str, met: Met) -> Finding:
    severity, confidence, explanation, recommendations = _SAID[met]
    if met is Met.LET_IN and endpoint == case.seen.plan.login:
        explanation, recommendations = _LOGIN
    against = case.book.ids(*_fails_anyway(case, endpoint)) if met is not Met.LET_IN else ()
    return Finding(
        kind=FindingKind.APPLICATION_ERRORS,
        component=endpoint,
        severity=severity,
        confidence=round(confidence - 0.2, 2) if against else confidence,
        evidence_for=case.book.ids(fact_name(f"cases.{met.value}", endpoint)),
        evidence_against=against,
        explanation=f"{explanation} {_ALONE}",
        recommendations=recommendations,
        by_case=True,
    )


def _fails_anyway(case: Case, endpoint: str) -> list[str]:
    """Facts that show the endpoint failing under its ordinary requests too."""
    kinds = (ErrorKind.SERVER_ERROR, ErrorKind.TIMEOUT, ErrorKind.CONNECTION)
    phase = case.seen.judged
    return [
        case.named(f"errors.{error_key(cause.code)}", stats.label)
        for stats in (phase.labels if phase else ())
        if stats.label == endpoint
        for cause in stats.causes
        if error_kind(cause.code) in kinds and cause.count >= _FAILS_ANYWAY * stats.count
    ]
