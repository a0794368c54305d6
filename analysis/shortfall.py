"""The load itself was not what the question needs: too few users for the rate, or too few samples."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.figures import figure
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.measure import Attempt, GeneratorHealth, PhaseStats
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.sample_floors import percentile_floor
from perfpilot.domain.thresholds import Metric, parse_threshold

SHORT = 0.95
"""Less than this share of the load asked is another load than the one asked."""

USERS_BUSY = 0.9
"""Users that are the limit never wait for their turn: nearly all of them are inside a request or a pause."""


def load_trouble(
    attempt: Attempt, plan: Plan, generator: GeneratorHealth, thresholds: tuple[ThresholdResult, ...]
) -> Trouble | None:
    """LOAD_FELL_SHORT or TOO_FEW_SAMPLES, or None where planning again can't help.

    None as well for an attempt that did not complete, or whose load generator was limited: more users
    or more time would not make its figures real.
    """
    if not attempt.valid or attempt.ended != "completed" or generator.limited:
        return None
    return _fell_short(attempt, plan, generator) or _too_few(attempt, thresholds)


@dataclass(frozen=True)
class _Reached:
    scenario: Scenario
    share: float  # of the samples asked
    response_s: float  # mean response time of a sample
    busy: float  # users inside a request or a think time, on average


def _fell_short(attempt: Attempt, plan: Plan, generator: GeneratorHealth) -> Trouble | None:
    phase = attempt.phase("steady")
    if phase is None or generator.achieved_load is None or generator.achieved_load >= SHORT:
        return None
    steered = [s for s in plan.scenarios if s.engine is Engine.STEERED_RATE and s.curve.unit == "rate_per_s"]
    reached = [r for s in steered if (r := _reached(s, phase, plan, generator)) is not None]
    bound = [r for r in reached if r.share < SHORT and r.busy >= USERS_BUSY * r.scenario.users]
    if not bound:
        return None
    worst = min(bound, key=lambda r: (r.share, r.scenario.name))
    return Trouble(
        reason=Reason.LOAD_FELL_SHORT,
        subject=worst.scenario.name,
        seen=f"{worst.scenario.name} reached {figure(100 * worst.share, '%')} of the load asked with "
        f"{figure(worst.busy, '')} of {worst.scenario.users} users busy, at a mean response time of "
        f"{figure(1000 * worst.response_s, 'ms')}",
        value=worst.response_s,
    )


def _reached(
    scenario: Scenario, phase: PhaseStats, plan: Plan, generator: GeneratorHealth
) -> _Reached | None:
    length = phase.to_s - phase.from_s
    if length <= 0 or phase.pooled.mean_ms is None:
        return None
    arrivals = scenario.curve.area_between(phase.from_s, phase.to_s) / length
    if arrivals <= 0:
        return None
    own = {step.label for step in scenario.steps}
    others = {step.label for s in plan.scenarios if s is not scenario for step in s.steps}
    stats = [s for s in phase.labels if s.label in own]
    rate = sum(s.rate_per_s for s in stats)
    if own & others or not rate:
        # A label shared between scenarios can't be told apart: the pooled figures stand in.
        share = generator.achieved_load or 0.0
        response_s = phase.pooled.mean_ms / 1000
    else:
        share = rate / (arrivals * len(scenario.steps))
        response_s = sum(s.rate_per_s * (s.mean_ms or 0.0) for s in stats) / rate / 1000
    one_pass_s = scenario.requests * response_s + scenario.think_time_s
    return _Reached(scenario, share, response_s, busy=share * arrivals * one_pass_s)


def _too_few(attempt: Attempt, thresholds: tuple[ThresholdResult, ...]) -> Trouble | None:
    worst: Trouble | None = None
    for result in thresholds:
        if result.decision is not Decision.UNDECIDED or not result.samples:
            continue
        threshold = parse_threshold(result.text)
        # A sliding window needs a higher rate, not a longer run: planning again would not fill it.
        if threshold.metric is not Metric.PERCENTILE or threshold.over_s:
            continue
        needed = percentile_floor(threshold.percentile)
        ratio = needed / result.samples
        if ratio > 1 and (worst is None or ratio > (worst.value or 0)):
            worst = Trouble(
                reason=Reason.TOO_FEW_SAMPLES,
                subject=threshold.label,
                seen=f"{result.text}: {result.samples:,} samples, {needed:,} are needed",
                value=ratio,
            )
    return worst
