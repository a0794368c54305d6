"""Little's law in each window of the steady phase."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.generator.at_work import UsersAtWork
from perfpilot.domain.plan import Engine, Plan
from tests.analysis.generator.made_loads import LABELS, Measured, plan
from tests.analysis.generator.stalling import Times, closed, rows_of
from tests.analysis.result_files import START_MS

CLOSED = Engine.CLOSED_USERS


def waiting(
    users: int,
    response_ms: float,
    pause_ms: float,
    seed: int,
    *,
    inside: tuple[float, float] = (0.0, 0.0),
    more: float = 0.0,
    duration_s: float = 300.0,
) -> Times:
    """Closed users who wait inside the generator between two moments, by `more` cycles in each."""
    chance = random.Random(seed)
    sent: Times = []
    for _ in range(users):
        at = chance.random() * (response_ms + pause_ms)
        while at < duration_s * 1000:
            took = response_ms * (0.5 + 0.5 * chance.expovariate(1))
            sent.append((at, took))
            at += took + pause_ms * (0.5 + chance.random())
            if inside[0] * 1000 <= at < inside[1] * 1000:
                at += more * (response_ms + pause_ms)
    return sent


def closed_plan(users: int, pause_ms: float) -> Plan:
    return plan(300, users=users, engine=CLOSED, pause_s=pause_ms / 1000)


LOADS = [(5, 50, 1000), (10, 100, 2000), (20, 100, 5000), (50, 50, 1000), (30, 1000, 0)]


@pytest.mark.parametrize(("users", "response_ms", "pause_ms"), LOADS)
def test_users_who_only_wait_and_pause_are_explained_in_every_window(
    users: int, response_ms: float, pause_ms: float
):
    for seed in range(6):
        times = waiting(users, response_ms, pause_ms, seed)
        health = Measured(closed_plan(users, pause_ms), times, users).health()
        assert len(health.windows) >= 10
        assert all(window.ok for window in health.windows)
        assert not health.limited and not health.notes


@pytest.mark.parametrize(("users", "response_ms", "pause_ms"), LOADS)
def test_a_fifth_of_the_time_inside_the_generator_is_seen(users: int, response_ms: float, pause_ms: float):
    times = waiting(users, response_ms, pause_ms, 1, inside=(120, 180), more=1.0)
    health = Measured(closed_plan(users, pause_ms), times, users).health()
    assert health.limited
    assert all(108 <= w.from_s <= 180 for w in health.windows if not w.ok)


def test_one_window_is_a_blip_that_is_noted():
    times = waiting(50, 50, 500, 1, inside=(122, 128), more=3.0)
    health = Measured(closed_plan(50, 500), times, 50).health()
    assert not health.limited
    assert len(health.notes) == 1 and health.notes[0].endswith("users waited inside the generator")


def test_users_who_wait_for_a_stalled_target_are_at_work():
    """In the stall no request starts and none ends: counted by starts, all users would be missing."""
    health = Measured(closed_plan(20, 90), closed(300, 20), 20).health()
    assert all(window.ok for window in health.windows), health.windows
    assert not health.limited


def test_windows_of_a_rate_tell_what_was_reached_and_nothing_of_users():
    times = [(n * 100.0, 50.0) for n in range(600) if n % 2 or n < 300]
    windows = Measured(plan(60, rate=10), times).health().windows
    assert [round(window.reached or 0, 2) for window in windows] == [1, 1, 0.5, 0.5, 0.5]
    assert all(window.users is None and window.ok for window in windows)


def test_a_phase_shorter_than_a_window_has_none():
    times = waiting(5, 50, 5000, 1, duration_s=30)
    assert Measured(plan(30, users=5, engine=CLOSED, pause_s=5), times, 5).health().windows == ()


@given(
    st.lists(st.tuples(st.integers(-3000, 13_000), st.integers(0, 9000)), min_size=1, max_size=40),
    st.integers(1, 5),
)
@settings(max_examples=100, deadline=None)
def test_time_in_requests_is_exact_whatever_the_pieces(times: list[tuple[int, int]], pieces: int):
    work = UsersAtWork(plan(10, users=5, engine=CLOSED, warm_up_s=0), START_MS, LABELS)
    rows = rows_of([(float(at), float(took)) for at, took in times], START_MS)
    for part in range(pieces):
        work.add(rows.pick(np.arange(part, rows.size, pieces)))
    for second, found in enumerate(work.busy()):
        low, high = 1000 * second, 1000 * second + 1000
        overlap = sum(max(min(at + took, high) - max(at, low), 0) for at, took in times)
        assert found == pytest.approx(overlap / 1000, abs=1e-9)
