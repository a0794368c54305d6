"""Risk, roadmap, capacity planning and comparison in words, each from one result; silent without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfpilot.domain.capacity import Capacity, CapacityLevel, HeadRoom, LevelThreshold, Scaling, ScalingStep
from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.judgement import Insight
from perfpilot.domain.measure import GeneratorHealth, IntendedTimes, PercentileInterval
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.soak import Soak
from perfpilot.domain.trend import MetricTrend, Trend
from tests.analysis.insights.imagined import Imagined, outcome_of
from tests.analysis.insights.test_readiness import LEAK, against, change, healthy
from tests.analysis.observed import Run, threshold

LOST = LevelThreshold(text="p95 < 400ms", limit=400.0, unit="ms", met=False, value=812.0)
LEVELS = tuple(
    CapacityLevel(rate_per_s=rate, met=not lost, cpu_share=rate / 400, thresholds=lost)
    for rate, lost in ((100.0, ()), (200.0, ()), (300.0, (LOST,)))
)  # fmt: skip
FOUND = Capacity(
    estimated=True,
    rate_per_s=250.0,
    low_per_s=190.0,
    high_per_s=310.0,
    because="200/s met the thresholds and 300/s did not",
    levels=LEVELS,
    bound_per_s=380.0,
    bound_because="the target's processor, 75 % busy at most here, would be full",
    head_room=HeadRoom(expected_per_s=220.0, share=250 / 220 - 1, low=190 / 220 - 1, high=310 / 220 - 1),
    scaling=Scaling(
        instances=1,
        cost_per_hour=0.5,
        currency="EUR",
        cost_per_million=0.56,
        steps=(ScalingStep(rate_per_s=330.0, instances=3, cost_per_hour=1.5, instances_if_contended=4),),
    ),
)


def near_limit(days: float) -> Trend:
    one = MetricTrend(
        metric="p95", label="home", unit="ms", runs=12, newest=300.0, slope_per_day=2.0, slope_low=1.0,
        slope_high=3.0, limit=400.0, days_to_limit=days, days_low=days / 2, days_high=2 * days,
    )  # fmt: skip
    return Trend(runs=12, metrics=(one,))


def texts(said: tuple[Insight, ...]) -> list[str]:
    return [insight.text for insight in said]


def test_the_capacity_is_told_with_interval_bound_head_room_and_what_other_loads_take() -> None:
    told = healthy(capacity=FOUND).written()[0].capacity_planning
    assert texts(told)[:6] == [
        "The capacity lies at 250/s, between 190/s and 310/s.",
        "The level of 200/s met the thresholds, the level of 300/s did not.",
        "No load above a bound of 380/s can be carried: the target's processor, 75 % busy at most here, "
        "would be full.",
        "The head room over the expected load of 220/s is 13.6 %, between -13.6 % and 40.9 %.",
        "A load of 330/s needs an estimated 3 instances (4 if they contend for what they share), at a "
        "cost of 1.5 EUR an hour.",
        "At the capacity a million requests cost 0.56 EUR.",
    ]
    assert told[4].assumption.startswith("Instances share the load evenly")


@pytest.mark.parametrize(
    ("because", "words"),
    [
        ("only 2 load levels were held, 3 are needed", "The capacity was not estimated."),
        ("no level was judged", "The capacity was not estimated: no level was judged."),
    ],
)  # fmt: skip
def test_a_reason_is_quoted_only_as_far_as_facts_hold_it(because: str, words: str) -> None:
    told = healthy(capacity=Capacity(estimated=False, because=because)).written()[0].capacity_planning
    assert told[0].text == words


def test_what_is_lost_first_and_too_little_head_room_are_risks() -> None:
    risks = texts(healthy(capacity=FOUND).written()[0].risk_assessment)
    assert "The first level that was lost is 300/s: there p95 < 400ms was broken, at 812 ms." in risks
    assert any(text.startswith("The head room over the expected load of 220/s is") for text in risks)
    assert not any("nothing above it was tested" in text for text in risks)


def test_a_close_call_is_told_with_its_interval() -> None:
    close = threshold("p95 < 400ms", value=395.0).model_copy(update={"marginal": True})
    run = healthy(run=Run(thresholds=(close,)))
    phases = tuple(
        phase.model_copy(
            update={
                "pooled": phase.pooled.model_copy(
                    update={"intervals": (PercentileInterval(percentile=95, low_ms=380.0, high_ms=410.0),)}
                )
            }
        )
        for phase in run.seen.attempt.phases
    )
    seen = replace(run.seen, attempt=run.seen.attempt.model_copy(update={"phases": phases}))
    risks = texts(replace(run, seen=seen).written()[0].risk_assessment)
    assert "By chance alone the p95 over all requests may lie between 380 ms and 410 ms." in risks


def test_memory_that_climbs_is_a_risk_and_its_end_the_gain_of_mending_it() -> None:
    insights = healthy(soak=Soak(hours=2, looked_at=4, changes=(LEAK,))).written()[0]
    risks = texts(insights.risk_assessment)
    assert any("resident memory of target moved by 28.6 MiB each hour" in text for text in risks)
    item = insights.optimization_roadmap.weeks_0_2[0]
    assert "after an estimated 32 h (between 24 h and 50 h)" in item.gain and item.assumption


@pytest.mark.parametrize(("days", "horizon"), [(9, "weeks_0_2"), (40, "months_1_3"), (200, "months_3_plus")])
def test_a_limit_that_runs_move_towards_lands_in_its_horizon(days: float, horizon: str) -> None:
    insights = healthy(trend=near_limit(days)).written()[0]
    said = f"it would meet its limit of 400 ms in {days} days (between"
    assert any(said in text for text in texts(insights.risk_assessment))
    assert any(said in text for text in texts(insights.capacity_planning))
    for name in ("weeks_0_2", "months_1_3", "months_3_plus"):
        assert bool(getattr(insights.optimization_roadmap, name)) == (name == horizon)


def test_a_regression_is_told_and_has_a_next_step_with_its_gain() -> None:
    worse = change(ChangeDecision.REGRESSION, label="home")
    insights = healthy(comparison=against(worse, change(ChangeDecision.NO_CHANGE, by=0.01))).written()[0]
    assert texts(insights.comparative_analysis)[:2] == [
        "A regression: the p95 of home changed by +20 % (between +15 % and +25 %), from 100 ms to 120 ms.",
        "The smallest change of the p95 over all requests that would have been seen is 10 %.",
    ]
    item = insights.optimization_roadmap.weeks_0_2[0]
    assert (
        item.gain
        == "An estimate: the p95 of home is 120 ms now and was 100 ms before, which would come back."
    )


def test_half_the_processor_time_doubles_the_bound_by_the_processor() -> None:
    run = Run(target_cpu=0.97, cpu_noise=0.02, slow={"checkout": 6.0, "home": 6.0, "search": 6.0})
    insights, facts = Imagined(healthy(run=run).seen, outcome_of(Verdict.GO)).written()
    value = {fact.name: fact.value for fact in facts}
    bound = value["estimate.cpu_bound_per_s"]
    assert value["estimate.cpu_bound_saved_per_s"] == pytest.approx(2 * bound)
    assert bound == pytest.approx(value["steady.rate_per_s"] / (value["signal.target_cpu"] / 100))
    assert "to an estimated" in insights.optimization_roadmap.weeks_0_2[0].gain


def test_users_who_waited_are_a_risk_only_where_the_picture_changes() -> None:
    def risks(p95_ms: float) -> list[str]:
        run = healthy()
        phases = tuple(
            phase.model_copy(
                update={"intended": (IntendedTimes(label="", method="schedule", p95_ms=p95_ms),)}
            )
            for phase in run.seen.attempt.phases
        )
        seen = replace(run.seen, attempt=run.seen.attempt.model_copy(update={"phases": phases}))
        return texts(replace(run, seen=seen).written()[0].risk_assessment)

    assert any("the p95 over all requests was 900 ms, where" in text for text in risks(900.0))
    assert not any("waited" in text for text in risks(190.0))


def test_what_came_near_a_limit_of_the_load_generator_is_told() -> None:
    note = "one in 20 requests started more than 120 ms late, the latest 300 ms"
    health = GeneratorHealth(
        limited=False, achieved_load=1.0, late_p95_ms=120.0, late_worst_ms=300.0, notes=(note,)
    )
    risks = texts(healthy(generator=health).written()[0].risk_assessment)
    assert "The load generator sent requests late, by a p95 of 120 ms and a maximum of 300 ms." in risks
