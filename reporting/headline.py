"""What a report says first: the answer in one word, what must be known before it is trusted, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from perfpilot.domain.judgement import Decision
from perfpilot.domain.outcome import Status, Verdict
from perfpilot.domain.result import Result
from perfpilot.reporting.plain_text import clean

Tone = Literal["good", "bad", "unsure"]

_SHOWN_CAVEATS = 4


@dataclass(frozen=True)
class Headline:
    """The top of every report."""

    word: str  # GO, NO-GO, INCONCLUSIVE, REFUSED, NOT READY, STOPPED, FAILED
    tone: Tone
    sentence: str
    caveats: tuple[str, ...]  # a repaired description, a degraded run: said before the reasons
    reasons: tuple[str, ...]


def headline(result: Result) -> Headline:
    """The headline of a result. Words come from the outcome alone; nothing is judged here."""
    word, tone, sentence = _answer(result)
    caveats = _caveats(result)
    reasons = tuple(reason for reason in map(clean, result.outcome.reasons) if reason not in caveats)
    return Headline(word=word, tone=tone, sentence=sentence, caveats=caveats, reasons=reasons)


def limit_statement(result: Result) -> str:
    """What to say where no finding names a cause. Silence is claimed only for a run that was measured."""
    if result.deciding_attempt() is None:
        return "Nothing was measured that decides, so nothing can be said about limits."
    if result.generator.limited:
        return "The load generator was the limit: what would have limited the system was not reached."
    if any(threshold.decision is Decision.BROKEN for threshold in result.thresholds):
        return "A threshold was broken, but no cause could be named with evidence."
    if result.file:
        return "Nothing in the file shows a limit. Neither the system nor the load generator was watched."
    if result.outcome.status is Status.COMPLETED and result.outcome.verdict is Verdict.GO:
        return "Nothing limited the system at this load."
    return "No cause was found that limited the system at this load."


def _answer(result: Result) -> tuple[str, Tone, str]:
    status, verdict = result.outcome.status, result.outcome.verdict
    if status is Status.REFUSED:
        return "REFUSED", "bad", "The description or the command line was refused. No load was sent."
    if status is Status.NOT_READY:
        return "NOT READY", "bad", "The environment was not ready, so the system was not judged."
    if status is Status.FAILED:
        return "FAILED", "bad", "The run could not be finished, so the system was not judged."
    if status is Status.STOPPED:
        so_far = f" On the figures so far: {_word(verdict)}." if verdict else ""
        return "STOPPED", "unsure", f"The run was stopped before its end; its figures are partial.{so_far}"
    if verdict is Verdict.GO:
        return "GO", "good", "Every threshold was met."
    if verdict is Verdict.NO_GO:
        return "NO-GO", "bad", "The system did not hold what was asked of it."
    return "INCONCLUSIVE", "unsure", "The run could not decide. This is not a pass."


def _word(verdict: Verdict) -> str:
    return verdict.value.replace("_", "-")


def _caveats(result: Result) -> tuple[str, ...]:
    caveats = []
    if result.repairs:
        many = len(result.repairs)
        changes = "; ".join(
            f"{r.place}: {r.before} became {r.after}" for r in result.repairs[:_SHOWN_CAVEATS]
        )
        more = f"; and {many - _SHOWN_CAVEATS} more" if many > _SHOWN_CAVEATS else ""
        caveats.append(f"The description was repaired before it was run ({changes}{more}).")
    caveats += [f"Degraded: {text}" for text in result.degradations[:_SHOWN_CAVEATS]]
    if len(result.degradations) > _SHOWN_CAVEATS:
        caveats.append(f"Degraded in {len(result.degradations) - _SHOWN_CAVEATS} more ways, listed below.")
    return tuple(map(clean, caveats))
