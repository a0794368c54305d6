"""Runs against earlier ones: same load first, then the changes and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulated_runs import Service, imagine
from perfpilot.analysis.comparison.compare import compare_runs, compare_with_table
from perfpilot.analysis.comparison.measured import Measured, load_varies
from perfpilot.analysis.observations import Observations
from perfpilot.domain.benchmark import parse_benchmark
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Plan
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario
from tests.analysis.observed import observe


def measured(seen: Observations, *, with_plan: bool = True, **changes: object) -> Measured:
    attempt = seen.attempt.model_copy(update=changes)
    return Measured(attempt, seen.plan if with_plan else None, run_id="r1")


def compare(before: Measured, after: Measured) -> Comparison:
    return compare_runs([before], [after])


def row(made: Comparison, metric: str, label: str = "") -> MetricChange:
    return next(c for c in made.changes if (c.metric, c.label) == (metric, label))


def runs(number: int, change: float = 0.0, seed: int = 1, **service: object) -> list[Measured]:
    random = np.random.default_rng(seed)
    imagined = Service(**{"seconds": 120, "drift": 0.02, **service})  # type: ignore[arg-type]
    return [imagine(imagined, random, change)[0] for _ in range(number)]


def test_changes_are_given_pooled_and_for_every_label() -> None:
    before, after = observe(seed=1), observe(seed=1, slow={"checkout": 1.2})
    made = compare(measured(before), measured(after))
    assert made.comparable and made.baseline_run == "r1"
    changes = {(c.metric, c.label): c for c in made.changes}
    assert changes["p95", "checkout"].change == pytest.approx(0.2, abs=0.001)
    assert changes["p95", "home"].change == 0.0
    assert {label for _, label in changes} == {"", "checkout", "home", "search"}
    assert {metric for metric, _ in changes} >= {"p50", "p95", "p99", "throughput"}


def test_figures_without_blocks_of_time_are_shown_and_decide_nothing() -> None:
    made = compare(measured(observe(seed=1)), measured(observe(seed=1, slow={"checkout": 9.0})))
    assert made.comparable and made.against == "run"
    for change in made.changes:
        none_failed = change.metric == "error_rate" and not change.before
        expected = ChangeDecision.NO_CHANGE if none_failed else ChangeDecision.UNDECIDED
        assert change.decision is expected and change.low is None and change.visible is None
        assert "no record" in change.because or change.metric in ("max", "error_rate")


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


def test_a_slower_run_is_told_with_its_interval_and_what_would_have_been_seen() -> None:
    made = compare_runs(runs(1), runs(1, 0.5, seed=2))
    p95 = row(made, "p95")
    assert p95.decision is ChangeDecision.REGRESSION
    assert p95.low is not None and p95.high is not None and p95.visible is not None
    assert 0.05 < p95.low < p95.change < p95.high and 0.05 < p95.visible < 0.3
    assert p95.slower is not None and 0.6 < p95.slower < 0.9
    assert row(made, "throughput").decision is not ChangeDecision.REGRESSION
    assert "assumed" in made.method and made.floor == 0.05
    back = row(compare_runs(runs(1, 0.5, seed=2), runs(1)), "p95")
    assert back.decision is ChangeDecision.IMPROVEMENT


def test_a_run_against_itself_has_no_change_and_no_row_that_says_so_without_need() -> None:
    made = compare_runs(runs(1), runs(1))
    assert {c.change for c in made.changes} == {0.0}
    assert all(c.decision is not ChangeDecision.REGRESSION for c in made.changes)
    assert all(c.slower in (None, 0.5) for c in made.changes)


def test_noise_that_was_measured_takes_the_place_of_what_is_assumed() -> None:
    quiet, noisy = (row(compare_runs(runs(1), runs(1, 0.2, seed=2), noise=n), "p95") for n in (0.0, 0.1))
    assert quiet.visible is not None and noisy.visible is not None and noisy.visible > 2 * quiet.visible
    assert noisy.decision is ChangeDecision.UNDECIDED and "runs on each side" in noisy.because
    assert "measured over earlier runs" in compare_runs(runs(1), runs(1), noise=0.01).method


def test_a_larger_floor_asks_for_a_larger_change() -> None:
    strict, easy = (compare_runs(runs(1), runs(1, 0.3, seed=2), floor=floor) for floor in (0.05, 0.3))
    assert row(strict, "p95").decision is ChangeDecision.REGRESSION
    assert row(easy, "p95").decision is ChangeDecision.UNDECIDED and easy.floor == 0.3


@pytest.mark.parametrize(
    ("before", "after", "method"),
    [(5, 5, "Welch"), (5, 1, "prediction"), (3, 3, "Welch"), (3, 1, "assumed"), (2, 2, "assumed")],
)
def test_repeated_runs_are_compared_as_runs(before: int, after: int, method: str) -> None:
    old, new = runs(before, seed=3), runs(after, 0.5, seed=4)
    made = compare_runs(old, new)
    assert method in made.method and row(made, "p95").decision is ChangeDecision.REGRESSION
    assert made.against == "runs" and made.baseline_runs == ("",) * before
    assert len(made.runs) == (after if after > 1 else 0)


def test_repeated_runs_need_no_blocks_of_time() -> None:
    old = [Measured(run.attempt, run.plan) for run in runs(5, seed=3)]
    new = [Measured(run.attempt, run.plan) for run in runs(5, 0.5, seed=4)]
    assert row(compare_runs(old, new), "p95").decision is ChangeDecision.REGRESSION


def test_runs_of_a_baseline_that_do_not_fit_are_left_out_and_named() -> None:
    spoiled = Measured(runs(1)[0].attempt.model_copy(update={"valid": False}), runs(1)[0].plan)
    made = compare_runs([*runs(5, seed=3), spoiled, *runs(1, rate=200.0)], runs(1, seed=4))
    assert made.comparable and made.because.startswith("one run against several runs")
    assert "not valid" in made.because and "200/s before" in made.because
    assert not compare_runs([spoiled], runs(1)).comparable


def test_a_record_that_is_damaged_leaves_the_figures() -> None:
    good = runs(1)[0]
    assert good.windows is not None
    labels = tuple(own.model_copy(update={"counts": "!"}) for own in good.windows.labels)
    bad = Measured(good.attempt, good.plan, good.windows.model_copy(update={"labels": labels}))
    made = compare_runs([bad], runs(1, 0.5, seed=2))
    assert row(made, "p95").decision is ChangeDecision.UNDECIDED and "damaged" in row(made, "p95").because


def test_a_short_run_has_no_interval() -> None:
    made = row(compare_runs(runs(1, seconds=20), runs(1, 0.5, seconds=20)), "p50")
    assert made.low is None and "too short" in made.because


def test_times_of_a_few_milliseconds_are_not_told_apart_by_rounding() -> None:
    fast = {"home": 1.45, "search": 1.45}
    made = compare_runs(runs(1, medians=fast, drift=0.0), runs(1, 0.06, seed=6, medians=fast, drift=0.0))
    moved = [c for c in made.changes if c.metric in ("p50", "p90", "p95", "p99") and c.change > 0.1]
    assert moved and all(c.decision is ChangeDecision.UNDECIDED for c in moved)


def test_few_failures_are_no_error_rate() -> None:
    made = compare_runs(runs(1, error_share=0.0005), runs(1, seed=5, error_share=0.0005))
    assert all("are needed" in c.because for c in made.changes if c.metric == "error_rate" and c.after)
    made = compare_runs(runs(1, error_share=0.01), runs(1, seed=5, error_share=0.1))
    assert row(made, "error_rate").decision is ChangeDecision.REGRESSION


def test_figures_of_a_table_are_taken_as_exact() -> None:
    run = runs(1)
    p95 = run[0].attempt.phases[0].pooled.p95_ms
    assert p95 is not None
    lines = [f"p95 = {p95 / 2:.0f}ms", "mean(home) = 10s", "throughput = 100/s", "p95(elsewhere) = 1s"]
    made = compare_with_table([parse_benchmark(line) for line in lines], run, source="their page")
    decisions = {(c.metric, c.label): c.decision for c in made.changes}
    assert decisions["p95", ""] is ChangeDecision.REGRESSION
    assert decisions["mean", "home"] is ChangeDecision.IMPROVEMENT
    assert decisions["throughput", ""] is not ChangeDecision.REGRESSION
    assert (made.against, made.baseline_run) == ("benchmark", "their page")
    assert "p95(elsewhere) = 1s" in made.because and ("p95", "elsewhere") not in decisions


def test_a_load_that_varies_is_compared_moment_by_moment() -> None:
    steady = runs(1)[0]
    assert not load_varies(steady) and steady.plan is not None
    ramp = LoadCurve(unit="rate_per_s", segments=(Segment(duration_s=120, start=50, end=150),))
    scenario = steady.plan.scenarios[0].model_copy(update={"curve": ramp})
    assert load_varies(Measured(steady.attempt, steady.plan.model_copy(update={"scenarios": (scenario,)})))
