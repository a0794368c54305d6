"""The risks that the figures themselves show, and where they end."""

from __future__ import annotations

from perfpilot.analysis.capacity.facts import first_broken, first_lost
from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.insights.capacity import head_room
from perfpilot.analysis.insights.moving import metric_words, over_runs, slow_changes
from perfpilot.analysis.insights.reasons import because, facts_of, holds
from perfpilot.analysis.insights.results import Results
from perfpilot.analysis.words.statement import judged, named, say, shown
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.judgement import Decision, Finding, FindingKind, Insight, ThresholdResult
from perfpilot.domain.measure import GeneratorHealth
from perfpilot.domain.outcome import Outcome, Verdict
from perfpilot.domain.thresholds import Metric, parse_threshold

_LITTLE_HEADROOM = 70.0
"""The USE method's point from which utilisation `can begin to be a problem`, since a mean hides bursts."""

CLOSE = 10.0
"""Percent of its limit: a figure that is nearer to it is worth a word, however sure it is."""

_NEAR = "The load generator came near a limit"
_OTHER_PICTURE = 1.2
_LEAST_MS = 10.0


def risk_assessment(book: FactBook, findings: tuple[Finding, ...], results: Results) -> tuple[Insight, ...]:
    """Findings by severity, close calls, open questions, where the load breaks it, what moves, what the load
    itself was worth; on a plain GO one sentence of scope."""
    told = [_finding(finding) for finding in findings]
    for result in results.thresholds:
        told += _threshold(book, result, results.outcome)
    told += _failure_point(book, results.capacity)
    told += _head_room(book)
    cpu = book.get("signal.target_cpu")
    if cpu is not None and cpu.value >= _LITTLE_HEADROOM and not _has(findings, FindingKind.CPU_SATURATION):
        text = f"The CPU share of the target was {shown(cpu)}: little is left for peaks above this load."
        told.append(say(text, cpu))
    told += slow_changes(book, results.soak)
    told += over_runs(book, results.trend)
    told += _generator(book, results.generator)
    told += _waited(book)
    return (*told, *_scope(book, results))


def is_close(book: FactBook, result: ThresholdResult) -> bool:
    """Whether a threshold was met with little between its figure and its limit, or within chance of it."""
    margin = book.value("threshold.margin", result.text)
    return result.decision is Decision.MET and (result.marginal or (margin is not None and margin < CLOSE))


def _finding(finding: Finding) -> Insight:
    text = f"{finding.severity.value.capitalize()} risk: {named(finding)} ({finding.component})."
    return Insight(text=text, facts=finding.evidence_for)


def _threshold(book: FactBook, result: ThresholdResult, outcome: Outcome) -> list[Insight]:
    value, limit = book.get("threshold.value", result.text), book.get("threshold.limit", result.text)
    if result.marginal and value is not None and result.decision is not Decision.UNDECIDED:
        text = f"The threshold {result.text} is a close call, at {shown(value)}: another run may differ."
        told = say(text, value, limit)
        return [told, *_by_chance(book, result)]
    margin = book.get("threshold.margin", result.text)
    if is_close(book, result) and value is not None and margin is not None:
        text = (
            f"The threshold {result.text} was met with a margin of {shown(margin)} only, at {shown(value)}."
        )
        return [say(text, margin, value, limit)]
    if result.decision is Decision.UNDECIDED and outcome.verdict is not Verdict.INCONCLUSIVE:
        return [say(f"The threshold {result.text} was not decided; nothing is known about it.", value, limit)]
    return []


def _by_chance(book: FactBook, result: ThresholdResult) -> list[Insight]:
    """The interval of the percentile that a threshold is about, where there is one."""
    threshold = parse_threshold(result.text)
    if threshold.metric is not Metric.PERCENTILE or threshold.over_s:
        return []
    name = f"p{threshold.percentile:g}"
    low, high = (
        judged(book, f"{name.replace('.', '')}_{end}_ms", threshold.label) for end in ("low", "high")
    )
    if low is None or high is None:
        return []
    whose = metric_words(name, threshold.label)
    return [say(f"By chance alone the {whose} may lie between {shown(low)} and {shown(high)}.", low, high)]


def _failure_point(book: FactBook, capacity: Capacity | None) -> list[Insight]:
    """The first level of load that was lost, and by what."""
    rate = book.get("capacity.lost_per_s")
    lost = first_lost(capacity) if capacity else None
    if lost is None or rate is None:
        users = book.get("capacity.users_lost")
        return [say(f"What breaks first breaks at {shown(users)}.", users)] if users is not None else []
    head = f"The first level that was lost is {shown(rate)}"
    broken = first_broken(lost)
    value = book.get("capacity.lost_value", broken.text) if broken else None
    if broken is not None and value is not None:
        said = say(f"{head}: there {broken.text} was broken, at {shown(value)}.", rate, value)
        if holds(said.text, said.facts, book):
            return [said]
    told = because(head, lost.why, book, rate, *facts_of(book, "capacity"))
    return [told.model_copy(update={"facts": (rate.id,)}) if told.text == f"{head}." else told]


def _head_room(book: FactBook) -> list[Insight]:
    wanted = book.value("head_room.wanted")
    least = book.value("head_room.low")
    least = book.value("head_room.share") if least is None else least
    if wanted is None or least is None or least >= wanted:
        return []
    return head_room(book)


def _generator(book: FactBook, health: GeneratorHealth | None) -> list[Insight]:
    """What came near a limit of the load generator without being one: a limited one is a finding."""
    if health is None or not health.notes or health.limited:
        return []
    told = []
    late, latest = book.get("generator.late_p95_ms"), book.get("generator.late_max_ms")
    if late is not None and latest is not None and any("late" in note for note in health.notes):
        text = f"by a p95 of {shown(late)} and a maximum of {shown(latest)}"
        told.append(say(f"The load generator sent requests late, {text}.", late, latest))
    facts = facts_of(book, "generator")
    others = [note for note in health.notes if "late" not in note]
    said = [because(_NEAR, note, book, *facts) for note in others]
    told += [one for one in said if one.text != f"{_NEAR}."]
    return told or [say(f"{_NEAR}.")]


def _waited(book: FactBook) -> list[Insight]:
    """Where users who waited for the target sent less, and the response times hide it."""
    for metric in ("p95", "p99"):
        due, seen = book.get(f"intended.{metric}_ms"), judged(book, f"{metric}_ms")
        if due is None or seen is None or due.value - seen.value < _LEAST_MS:
            continue
        if due.value >= _OTHER_PICTURE * seen.value:
            text = (
                "Users who waited for the target sent less: from the moment at which each request was due, "
                f"the {metric} over all requests was {shown(due)}, where {shown(seen)} was measured."
            )
            return [say(text, due, seen)]
    return []


def _scope(book: FactBook, results: Results) -> list[Insight]:
    rate, levels = judged(book, "rate_per_s"), book.value("capacity.levels") or 0
    if results.outcome.verdict is not Verdict.GO or rate is None or levels > 1:
        return []
    return [say(f"The load reached {shown(rate)}; nothing above it was tested.", rate)]


def _has(findings: tuple[Finding, ...], kind: FindingKind) -> bool:
    return any(finding.kind is kind for finding in findings)
