"""Production readiness: the questions of a release, each answered from the facts, and their sum.

It follows the verdict and decides nothing: a NO_GO is never ready, an INCONCLUSIVE never shown to be.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.insights.capacity import head_room
from perfpilot.analysis.insights.comparison import figures_of, regressions
from perfpilot.analysis.insights.moving import endangers, metric_words, slow_changes
from perfpilot.analysis.insights.reasons import because, facts_of
from perfpilot.analysis.insights.results import Results
from perfpilot.analysis.insights.risk import is_close
from perfpilot.analysis.words.statement import judged, say, shown
from perfpilot.domain.comparison import ChangeDecision, Comparison
from perfpilot.domain.judgement import (
    Answer,
    Decision,
    Finding,
    FindingKind,
    Insight,
    ProductionReadiness,
    ReadinessItem,
)
from perfpilot.domain.outcome import Status, Verdict

_ENOUGH_LOAD = 95.0
_FEW = 1.0  # percent, as the threshold that is set where a description has none
_DISORDERLY = frozenset({
    FindingKind.APPLICATION_ERRORS, FindingKind.TARGET_DOWN, FindingKind.TARGET_RESTART,
    FindingKind.RATE_LIMITING, FindingKind.CONNECTION_POOL_EXHAUSTION,
})  # fmt: skip
_OF_THE_LOAD = frozenset({FindingKind.LOAD_GENERATOR_LIMITED, FindingKind.TEST_CONFIGURATION})

THRESHOLDS = "thresholds met with margin"
HEAD_ROOM = "head room over the expected load"
FAILURES = "failures few and orderly"
LEVEL = "no climb over the run"
BASELINE = "no slower than the baseline"
LOAD = "the load was real"
CASES = "unusual and failing requests tested"

_Said = tuple[Answer, Insight]


def production_readiness(
    book: FactBook, findings: tuple[Finding, ...], results: Results
) -> ProductionReadiness:
    """The checklist; a run that did not complete has none."""
    outcome = results.outcome
    if outcome.status is not Status.COMPLETED or outcome.verdict is None:
        return ProductionReadiness(summary="Readiness is not shown: the run did not complete.")
    answers: tuple[tuple[str, _Said], ...] = (
        (THRESHOLDS, _thresholds(book, results)),
        (HEAD_ROOM, _head_room(book)),
        (FAILURES, _failures(book, findings)),
        (LEVEL, _level(book, results)),
        (BASELINE, _baseline(book, results.comparison)),
        (LOAD, _load(book, findings, results)),
        (CASES, _cases(book)),
    )
    items = tuple(
        ReadinessItem(question=question, answer=answer, text=why.text, facts=why.facts)
        for question, (answer, why) in answers
    )
    return ProductionReadiness(summary=_summary(outcome.verdict, items), items=items)


def _summary(verdict: Verdict, items: Sequence[ReadinessItem]) -> str:
    against = [item.question for item in items if item.answer is Answer.NO and item.question != THRESHOLDS]
    if verdict is Verdict.NO_GO:
        return f"Not ready: the verdict is NO_GO{_also(against)}."
    if verdict is Verdict.INCONCLUSIVE:
        return f"Readiness is not shown: the verdict is INCONCLUSIVE{_also(against)}."
    against = [item.question for item in items if item.answer is Answer.NO]
    unknown = [i.question for i in items if i.answer in (Answer.UNDECIDED, Answer.NOT_TESTED)]
    if against:
        return f"The verdict is GO, with a no to: {'; '.join(against)}."
    if unknown:
        return f"The verdict is GO, as far as was tested; not shown: {'; '.join(unknown)}."
    return "Ready, as far as a test can tell: the verdict is GO and every point was shown."


def _also(against: Sequence[str]) -> str:
    return f"; a no to: {'; '.join(against)}" if against else ""


def _thresholds(book: FactBook, results: Results) -> _Said:
    verdict = results.outcome.verdict
    if verdict is Verdict.NO_GO:
        broken = [r for r in results.thresholds if r.decision is Decision.BROKEN]
        if not broken:
            return Answer.NO, say("The verdict is NO_GO.")
        return Answer.NO, say(f"{broken[0].text} was broken.", book.get("threshold.limit", broken[0].text))
    if verdict is not Verdict.GO:
        return Answer.UNDECIDED, say("The data do not decide every threshold, or are not whole.")
    close = next((result for result in results.thresholds if is_close(book, result)), None)
    if close is not None:
        limit, value = book.get("threshold.limit", close.text), book.get("threshold.value", close.text)
        return Answer.NO, say(f"{close.text} was met, but close to its limit.", limit, value)
    values = [book.get("threshold.value", result.text) for result in results.thresholds]
    return Answer.YES, say("Every threshold was met, none of them close to its limit.", *values)


def _head_room(book: FactBook) -> _Said:
    expected, wanted = book.get("head_room.expected_per_s"), book.get("head_room.wanted")
    if expected is None or wanted is None:
        return Answer.NOT_TESTED, say("The description gives no expected load.")
    low, share, high = (book.value(f"head_room.{name}") for name in ("low", "share", "high"))
    least = share if low is None else low
    most = share if high is None else high
    said = head_room(book)
    if (least is None and most is None) or not said:
        return Answer.NOT_TESTED, say("The capacity was not estimated.")
    if least is not None and least >= wanted.value:
        return Answer.YES, said[0]
    text = f"{said[0].text.removesuffix('.')}; a head room of {shown(wanted)} is wanted."
    why = Insight(text=text, facts=(*said[0].facts, wanted.id))
    if most is not None and most < wanted.value:
        return Answer.NO, why
    return Answer.UNDECIDED, why


def _failures(book: FactBook, findings: tuple[Finding, ...]) -> _Said:
    rate, count = judged(book, "error_rate"), judged(book, "count")
    found = [f for f in findings if f.kind in _DISORDERLY and not f.by_case]
    if found:
        text = f"Found: {found[0].kind.value.replace('_', ' ')} ({found[0].component})."
        return Answer.NO, Insight(text=text, facts=found[0].evidence_for)
    if rate is None or count is None or not count.value:
        return Answer.NOT_TESTED, say("There are no samples.")
    if book.get("outage.errors") is not None:
        return Answer.NO, say("At the end of the load only failures came.", book.get("outage.errors"))
    if not rate.value:
        return Answer.YES, say("No request failed in the phase that was judged.", rate)
    few = rate.value < _FEW
    text = f"The error rate over all requests was {shown(rate)}{', without an outage' if few else ''}."
    return Answer.YES if few else Answer.NO, say(text, rate)


def _level(book: FactBook, results: Results) -> _Said:
    soak = results.soak
    if soak is None:
        return Answer.NOT_TESTED, say("Slow changes were not looked for.")
    if any(endangers(change) for change in soak.changes):
        return Answer.NO, slow_changes(book, soak)[0]
    if soak.because or not soak.looked_at:
        return Answer.NOT_TESTED, because("Slow changes could not be told", soak.because, book)
    return Answer.YES, say("Nothing that was watched climbed or ran out while the load stood still.")


def _baseline(book: FactBook, comparison: Comparison | None) -> _Said:
    if comparison is None or not (comparison.baseline_run or comparison.comparable):
        return Answer.NOT_TESTED, say("There is nothing to compare with.")
    if not comparison.comparable:
        return Answer.NOT_TESTED, because("There is no comparison", comparison.because, book)
    worse = regressions(comparison)
    if worse:
        text, facts = figures_of(book, worse[0])
        whose = metric_words(worse[0].metric, worse[0].label)
        return Answer.NO, say(f"The {whose} changed {text}." if text else f"The {whose} got worse.", *facts)
    pooled = {c.metric: c.decision for c in comparison.changes if not c.label}
    settled = (ChangeDecision.NO_CHANGE, ChangeDecision.IMPROVEMENT)
    # Errors that are new have no relative change and no row: they keep the answer open.
    errors_open = bool(book.value(f"{book.phase}.errors")) and "error_rate" not in pooled
    if pooled and not errors_open and all(decision in settled for decision in pooled.values()):
        return Answer.YES, say("No figure over all requests is worse than before.")
    return Answer.UNDECIDED, say("The comparison does not settle every figure over all requests.")


def _load(book: FactBook, findings: tuple[Finding, ...], results: Results) -> _Said:
    health = results.generator
    achieved = book.get("generator.achieved_load")
    if health is not None and health.limited:
        reason = health.reasons[0] if health.reasons else ""
        return Answer.NO, because(
            "The load generator was limited", reason, book, *facts_of(book, "generator")
        )
    doubt = next((finding for finding in findings if finding.kind in _OF_THE_LOAD), None)
    if doubt is not None:
        text = f"Found: {doubt.kind.value.replace('_', ' ')}."
        return Answer.NO, Insight(text=text, facts=doubt.evidence_for)
    if achieved is None:
        return Answer.NOT_TESTED, say("The load that was asked is not known.")
    text = f"The achieved load was {shown(achieved)} of the load asked."
    return Answer.YES if achieved.value >= _ENOUGH_LOAD else Answer.NO, say(text, achieved)


def _cases(book: FactBook) -> _Said:
    sent, unexpected = book.get("cases.sent"), book.get("cases.unexpected")
    if sent is None or unexpected is None:
        return Answer.NOT_TESTED, say("No cases of unusual or failing requests were sent.")
    if unexpected.value:
        text = f"Of {shown(sent)} cases sent, {shown(unexpected)} did not go as expected."
        return Answer.NO, say(text, unexpected, sent)
    return Answer.YES, say(f"All cases went as expected; number of cases sent: {shown(sent)}.", sent)
