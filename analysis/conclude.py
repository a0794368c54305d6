"""From closed attempts to a conclusion: what was spoiled, which attempt decides, why, and what to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from perfpilot.analysis.capacity.from_attempt import capacity_of
from perfpilot.analysis.cases import latest_cases
from perfpilot.analysis.causes.causes import find_causes
from perfpilot.analysis.comparison.windows import read_windows
from perfpilot.analysis.earlier import Earlier, ThisRun, compared, trend_of
from perfpilot.analysis.facts.facts import fact_table
from perfpilot.analysis.insights.rule_insights import rule_insights
from perfpilot.analysis.observations import Observations
from perfpilot.analysis.soak.answers import label_times
from perfpilot.analysis.soak.slow_changes import find_slow_changes
from perfpilot.analysis.spoiled import spoil, spoiled_by
from perfpilot.analysis.thresholds.uncounted import decide_capacity, decide_change
from perfpilot.analysis.trend.limits import limits_of
from perfpilot.analysis.verdict import JudgedAttempt, Judgement, judge
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.loops import Trouble
from perfpilot.domain.outcome import Outcome, Status
from perfpilot.domain.readiness import Quiet
from perfpilot.domain.result import Analysis, ClosedAttempt, Repair
from perfpilot.domain.soak import Soak
from perfpilot.domain.spec import Environment
from perfpilot.domain.thresholds import Metric, parse_threshold


@dataclass(frozen=True)
class Surroundings:
    """What the conclusion needs beside the attempts."""

    repairs: tuple[Repair, ...] = ()
    quiet: Quiet = field(default_factory=Quiet)
    run: ThisRun = field(default_factory=ThisRun)
    earlier: Earlier = field(default_factory=Earlier)
    stopped: bool = False
    breakpoint_search: bool = False  # a breach of anything but capacity is data
    expected_per_s: float | None = None  # the peak that production brings
    environment: Environment | None = None  # what the target costs


@dataclass(frozen=True)
class Conclusion:
    """The analysis, and what spoiled the last attempt's evidence, if anything did."""

    analysis: Analysis
    spoiled: Trouble | None = None


def conclude(closed: Sequence[ClosedAttempt], around: Surroundings) -> Conclusion:
    """Judge all attempts together. A NO_GO on valid data in any of them is final."""
    checked = [_spoil(attempt, around.quiet) for attempt in closed]
    attempts = [attempt for attempt, _ in checked]
    last = next((a for a in reversed(attempts) if a.attempt.valid), attempts[-1])
    comparison = compared(last, around.earlier)
    capacity = capacity_of(
        last, last.levels, expected_per_s=around.expected_per_s, environment=around.environment
    )
    attempts = [_late(attempt, comparison, capacity) for attempt in attempts]
    judgement = judge(
        [JudgedAttempt(a.attempt, a.thresholds) for a in attempts],
        around.repairs,
        breakpoint_search=around.breakpoint_search,
    )
    outcome = _outcome(judgement, around.stopped)
    deciding = next((a for a in attempts if a.attempt.number == judgement.decided_by), attempts[-1])
    soak = _soak(deciding)
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
        soak=soak,
    )
    trend = trend_of(around.run, deciding, capacity, around.earlier)
    facts = fact_table(
        seen, comparison=comparison, capacity=capacity, trend=trend, expected_per_s=around.expected_per_s
    )
    findings = find_causes(seen, facts)
    insights = rule_insights(
        facts,
        findings,
        outcome=outcome,
        thresholds=judgement.thresholds,
        capacity=capacity,
        comparison=comparison,
        trend=trend,
        soak=soak,
        generator=deciding.attempt.generator,
    )
    analysis = Analysis(
        outcome=outcome,
        attempts=tuple(a.attempt for a in attempts),
        decided_by=judgement.decided_by,
        thresholds=judgement.thresholds,
        findings=findings,
        capacity=capacity,
        comparison=comparison,
        trend=trend,
        soak=soak,
        insights=insights,
        facts=facts,
    )
    return Conclusion(analysis, checked[-1][1])


def _outcome(judgement: Judgement, stopped: bool) -> Outcome:
    if stopped:
        return Outcome(status=Status.STOPPED, reasons=("stopped on request; the figures are partial",))
    return Outcome(status=Status.COMPLETED, verdict=judgement.verdict, reasons=judgement.reasons)


def _spoil(closed: ClosedAttempt, quiet: Quiet) -> tuple[ClosedAttempt, Trouble | None]:
    """The attempt without what something outside the system under test spoiled, and what that was."""
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
    return (spoil(closed, trouble), trouble) if trouble else (closed, None)


def _late(closed: ClosedAttempt, comparison: Comparison, capacity: Capacity) -> ClosedAttempt:
    """Thresholds on a comparison or on capacity could not be decided while the attempt was closed."""
    if not closed.attempt.valid or closed.attempt.spoiled:
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


def _soak(closed: ClosedAttempt) -> Soak:
    """What moved slowly. An attempt whose evidence is spoiled says nothing of the target."""
    attempt = closed.attempt
    if not attempt.valid:
        return Soak(because=f"the attempt is not valid: {attempt.invalid_because or 'no reason recorded'}")
    return find_slow_changes(
        closed.plan,
        attempt.phase("steady"),
        closed.charts.series,
        closed.charts.resources,
        times=label_times(read_windows(closed.windows)) if closed.windows else None,
        restarts_s=closed.restarts_s,
        limits=limits_of(parse_threshold(result.text) for result in closed.thresholds),
        generator_limited=attempt.generator.limited,
    )
