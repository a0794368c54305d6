"""Whether the load was real."""

from __future__ import annotations

import pytest

from perfpilot.analysis.generator.health import generator_health
from perfpilot.domain.measure import GeneratorHealth, ResourceSeries
from perfpilot.domain.plan import Engine, Kind, Plan
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario, step
from tests.analysis.result_files import line, measured, plan


def _share(component: str, value: float) -> ResourceSeries:
    times = tuple(float(n) for n in range(60))
    return ResourceSeries(component=component, metric="cpu_share", t_s=times, values=(value,) * 60)


def _health(
    lines: list[str], of_plan: Plan | None = None, *, jmeter: float = 0.1, host: float = 0.3
) -> GeneratorHealth:
    of_plan = of_plan or plan()
    measurement = measured(lines, of_plan)
    steady = next((phase for phase in measurement.phases() if phase.phase == "steady"), None)
    resources = (_share("jmeter", jmeter), _share("host", host))
    return generator_health(of_plan, steady, resources, measurement.series())


def _rate(per_s: float, elapsed_ms: int = 100, users: int = 50) -> list[str]:
    return [line(int(1000 * n / per_s), elapsed_ms, users=users) for n in range(int(60 * per_s))]


def test_a_load_that_was_reached_is_healthy():
    health = _health(_rate(10), jmeter=0.95, host=1.0)
    assert not health.limited
    assert health.achieved_load == pytest.approx(1.0)
    assert health.in_flight_mean == pytest.approx(1.0)
    assert health.cpu_share == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("jmeter", "host", "reason"),
    [
        (0.85, 0.9, "JMeter used 85 % of its host's processor and 50 % of the load asked was reached"),
        (0.4, 0.95, "JMeter's host was 95 % busy, JMeter 40 % of it, and 50 % of the load asked was reached"),
        (0.2, 0.95, None),  # somebody else ate the processor
        (0.3, 0.5, None),  # idle: the target was slow, or the users too few
    ],
)
def test_a_short_load_is_the_generator_s_fault_only_if_it_was_saturated(
    jmeter: float, host: float, reason: str | None
):
    health = _health(_rate(5), jmeter=jmeter, host=host)
    assert health.limited == (reason is not None)
    assert health.reasons == ((reason,) if reason else ())


@pytest.mark.parametrize(
    ("failed", "code", "limited"),
    [(5, "java.net.BindException", True), (2, "java.net.BindException", False),
     (500, "java.net.ConnectException", False)],
)  # fmt: skip
def test_samples_that_failed_within_the_generator_are_not_the_target_s(failed: int, code: str, limited: bool):
    code = f"Non HTTP response code: {code}"
    broken = [line(10_000 + n, code=code, success=False) for n in range(failed)]
    health = _health([*_rate(10), *broken])
    assert health.limited is limited
    if limited:
        seen = "5 of 505 samples failed within JMeter (no free port), not at the target"
        assert health.reasons == (seen,)


def test_closed_plans_compare_users():
    health = _health(_rate(50, 100, users=5), plan(users=10))
    assert health.achieved_load == pytest.approx(0.5)


def test_users_that_response_and_think_times_do_not_explain_waited_in_the_generator():
    """100 users; 50 samples a second with 0.1 s and a pause of 1.9 s keep 100 users busy, 30 keep 60."""
    paused = plan(users=100, think_time_s=1.9)
    assert not _health(_rate(50, 100, users=100), paused).limited
    health = _health(_rate(30, 100, users=100), paused)
    assert health.reasons == (
        "of 100 users response and think times explain 60: the others waited inside the generator",
    )


def test_more_requests_under_way_than_users_alive_is_a_contradiction():
    health = _health(_rate(20, 1000, users=5), plan(users=5))
    assert health.limited
    assert health.reasons == ("20 requests were under way at a time, more than the 5 users that were alive",)


def test_a_target_that_falls_behind_an_open_schedule_is_not_the_generator_s_fault():
    """Answers take longer with every second: the queue grows, and its end lies after the phase."""
    falling_behind = [line(50 * n, 10 * n, users=1 + n // 12) for n in range(1200)]
    health = _health(falling_behind, plan(rate_per_s=20, engine=Engine.OPEN_SCHEDULE))
    assert health.in_flight_mean is not None and health.in_flight_mean > 100
    assert not health.limited, health.reasons


def test_without_a_steady_phase_nothing_is_claimed():
    measurement = measured([line(1)])
    assert generator_health(plan(), None, (), measurement.series()) == GeneratorHealth(limited=False)


def _samples(label: str, per_s: float, elapsed_ms: int = 100, users: int = 50) -> list[str]:
    return [line(int(1000 * n / per_s), elapsed_ms, label, users=users) for n in range(int(60 * per_s))]


@pytest.mark.parametrize("found_per_s", [1, 5, 9])
def test_requests_under_a_condition_neither_make_nor_hide_a_short_load(found_per_s: int):
    made = plan_of(scenario("buy", step("home"), step("item", only_if="id"), rate=10))
    found = _samples("item", found_per_s)
    assert _health([*_samples("home", 10), *found], made).achieved_load == pytest.approx(1.0)
    assert _health([*_samples("home", 5), *found], made).achieved_load == pytest.approx(0.5)


def test_a_load_of_which_nothing_is_certain_is_not_known_to_be_reached():
    made = plan_of(scenario("buy", step("item", only_if="id"), rate=10))
    assert _health(_samples("item", 10), made).achieved_load is None


def test_rates_beside_users_are_held_to_the_rates():
    made = plan_of(scenario("buy", step("home"), rate=10), scenario("office", step("report"), users=20))
    assert _health([*_samples("home", 8), *_samples("report", 40)], made).achieved_load == pytest.approx(0.8)


def test_cases_beside_the_load_are_no_part_of_what_was_reached():
    made = plan_of(
        scenario("buy", step("home"), rate=10), scenario("odd", step("case: odd"), rate=2, kind=Kind.EDGE)
    )
    assert _health([*_samples("home", 10), *_samples("case: odd", 2)], made).achieved_load == pytest.approx(1)


@pytest.mark.parametrize(
    ("per_s", "achieved", "limited"), [(50, 1.0, False), (49, 0.98, False), (30, 0.6, True)]
)
def test_behind_a_gate_users_count_who_are_in_a_request_or_a_pause(
    per_s: float, achieved: float, limited: bool
):
    """A hundred users are alive and ten may work: 0.1 s and a pause of 0.1 s make 50 samples a second."""
    gated = plan_of(scenario("buy", step("home", think_time_s=0.1), users=10, engine=Engine.STEERED_USERS))
    health = _health(_samples("home", per_s, users=100), gated)
    assert health.achieved_load == pytest.approx(achieved)
    assert health.limited is limited


def test_repeated_steps_and_cases_explain_what_users_do():
    """Ten users: 25 iterations a second of three requests of 0.1 s, and a case that keeps 2.5 users."""
    made = plan_of(
        scenario("buy", step("home", think_time_s=0.1), step("item", repeat=2), users=10),
        scenario("odd", step("case: odd"), users=3, kind=Kind.EDGE),
    )
    lines = [*_samples("home", 25, users=13), *_samples("item", 50, users=13)]
    assert _health(lines, made).limited
    assert not _health([*lines, *_samples("case: odd", 25, users=13)], made).limited
