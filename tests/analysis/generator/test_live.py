"""Concerns about the load generator while the load runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from perfpilot.analysis.generator.live import GeneratorWatch
from perfpilot.domain.live import LiveFigures, LiveGenerator, LiveLabel
from perfpilot.domain.plan import Engine, Plan
from tests.analysis.made_plans import plan, scenario, step

OPEN = plan(scenario("shop", rate=1000))


def paced(think_time_s: float) -> Plan:
    """200 users who share a rate."""
    shop = scenario("shop", step("shop", think_time_s=think_time_s), rate=1000, engine=Engine.STEERED_RATE)
    return plan(shop.model_copy(update={"users": 200}))


Value = float | Callable[[float], float]


def fed(
    of_plan: Plan = OPEN,
    *,
    asked: Value = 1000.0,
    reached: Value = 1000.0,
    users: Value = 50,
    jmeter: Value | None = 0.2,
    host: Value | None = 0.4,
    p95_ms: float = 20.0,
    high: bool | None = False,
    readings: dict[str, float] | None = None,
    seconds: int = 30,
) -> list[LiveGenerator]:
    """What is said at each second."""

    def at(value: Value, t_s: float) -> float:
        return value(t_s) if callable(value) else value

    watch, said = GeneratorWatch(of_plan), []
    for t_s in map(float, range(1, seconds + 1)):
        shares = {"jmeter": jmeter, "host": host}
        now = LiveFigures(
            attempt=1,
            t_s=t_s,
            remaining_s=60.0,
            asked_per_s=at(asked, t_s),
            reached_per_s=at(reached, t_s),
            users=int(at(users, t_s)),
            count=1000,
            errors=0,
            labels=(
                LiveLabel(label="shop", count=1000, errors=0, rate_per_s=at(reached, t_s), p95_ms=p95_ms),
            ),
            cpu_shares={name: at(value, t_s) for name, value in shares.items() if value is not None},
        )
        said.append(
            watch.feed(
                now,
                asked_per_s=at(asked, t_s),
                reached_per_s=at(reached, t_s),
                response_high=high,
                readings=readings,
            )
        )
    return said


def test_a_generator_that_sends_all_and_has_processor_left_looks_well() -> None:
    said = fed()
    assert not any(one.concerns for one in said)
    assert said[-1].cpu_share == pytest.approx(0.2)
    assert said[-1].behind == pytest.approx(0.0)


BUSY: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("JMeter at its limit", {"jmeter": 0.86}, ("JMeter uses 86 % of the host's processor",)),
    ("JMeter just below it", {"jmeter": 0.79}, ()),
    (
        "a full host, JMeter a main part of it, and a short load",
        {"jmeter": 0.45, "host": 0.97, "reached": 700.0, "high": True},
        ("the host's processor is 97 % busy, JMeter uses 45 %",),
    ),
    ("a full host on which the whole load is sent", {"jmeter": 0.45, "host": 0.97}, ()),
    ("a full host, by others", {"jmeter": 0.2, "host": 0.97, "reached": 700.0, "high": True}, ()),
    ("a full host, JMeter's part unknown", {"jmeter": None, "host": 0.97, "reached": 700.0}, ()),
    (
        "only users given, and a full host",
        {"jmeter": 0.5, "host": 0.95, "asked": 0.0},
        ("the host's processor is 95 % busy, JMeter uses 50 %",),
    ),
    (
        "memory",
        {"readings": {"memory_share(host)": 0.97}},
        ("the host's memory is 97 % full: JMeter may be slowed or killed",),
    ),
    (
        "a hypervisor",
        {"readings": {"steal_share(host)": 0.2}},
        ("the hypervisor gives 20 % of the host's processor to other machines",),
    ),
]


@pytest.mark.parametrize(("changes", "concerns"), [row[1:] for row in BUSY], ids=[row[0] for row in BUSY])
def test_the_machine(changes: dict[str, Any], concerns: tuple[str, ...]) -> None:
    changes = {"high": None} | changes
    assert fed(**changes)[-1].concerns == concerns


UNSENT = ("12 % of the load asked was not sent, although the target answers as fast as before",)

SHORT: list[tuple[str, dict[str, Any], bool]] = [
    ("an open schedule that is not kept", {}, True),
    ("the target answers slower", {"high": True}, False),
    ("whether the target is slower is not known", {"high": None}, False),
    ("what is missing is under way, in more and more users", {"users": lambda t: 50 + 120 * t}, False),
    ("so few are missing that chance explains it", {"asked": 20.0, "reached": 17.6}, False),
    ("the target always took long: what is missing may be under way", {"p95_ms": 2000.0}, False),
    ("users that were free while JMeter worked", {"of_plan": paced(0.1), "jmeter": 0.6}, True),
    ("users that were all busy", {"of_plan": paced(0.19), "jmeter": 0.6}, False),
    ("users that hang in requests, for JMeter is idle", {"of_plan": paced(0.1), "jmeter": 0.05}, False),
]


@pytest.mark.parametrize(("changes", "told"), [row[1:] for row in SHORT], ids=[row[0] for row in SHORT])
def test_a_load_that_is_short_is_told_only_where_the_target_does_not_explain_it(
    changes: dict[str, Any], told: bool
) -> None:
    said = fed(**({"reached": 880.0} | changes))
    assert said[-1].concerns == (UNSENT if told else ())


def test_how_much_is_behind_is_a_figure_whoever_is_to_blame() -> None:
    assert fed(reached=880.0, high=True)[-1].behind == pytest.approx(0.12)


def test_nothing_is_said_of_the_first_seconds_nor_without_a_rate() -> None:
    assert [one.behind for one in fed(reached=0.0, seconds=5)] == [None] * 5
    assert fed(asked=0.0, reached=300.0)[-1].behind is None


@pytest.mark.parametrize("step_at", [10, 20])
def test_a_rate_that_steps_up_and_is_followed_within_two_seconds_is_no_concern(step_at: int) -> None:
    said = fed(
        asked=lambda t: 1000.0 if t > step_at else 400.0,
        reached=lambda t: 1000.0 if t > step_at + 2 else 400.0,
    )
    assert not any(one.concerns for one in said)


def test_a_figure_about_its_limit_does_not_come_and_go() -> None:
    said = fed(jmeter=lambda t: 0.90 if t < 10 else 0.81 if t % 2 else 0.77)
    told = [bool(one.concerns) for one in said]
    assert told == sorted(told)
    assert not fed(jmeter=lambda t: 0.90 if t < 10 else 0.6)[-1].concerns


def test_one_busy_second_is_no_concern() -> None:
    assert not any(one.concerns for one in fed(jmeter=lambda t: 1.0 if t == 15 else 0.3))
