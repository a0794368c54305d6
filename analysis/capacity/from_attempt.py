"""Everything that an attempt says about the capacity of the target."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from perfpilot.analysis.capacity.bound import asymptotic_bound
from perfpilot.analysis.capacity.estimate import ladder_capacity, searched_capacity
from perfpilot.analysis.capacity.ladder import held_levels
from perfpilot.analysis.capacity.projection import head_room, scaling
from perfpilot.analysis.capacity.scalability import scalability
from perfpilot.domain.capacity import Capacity, CapacityLevel
from perfpilot.domain.judgement import Decision
from perfpilot.domain.plan import Plan
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.spec import Environment
from perfpilot.domain.thresholds import Metric, parse_threshold

_LATE = frozenset({Metric.CAPACITY, Metric.CHANGE})


def capacity_of(
    closed: ClosedAttempt,
    levels: Sequence[CapacityLevel],
    *,
    expected_per_s: float | None = None,
    environment: Environment | None = None,
) -> Capacity:
    """The capacity with its interval, its bounds, and what follows from it.

    `levels`: as `judged` made them while the result file was read. An attempt that is not valid, or whose
    load generator was limited, estimates nothing: a load that was not real shows no limit of the target.
    """
    found = _estimated(closed, levels)
    bound = asymptotic_bound(found.levels, _think_s(closed.plan))
    found = found.model_copy(
        update={
            "bound_per_s": bound.per_s,
            "bound_because": bound.because,
            "bound_in_flight": bound.in_flight,
            "scalability": scalability(found.levels),
        }
    )
    per_arrival = median(level.samples_per_arrival for level in found.levels) if found.levels else 1.0
    return found.model_copy(
        update={
            "head_room": head_room(found, expected_per_s),
            "scaling": scaling(
                found,
                instances=environment.instances if environment else 1,
                cost_per_hour=environment.cost_per_hour if environment else None,
                currency=environment.currency if environment else "",
                expected_per_s=expected_per_s,
                samples_per_arrival=per_arrival,
            ),
        }
    )


def _estimated(closed: ClosedAttempt, levels: Sequence[CapacityLevel]) -> Capacity:
    attempt = closed.attempt
    if not attempt.valid:
        because = f"the attempt is not valid: {attempt.invalid_because or 'no reason given'}"
        return Capacity(estimated=False, because=because)
    if closed.search:
        return searched_capacity(closed.search, levels)
    if attempt.generator.limited:
        because = f"the load generator was limited: {'; '.join(attempt.generator.reasons)}"
        return Capacity(estimated=False, because=because)
    return ladder_capacity(levels or _single(closed))


def _single(closed: ClosedAttempt) -> tuple[CapacityLevel, ...]:
    """The one level of a load that was held steadily, by the thresholds of the whole run."""
    steady = closed.attempt.phase("steady")
    held = [level for level in held_levels(closed.plan) if steady and level.from_s <= steady.from_s + 1e-6]
    whole = [level for level in held if steady and steady.to_s <= level.to_s + 1e-6]
    if steady is None or not whole or closed.attempt.ended != "completed":
        return ()
    level, stats = whole[0], steady.pooled
    decided = [r for r in closed.thresholds if parse_threshold(r.text).metric not in _LATE]
    broken = next((r for r in decided if r.decision is Decision.BROKEN), None)
    undecided = next((r for r in decided if r.decision is Decision.UNDECIDED), None)
    because = broken or undecided
    met = False if broken else None if undecided or not decided else True
    seconds = steady.to_s - steady.from_s
    per_arrival = closed.plan.asked_between(steady.from_s, steady.to_s) / (level.rate_per_s * seconds)
    mean_s = (stats.mean_ms or 0.0) / 1000
    return (
        CapacityLevel(
            rate_per_s=level.rate_per_s,
            reached_per_s=stats.rate_per_s / per_arrival if per_arrival else None,
            completed_per_s=(stats.count - stats.errors) / seconds if seconds > 0 else None,
            samples_per_arrival=per_arrival or 1.0,
            in_flight=stats.rate_per_s * mean_s if stats.count else None,
            p50_ms=stats.p50_ms,
            p95_ms=stats.p95_ms,
            error_rate=stats.error_rate,
            from_s=steady.from_s,
            seconds=seconds,
            met=met,
            sure=met is not None and not any(result.marginal for result in decided),
            why=f"{because.text}: {because.reason or because.decision}" if because else "",
        ),
    )


def _think_s(plan: Plan) -> float:
    """Pauses of an iteration, as a mean over the scenarios by their rates."""
    measured = [s for s in plan.scenarios if s.measured and s.curve.unit == "rate_per_s"]
    whole = sum(s.curve.peak for s in measured)
    return sum(s.curve.peak * s.think_time_s for s in measured) / whole if whole else 0.0
