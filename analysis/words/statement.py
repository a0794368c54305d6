"""One statement with its facts; figures in it are written by the facts themselves."""

from __future__ import annotations

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.figures import figure
from perfpilot.domain.judgement import Fact, Finding, Insight


def say(text: str, *facts: Fact | None) -> Insight:
    """A statement by the rules."""
    return Insight(text=text, facts=tuple(dict.fromkeys(fact.id for fact in facts if fact is not None)))


def shown(fact: Fact) -> str:
    """The figure of a fact, without its words."""
    return figure(fact.value, fact.unit)


def named(finding: Finding) -> str:
    """`CPU saturation`, `lock contention`: the kind as people say it."""
    return finding.kind.value.replace("_", " ").replace("cpu", "CPU")


def likely(finding: Finding) -> str:
    """A confidence in words, since people read 0.8 as a measurement."""
    if finding.confidence >= 0.8:
        return "very likely"
    return "likely" if finding.confidence >= 0.6 else "possibly"


def judged(book: FactBook, metric: str, label: str = "") -> Fact | None:
    """A fact of the phase that was judged."""
    return book.get(f"{book.phase}.{metric}", label)
