"""Thresholds against measured data, decided after the load.

Every metric is computed over leaf samples that STARTED in the steady phase, failed ones included; control
rows (labels with `__`) never count. A line without a label pools all labels. What each metric means:

- percentile pQ: the response time at rank ceil(Q/100 * n). Decided by counting the samples within the limit.
- mean, max: of the response time. error_rate: failed samples / samples.
- throughput: successful samples / length of the phase. apdex: (satisfied + tolerating/2) / samples, with T as
  given and F = 4T; failed samples are frustrated.
- achieved_load, cpu, capacity, change: see `uncounted`.

How many samples a metric needs, and what happens below that: see `counted`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perfpilot.analysis.counting.exact import Tally, ThresholdCounters
from perfpilot.analysis.failures.error_causes import is_http
from perfpilot.analysis.thresholds.counted import decide_counted, decide_tally
from perfpilot.analysis.thresholds.uncounted import (
    decide_achieved_load,
    decide_capacity,
    decide_change,
    decide_cpu,
)
from perfpilot.analysis.thresholds.unread_rows import with_unread
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.measure import GeneratorHealth, LabelStats, PhaseStats, ResourceSeries
from perfpilot.domain.plan import Plan
from perfpilot.domain.thresholds import Metric, Threshold


@dataclass(frozen=True)
class Evidence:
    """What thresholds are decided on: the figures of one attempt.

    `cpu_scale`: for a component that may use fewer cores than the host has, host cores / its cores; the
    monitored share of the host becomes the share of what it may use.
    """

    plan: Plan
    steady: PhaseStats | None
    counters: ThresholdCounters
    generator: GeneratorHealth
    resources: tuple[ResourceSeries, ...] = ()
    capacity: Capacity | None = None
    comparison: Comparison | None = None
    valid: bool = True
    invalid_because: str = ""
    cpu_scale: Mapping[str, float] = field(default_factory=dict)
    unread: int = 0  # rows of the result file that could not be read


def goals(thresholds: Sequence[Threshold], *, breakpoint_search: bool = False) -> tuple[Threshold, ...]:
    """The lines that a verdict rests on: no abort lines. In a breakpoint search a breach of anything but
    `capacity` is data, not a failure."""
    return tuple(
        threshold
        for threshold in thresholds
        if not threshold.abort and (not breakpoint_search or threshold.metric is Metric.CAPACITY)
    )


def decide(thresholds: Sequence[Threshold], evidence: Evidence) -> tuple[ThresholdResult, ...]:
    """Met, broken or undecided for each goal, in the order given; abort lines are left out.

    Worse data never makes a decision better. An attempt that is not valid decides nothing. A limited load
    generator leaves response times, throughput, Apdex and the achieved load undecided. What rows that could
    not be read leave standing: see `unread_rows`.
    """
    return tuple(_over_good_rows(threshold, evidence) for threshold in thresholds if not threshold.abort)


def broken_by_answers(threshold: Threshold, steady: PhaseStats) -> bool:
    """Whether failures that the target itself answered break an error rate, with no others counted.

    No load generator makes them, limited or not, watched or not. False for every other metric, and for a
    sliding window, whose failures are not known by cause.
    """
    if threshold.metric is not Metric.ERROR_RATE or threshold.over_s:
        return False
    samples = sum(stats.count for stats in _stats_of(steady, threshold.label))
    answered = _answered_failures(steady, threshold.label)
    tally = Tally(answered, samples, steady.to_s - steady.from_s)
    return decide_tally(threshold, tally)[0] is Decision.BROKEN


def _over_good_rows(threshold: Threshold, evidence: Evidence) -> ThresholdResult:
    result, steady = _decide(threshold, evidence), evidence.steady
    length_s = steady.to_s - steady.from_s if steady else 0.0
    counter = evidence.counters.goals.get(threshold.text)
    return with_unread(threshold, result, counter, length_s, evidence.unread)


def _decide(threshold: Threshold, evidence: Evidence) -> ThresholdResult:
    limited = _limited_because(evidence.generator)
    if not evidence.valid:
        return _undecided(
            threshold, f"the attempt is not valid: {evidence.invalid_because or 'no reason given'}"
        )
    if threshold.metric is Metric.CAPACITY:
        return decide_capacity(threshold, evidence.capacity)
    if threshold.metric is Metric.CHANGE:
        return decide_change(threshold, evidence.comparison, limited)
    steady = evidence.steady
    if steady is None or steady.to_s <= steady.from_s:
        return _undecided(threshold, "the steady phase was not reached")
    if threshold.metric is Metric.CPU:
        scale = evidence.cpu_scale.get(threshold.label, 1.0)
        return decide_cpu(threshold, evidence.resources, steady.from_s, steady.to_s, scale, limited)
    if threshold.metric is Metric.ACHIEVED_LOAD:
        return decide_achieved_load(threshold, evidence.plan, steady, evidence.generator, limited)
    counter = evidence.counters.goals.get(threshold.text)
    if counter is None:
        return _undecided(threshold, "it was not counted while the load ran")
    answered = _answered_failures(steady, threshold.label)
    return decide_counted(threshold, counter, steady.to_s - steady.from_s, limited, answered)


def _limited_because(generator: GeneratorHealth) -> str:
    if not generator.limited:
        return ""
    return "the load generator was limited" + (f": {generator.reasons[0]}" if generator.reasons else "")


def _answered_failures(steady: PhaseStats, label: str) -> int:
    """Failed samples that the target itself answered; connections and time-outs may be the generator's."""
    return sum(cause.count for s in _stats_of(steady, label) for cause in s.causes if is_http(cause.code))


def _stats_of(steady: PhaseStats, label: str) -> list[LabelStats]:
    return [steady.pooled] if not label else [s for s in steady.labels if s.label == label]


def _undecided(threshold: Threshold, reason: str) -> ThresholdResult:
    return ThresholdResult(
        text=threshold.text,
        decision=Decision.UNDECIDED,
        limit=threshold.in_unit(threshold.limit),
        unit=threshold.unit(),
        reason=reason,
    )
