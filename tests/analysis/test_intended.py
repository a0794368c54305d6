"""Response times from the intended start, against the truth of a target that stalls."""

from __future__ import annotations

import numpy as np
import pytest

from perfpilot.analysis.intended import (
    IntendedTimesCounter,
    by_schedule,
    intended_as_served,
    intended_because,
)
from perfpilot.domain.plan import Engine
from tests.analysis.generator.made_loads import LABELS, Measured, plan
from tests.analysis.generator.stalling import paced, steady, truth
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario
from tests.analysis.result_files import START_MS


def counter_of(load: Measured) -> IntendedTimesCounter:
    counter = IntendedTimesCounter(load.late, START_MS, LABELS, from_s=0, to_s=600)
    counter.add(load.rows)
    return counter


@pytest.mark.parametrize(("rate", "users"), [(10, 1), (10, 5), (50, 50), (100, 10), (400, 40)])
def test_the_response_times_of_a_stalling_target_come_near_the_truth(rate: int, users: int):
    """5 s of each minute the target stands still: measured p95 and p99 are 10 ms with few users."""
    load = Measured(plan(rate=rate, users=users, warm_up_s=0), paced(rate, 600, users), users)
    pooled, home = counter_of(load).times()
    true = np.quantile(truth(rate, 600), (0.95, 0.99), method="inverted_cdf")
    # At 10 a second two requests are 100 ms apart: one of them is 5 % of 2 s.
    assert (pooled.p95_ms, pooled.p99_ms) == pytest.approx(tuple(true), rel=0.05)
    assert load.steady.pooled.p95_ms == 10
    assert (pooled.label, home.label, pooled.method) == ("", "home", "schedule")
    assert pooled.max_ms == pytest.approx(5010, abs=20)
    assert pooled.worst_late_ms == pytest.approx(5000, rel=0.3)


def test_what_was_never_late_needs_no_second_pass():
    load = Measured(plan(rate=100, warm_up_s=0), paced(100, 600, 10, steady), 10)
    assert not counter_of(load).needed
    found = intended_as_served(load.steady)
    assert [(one.label, one.p99_ms, one.late_share) for one in found] == [("", 10, 0), ("home", 10, 0)]
    assert counter_of(Measured(plan(rate=100), paced(100, 600, 10), 10)).needed


def test_worse_lateness_never_shortens_a_time():
    load = Measured(plan(rate=100, warm_up_s=0), paced(100, 600, 10), 10)
    pooled, stats = counter_of(load).times()[0], load.steady.pooled
    for ours, measured in ((pooled.p50_ms, stats.p50_ms), (pooled.p95_ms, stats.p95_ms)):
        assert ours is not None and measured is not None and ours >= measured


def test_which_loads_have_them():
    open_load, steered = (
        plan(rate=5, engine=engine) for engine in (Engine.OPEN_SCHEDULE, Engine.STEERED_RATE)
    )
    closed = plan(users=5, engine=Engine.CLOSED_USERS)
    mixed = plan_of(scenario("a", rate=5), scenario("b", users=5))
    assert "do not wait for answers" in intended_because(open_load)
    assert intended_because(mixed)
    assert not intended_because(steered) and by_schedule(steered)
    assert not intended_because(closed) and not by_schedule(closed)
