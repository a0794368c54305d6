"""The roadmap: what to do about each finding, by horizon, with the gain that its figures let expect.

Gains are estimates from the figures of this run and say what they suppose. Where the figures allow none, none
is given.
"""

from __future__ import annotations

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.insights.comparison import regressions
from perfpilot.analysis.insights.gains import gain_of, gain_of_regression
from perfpilot.analysis.insights.moving import endangers, hours_left, metric_words, slow_changes, until_limit
from perfpilot.analysis.insights.results import Results
from perfpilot.analysis.trend.facts import spoken_of
from perfpilot.analysis.words.statement import named
from perfpilot.domain.judgement import Finding, FindingKind, Insight, Roadmap

_WEEKS_DAYS, _MONTHS_DAYS = 14.0, 92.0
_MOST_REGRESSIONS = 2

_LATER: dict[FindingKind, tuple[str, str]] = {
    FindingKind.CPU_SATURATION: (
        "Watch the CPU time of each request from release to release, in the same test.",
        "Find the capacity with a test in steps, and size instances by it.",
    ),
    FindingKind.MEMORY_LEAK: (
        "Let a soak test run before each release, and alert on memory that is left after collections.",
        "",
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


def optimization_roadmap(book: FactBook, findings: tuple[Finding, ...], results: Results) -> Roadmap:
    """Each item is tied to its finding, change or trend by the facts it cites. Empty: nothing was found."""
    weeks: list[Insight] = []
    months: list[Insight] = []
    later: list[Insight] = []
    for finding in findings:
        whose = f"{named(finding)} ({finding.component})"
        for place, advice in enumerate(finding.recommendations):
            item = Insight(text=f"For {whose}: {advice}", facts=finding.evidence_for)
            gain = gain_of(book, finding, results) if place == 0 else None
            weeks.append(gain.on(item) if gain else item)
        for horizon, text in zip((months, later), _LATER.get(finding.kind, ("", "")), strict=True):
            if text:
                horizon.append(Insight(text=f"For {whose}: {text}", facts=finding.evidence_for))
    weeks += _regressions(book, results)
    weeks += _running_out(book, findings, results)
    for days, item in _limits(book, results):
        (weeks if days <= _WEEKS_DAYS else months if days <= _MONTHS_DAYS else later).append(item)
    return Roadmap(weeks_0_2=tuple(weeks), months_1_3=tuple(months), months_3_plus=tuple(later))


def _regressions(book: FactBook, results: Results) -> list[Insight]:
    items = []
    for change in regressions(results.comparison)[:_MOST_REGRESSIONS]:
        gain = gain_of_regression(book, change)
        whose = metric_words(change.metric, change.label)
        text = f"For the regression of the {whose}: find the change between the builds that were compared."
        if gain:
            items.append(gain.on(Insight(text=text)))
    return items


def _running_out(book: FactBook, findings: tuple[Finding, ...], results: Results) -> list[Insight]:
    """Bounded resources that end within hours; memory that leaks is a finding of its own."""
    leaks = {finding.component for finding in findings if finding.kind is FindingKind.MEMORY_LEAK}
    changes = [change for change in (results.soak.changes if results.soak else ()) if endangers(change)]
    items = []
    for change, said in zip(changes, slow_changes(book, results.soak), strict=False):
        if change.kind == "exhaustion" and change.component not in leaks and hours_left(book, change)[0]:
            text = f"For the {change.subject}: find what uses it up, and set an alert before its limit."
            items.append(Insight(text=text, facts=said.facts))
    return items


def _limits(book: FactBook, results: Results) -> list[tuple[float, Insight]]:
    """Limits that the runs so far move towards, with the days that are left."""
    items = []
    for one in spoken_of(results.trend) if results.trend else ():
        said = until_limit(book, one)
        if said is not None and one.days_to_limit is not None:
            text = f"{said.text} Find what grows before then."
            items.append((one.days_to_limit, said.model_copy(update={"text": text})))
    return items
