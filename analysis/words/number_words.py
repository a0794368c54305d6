"""Numbers written as words: the few that can be compared with a fact, and those that cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable

from perfpilot.domain.judgement import Fact

_CLOSE = 0.05
_RATIOS = {
    "quarter": 0.25, "half": 0.5, "halved": 0.5, "halves": 0.5, "halving": 0.5,
    "twice": 2.0, "double": 2.0, "doubled": 2.0, "doubles": 2.0, "doubling": 2.0,
    "thrice": 3.0, "triple": 3.0, "tripled": 3.0, "triples": 3.0, "tripling": 3.0,
}  # fmt: skip
_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_WORD = re.compile(rf"\b(?:{'|'.join([*_RATIOS, *_COUNTS])})\b", re.IGNORECASE)
_INCOMPARABLE = re.compile(
    r"\b(?:dozens?|hundreds?|thousands?|millions?|billions?|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|\w+fold|orders? of magnitude)\b",
    re.IGNORECASE,
)

_A_MILLION = re.compile(r"\bmillion (?=requests\b|samples\b)", re.IGNORECASE)


def unheld_word(sentence: str, chosen: Iterable[Fact]) -> str:
    """The first number word that is the value of none of the facts, or nothing.

    `double` is a factor of 2 or a change of +100 %; `half` is a factor of 0.5, a change of -50 %, or 50 %.
    Two to twelve are counts. `A million requests` is held by what they cost. Other larger
    words are never held: figures are written in digits.
    """
    facts = tuple(chosen)
    if any("cost_per_million" in fact.name for fact in facts):
        sentence = _A_MILLION.sub("", sentence)
    large = _INCOMPARABLE.search(sentence)
    if large:
        return large[0]
    for match in _WORD.finditer(sentence):
        word = match[0].lower()
        held = _ratio(_RATIOS[word], facts) if word in _RATIOS else _count(_COUNTS[word], facts)
        if not held:
            return match[0]
    return ""


def _ratio(value: float, facts: tuple[Fact, ...]) -> bool:
    for fact in facts:
        ratios = []
        if fact.unit == "times":
            ratios.append(fact.value)
        if fact.unit == "%" and fact.name.startswith("change."):
            ratios.append(1 + fact.value / 100)
        elif fact.unit == "%" and value < 1:
            ratios.append(fact.value / 100)
        if any(abs(ratio - value) <= _CLOSE * value for ratio in ratios):
            return True
    return False


def _count(value: int, facts: tuple[Fact, ...]) -> bool:
    return any(fact.value == value and fact.unit in ("", "samples", "users", "times") for fact in facts)
