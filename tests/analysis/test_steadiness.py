"""A steady state is found where there is one, in spite of noise that lasts; a drift where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from perfpilot.analysis.steadiness import drift
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import LabelStats, PhaseStats, Series
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario

WARM_UP_S = 10
SEEDS = 400
RATE = 50


def plan(seconds: int, *segments: Segment, unit: str = "rate_per_s") -> Plan:
    whole = WARM_UP_S + seconds
    pieces = segments or (Segment(duration_s=whole, start=RATE, end=RATE),)
    scenario = Scenario(
        name="browse",
        engine=Engine.OPEN_SCHEDULE if unit == "rate_per_s" else Engine.CLOSED_USERS,
        curve=LoadCurve(unit=unit, segments=pieces),  # type: ignore[arg-type]
        steps=(PlannedStep(endpoint="home", label="home"),),
        users=10,
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=whole,
        warm_up_s=WARM_UP_S,
        peak_rate_per_s=RATE,
        users=10,
        expected_samples=0,
        connect_timeout_s=3,
        response_timeout_s=10,
    )


def seen(made: Plan, p50_ms: np.ndarray, samples: np.ndarray | None = None) -> tuple[PhaseStats, Series]:
    """A load whose warm-up was ten times as slow, which must not matter."""
    rate = np.full(len(p50_ms), RATE) if samples is None else samples
    every = np.concatenate([np.full(WARM_UP_S, 10 * p50_ms[0]), p50_ms])
    counts = np.concatenate([np.full(WARM_UP_S, 1), rate])
    stats = LabelStats(label="", count=int(counts.sum()), errors=0, rate_per_s=RATE)
    steady = PhaseStats(phase="steady", from_s=WARM_UP_S, to_s=made.duration_s, pooled=stats, labels=())
    found = Series(
        start_ms=0,
        asked_per_s=tuple(made.asked_per_s(s + 0.5) for s in range(len(every))),
        samples=tuple(int(n) for n in counts),
        p50_ms=tuple(float(value) for value in every),
    )
    return steady, found


def noise(seed: int, seconds: int, phi: float, deviation: float) -> np.ndarray:
    """First-order autoregressive, as response times of neighbouring seconds are alike."""
    random = np.random.default_rng(seed)
    values = np.empty(seconds)
    values[0] = random.normal(0, deviation)
    for second in range(1, seconds):
        values[second] = phi * values[second - 1] + random.normal(0, deviation * np.sqrt(1 - phi * phi))
    return np.asarray(np.exp(values))


@pytest.mark.parametrize(
    ("seconds", "phi", "deviation"),
    [
        (60, 0.0, 0.20),
        (60, 0.9, 0.08),
        (60, 0.95, 0.08),
        (120, 0.95, 0.08),
        (300, 0.95, 0.12),
        (600, 0.95, 0.12),
        (600, 0.98, 0.08),
    ],
)
def test_stationary_noise_is_no_drift(seconds: int, phi: float, deviation: float) -> None:
    made = plan(seconds)
    alarms = sum(
        drift(made, *seen(made, 100 * noise(seed, seconds, phi, deviation))) is not None
        for seed in range(SEEDS)
    )
    assert alarms <= SEEDS / 100


def test_samples_drawn_at_random_are_no_drift() -> None:
    """Few arrivals a second, lognormal times: the median of a second jumps, and so does the throughput."""
    alarms = 0
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        counts = np.maximum(random.poisson(4, 90), 1)
        p50 = np.array([np.median(random.lognormal(4.0, 0.6, n)) for n in counts])
        made = plan(90, unit="users")
        alarms += drift(made, *seen(made, p50, counts)) is not None
    assert alarms <= SEEDS / 100


SHAPES = {
    "rises by 80 %": lambda t: 1 + 0.8 * t,
    "settles from twice the time": lambda t: 1 + np.exp(-3 * t),
    "a step up by 60 % in the middle": lambda t: 1 + 0.6 * (t > 0.5),
    "falls by half": lambda t: 1 - 0.5 * t,
}


@pytest.mark.parametrize("name", list(SHAPES))
@pytest.mark.parametrize("seconds", [60, 300])
def test_what_drifts_is_found_in_noise(name: str, seconds: int) -> None:
    made = plan(seconds)
    t = np.arange(seconds) / seconds
    found = [
        drift(made, *seen(made, 100 * SHAPES[name](t) * noise(seed, seconds, 0.9, 0.05)))
        for seed in range(100)
    ]
    assert sum(one is not None for one in found) >= 65
    assert not any(one.saturated for one in found if one is not None)


def test_a_drift_says_from_where_to_where() -> None:
    made = plan(120)
    found = drift(made, *seen(made, np.linspace(200, 100, 120)))
    assert found is not None and found.what == "response time"
    assert "from 18" in str(found) and "to 11" in str(found) and "ms" in str(found)


def test_a_few_milliseconds_are_no_drift() -> None:
    made = plan(120)
    assert drift(made, *seen(made, np.linspace(2, 6, 120))) is None


def test_a_short_phase_is_not_looked_at() -> None:
    made = plan(59)
    assert drift(made, *seen(made, np.linspace(100, 300, 59))) is None


def test_a_second_without_a_sample_is_no_obstacle_and_a_long_silence_is() -> None:
    made = plan(120)
    steady, series = seen(made, np.linspace(200, 100, 120))
    gaps = tuple(None if s % 3 == 0 else value for s, value in enumerate(series.p50_ms))
    assert drift(made, steady, series.model_copy(update={"p50_ms": gaps})) is not None
    silent = tuple(None if 50 <= s < 70 else value for s, value in enumerate(series.p50_ms))
    assert drift(made, steady, series.model_copy(update={"p50_ms": silent})) is None


@pytest.mark.parametrize(
    "segments",
    [
        [(60, 50, 50), (60, 80, 80)],
        [(60, 20, 80), (60, 80, 20)],
        [(40, 20, 20), (20, 80, 80), (60, 20, 20)],
        [(70, 50, 50), (50, 0, 0)],
    ],
    ids=["steps", "wave", "spike", "an early end"],
)
def test_a_level_that_changes_has_no_steady_state_to_come_to(
    segments: list[tuple[float, float, float]],
) -> None:
    made = plan(110, *(Segment(duration_s=s, start=a, end=b) for s, a, b in segments))
    assert drift(made, *seen(made, np.linspace(100, 190, 110))) is None


def test_a_queue_that_grows_is_the_targets_limit() -> None:
    made = plan(120)
    doubled = drift(made, *seen(made, np.linspace(100, 3000, 120)))
    assert doubled is not None and doubled.saturated
    behind = np.full(120, RATE)
    behind[60:] = RATE - 2  # 96 % of what is asked
    slower = drift(made, *seen(made, np.linspace(100, 180, 120), behind))
    assert slower is not None and slower.saturated
    faster = drift(made, *seen(made, np.linspace(300, 100, 120)))
    assert faster is not None and not faster.saturated, "what gets faster is no queue"


def test_users_get_less_from_a_target_that_slows_down() -> None:
    made = plan(120, unit="users")
    slower = drift(made, *seen(made, np.linspace(100, 300, 120)))
    assert slower is not None and not slower.saturated, "users wait for answers: no queue grows"
    fewer = drift(made, *seen(made, np.full(120, 100.0), np.linspace(60, 30, 120)))
    assert fewer is not None and (fewer.what, fewer.unit) == ("throughput", "/s")
    by_rate = plan(120)
    assert drift(by_rate, *seen(by_rate, np.full(120, 100.0), np.linspace(60, 30, 120))) is None
