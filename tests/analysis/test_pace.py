"""The estimate from users' usual pace."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.pace import by_pace, corrected, gaps
from perfpilot.domain.plan import Engine
from tests.analysis.generator.made_loads import Measured, plan
from tests.analysis.generator.stalling import closed, steady

CLOSED = Engine.CLOSED_USERS


def histogram(values: list[int]) -> Histogram:
    made = Histogram()
    made.add(np.array(values, np.int64))
    return made


def one_by_one(values: list[int], distance: int) -> list[int]:
    """HdrHistogram's own loop."""
    found = list(values)
    for value in values:
        missing = value - distance
        while missing >= distance:
            found.append(missing)
            missing -= distance
    return found


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=60), st.integers(5, 2000))
@settings(max_examples=200, deadline=None)
def test_the_correction_on_buckets_is_that_of_the_loop(values: list[int], distance: int):
    ours, loop = corrected(histogram(values), distance), one_by_one(values, distance)
    assert ours.size == pytest.approx(len(loop), abs=1 + len(values), rel=0.01)
    assert (ours.counts[: len(ours.counts)] >= histogram(values).counts).all(), "nothing is taken away"


def test_a_stall_stands_for_what_would_have_met_it():
    ours, loop = (
        corrected(histogram([10] * 5500 + [5000] * 10), 100),
        one_by_one([10] * 5500 + [5000] * 10, 100),
    )
    for q in (0.5, 0.93, 0.95, 0.99):
        exact = float(np.quantile(loop, q, method="inverted_cdf"))
        assert ours.quantile(q) == pytest.approx(exact, rel=0.03, abs=51)


def test_times_below_the_distance_stand_for_themselves():
    times = histogram([10, 20, 99])
    assert (corrected(times, 100).counts == times.counts).all()
    assert corrected(Histogram(), 100).size == 0


def test_closed_users_who_meet_a_stall():
    """The truth of users who would have sent every 100 ms: p95 1,910 to 2,010 ms and p99 4,410 ms."""
    load = Measured(plan(600, users=10, engine=CLOSED, pause_s=0.09, warm_up_s=0), closed(600, 10), 10)
    pooled, home = by_pace(load.plan, load.steady, load.measurement.steady_times())
    assert load.steady.pooled.p99_ms == 10
    assert (pooled.p95_ms, pooled.p99_ms) == pytest.approx((1960, 4410), rel=0.10)
    assert (pooled.method, home.label) == ("pace", "home")
    assert pooled.late_share == pytest.approx(0.08, abs=0.01)


def test_a_silence_of_closed_users_is_told():
    load = Measured(plan(600, users=10, engine=CLOSED, pause_s=0.09, warm_up_s=0), closed(600, 10), 10)
    told = gaps(load.plan, load.steady, load.measurement.series())
    assert told.startswith("for 40 s, first at 30 s") or told.startswith("for 50 s, first at 30 s")


def test_an_even_flow_has_no_gap():
    load = Measured(plan(600, users=10, engine=CLOSED, pause_s=0.09), closed(600, 10, steady), 10)
    assert gaps(load.plan, load.steady, load.measurement.series()) == ""
    by_rate = Measured(plan(600, rate=100), closed(600, 10), 10)
    assert gaps(by_rate.plan, by_rate.steady, by_rate.measurement.series()) == ""
