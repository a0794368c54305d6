"""Whether every numeral of one sentence is held by one of the facts cited."""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfpilot.analysis.words import mentions
from perfpilot.analysis.words.mentions import Mention, governing
from perfpilot.analysis.words.number_words import unheld_word
from perfpilot.analysis.words.quantities import (
    BARE,
    BYTES,
    RATE,
    SAMPLES,
    SHARE,
    TIME,
    TIMES,
    USERS,
    Quantity,
    quantities,
)  # fmt: skip
from perfpilot.analysis.words.senses import Sense
from perfpilot.domain.judgement import Fact

MOST_OFF = 0.05
"""`about 2 s` for 1.6 s is rounded to the digit shown and still says another number."""

_UNITS = {
    "ms": (TIME, 1.0), "s": (TIME, 1000.0), "%": (SHARE, 1.0), "/s": (RATE, 1.0), "bytes": (BYTES, 1.0),
    "h": (TIME, 3_600_000.0), "users": (USERS, 1.0), "samples": (SAMPLES, 1.0), "times": (TIMES, 1.0),
    "": (BARE, 1.0),
}  # fmt: skip
_STATUS = re.compile(r"\b(?:HTTP|status(?: code)?|code)s? (\d{3})\b|\b([45])xx\b", re.IGNORECASE)
_LASTING = re.compile(
    r"\b(?:over|for|during|after|lasted|lasting|last|duration|into)"
    r"(?: (?:was|is|of|the|its|a|about|only))*[:\s(]*$",
    re.IGNORECASE,
)
# Too weak beside a statistic: `a p99 of 60 s` is no duration.
_MOMENT = re.compile(
    r"\b(?:of|in|at|within)\s*$|\b(?:length|duration|warm-up|moment|outage|restart|start|end)\b[^.,;\d]{0,60}$",
    re.IGNORECASE,
)
_MOMENT_AFTER = re.compile(r"[\s-]*(?:steady|long|of (?:steady|load)|into|run|test|phase|window|warm-up)\b")
_LIMIT_BEFORE = re.compile(
    r"(?:\b(?:limit|threshold|under|below|above|over|exceed\w*|than|allowed|goal|against|beyond|at most"
    r"|at least)\b|[<>≤≥]=?)[^.;]{0,40}$",
    re.IGNORECASE,
)
_CUES = {
    "in flight": r"in flight|concurren", "worked on": r"worked on|at once", "cores": r"\bcores?\b",
    "labels": r"\blabels\b|\bendpoints\b", "apdex": r"\bapdex\b", "samples": r"\bsamples?\b|\brequests?\b",
    "asked samples": r"planned|expected", "cases": r"\bcases?\b", "levels": r"\blevels?\b",
    "level": r"\blevels?\b", "expected": r"\bexpected\b", "peak": r"\bpeak\b",
    "contention": r"\bcontention\b",
    "head room": r"\bhead ?room\b", "instances": r"\binstances?\b", "cost": r"\bcosts?\b",
    "saving": r"\bsav\w+|\bless\b|\bhalf\b|\bhalv", "windows": r"\bwindows?\b", "late": r"\blate",
    "collector": r"\bcollector\b|\bGC\b", "heap": r"\bheap\b", "threads": r"\bthreads\b",
    "sockets": r"\bsockets\b", "due": r"\bdue\b|\bintended\b|\bshould have\b|\bschedule",
    "runs": r"\bruns?\b",
    "hours": r"\blimit\b|\bleft\b|\buntil\b|exhaust", "days": r"\blimit\b|\bleft\b|\buntil\b",
    "interval": r"\binterval\b|\bbetween\b|\bat (?:least|most)\b", "files": r"\bfiles\b",
    "margin": r"\bmargin\b",
}  # fmt: skip
_DOWN = re.compile(
    r"\b(?:down|fell|falls|dropp?ed|drops|lower|less|decreas\w*|faster|shrank|improved)\b", re.I
)


@dataclass(frozen=True)
class Context:
    """The facts cited, all labels known, those named in the sentence, and one carried from the last.

    `quoted`: ids of the facts of thresholds whose line stands in the sentence.
    """

    chosen: tuple[tuple[Fact, Sense], ...]
    known: frozenset[str]
    named: list[Mention]
    carried: str | None
    quoted: frozenset[str]


