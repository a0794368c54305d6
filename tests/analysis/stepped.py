"""Attempts of a stepped load against an imagined target with a limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from perfpilot.domain.judgement import ThresholdResult
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import Attempt, GeneratorHealth, LabelStats, PhaseStats, Series
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.result import Charts, ClosedAttempt

HOLD_S = 20


def stepped_plan(
    levels: Sequence[float],
    *,
    engine: Engine = Engine.OPEN_SCHEDULE,
    users: int = 100,
    even: bool = True,
    steps: tuple[PlannedStep, ...] = (PlannedStep(endpoint="home", label="home"),),
    warm_up_s: float = 0.0,
) -> Plan:
    """Holds of 20 s at each level, one after the other."""
    curve = LoadCurve(
        unit="rate_per_s",
        segments=tuple(Segment(duration_s=HOLD_S, start=level, end=level) for level in levels),
    )
    scenario = Scenario(
        name="browse", engine=engine, curve=curve, steps=steps, users=users, even_arrivals=even
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=curve.duration_s,
        warm_up_s=warm_up_s,
        peak_rate_per_s=curve.peak * scenario.requests,
        users=users,
        expected_samples=curve.area * scenario.requests,
        connect_timeout_s=3,
        response_timeout_s=10,
    )


def series(
    plan: Plan,
    *,
    most_per_s: float = 1e9,
    p50_ms: Callable[[float], float] = lambda rate: 20.0,
    failed: Callable[[float], float] = lambda rate: 0.0,
    until_s: int | None = None,
) -> Series:
    """What the target shows second by second: figures are functions of the rate asked."""
    asked = [plan.asked_per_s(s + 0.5) for s in range(int(plan.duration_s))][:until_s]
    samples = [round(min(rate, most_per_s)) for rate in asked]
    middle = tuple(p50_ms(rate) for rate in asked)
    return Series(
        start_ms=0,
        asked_per_s=tuple(asked),
        samples=tuple(samples),
        errors=tuple(round(n * failed(rate)) for n, rate in zip(samples, asked, strict=True)),
        users=tuple(10 for _ in asked),
        p50_ms=middle,
        p95_ms=tuple(2 * value for value in middle),
        p99_ms=tuple(3 * value for value in middle),
    )


def closed_attempt(
    plan: Plan,
    seen: Series,
    *thresholds: ThresholdResult,
    number: int = 1,
    ended: str = "completed",
    limited: bool = False,
    valid: bool = True,
) -> ClosedAttempt:
    """The attempt with its phases, as far as the series goes."""
    seconds = float(len(seen.samples))
    asked = plan.asked_between(plan.warm_up_s, seconds)
    count = sum(seen.samples[int(plan.warm_up_s) :])
    stats = LabelStats(label="home", count=count, errors=0, rate_per_s=count / seconds, mean_ms=20.0)
    pooled = stats.model_copy(update={"label": ""})
    phases = tuple(
        PhaseStats(phase=name, from_s=begin, to_s=seconds, pooled=pooled, labels=(stats,))
        for name, begin in (("all", 0.0), ("steady", plan.warm_up_s))
    )
    achieved = count / asked if asked else None
    attempt = Attempt(
        number=number,
        started_ms=0,
        ended=ended,
        phases=phases,
        generator=GeneratorHealth(limited=limited, achieved_load=achieved),
        valid=valid,
    )
    return ClosedAttempt(attempt=attempt, plan=plan, thresholds=thresholds, charts=Charts(series=seen))
