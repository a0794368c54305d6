"""The executive summary: the answer, the load it holds for, and the most likely cause."""

from __future__ import annotations

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.insights.reasons import because
from perfpilot.analysis.words.statement import judged, likely, named, say, shown
from perfpilot.domain.judgement import Decision, Finding, Insight, ThresholdResult
from perfpilot.domain.outcome import Outcome, Status, Verdict

_MOST_THRESHOLDS = 3


def executive_summary(
    book: FactBook,
    findings: tuple[Finding, ...],
    outcome: Outcome,
    thresholds: tuple[ThresholdResult, ...],
) -> tuple[Insight, ...]:
    """At most seven statements."""
    told = [*_answer(book, outcome, thresholds), *_load(book)]
    limits = [finding for finding in findings if not finding.by_case]
    if limits:
        first = limits[0]
        text = f"What limited or broke the run: {likely(first)} {named(first)} ({first.component})."
        told.append(Insight(text=text, facts=first.evidence_for))
    return (*told, *_cases(book))


def _cases(book: FactBook) -> list[Insight]:
    sent, unexpected = book.get("cases.sent"), book.get("cases.unexpected")
    if sent is None or unexpected is None or not unexpected.value:
        return []
    text = f"Beside the load, {shown(unexpected)} of {shown(sent)} cases did not go as expected."
    return [say(text, unexpected, sent)]


def _answer(book: FactBook, outcome: Outcome, thresholds: tuple[ThresholdResult, ...]) -> list[Insight]:
    if outcome.status is not Status.COMPLETED:
        return [say(f"The run did not complete: {outcome.status.value.replace('_', ' ')}.")]
    if outcome.verdict is Verdict.GO:
        values = [book.get("threshold.value", r.text) for r in thresholds if r.decision is Decision.MET]
        return [say("Every threshold was met.", *values)]
    wanted = Decision.BROKEN if outcome.verdict is Verdict.NO_GO else Decision.UNDECIDED
    told = [_threshold(book, result) for result in thresholds if result.decision is wanted]
    if len(told) > _MOST_THRESHOLDS:
        return [*told[:_MOST_THRESHOLDS], say("More thresholds have the same answer.")]
    return told or [say(f"The answer is {outcome.verdict.value if outcome.verdict else 'missing'}.")]


def _threshold(book: FactBook, result: ThresholdResult) -> Insight:
    value, limit = book.get("threshold.value", result.text), book.get("threshold.limit", result.text)
    if result.decision is Decision.BROKEN and value is not None:
        return say(f"The threshold {result.text} was broken, at {shown(value)}.", value, limit)
    if result.decision is Decision.BROKEN:
        return say(f"The threshold {result.text} was broken.", limit)
    more = [book.get(f"threshold.{name}", result.text) for name in ("samples", "needed")]
    head = f"The threshold {result.text} could not be decided"
    return because(head, result.reason, book, value, limit, *more)


def _load(book: FactBook) -> list[Insight]:
    reached, asked = judged(book, "rate_per_s"), book.get("plan.asked_per_s")
    length, errors, p95 = (judged(book, name) for name in ("duration_s", "error_rate", "p95_ms"))
    if reached is None or length is None:
        return []
    text = f"The load reached {shown(reached)}"
    if asked is not None:
        text += f" where {shown(asked)} was asked"
    text += f", over {shown(length)}"
    if errors is not None:
        text += f", with an error rate of {shown(errors)}"
    if p95 is not None:
        text += f" and a p95 of {shown(p95)} over all requests"
    return [say(f"{text}.", reached, asked, length, errors, p95)]