def unresolved(sentence: str, context: Context) -> str:
    """The first numeral that no cited fact holds, as a reason; nothing if all are held."""
    senses = context.chosen
    word = unheld_word(sentence, (fact for fact, _ in senses))
    if word:
        return f"{word!r} is the value of no fact cited"
    sentence, statuses, problem = _without_statuses(sentence, senses)
    if problem:
        return problem
    named = mentions.statistics(sentence)
    known = {sense.statistic for _, sense in senses}
    for mention in named:
        if re.match(r"p\d", mention.name) and mention.name not in known:
            return f"no fact cited is a {mention.name}"
    digits = _blank(sentence, [m for m in named if re.match(r"p\d", m.name)])
    found = quantities(digits)
    if found is None:
        return "digits that are no figure of the run"
    pairs = _in_order(digits, found, named)
    for index, quantity in enumerate(found):
        reader = _Reader(digits, quantity, named, statuses, context, pairs.get(index))
        if not any(reader.holds(fact, sense) for fact, sense in senses):
            return f"{digits[quantity.start : quantity.end].strip()}: no fact cited says this"
    return ""


@dataclass(frozen=True)
class _Reader:
    """One quantity in its sentence, compared with one fact at a time."""

    sentence: str
    quantity: Quantity
    statistics: list[Mention]
    statuses: list[Mention]
    context: Context
    paired: str | None  # the statistic, where a list of them stands before a list of figures

    def holds(self, fact: Fact, sense: Sense) -> bool:
        """Whether the fact has this value and unit, and the words around agree with what it is about."""
        return (
            self._value(fact, sense)
            and self._statistic(fact, sense)
            and (self._quoted(fact) or self._family(sense))
            and self._label(fact, sense)
            and self._component(sense)
            and self._baseline(sense)
        )

    def _value(self, fact: Fact, sense: Sense) -> bool:
        kind, factor = _UNITS.get(fact.unit, (BARE, 1.0))
        quantity, shown, tolerance = self.quantity, self.quantity.value, self.quantity.tolerance
        if quantity.kind == BARE and kind == SHARE:
            if not re.search(r"\b(?:share|fraction|ratio)\b", self.sentence, re.I) or not 0 < shown <= 1:
                return False
            shown, tolerance = shown * 100, tolerance * 100
        elif quantity.kind != kind and (quantity.kind, kind) not in ((BARE, SAMPLES), (SAMPLES, BARE)):
            return False
        value = fact.value * factor
        if sense.family == "change" and not quantity.signed:
            if (value < 0) != bool(_DOWN.search(self.sentence)) and value != 0:
                return False
            value = abs(value)
        allowed = min(tolerance, MOST_OFF * abs(value))
        return abs(shown - value) <= allowed + 1e-9 * max(abs(value), 1.0)

    def _before(self) -> str:
        return self.sentence[: self.quantity.start]

    def _rest(self) -> str:
        return self.sentence[self.quantity.end :]

    def _quoted(self, fact: Fact) -> bool:
        """Whether the sentence quotes the line of the threshold that the fact belongs to."""
        return fact.id in self.context.quoted

    def _statistic(self, fact: Fact, sense: Sense) -> bool:
        if sense.moment:
            lasting = _LASTING.search(self._before()) or _MOMENT_AFTER.match(self._rest())
            return bool(lasting or (not self.statistics and _MOMENT.search(self._before())))
        if sense.limit and not _LIMIT_BEFORE.search(self._before()) and not self._quoted(fact):
            return False
        if not sense.statistic:
            return True
        if self.quantity.kind == TIMES:
            return not self.statistics or sense.statistic in {m.name for m in self.statistics}
        mention = governing(self.sentence, self.quantity, self.statistics)
        name = self.paired or (mention.name if mention else "")
        if not name:
            # A bare time is read as the typical one: only the mean and the median may stand without a name.
            return (
                self.quantity.kind != TIME or sense.statistic in ("mean", "p50") or sense.area == "threshold"
            )
        return name == sense.statistic

    def _family(self, sense: Sense) -> bool:
        kind = self.quantity.kind
        cue = _CUES.get(sense.family)
        if kind == BARE and cue is None:
            return sense.family in ("cpu", "errors", "achieved")  # a share without its sign, or failures
        if cue is not None and sense.family != "samples" and not re.search(cue, self.sentence, re.I):
            return False
        if kind == BARE and sense.family == "samples" and not re.search(cue or "", self.sentence, re.I):
            return False
        if kind in (SAMPLES, BARE) and sense.family in ("errors", "samples"):
            return self._count(sense)
        if kind not in (SHARE, RATE):
            return True
        named = mentions.families(self.sentence, kind, (sense.family,) if sense.area == "resource" else ())
        if re.search(r"\b(?:from|to|at)\s*$", self._before()):
            named = [m for m in named if m.name != "change"]
        mention = governing(self.sentence, self.quantity, named)
        if mention is None or (mention.name == "reached" and sense.family == "success"):
            return True
        return mention.name == sense.family or not sense.family

    def _count(self, sense: Sense) -> bool:
        """Failed samples are failed, all samples are all; a cause is the one named beside the figure."""
        named = mentions.families(self.sentence, SAMPLES)
        own = self.sentence[self.quantity.start : self.quantity.end]
        after = self._rest()
        failed = bool(
            re.search(r"fail|error", own, re.I) or re.match(r"[\s,]*(?:had |have |were )?fail", after)
        )
        if sense.family == "samples":
            colon = re.search(r"\b(?:fail\w*|errors?)\b[^.,;]{0,14}$", self._before(), re.I)
            return bool(re.search(r"\bof (?:the |all )?$", self._before())) or not (failed or colon)
        status = governing(self.sentence, self.quantity, self.statuses)
        if status is not None and not sense.cause.startswith(status.name.rstrip("x")):
            return False
        return bool(named) or failed or status is not None

    def _label(self, fact: Fact, sense: Sense) -> bool:
        if sense.whose is None:
            return True
        mention = governing(self.sentence, self.quantity, self.context.named)
        name = mention.name if mention else self.context.carried
        if name is None and self._quoted(fact):
            return True
        if name is None:
            return sense.whose == "" or len(self.context.known) == 1
        return name == sense.whose

    def _component(self, sense: Sense) -> bool:
        if not sense.component:
            return True
        mention = governing(self.sentence, self.quantity, mentions.components(self.sentence))
        return mention is None or mention.name == sense.component

    def _baseline(self, sense: Sense) -> bool:
        """`from A to B` and `A in the baseline, B now`: what was and what is must not change places."""
        was = re.search(r"\bfrom\s*$", self._before()) is not None
        after = re.match(
            r" (?:in the |in its |)(?:baseline|before|earlier)\b", self.sentence[self.quantity.end :]
        )
        named = re.search(r"\b(?:baseline|before|previous)\b[^,;.]{0,20}$", self._before())
        if sense.baseline:
            return bool(was or after or named)
        any_baseline = any(other.baseline for _, other in self.context.chosen)
        return not (any_baseline and sense.statistic and self.quantity.kind == TIME and (was or after))


