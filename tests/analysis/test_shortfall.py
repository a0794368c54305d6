"""When planning again can help: users were the limit, or a percentile has too few samples."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.analysis.shortfall import load_trouble
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.loops import Loop, Reason, Trouble
from perfpilot.domain.measure import Attempt, GeneratorHealth, LabelStats, PhaseStats
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from tests.analysis.observed import threshold


def plan(users: int, *, engine: Engine = Engine.STEERED_RATE, think_time_s: float = 0.0) -> Plan:
    curve = LoadCurve(unit="rate_per_s", segments=(Segment(duration_s=70, start=100, end=100),))
    step = PlannedStep(endpoint="home", label="home", think_time_s=think_time_s)
    scenario = Scenario(name="browse", engine=engine, curve=curve, steps=(step,), users=users)
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=70,
        warm_up_s=10,
        peak_rate_per_s=100,
        users=users,
        expected_samples=7000,
        connect_timeout_s=3,
        response_timeout_s=10,
    )


def attempt(rate: float, mean_ms: float, **changes: Any) -> Attempt:
    stats = LabelStats(label="home", count=int(rate * 60), errors=0, rate_per_s=rate, mean_ms=mean_ms)
    steady = PhaseStats(
        phase="steady", from_s=10, to_s=70, pooled=stats.model_copy(update={"label": ""}), labels=(stats,)
    )
    return Attempt(number=1, started_ms=0, ended="completed", phases=(steady,)).model_copy(update=changes)


def trouble(
    rate: float,
    mean_ms: float,
    made: Plan,
    *thresholds: ThresholdResult,
    limited: bool = False,
    **changes: Any,
) -> Trouble | None:
    generator = GeneratorHealth(limited=limited, achieved_load=rate / 100)
    return load_trouble(attempt(rate, mean_ms, **changes), made, generator, thresholds)


def test_users_that_are_always_busy_are_too_few() -> None:
    # 10 users at 200 ms make at most 50 requests a second.
    seen = trouble(50, 200, plan(users=10))
    assert seen is not None and seen.reason is Reason.LOAD_FELL_SHORT
    assert seen.reason.loop is Loop.REPLAN
    assert (seen.subject, seen.value) == ("browse", pytest.approx(0.2))
    assert all(part in seen.seen for part in ("50 %", "10 of 10 users", "200 ms"))


def test_think_time_keeps_users_busy_too() -> None:
    assert trouble(50, 100, plan(users=10)) is None
    assert trouble(50, 100, plan(users=10, think_time_s=0.1)) is not None


@pytest.mark.parametrize(
    "why_not",
    [
        "enough load",
        "idle users",
        "limited generator",
        "fixed schedule",
        "not completed",
        "not valid",
    ],
)
def test_planning_again_cannot_help(why_not: str) -> None:
    assert {
        "enough load": lambda: trouble(96, 104, plan(users=10)),
        "idle users": lambda: trouble(50, 200, plan(users=30)),
        "limited generator": lambda: trouble(50, 200, plan(users=10), limited=True),
        "fixed schedule": lambda: trouble(50, 200, plan(users=10, engine=Engine.OPEN_SCHEDULE)),
        "not completed": lambda: trouble(50, 200, plan(users=10), ended="aborted"),
        "not valid": lambda: trouble(50, 200, plan(users=10), valid=False),
    }[why_not]() is None


def undecided(text: str, samples: int) -> ThresholdResult:
    return threshold(text, Decision.UNDECIDED, samples=samples)


def test_the_threshold_that_lacks_most_samples_says_how_many_times_more() -> None:
    lines = (undecided("p95(home) < 400ms", 150), undecided("p99 < 1s", 400))
    seen = trouble(100, 20, plan(users=50), *lines)
    assert seen is not None and seen.reason is Reason.TOO_FEW_SAMPLES
    assert seen.value == pytest.approx(2.5)
    assert "1,000" in seen.seen and "400" in seen.seen


@pytest.mark.parametrize(
    "line",
    [
        undecided("p95 < 400ms", 200),  # enough: undecided for another reason
        undecided("p95 < 400ms", 0),  # none at all: more time brings none either
        undecided("p95 < 400ms over 30s", 150),  # a window needs a higher rate
        undecided("error_rate < 1%", 50),
        threshold("p95 < 400ms", Decision.BROKEN, value=900, samples=150),
    ],
    ids=lambda line: f"{line.text} {line.samples} {line.decision}",
)
def test_more_samples_would_not_decide_this(line: ThresholdResult) -> None:
    assert trouble(100, 20, plan(users=50), line) is None


def test_a_short_load_is_mended_before_the_sample() -> None:
    seen = trouble(50, 200, plan(users=10), undecided("p99 < 1s", 400))
    assert seen is not None and seen.reason is Reason.LOAD_FELL_SHORT
