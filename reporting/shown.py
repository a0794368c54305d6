"""Which attempt, which phase and which rows a report shows, decided once for every format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perfpilot.domain.judgement import Answer, Decision, Finding, ThresholdResult
from perfpilot.domain.measure import Attempt, LabelStats, PhaseStats
from perfpilot.domain.result import Result
from perfpilot.reporting import figures

MARKS = {Decision.MET: "✓", Decision.BROKEN: "✗", Decision.UNDECIDED: "?"}

ANSWERS = {
    Answer.YES: ("✓", "good"),
    Answer.NO: ("✗", "bad"),
    Answer.UNDECIDED: ("?", "unsure"),
    Answer.NOT_TESTED: ("–", "muted"),
}
"""Mark and class of the style sheet of an answer to a question of readiness."""

PHASE_ORDER = ("validate", "approve", "setup", "plan", "execute", "collect", "analyze", "report")
"""The nodes in the order of the workflow; a mapping read back from JSON has lost it."""

_SEVEREST_FIRST = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True)
class LoadRow:
    """Load asked against load reached in one attempt, in words for a table."""

    attempt: int
    decides: bool
    phase: str
    asked: str
    reached: str
    achieved: str
    samples: str
    ended: str
    note: str


def shown_attempt(result: Result) -> Attempt | None:
    """The attempt that decided; without one, the last that was made."""
    return result.deciding_attempt() or (result.scenarios[-1] if result.scenarios else None)


def shown_phase(attempt: Attempt | None) -> PhaseStats | None:
    """The steady phase; where there is none, the whole attempt; then whatever there is."""
    if attempt is None or not attempt.phases:
        return None
    return attempt.phase("steady") or attempt.phase("all") or attempt.phases[-1]


def endpoint_rows(phase: PhaseStats) -> tuple[LabelStats, ...]:
    """The labels of a phase, the pooled figures last; pooled alone where it repeats the only label."""
    return (*phase.labels, phase.pooled) if len(phase.labels) != 1 else phase.labels


def phase_name(phase: str) -> str:
    """A phase for people: `steady phase`, `warm-up`, `whole attempt`."""
    return {"all": "whole attempt", "warm_up": "warm-up", "steady": "steady phase"}.get(phase, phase)


def window(phase: PhaseStats) -> str:
    """From when to when a phase lasted: `12 to 60 s` since the load began."""
    return f"{figures.in_unit(phase.from_s, '', 4)} to {figures.in_unit(phase.to_s, 's', 4)}"


def limits(result: Result) -> tuple[Finding, ...]:
    """Findings on the measured load, the most severe and then the surest first."""
    return _ordered(finding for finding in result.findings if not finding.by_case)


def case_findings(result: Result) -> tuple[Finding, ...]:
    """Findings that cases showed beside the load, in the same order."""
    return _ordered(finding for finding in result.findings if finding.by_case)


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (_SEVEREST_FIRST.index(f.severity.value), -f.confidence)))


def finding_title(finding: Finding) -> str:
    """A finding's kind in words: `connection pool exhaustion`; initials stay capital."""
    words = finding.kind.value.replace("_", " ")
    for plain, proper in (("cpu", "CPU"), ("gc", "GC"), ("n plus one", "N+1"), (" io", " I/O")):
        words = words.replace(plain, proper)
    return words


def fact_texts(result: Result, ids: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Facts quoted by their text, with their ids; an id that names no fact is shown as such."""
    known = {fact.id: fact.text for fact in result.facts}
    return tuple((id_, known.get(id_, f"{id_} (not in the table of facts)")) for id_ in ids)


def threshold_cells(threshold: ThresholdResult) -> tuple[str, str]:
    """Value and limit of a threshold as texts that can be told apart."""
    return figures.against_limit(threshold.value, threshold.limit, threshold.unit)


def times_per_phase(result: Result) -> tuple[tuple[str, float], ...]:
    """Time spent in each node, in the order of the workflow."""
    times = result.run.phase_times_s
    known = [name for name in PHASE_ORDER if name in times]
    return tuple((name, times[name]) for name in (*known, *sorted(set(times) - set(known))))


def asked_words(result: Result, attempt: Attempt, phase: PhaseStats) -> str:
    """What the plan asked for in a phase: `300.0/s`, `50 users`; empty where it is not known.

    `at least 300.0/s` where steps run under a condition, which nobody can count ahead. The result keeps the
    plan of its last attempt, so that earlier attempts have none.
    """
    plan = result.plan
    length = phase.to_s - phase.from_s
    if plan is None or plan.attempt != attempt.number or length <= 0:
        return ""
    measured = [scenario for scenario in plan.scenarios if scenario.measured]
    said = []
    asked = plan.asked_between(phase.from_s, phase.to_s) / length
    if asked:
        sure = all(s.requests == s.certain_requests for s in measured)
        said.append(f"{'' if sure else 'at least '}{figures.rate(asked)}")
    users = sum(scenario.users for scenario in measured if scenario.curve.unit == "users")
    if users:
        said.append(f"{users:,} user{'' if users == 1 else 's'}")
    return " and ".join(said)


def steady_words(attempt: Attempt | None) -> str:
    """The steady state as it was found in the figures; empty where nobody looked for it."""
    steady = attempt.steady if attempt else None
    if steady is None:
        return ""
    if not steady.found:
        return f"No steady state was found: {steady.because}."
    parts = ((steady.ramp_s, "ramp"), (steady.warm_up_s, "warm-up"), (steady.tail_s, "tail"))
    aside = ", ".join(f"{figures.seconds(length)} of {name}" for length, name in parts if length)
    found = f"{figures.in_unit(steady.from_s, '', 4)} to {figures.in_unit(steady.to_s, 's', 4)}"
    said = f"Steady state found from {found}" + (f", without {aside}" if aside else "")
    measured = attempt.phase("steady") if attempt else None
    if measured and max(abs(measured.from_s - steady.from_s), abs(measured.to_s - steady.to_s)) >= 1:
        said += f"; the figures are of {window(measured)}, as the plan has it"
    return f"{said}; {steady.because}." if steady.because else f"{said}."


def share_note(result: Result) -> str:
    """What the share of the load reached leaves out, as a sentence; empty where it leaves nothing out."""
    measured = [s for s in (result.plan.scenarios if result.plan else ()) if s.measured]
    by_rate = [s for s in measured if s.curve.unit == "rate_per_s"]
    unsure = len(by_rate) < len(measured) or any(s.requests != s.certain_requests for s in by_rate)
    if not by_rate or not unsure:
        return ""
    return "The share counts only requests that are asked for by rate and that every iteration makes."


def load_rows(result: Result) -> tuple[LoadRow, ...]:
    """One row an attempt."""
    return tuple(_load_row(result, attempt) for attempt in result.scenarios)


def _load_row(result: Result, attempt: Attempt) -> LoadRow:
    phase = shown_phase(attempt)
    asked = asked_words(result, attempt, phase) if phase else ""
    return LoadRow(
        attempt=attempt.number,
        decides=attempt.number == result.decided_by,
        phase=f"{phase_name(phase.phase)}, {window(phase)}" if phase else figures.DASH,
        asked=asked or figures.DASH,
        reached=figures.rate(phase.pooled.rate_per_s) if phase else figures.DASH,
        achieved=figures.share(attempt.generator.achieved_load),
        samples=figures.count(phase.pooled.count) if phase else figures.DASH,
        ended=attempt.ended.replace("_", " "),
        note=attempt.detail if attempt.valid else f"decides nothing: {attempt.invalid_because}",
    )
