"""How late arrivals were sent, and whose doing it was."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.generator.arrivals import StartCounts, arrivals_of
from perfpilot.analysis.generator.lateness import lateness, quantile_late_ms
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine
from tests.analysis.generator.made_loads import LABELS, Measured, plan
from tests.analysis.generator.stalling import Times, paced, rows_of, slow, stalls, steady
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario, step
from tests.analysis.result_files import START_MS

OPEN = Engine.OPEN_SCHEDULE
ENDLESS = float("inf")


def one_by_one(times: Times) -> Times:
    """JMeter can start a thousand a second."""
    sent, last = [], 0.0
    for at, took in sorted(times):
        last = max(at, last + 1)
        sent.append((last, took))
    return sent


@pytest.mark.parametrize(("rate", "users"), [(3, 10), (10, 1), (100, 10), (1000, 100)])
def test_a_target_that_keeps_up_makes_nothing_late(rate: int, users: int):
    load = Measured(plan(rate=rate, users=users), paced(rate, 600, users, steady), users)
    health = load.health()
    assert (health.late_p95_ms, health.late_worst_ms) == (0.0, 0.0)
    assert not health.limited and not load.late[0].unsent


def test_users_who_share_a_rate_are_late_after_a_stall_and_what_they_never_sent_is_known():
    late = Measured(plan(rate=100), paced(100, 600, 10)).late[0]
    assert len(late.unsent) == 10
    for number, gap in enumerate(late.unsent):
        begin = 30 + 60 * number
        assert gap.due_from_s == pytest.approx(begin + 0.45, abs=0.1)
        assert (gap.due_to_s, gap.at_s) == pytest.approx((begin + 5, begin + 5), abs=0.15)
        assert gap.count == pytest.approx(460, abs=8)
    assert late.late_s.max() == pytest.approx(4.9, abs=0.1)


def test_lateness_grows_while_users_never_keep_up():
    """Ten users at 0.2 s make 50 of 100 a second: after ten minutes the request that is sent is 300 s old."""
    late = Measured(plan(rate=100), paced(100, 600, 10, slow(200))).late[0]
    assert late.late_s[-50:].max() == pytest.approx(303, abs=3)
    assert late.unsent[0].count == pytest.approx(30_000, rel=0.03)


def test_a_slow_target_that_keeps_all_users_busy_is_not_the_generator_s_fault():
    health = Measured(plan(rate=100), paced(100, 600, 10, slow(200)), users=10).health()
    assert health.late_p95_ms is not None and health.late_p95_ms > 1000
    assert not health.limited, health.reasons
    assert any("late" in note for note in health.notes)


def test_a_generator_that_stands_still_is_late_by_as_much():
    """JMeter itself stands still for 3 s of each 20 s; the target answers in 10 ms all the time."""
    paused = tuple((1000.0 * at, 1000.0 * at + 3000) for at in range(20, 600, 20))
    load = Measured(plan(rate=100), paced(100, 600, 10, steady, paused=paused), users=10)
    assert len(load.late[0].unsent) == len(paused)
    assert load.health().late_worst_ms == pytest.approx(3000, abs=60)


def test_an_open_schedule_that_starts_late_is_the_generator_s_fault():
    paused = ((100_000.0, 160_000.0),)
    times = one_by_one(paced(50, 300, 5000, steady, paused=paused, catch_up_ms=ENDLESS))
    health = Measured(plan(300, rate=50, users=5000, engine=OPEN), times).health()
    assert health.limited
    assert health.reasons[0].endswith("late: JMeter fell behind the schedule")
    assert health.late_worst_ms == pytest.approx(60_000, rel=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_random_arrivals_are_not_late_by_chance(seed: int):
    chance = random.Random(seed)
    times = sorted((chance.random() * 300_000, 10.0) for _ in range(15_000))
    health = Measured(plan(300, rate=50, engine=OPEN, even=False), times).health()
    assert health.late_p95_ms is None, "no figure where chance hides it"
    assert not health.limited


def test_random_arrivals_that_come_far_too_late_are_seen():
    chance = random.Random(1)
    times = [(at, 10.0) for at in sorted(chance.random() * 300_000 for _ in range(15_000))]
    times = one_by_one([(at if not 100_000 < at < 130_000 else 130_000.0, took) for at, took in times])
    health = Measured(plan(300, rate=50, engine=OPEN, even=False), times).health()
    assert health.late_worst_ms is not None and 20_000 < health.late_worst_ms <= 30_000


def test_a_rate_that_rises_by_steps_of_a_second_is_not_late():
    """perfpilot writes the rate each second: a ramp is a staircase that lags by up to two seconds."""
    curve = LoadCurve(unit="rate_per_s", segments=(Segment(duration_s=120, start=0, end=120),))
    of_plan = plan(120, rate=1)
    made = of_plan.scenarios[0].model_copy(update={"curve": curve})
    of_plan = of_plan.model_copy(update={"scenarios": (made,)})
    times, at = [], 2.0
    while at < 120:
        times.append((at * 1000, 10.0))
        at += 1 / curve.level_at(np.floor(at) - 1 if at >= 2.5 else 1.0)
    late = Measured(of_plan, times).late[0]
    assert late.late_s.max() < 0.1
    assert not late.unsent


def test_a_load_that_begins_a_second_after_its_schedule_has_left_nothing_unsent():
    times = [(at + 1500, took) for at, took in paced(50, 58.5, 8, steady)]
    late = Measured(plan(60, rate=50), times).late[0]
    assert late.late_s.max() == 0.0 and not late.unsent


def test_a_pause_of_the_schedule_makes_nothing_late():
    levels = ((20, 50.0), (20, 0.0), (20, 50.0))
    curve = LoadCurve(
        unit="rate_per_s", segments=tuple(Segment(duration_s=s, start=r, end=r) for s, r in levels)
    )
    of_plan = plan(60, rate=50)
    made = of_plan.scenarios[0].model_copy(update={"curve": curve})
    sent = paced(50, 20, 8, steady)
    times = [*sent, *((at + 41_000, took) for at, took in sent if at < 19_000)]
    late = Measured(of_plan.model_copy(update={"scenarios": (made,)}), times).late[0]
    assert late.late_s.max() < 0.1 and not late.unsent


def test_only_the_first_request_of_an_iteration_has_a_moment_of_its_own():
    journey = scenario("buy", step("home"), step("item"), rate=10)
    assert [a.label for a in arrivals_of(plan_of(journey))] == ["home"]


@pytest.mark.parametrize(
    "made",
    [
        (scenario("a", step("home", think_time_s=1), rate=10),),
        (scenario("a", step("home", repeat=2), rate=10),),
        (scenario("a", step("home", only_if="id"), rate=10),),
        (scenario("a", step("home"), step("item"), step("home"), rate=10),),
        (scenario("a", step("home"), rate=10), scenario("b", step("item"), step("home"), users=5)),
        (scenario("a", step("home"), users=5),),
    ],
    ids=["pause", "repeated", "condition", "again", "of users too", "users"],
)  # fmt: skip
def test_a_label_whose_samples_are_not_all_arrivals_is_left_out(made: tuple):
    assert not [a for a in arrivals_of(plan_of(*made)) if a.label == "home"]


def test_a_label_that_several_scenarios_begin_with_has_their_schedules_together():
    found = arrivals_of(plan_of(scenario("a", step("home"), rate=10), scenario("b", step("home"), rate=5)))
    assert [len(a.curves) for a in found] == [2]


@given(st.permutations(range(8)), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_the_order_and_the_pieces_of_rows_do_not_matter(order: list[int], stray: int):
    rows = rows_of(paced(20, 70, 2), START_MS - 1000 * stray)
    whole, pieces = (StartCounts(plan(70, rate=20), START_MS, LABELS) for _ in range(2))
    whole.add(rows)
    for part in order:
        pieces.add(rows.pick(np.arange(part, rows.size, 8)))
    assert (whole.of("home") == pieces.of("home")).all()


def test_quantiles_of_lateness_count_requests_not_bins():
    late = lateness(Measured(plan(rate=100), paced(100, 600, 10)).starts)
    assert quantile_late_ms(late, 0.5, 0, 600) == 0.0
    assert quantile_late_ms(late, 1.0, 0, 600) == pytest.approx(4900, abs=100)
    assert quantile_late_ms((), 0.5, 0, 600) is None
    assert stalls(30_000.0) == 35_010.0
