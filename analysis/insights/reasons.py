"""Reasons that another part of the analysis gave, as far as the facts hold their numerals."""

from __future__ import annotations

import re

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.words.grounding import ground
from perfpilot.analysis.words.statement import say
from perfpilot.domain.judgement import Fact, Insight

_PART = re.compile(r"; |: ")


def because(head: str, reason: str, book: FactBook, *facts: Fact | None) -> Insight:
    """`head: reason.` with the longest beginning of the reason whose numerals the facts hold.

    A reason ends with one of its parts (at a colon or semicolon), never within one. Nothing of it held: the
    head alone.
    """
    whole = say(f"{head}.", *facts)
    if not reason:
        return whole
    ends = [len(reason), *(match.start() for match in reversed(list(_PART.finditer(reason))))]
    for end in ends:
        text = f"{head}: {reason[:end].rstrip('.')}."
        if holds(text, whole.facts, book):
            return whole.model_copy(update={"text": text})
    return whole


def holds(text: str, cited: tuple[str, ...], book: FactBook) -> bool:
    """Whether the facts hold every numeral of a text."""
    return not ground(text, cited, book.facts).dropped


def facts_of(book: FactBook, *areas: str) -> list[Fact]:
    """All facts of areas such as `capacity`."""
    return [fact for fact in book.facts if fact.name.partition(".")[0] in areas]
