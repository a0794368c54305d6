"""The target went away: for good (nothing but failures to the end), or for a moment (another process)."""

from __future__ import annotations

from perfpilot.analysis.causes.case import Case, bounded
from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.failures.error_kinds import ErrorKind
from perfpilot.domain.judgement import Finding, FindingKind, Severity

_MOST = 0.8


def target_down(case: Case) -> list[Finding]:
    """Every label fails to the end, by refused or reset connections (sure) or by time-outs (less so)."""
    for kind, confidence, words in _WAYS:
        if _all_fail_by(case, kind):
            names = ("outage.from_s", "outage.duration_s", "outage.errors", f"outage.{kind.value}")
            against = ("signal.target_cpu",) if kind is ErrorKind.TIMEOUT else ()
            return [
                Finding(
                    kind=FindingKind.TARGET_DOWN,
                    component="target",
                    severity=Severity.CRITICAL,
                    confidence=confidence,
                    evidence_for=case.book.ids(*names, f"outage.{kind.value}_labels", "outage.labels"),
                    evidence_against=case.book.ids(*against),
                    explanation=words,
                    recommendations=(
                        "Read the target's log and the system's log (out of memory, crash) at that moment.",
                        "Run the same test again once the target is up; nothing after that moment counts.",
                    ),
                )
            ]
    return []


def target_restart(case: Case) -> list[Finding]:
    """The target's process was replaced while the load ran."""
    names = [fact_name("restart.at_s", str(n + 1)) for n in range(len(case.seen.restarts))]
    if not names:
        return []
    failed = [fact_name("restart.errors", str(n + 1)) for n in range(len(names))]
    any_failed = any(fact.value > 0 for fact in case.book.about("restart.errors").values())
    return [
        Finding(
            kind=FindingKind.TARGET_RESTART,
            component="target",
            severity=Severity.HIGH,
            confidence=bounded(0.95 if any_failed else 0.85),
            evidence_for=case.book.ids(*names, *(failed if any_failed else ())),
            evidence_against=() if any_failed else case.book.ids(*failed),
            explanation="Another process of the target served after this moment: it restarted under load.",
            recommendations=(
                "Find out who restarted it: a crash, the out-of-memory killer, a health check, a deployment.",
            ),
        )
    ]


_REFUSED = "From this moment to the end every request to every endpoint failed to connect or was cut off."
_SILENT = (
    "From this moment to the end no request to any endpoint was answered in time. The target hangs, or is so "
    "overloaded that nothing gets through; the figures here do not tell which."
)
_WAYS = ((ErrorKind.CONNECTION, 0.95, _REFUSED), (ErrorKind.TIMEOUT, 0.5, _SILENT))


def _all_fail_by(case: Case, kind: ErrorKind) -> bool:
    errors, count = case.book.value("outage.errors"), case.book.value(f"outage.{kind.value}")
    hit, labels = case.book.value(f"outage.{kind.value}_labels"), case.book.value("outage.labels")
    if errors is None or count is None or not labels:
        return False
    return hit == labels and count >= _MOST * errors