def _without_statuses(
    sentence: str, senses: tuple[tuple[Fact, Sense], ...]
) -> tuple[str, list[Mention], str]:
    """Blank `HTTP 503` and `5xx` where a cited fact counts them; say so where none does."""
    causes = {sense.cause for _, sense in senses if sense.cause}
    found: list[Mention] = []
    for match in _STATUS.finditer(sentence):
        name = match[1] or f"{match[2]}xx"
        if not any(cause.startswith(name.rstrip("x")) and cause.isdigit() for cause in causes):
            return sentence, [], f"no fact cited counts {match[0]}"
        found.append(Mention(match.start(), match.end(), name))
    return _blank(sentence, found), found, ""


def _blank(sentence: str, spans: list[Mention]) -> str:
    for span in spans:
        letters = re.sub(r"\d", "X", sentence[span.start : span.end])
        sentence = sentence[: span.start] + letters + sentence[span.end :]
    return sentence


def _in_order(sentence: str, found: list[Quantity], named: list[Mention]) -> dict[int, str]:
    """`p50, p95 and p99 are 10, 20 and 30 ms`: the first with the first, and so on."""
    times = [index for index, quantity in enumerate(found) if quantity.kind == TIME]
    if len(named) < 2 or len(times) != len(named) or named[-1].end > found[times[0]].start:
        return {}
    return {index: mention.name for index, mention in zip(times, named, strict=True)}
