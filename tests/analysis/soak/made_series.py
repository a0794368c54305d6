"""Series of imagined soaks, with noise whose neighbours are alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import LabelStats, PhaseStats, ResourceSeries, Series
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario

WARM_UP_S = 60
RATE = 50.0


def wandering(random: np.random.Generator, seconds: int, deviation: float, alike: float = 0.99) -> np.ndarray:
    """First-order autoregressive noise: `alike` is the correlation of neighbouring seconds."""
    steps = random.normal(0, deviation * np.sqrt(1 - alike * alike), seconds)
    steps[0] = random.normal(0, deviation)
    for second in range(1, seconds):
        steps[second] += alike * steps[second - 1]
    return steps


def plan(seconds: int, *, levels: tuple[float, ...] = (RATE,)) -> Plan:
    """A warm-up and then the levels, each for its share of the time."""
    length = seconds / len(levels)
    curve = LoadCurve(
        unit="rate_per_s",
        segments=(
            Segment(duration_s=WARM_UP_S, start=0.0, end=levels[0]),
            *(Segment(duration_s=length, start=level, end=level) for level in levels),
        ),
    )
    scenario = Scenario(
        name="home",
        engine=Engine.STEERED_RATE,
        curve=curve,
        steps=(PlannedStep(endpoint="home", label="home"),),
        users=100,
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=WARM_UP_S + seconds,
        warm_up_s=WARM_UP_S,
        peak_rate_per_s=max(levels),
        users=100,
        expected_samples=curve.area,
        connect_timeout_s=3,
        response_timeout_s=10,
    )


def steady(seconds: int) -> PhaseStats:
    """The steady phase of `plan`."""
    pooled = LabelStats(label="", count=seconds, errors=0, rate_per_s=1.0)
    return PhaseStats(
        phase="steady", from_s=WARM_UP_S, to_s=WARM_UP_S + seconds, pooled=pooled, labels=(pooled,)
    )


def resource(
    component: str, metric: str, seconds: int, value: Callable[[np.ndarray], np.ndarray]
) -> ResourceSeries:
    """A reading each second; `value` gets the hours since the steady phase began."""
    t_s = np.arange(WARM_UP_S + seconds, dtype=np.float64)
    values = np.broadcast_to(value((t_s - WARM_UP_S) / 3600), t_s.shape)
    return ResourceSeries(
        component=component, metric=metric, t_s=tuple(t_s.tolist()), values=tuple(values.tolist())
    )


def answers(
    seconds: int,
    p95_ms: Callable[[np.ndarray], np.ndarray] = lambda hours: np.full_like(hours, 200.0),
    error_share: Callable[[np.ndarray], np.ndarray] = lambda hours: np.zeros_like(hours),
    seed: int = 1,
) -> Series:
    """Answers of each second; `p95_ms` gets the hours since the steady phase began."""
    random = np.random.default_rng(seed)
    hours = (np.arange(WARM_UP_S + seconds) - WARM_UP_S) / 3600
    p95 = p95_ms(hours) * np.exp(random.normal(0, 0.05, len(hours)))
    errors = random.binomial(int(RATE), error_share(hours))
    return Series(
        start_ms=0,
        samples=(int(RATE),) * len(hours),
        errors=tuple(errors.tolist()),
        p50_ms=tuple((p95 / 2).tolist()),
        p95_ms=tuple(p95.tolist()),
        p99_ms=tuple((p95 * 2).tolist()),
    )
