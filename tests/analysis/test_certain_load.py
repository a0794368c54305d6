"""What is asked for certain, and which samples are held against it."""

from __future__ import annotations

import pytest

from perfpilot.analysis.certain_load import certain_load
from perfpilot.domain.measure import LabelStats
from perfpilot.domain.plan import Kind
from tests.analysis.made_plans import plan, scenario, step


def stats(**counts: int) -> list[LabelStats]:
    return [LabelStats(label=label, count=n, errors=0, rate_per_s=n / 50) for label, n in counts.items()]


def test_without_conditions_all_requests_count_with_their_repetitions() -> None:
    made = plan(scenario("buy", step("home"), step("item", repeat=3), rate=2), scenario("look", rate=1))
    found = certain_load(made)
    assert found.whole
    assert found.labels == {"home", "item", "look"}
    assert found.asked_between(10, 60) == made.asked_between(10, 60) == pytest.approx(50 * (2 * 4 + 1))
    assert found.asked_per_s(30) == made.asked_per_s(30) == pytest.approx(9)
    assert found.reached(stats(home=100, item=300, look=50)) == 450


def test_a_step_under_a_condition_counts_on_neither_side() -> None:
    found = certain_load(plan(scenario("buy", step("home"), step("item", only_if="id", repeat=2), rate=2)))
    assert not found.whole
    assert found.labels == {"home"}
    assert found.asked_between(10, 60) == pytest.approx(100)
    assert found.reached(stats(home=99, item=150)) == 99


def test_a_label_that_is_certain_in_one_scenario_and_not_in_another_counts_in_neither() -> None:
    made = plan(
        scenario("buy", step("home"), step("item", only_if="id"), rate=2),
        scenario("look", step("search"), step("item"), rate=1),
    )
    found = certain_load(made)
    assert found.labels == {"home", "search"}
    assert found.asked_between(10, 60) == pytest.approx(50 * (2 + 1))
    assert found.reached(stats(home=100, search=50, item=90)) == 150


def test_a_label_that_users_ask_for_too_can_not_be_held_against_a_rate() -> None:
    found = certain_load(
        plan(
            scenario("look", step("home"), step("search"), rate=1),
            scenario("office", step("home"), users=5),
        )
    )
    assert found.labels == {"search"}
    assert found.asked_between(10, 60) == pytest.approx(50)


def test_cases_beside_the_load_are_not_asked_for() -> None:
    case = scenario("odd", step("case: odd"), rate=1, kind=Kind.EDGE)
    found = certain_load(plan(scenario("look", rate=1), case))
    assert (found.labels, found.whole) == ({"look"}, True)
    assert found.asked_between(10, 60) == pytest.approx(50)


def test_a_login_in_every_iteration_counts_by_its_name_and_without_one_not_at_all() -> None:
    buy = scenario("buy", step("home"), rate=2, login_first=True)
    named, unnamed = certain_load(plan(buy, login="log in")), certain_load(plan(buy))
    assert named.labels == {"home", "log in"}
    assert named.asked_between(10, 60) == pytest.approx(200)
    assert unnamed.labels == {"home"}
    assert unnamed.asked_between(10, 60) == pytest.approx(100)


def test_where_nothing_is_certain_nothing_is_asked() -> None:
    found = certain_load(plan(scenario("buy", step("item", only_if="id"), rate=2)))
    assert found.asked_between(10, 60) == 0
    assert found.reached(stats(item=100)) == 0
