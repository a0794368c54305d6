"""From closed attempts to a conclusion: what was spoiled, which attempt decides, why, and what to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from perfpilot.analysis.capacity import LevelOutcome, estimate_capacity, held_levels, searched_capacity
from perfpilot.analysis.cases import latest_cases
from perfpilot.analysis.causes import find_causes
from perfpilot.analysis.comparison import Measured, compare
from perfpilot.analysis.facts import fact_table
from perfpilot.analysis.insights import rule_insights
from perfpilot.analysis.observations import Observations
from perfpilot.analysis.spoiled import spoiled_by
from perfpilot.analysis.uncounted import decide_capacity, decide_change
from perfpilot.analysis.verdict import JudgedAttempt, Judgement, judge
from perfpilot.domain.judgement import Capacity, Comparison, Decision, ThresholdResult
from perfpilot.domain.loops import Trouble
from perfpilot.domain.outcome import Outcome, Status
from perfpilot.domain.readiness import Quiet
from perfpilot.domain.result import Analysis, ClosedAttempt, Repair
from perfpilot.domain.thresholds import Metric, parse_threshold


@dataclass(frozen=True)
class Surroundings:
    """What the conclusion needs beside the attempts."""

    repairs: tuple[Repair, ...] = ()
    quiet: Quiet = field(default_factory=Quiet)
    baseline_run: str = ""
    baseline: ClosedAttempt | None = None
    stopped: bool = False
    breakpoint_search: bool = False  # a breach of anything but capacity is data


@dataclass(frozen=True)
class Conclusion:
    """The analysis, and what spoiled the last attempt's evidence, if anything did."""

    analysis: Analysis
    spoiled: Trouble | None = None


def conclude(closed: Sequence[ClosedAttempt], around: Surroundings) -> Conclusion:
    """Judge all attempts together. A NO_GO on valid data in any of them is final."""
    checked = [_spoil(attempt, around.quiet) for attempt in closed]
    attempts = [attempt for attempt, _ in checked]
    comparison = _compare(attempts, around)
    capacity = _capacity(attempts[-1])
    attempts = [_late(attempt, comparison, capacity) for attempt in attempts]
    judgement = judge(
        [JudgedAttempt(a.attempt, a.thresholds) for a in attempts],
        around.repairs,
        breakpoint_search=around.breakpoint_search,
    )
    outcome = _outcome(judgement, around.stopped)
    deciding = next((a for a in attempts if a.attempt.number == judgement.decided_by), attempts[-1])
    seen = Observations(
        plan=deciding.plan,
        attempt=deciding.attempt,
        series=deciding.charts.series,
        resources=deciding.charts.resources,
        thresholds=judgement.thresholds,
        restarts=deciding.restarts_s,
        unloaded_ms=deciding.unloaded_ms,
        target_host_cores=deciding.host_cores,
        target_cores=deciding.target_cores,
        cases=latest_cases(closed, deciding.attempt.number),
    )
    facts = fact_table(seen, comparison=comparison, capacity=capacity)
    findings = find_causes(seen, facts)
    insights = rule_insights(
        facts,
        findings,
        outcome=outcome,
        thresholds=judgement.thresholds,
        capacity=capacity,
        comparison=comparison,
    )
    analysis = Analysis(
        outcome=outcome,
        attempts=tuple(a.attempt for a in attempts),
        decided_by=judgement.decided_by,
        thresholds=judgement.thresholds,
        findings=findings,
        capacity=capacity,
        comparison=comparison,
        insights=insights,
        facts=facts,
    )
    return Conclusion(analysis, checked[-1][1])


def _capacity(last: ClosedAttempt) -> Capacity:
    if last.search:
        return searched_capacity(last.search)
    levels = held_levels(last.plan)
    return estimate_capacity([LevelOutcome(level.rate_per_s, None) for level in levels])


def _outcome(judgement: Judgement, stopped: bool) -> Outcome:
    if stopped:
        return Outcome(status=Status.STOPPED, reasons=("stopped on request; the figures are partial",))
    return Outcome(status=Status.COMPLETED, verdict=judgement.verdict, reasons=judgement.reasons)


def _spoil(closed: ClosedAttempt, quiet: Quiet) -> tuple[ClosedAttempt, Trouble | None]:
    """The attempt, invalid where something outside the system under test spoiled its evidence."""
    steady = closed.attempt.phase("steady")
    if not closed.attempt.valid or steady is None:
        return closed, None
    trouble = spoiled_by(
        closed.charts.resources,
        steady.from_s,
        steady.to_s,
        load_end_s=whole.to_s if (whole := closed.attempt.phase("all")) else 0.0,
        quiet_neighbours=quiet.neighbours_share,
        busiest=closed.busiest_neighbour,
    )
    if trouble is None:
        return closed, None
    attempt = closed.attempt.model_copy(
        update={"valid": False, "spoiled": True, "invalid_because": trouble.seen}
    )
    thresholds = tuple(_undecided(result, trouble.seen) for result in closed.thresholds)
    return closed.model_copy(update={"attempt": attempt, "thresholds": thresholds}), trouble


def _late(closed: ClosedAttempt, comparison: Comparison, capacity: Capacity) -> ClosedAttempt:
    """Thresholds on a comparison or on capacity could not be decided while the attempt was closed."""
    if not closed.attempt.valid:
        return closed
    health = closed.attempt.generator
    limited = f"the load generator was limited: {'; '.join(health.reasons)}" if health.limited else ""
    results = []
    for result in closed.thresholds:
        threshold = parse_threshold(result.text)
        if threshold.metric is Metric.CHANGE:
            result = decide_change(threshold, comparison, limited)
        elif threshold.metric is Metric.CAPACITY:
            result = decide_capacity(threshold, capacity)
        results.append(result)
    return closed.model_copy(update={"thresholds": tuple(results)})


def _compare(attempts: Sequence[ClosedAttempt], around: Surroundings) -> Comparison:
    if around.baseline is None:
        return Comparison(because="there is no earlier run of this test to compare with")
    before, after = around.baseline, attempts[-1]
    return compare(
        Measured(before.attempt, before.plan),
        Measured(after.attempt, after.plan),
        baseline_run=around.baseline_run,
    )


def _undecided(result: ThresholdResult, reason: str) -> ThresholdResult:
    return result.model_copy(update={"decision": Decision.UNDECIDED, "reason": reason})
