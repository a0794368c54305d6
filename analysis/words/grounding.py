"""The gate for a model's words: a sentence with a numeral that no cited fact holds is dropped and counted.

A numeral passes if one of the cited facts has its value (to the digits shown, and never more than 5 %
away), a unit that converts (ms and s, % and a bare `share of 0.92`, `12k`), and if the words around it do
not say otherwise: another statistic (p95 for p99), another label, another component, asked for reached,
failed for all. In doubt the sentence goes: the words are worth less than their truth.

Digits count wherever they stand: versions, dates, times of day, ordinals and addresses are dropped, since
no fact holds them. Fact ids must be cited. Number words: `half`, `twice`, `double`, `triple`, `quarter` and
two to twelve pass only if a cited fact has that value; larger ones are dropped. `one`, `no`, `first` and
`all` are not looked at. The gate proves numerals; it does not prove claims without any: causes, directions
(`below the limit`) and adjectives are not checked here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from perfpilot.analysis.facts.book import argument_of
from perfpilot.analysis.words.grounds import Context, unresolved
from perfpilot.analysis.words.mentions import labels
from perfpilot.analysis.words.senses import COMPONENTS, Sense, sense_of
from perfpilot.domain.judgement import Fact

MAX_CHARACTERS = 8_000
"""Longer texts are cut before they are read: an insight has some hundred characters."""

# After a full stop only before a capital letter or an opening mark, so that decimals and `e.g. x` stay whole.
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[*]*[A-Z0-9])|\s*\n+\s*")
_FACT_ID = re.compile(r"\bF\d+\b")
_SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")
_GOES_ON = re.compile(r"\s*(?:It|Its|It's|There|That|This)\b")


_OF_THRESHOLDS = ("threshold.", "capacity.lost_value(")
"""Names of facts whose argument is the line of a threshold."""

_Chosen = tuple[tuple[Fact, Sense], ...]


@dataclass(frozen=True)
class Grounded:
    """What is left of a text. `reasons`: one for each dropped sentence, naming the numeral."""

    text: str
    dropped: int = 0
    reasons: tuple[str, ...] = ()


def ground(text: str, cited: Iterable[str], facts: Iterable[Fact]) -> Grounded:
    """Drop every sentence of `text` with a numeral that none of the cited facts holds.

    `cited`: fact ids; unknown ones hold nothing. `facts`: the whole table, which tells the known labels.
    """
    table = tuple((fact, sense_of(fact)) for fact in facts)
    wanted = set(cited)
    chosen = tuple((fact, sense) for fact, sense in table if fact.id in wanted)
    known = frozenset(sense.whose for _, sense in table if sense.whose)
    kept: list[str] = []
    reasons: list[str] = []
    subject: str | None = None
    for sentence in _sentences(text[:MAX_CHARACTERS]):
        plain = _SPACES.sub(" ", sentence)
        carried = subject if _GOES_ON.match(plain) else None
        reason = _problem(plain, chosen, known, carried)
        if reason:
            reasons.append(reason)
            subject = None
            continue
        kept.append(sentence)
        named = {mention.name for mention in labels(plain, known)}
        subject = named.pop() if len(named) == 1 else carried
    return Grounded(text=" ".join(kept), dropped=len(reasons), reasons=tuple(reasons))


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def _problem(sentence: str, chosen: _Chosen, known: frozenset[str], carried: str | None) -> str:
    """Why the sentence can't stay, or nothing."""
    if any(not c.isascii() and unicodedata.numeric(c, None) is not None for c in sentence):
        return "a numeral in unusual characters"
    for match in _FACT_ID.finditer(sentence):
        if match[0] not in {fact.id for fact, _ in chosen}:
            return f"{match[0]} is not among the facts cited"
    masked = _FACT_ID.sub(lambda m: "F" * len(m[0]), sentence)
    masked = _mask_thresholds(masked, chosen)
    found = labels(masked, known)
    context = Context(chosen, known, found, carried, _quoted(sentence, chosen))
    for mention in found:
        if mention.name and not _is_quantity(mention.name):
            blank = re.sub(r"\d", "L", masked[mention.start : mention.end])
            masked = masked[: mention.start] + blank + masked[mention.end :]
    return unresolved(masked, context)


def _quoted(sentence: str, chosen: _Chosen) -> frozenset[str]:
    return frozenset(
        f.id for f, _ in chosen if f.name.startswith(_OF_THRESHOLDS) and argument_of(f.name) in sentence
    )


def _mask_thresholds(sentence: str, chosen: _Chosen) -> str:
    """A threshold's line, word for word, is perfpilot's own text and may be quoted if its facts are cited."""
    for fact, _ in chosen:
        line = argument_of(fact.name)
        if fact.name.startswith(_OF_THRESHOLDS) and line:
            sentence = sentence.replace(line, "T" * len(line))
    return sentence


def _is_quantity(label: str) -> bool:
    """A label such as `400ms` would hide a numeral behind its name."""
    return label.lower() in COMPONENTS or re.fullmatch(r"[\d.,\s]+[A-Za-z%/]{0,3}", label) is not None
