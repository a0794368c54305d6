"""The technical analysis: each finding with its evidence, and where the time is spent."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.words.statement import likely, named, say, shown
from perfpilot.domain.judgement import Fact, Finding, Insight

_MOST_EVIDENCE = 6


def technical_analysis(book: FactBook, findings: tuple[Finding, ...]) -> tuple[Insight, ...]:
    """The slowest label, then for each finding: what it is, what speaks for it and what against."""
    told = _slowest(book)
    for finding in findings:
        head = f"{named(finding).capitalize() if finding.kind != 'cpu_saturation' else 'CPU saturation'}"
        told.append(
            Insight(
                text=f"{head} ({finding.component}), {likely(finding)}: {finding.explanation}",
                facts=finding.evidence_for,
            )
        )
        told += _evidence("For it", book, finding.evidence_for)
        told += _evidence("Against it", book, finding.evidence_against)
    return tuple(told)


def _slowest(book: FactBook) -> list[Insight]:
    tails, medians = book.about(f"{book.phase}.p95_ms"), book.about(f"{book.phase}.p50_ms")
    if len(tails) < 2:
        return []
    label = max(sorted(tails), key=lambda name: tails[name].value)
    text = f"The slowest label is {label}, with a p95 of {shown(tails[label])}"
    if label in medians:
        text += f" and a median of {shown(medians[label])}"
    return [say(f"{text}.", tails[label], medians.get(label))]


def _evidence(head: str, book: FactBook, ids: Sequence[str]) -> list[Insight]:
    """The facts in their own words, a statement each: a reader can check them one by one."""
    by_id = {fact.id: fact for fact in book.facts}
    cited: list[Fact] = [by_id[i] for i in ids if i in by_id][:_MOST_EVIDENCE]
    return [say(f"{head}: {fact.text}.", fact) for fact in cited]
