"""One run against an earlier one: same load first, then the changes."""

from __future__ import annotations

import pytest

from perfpilot.analysis.comparison import Measured, compare
from perfpilot.analysis.observations import Observations
from perfpilot.domain.plan import Plan
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario
from tests.analysis.observed import observe


def measured(seen: Observations, *, with_plan: bool = True, **changes: object) -> Measured:
    attempt = seen.attempt.model_copy(update=changes)
    return Measured(attempt, seen.plan if with_plan else None)


def test_changes_are_given_pooled_and_for_every_label() -> None:
    before, after = observe(seed=1), observe(seed=1, slow={"checkout": 1.2})
    made = compare(measured(before), measured(after), baseline_run="r1")
    assert made.comparable and made.baseline_run == "r1"
    changes = {(c.metric, c.label): c for c in made.changes}
    assert changes["p95", "checkout"].change == pytest.approx(0.2, abs=0.001)
    assert changes["p95", "home"].change == 0.0
    assert {label for _, label in changes} == {"", "checkout", "home", "search"}
    assert {metric for metric, _ in changes} >= {"p50", "p95", "p99", "throughput"}


def test_it_says_that_it_is_one_run_against_one() -> None:
    made = compare(measured(observe(seed=1)), measured(observe(seed=2)))
    assert made.comparable and "without a test of significance" in made.because


@pytest.mark.parametrize(("rate", "comparable"), [(90.0, True), (94.0, True), (96.0, False), (84.0, False)])
def test_offered_loads_may_differ_by_five_percent(rate: float, comparable: bool) -> None:
    made = compare(measured(observe(rate=90.0)), measured(observe(rate=rate)))
    assert made.comparable is comparable
    assert comparable or ("90/s before" in made.because and not made.changes)


def test_a_target_that_carries_less_of_the_same_offer_is_compared() -> None:
    made = compare(measured(observe()), measured(observe(achieved=0.7)))
    assert made.comparable
    assert next(c for c in made.changes if (c.metric, c.label) == ("throughput", "")).change < -0.2


def test_without_its_plan_the_rate_reached_stands_for_the_offer() -> None:
    before = measured(observe(seed=1), with_plan=False)
    assert compare(before, measured(observe(seed=2), with_plan=False)).comparable
    assert not compare(before, measured(observe(achieved=0.7), with_plan=False)).comparable


def test_other_labels_are_another_test() -> None:
    other = observe(medians={"home": 20.0, "search": 50.0, "login": 110.0})
    made = compare(measured(observe()), measured(other))
    assert not made.comparable and "checkout" in made.because and "login" in made.because


def test_a_side_that_decides_nothing_is_not_compared() -> None:
    seen = observe()
    assert "not valid" in compare(measured(seen, valid=False), measured(seen)).because
    assert "no steady phase" in compare(measured(seen), measured(seen, phases=())).because
    assert "limited" in compare(measured(seen), measured(observe(limited=True))).because


def test_new_errors_are_named_since_they_have_no_relative_change() -> None:
    before = measured(
        observe(errors={"home": {"500": 0.0}, "search": {"500": 0.0}, "checkout": {"500": 0.0}})
    )
    made = compare(before, measured(observe(errors={"home": {"500": 0.1}})))
    assert "errors of home are new" in made.because
    assert not [c for c in made.changes if c.metric == "error_rate" and c.label == "home"]
    assert [c.change for c in compare(before, before).changes if c.metric == "error_rate"] == [0.0] * 4


@pytest.mark.parametrize(
    ("now", "because"),
    [
        (plan_of(scenario("home", rate=10), scenario("office", users=20)), ""),
        (plan_of(scenario("home", rate=10), scenario("office", users=30)), "20 users before, 30 users now"),
        (plan_of(scenario("home", rate=20), scenario("office", users=20)), "8.33/s before, 16.7/s now"),
        (plan_of(scenario("home", rate=10)), "one of the two was given a rate, the other users"),
    ],
)
def test_a_load_of_rates_and_users_is_compared_in_both(now: Plan, because: str) -> None:
    seen = observe()
    was = plan_of(scenario("home", rate=10), scenario("office", users=20))
    made = compare(Measured(seen.attempt, was), Measured(seen.attempt, now))
    assert made.comparable is (because == "")
    assert because in made.because
