"""Whether the load was real."""

from __future__ import annotations

import pytest

from perfpilot.analysis.generator import generator_health
from perfpilot.domain.measure import GeneratorHealth, ResourceSeries
from perfpilot.domain.plan import Engine, Plan
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
