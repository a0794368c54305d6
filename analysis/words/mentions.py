"""Words near a numeral that say what it is: a statistic, a family of figures, a label, a component."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from perfpilot.analysis.words.quantities import RATE, SAMPLES, SHARE, Quantity

_ADJACENT = 16
_BETWEEN = re.compile(r"[\s(]*(?:(?:at|for|in|of|on|by|as|the|its|was|were|is|are|had|been)\s+)*[\s(]*")


@dataclass(frozen=True)
class Mention:
    """A word or phrase that names something."""

    start: int
    end: int
    name: str


_STATISTIC = re.compile(
    r"\b[pP](?P<percentile>\d{1,2}(?:\.\d+)?)\b"
    r"|\b(?P<ordinal>\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)[ -]percentile\b"
    r"|(?P<p50>\bmedian\b)|(?P<mean>\b(?:mean|average|avg)\b)"
    r"|(?P<max>\b(?:max|maximum|slowest response(?: time)?|peak)\b)"
    r"|(?P<min>\b(?:min|minimum|fastest response(?: time)?)\b)"
    r"|(?P<unloaded>\bwithout (?:any )?load\b|\bunloaded\b|\bwithout queue?ing\b)"
    r"|(?P<first_byte>\bfirst byte\b)|(?P<connect>\bconnect(?:ion)? time\b|\bto connect\b)"
    r"|(?P<cpu_time>\b(?:CPU|processor) time\b)",
    re.IGNORECASE,
)
_FAMILY = {
    SHARE: (
        ("errors", r"\berrors?\b|\bfail\w*|\brefused\b"),
        ("cpu", r"\bCPU\b|\bprocessor\b|\bcores?\b"),
        ("achieved", r"\bachieved\b|\bload reached\b|\bof the load\b(?! generator)|\bof the rate\b"),
        ("change", r"\bchang\w*|\brose\b|\bfell\b|\bup\b|\bdown\b|\b(?:in|de)creas\w*|\bgrew\b|\bdropped\b"),
    ),
    RATE: (
        ("asked", r"\basked\b|\boffered\b|\bplanned\b|\brequested\b"),
        ("success", r"\bsuccess\w*"),
        ("reached", r"\breached\b|\bachieved\b|\bthroughput\b|\bcarried\b|\bserved\b|\bhandled\b"),
        ("capacity", r"\bcapacity\b"),
        ("bound", r"\bestimate\w*|\bfull CPU\b|\bbound\b"),
        ("level", r"\blevels?\b"),
        ("expected", r"\bexpected load\b"),
    ),
    SAMPLES: (("errors", r"\berrors?\b|\bfail\w*|\brefused\b"),),
}
_COMPONENT = (
    ("jmeter", r"\bJMeter\b|\b(?:load )?generator\b"),
    ("neighbours", r"\bneighbou?rs?\b|\bother processes\b"),
    ("perfpilot", r"\bperfpilot\b"),
    ("target", r"\btarget\b|\bservice\b|\bapplication\b|\bsystem under test\b"),
    ("host", r"\bhost\b|\bmachine\b"),
)
_POOLED = r"\ball labels\b|\ball endpoints\b|\boverall\b|\bpooled\b|\bin total\b|\ball requests\b"


def statistics(sentence: str) -> list[Mention]:
    """Statistics named in a sentence, such as `p95` in `the 95th percentile`."""
    found = []
    for match in _STATISTIC.finditer(sentence):
        number = match["percentile"] or match["ordinal"]
        name = f"p{float(number):g}" if number else (match.lastgroup or "").replace("_", " ")
        found.append(Mention(match.start(), match.end(), name))
    return found


def families(sentence: str, kind: str, more: Iterable[str] = ()) -> list[Mention]:
    """Families of figures named in a sentence that a quantity of this kind could belong to.

    `more`: words of further families, as monitored: `memory`.
    """
    named = [*_FAMILY.get(kind, ()), *((word, rf"\b{re.escape(word)}\b") for word in more if word)]
    return _found(sentence, named)


def components(sentence: str) -> list[Mention]:
    """Components named in a sentence."""
    return _found(sentence, _COMPONENT)


def labels(sentence: str, known: Iterable[str]) -> list[Mention]:
    """Labels named in a sentence, the longest first where they overlap; `""` for all labels pooled."""
    found = _found(sentence, [("", _POOLED)])
    for label in sorted(known, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(label)}(?![\w-])", sentence, re.IGNORECASE):
            if not any(m.start < match.end() and match.start() < m.end for m in found):
                found.append(Mention(match.start(), match.end(), label))
    return sorted(found, key=lambda m: m.start)


def governing(sentence: str, quantity: Quantity, mentions: list[Mention]) -> Mention | None:
    """The mention that a quantity belongs to: one that follows at once, else the last before, else the next.

    `212 ms at the p95` follows at once; in `p95 212 ms, p99 300 ms` the comma keeps p99 from 212 ms.
    """
    for mention in mentions:
        if mention.start >= quantity.end:
            gap = sentence[quantity.end : mention.start]
            if len(gap) <= _ADJACENT and _BETWEEN.fullmatch(gap):
                return mention
    return _before_or_next(quantity, mentions)


def _before_or_next(quantity: Quantity, mentions: list[Mention]) -> Mention | None:
    before = [m for m in mentions if m.end <= quantity.start]
    if before:
        return max(before, key=lambda m: m.end)
    return min((m for m in mentions if m.start >= quantity.end), key=lambda m: m.start, default=None)


def _found(sentence: str, named: Iterable[tuple[str, str]]) -> list[Mention]:
    found = [
        Mention(match.start(), match.end(), name)
        for name, pattern in named
        for match in re.finditer(pattern, sentence, re.IGNORECASE)
    ]
    return sorted(found, key=lambda m: m.start)
