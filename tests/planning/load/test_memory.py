"""The heap follows what was measured, within its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, PlannedStep, Scenario
from perfpilot.planning.load.memory import LEAST_MB, MOST_MB, heap_mb, heap_note

MEASURED_LIVE_MB = [
    (50, 1, Engine.CLOSED_USERS, 19.4),
    (200, 1, Engine.CLOSED_USERS, 28.9),
    (1000, 1, Engine.CLOSED_USERS, 79.8),
    (200, 20, Engine.CLOSED_USERS, 41.8),
    (1000, 1, Engine.STEERED_USERS, 84.8),
    (1000, 1, Engine.STEERED_RATE, 127.7),
]


def made(users: int, steps: int, engine: Engine, level: float = 10.0) -> Scenario:
    by_users = engine in (Engine.CLOSED_USERS, Engine.STEERED_USERS)
    return Scenario(
        name="a",
        engine=engine,
        curve=LoadCurve(
            unit="users" if by_users else "rate_per_s",
            segments=(Segment(duration_s=60, start=level, end=level),),
        ),
        steps=tuple(PlannedStep(endpoint="a", label="a", think_time_s=5.0) for _ in range(steps)),
        users=users,
    )


@pytest.mark.parametrize(("users", "steps", "engine", "live_mb"), MEASURED_LIVE_MB)
def test_the_heap_holds_twice_what_was_measured_and_a_response_of_each_user(
    users: int, steps: int, engine: Engine, live_mb: float
) -> None:
    assert heap_mb([made(users, steps, engine)]) >= min(2 * (live_mb + 0.25 * users), MOST_MB) - 1


def test_few_users_get_the_least_and_many_the_most() -> None:
    assert heap_mb([made(1, 1, Engine.CLOSED_USERS)]) == LEAST_MB
    assert heap_mb([made(100_000, 1, Engine.CLOSED_USERS)]) == MOST_MB


def test_users_of_an_open_schedule_are_a_worst_case_that_holds_no_responses() -> None:
    """300 a second with a time-out of 10 s: 3,000 users, of whom 300 hold a response."""
    open_load = heap_mb([made(3000, 1, Engine.OPEN_SCHEDULE, level=300.0)])
    assert LEAST_MB < open_load < heap_mb([made(3000, 1, Engine.CLOSED_USERS)])


def test_the_note_says_heap_and_users() -> None:
    scenarios = (made(300, 1, Engine.CLOSED_USERS), made(1, 1, Engine.OPEN_SCHEDULE))
    assert heap_note(scenarios) == f"generator: heap {heap_mb(scenarios)} MB for 301 users"


@given(st.integers(1, 5000), st.integers(1, 50), st.sampled_from(Engine), st.floats(0, 3000))
def test_more_users_never_need_less(users: int, steps: int, engine: Engine, level: float) -> None:
    less, more = (heap_mb([made(users * factor, steps, engine, level)]) for factor in (1, 2))
    assert LEAST_MB <= less <= more <= MOST_MB
    assert less % 64 == 0
