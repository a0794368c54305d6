"""What a model's words may not hold, whatever they were asked: addresses, and a verdict of their own."""

from __future__ import annotations

import re

from perfpilot.tools.foreign_text import one_line

_ADDRESS = re.compile(
    r"://|\bwww\.|\bmailto:|\]\(|<[a-z!/]"
    r"|\b[a-z][\w-]*(?:\.[\w-]+)*\.(?:app|cloud|cn|com|co|dev|example|info|internal|invalid|io|local|net|org"
    r"|ru|test|xyz)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\bno[-_ ]?go\b|\b(?-i:GO)\b|\bgo[- ]ahead\b|\binconclusive\b"
    r"|\b(?:approved?|ready|safe|clear(?:ed)?|fit|good)\s+(?:for|to)\s+(?:\w+\s+)?(?:release|production|ship|deploy|go|launch)"
    r"|\b(?:can|may|should|must|do)\s+(?:not\s+)?(?:be\s+)?(?:released?|shipped|ship|deploy(?:ed)?|launch(?:ed)?)\b"
    r"|\bship it\b|\bverdict\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def without_addresses(text: str, limit: int) -> str:
    """The sentences that hold no address, host name, link or markup, on one line of at most `limit`."""
    return _keep(text, _ADDRESS, limit)


def without_verdicts(text: str, limit: int) -> str:
    """The sentences that do not answer the question of release, which is answered elsewhere."""
    return _keep(text, _VERDICT, limit)


def _keep(text: str, forbidden: re.Pattern[str], limit: int) -> str:
    sentences = _SENTENCE.split(one_line(text, limit))
    return " ".join(sentence for sentence in sentences if not forbidden.search(sentence))
