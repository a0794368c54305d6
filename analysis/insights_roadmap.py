"""The roadmap: what to do about each finding, by horizon, with the return that its figures let expect.

Returns are estimates and say so. Where the figures allow none, none is given.
"""

from __future__ import annotations

from perfpilot.analysis.fact_book import FactBook
from perfpilot.analysis.statement import judged, named, say, shown
from perfpilot.domain.judgement import Fact, Finding, FindingKind, Insight, Roadmap

_LATER: dict[FindingKind, tuple[str, str]] = {
    FindingKind.CPU_SATURATION: (
        "Watch the CPU time of each request from release to release, in the same test.",
        "Find the capacity with a test in steps, and size instances by it.",
    ),
    FindingKind.APPLICATION_ERRORS: (
        "Add a test of the failing request without load to the build: a defect then shows early.",
        "",
    ),
    FindingKind.RATE_LIMITING: ("Agree on the limit with the service's callers, and alert before it.", ""),
    FindingKind.TARGET_DOWN: (
        "Let the platform restart the target, and test that it recovers under load.",
        "Run more than one instance, so that one loss is no outage.",
    ),
    FindingKind.TARGET_RESTART: (
        "Test that a restart under load loses no requests: drain before stopping, start before serving.",
        "",
    ),
    FindingKind.LOCK_CONTENTION: (
        "Move the shared state behind the lock to where it can be changed in parallel.",
        "",
    ),
    FindingKind.CONCURRENCY_LIMIT: (
        "Measure the limited resource (workers, connections) in production and alert when none is free.",
        "",
    ),
}  # fmt: skip


def optimization_roadmap(book: FactBook, findings: tuple[Finding, ...]) -> Roadmap:
    """Each statement is tied to its finding by the facts it cites. Empty where nothing was found."""
    weeks: list[Insight] = []
    months: list[Insight] = []
    later: list[Insight] = []
    for finding in findings:
        whose = f"{named(finding)} ({finding.component})"
        returns = _estimate(book, finding)
        for place, advice in enumerate(finding.recommendations):
            gain = f" {returns.text}" if returns and place == 0 else ""
            facts = tuple(dict.fromkeys(finding.evidence_for + (returns.facts if returns else ())))
            weeks.append(Insight(text=f"For {whose}: {advice}{gain}", facts=facts))
        for horizon, text in zip((months, later), _LATER.get(finding.kind, ("", "")), strict=True):
            if text:
                horizon.append(Insight(text=f"For {whose}: {text}", facts=finding.evidence_for))
    return Roadmap(weeks_0_2=tuple(weeks), months_1_3=tuple(months), months_3_plus=tuple(later))


def _estimate(book: FactBook, finding: Finding) -> Insight | None:
    """The return, from measurements of this run. A case was not measured: mending it moves no figure."""
    if finding.by_case:
        return None
    if finding.kind is FindingKind.CPU_SATURATION:
        return _cpu(book)
    if finding.kind in (FindingKind.CONCURRENCY_LIMIT, FindingKind.LOCK_CONTENTION):
        return _wait(book, "" if finding.component == "target" else finding.component)
    if finding.kind in (FindingKind.APPLICATION_ERRORS, FindingKind.RATE_LIMITING):
        return _errors(book, "" if finding.component == "target" else finding.component)
    return None


def _cpu(book: FactBook) -> Insight | None:
    cost = book.get("cost.cpu_ms")
    wait = _wait(book, "")
    if cost is None:
        return wait
    text = (
        f"Return, an estimate: the target now spends a CPU time of {shown(cost)} on each request; the rate "
        "that it carries rises as this falls."
    )
    return Insight(
        text=f"{text} {wait.text}" if wait else text, facts=(cost.id, *(wait.facts if wait else ()))
    )


def _wait(book: FactBook, label: str) -> Insight | None:
    now, quiet = judged(book, "p50_ms", label), book.get("unloaded.p50_ms", label)
    if now is None or quiet is None or quiet.value >= now.value:
        return None
    whose = f"of {label}" if label else "over all requests"
    text = (
        f"Return, an estimate: without the wait the p50 {whose} would go from {shown(now)} towards "
        f"{shown(quiet)} without load."
    )
    return say(text, now, quiet)


def _errors(book: FactBook, label: str) -> Insight | None:
    errors: Fact | None = judged(book, "errors", label)
    rate = judged(book, "error_rate", label)
    if errors is None or rate is None or not errors.value:
        return None
    whose = f"of {label}" if label else "over all requests"
    text = (
        f"Return, an estimate: at most the error rate {whose}, {shown(rate)}, goes away with it, which was "
        f"{shown(errors).removesuffix(' samples')} failed samples."
    )
    return say(text, rate, errors)
