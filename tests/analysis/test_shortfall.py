"""When planning again can help: too few users, too little time, or levels too far apart."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.analysis.shortfall import load_trouble
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.loops import Loop, Reason, Trouble
from perfpilot.domain.measure import Attempt, GeneratorHealth, LabelStats, PhaseStats, Series
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.result import Charts, ClosedAttempt
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.observed import threshold
from tests.analysis.stepped import closed_attempt, series, stepped_plan


def plan(users: int, *, engine: Engine = Engine.STEERED_RATE, think_time_s: float = 0.0) -> Plan:
    curve = LoadCurve(unit="rate_per_s", segments=(Segment(duration_s=70, start=100, end=100),))
    step = PlannedStep(endpoint="home", label="home", think_time_s=think_time_s)
    scenario = Scenario(name="browse", engine=engine, curve=curve, steps=(step,), users=users)
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=70,
        warm_up_s=10,
        peak_rate_per_s=100,
        users=users,
        expected_samples=7000,
        connect_timeout_s=3,
        response_timeout_s=10,
    )


def attempt(rate: float, mean_ms: float, **changes: Any) -> Attempt:
    stats = LabelStats(label="home", count=int(rate * 60), errors=0, rate_per_s=rate, mean_ms=mean_ms)
    steady = PhaseStats(
        phase="steady", from_s=10, to_s=70, pooled=stats.model_copy(update={"label": ""}), labels=(stats,)
    )
    return Attempt(number=1, started_ms=0, ended="completed", phases=(steady,)).model_copy(update=changes)


def trouble(
    rate: float,
    mean_ms: float,
    made: Plan,
    *thresholds: ThresholdResult,
    limited: bool = False,
    **changes: Any,
) -> Trouble | None:
    return load_trouble(closed(rate, mean_ms, made, *thresholds, limited=limited, **changes))


def closed(
    rate: float,
    mean_ms: float,
    made: Plan,
    *thresholds: ThresholdResult,
    limited: bool = False,
    **changes: Any,
) -> ClosedAttempt:
    generator = GeneratorHealth(limited=limited, achieved_load=rate / 100)
    seen = attempt(rate, mean_ms, **{"generator": generator, **changes})
    return ClosedAttempt(
        attempt=seen, plan=made, thresholds=thresholds, charts=Charts(series=Series(start_ms=0))
    )


def test_users_that_are_always_busy_are_too_few() -> None:
    # 10 users at 200 ms make at most 50 requests a second.
    seen = trouble(50, 200, plan(users=10))
    assert seen is not None and seen.reason is Reason.LOAD_FELL_SHORT
    assert seen.reason.loop is Loop.REPLAN
    assert (seen.subject, seen.value) == ("browse", pytest.approx(0.2))
    assert all(part in seen.seen for part in ("50 %", "10 of 10 users", "200 ms"))


def test_think_time_keeps_users_busy_too() -> None:
    assert trouble(50, 100, plan(users=10)) is None
    assert trouble(50, 100, plan(users=10, think_time_s=0.1)) is not None


@pytest.mark.parametrize(
    "why_not",
    [
        "enough load",
        "idle users",
        "limited generator",
        "fixed schedule",
        "not completed",
        "not valid",
    ],
)
def test_planning_again_cannot_help(why_not: str) -> None:
    assert {
        "enough load": lambda: trouble(96, 104, plan(users=10)),
        "idle users": lambda: trouble(50, 200, plan(users=30)),
        "limited generator": lambda: trouble(50, 200, plan(users=10), limited=True),
        "fixed schedule": lambda: trouble(50, 200, plan(users=10, engine=Engine.OPEN_SCHEDULE)),
        "not completed": lambda: trouble(50, 200, plan(users=10), ended="aborted"),
        "not valid": lambda: trouble(50, 200, plan(users=10), valid=False),
    }[why_not]() is None


def undecided(text: str, samples: int) -> ThresholdResult:
    return threshold(text, Decision.UNDECIDED, samples=samples)


def test_the_threshold_that_lacks_most_samples_says_how_many_times_more() -> None:
    lines = (undecided("p95(home) < 400ms", 150), undecided("p99 < 1s", 400))
    seen = trouble(100, 20, plan(users=50), *lines)
    assert seen is not None and seen.reason is Reason.TOO_FEW_SAMPLES
    assert seen.value == pytest.approx(2.5)
    assert "1,000" in seen.seen and "400" in seen.seen


@pytest.mark.parametrize(
    "line",
    [
        undecided("p95 < 400ms", 200),  # enough: undecided for another reason
        undecided("p95 < 400ms", 0),  # none at all: more time brings none either
        undecided("p95 < 400ms over 30s", 150),  # a window needs a higher rate
        undecided("error_rate < 1%", 50),
        threshold("p95 < 400ms", Decision.BROKEN, value=900, samples=150),
    ],
    ids=lambda line: f"{line.text} {line.samples} {line.decision}",
)
def test_more_samples_would_not_decide_this(line: ThresholdResult) -> None:
    assert trouble(100, 20, plan(users=50), line) is None


def test_a_short_load_is_mended_before_the_sample() -> None:
    seen = trouble(50, 200, plan(users=10), undecided("p99 < 1s", 400))
    assert seen is not None and seen.reason is Reason.LOAD_FELL_SHORT


def label(name: str, rate: float, mean_ms: float) -> LabelStats:
    return LabelStats(label=name, count=int(rate * 60), errors=0, rate_per_s=rate, mean_ms=mean_ms)


def of(made: Plan, *labels: LabelStats, achieved: float) -> ClosedAttempt:
    """An attempt with these figures of its labels in the steady phase."""
    pooled = label("", sum(one.rate_per_s for one in labels), 100.0)
    steady = PhaseStats(phase="steady", from_s=10, to_s=70, pooled=pooled, labels=labels)
    health = GeneratorHealth(limited=False, achieved_load=achieved)
    seen = Attempt(number=1, started_ms=0, ended="completed", phases=(steady,), generator=health)
    return ClosedAttempt(attempt=seen, plan=made, thresholds=(), charts=Charts(series=Series(start_ms=0)))


def with_steps(users: int, *steps: PlannedStep, **changes: Any) -> Plan:
    made = plan(users)
    scenario = made.scenarios[0].model_copy(update={"steps": steps, **changes})
    return made.model_copy(update={"scenarios": (scenario,)})


def step(name: str, **keys: Any) -> PlannedStep:
    return PlannedStep(endpoint=name, label=name, **keys)


def test_repeated_requests_are_counted_as_often_as_they_run() -> None:
    # 60 of 100 iterations a second, three requests each of 100 ms: 18 users at work.
    made = with_steps(18, step("home", repeat=3))
    seen = load_trouble(of(made, label("home", 180, 100), achieved=0.6))
    assert seen is not None and "60 %" in seen.seen and "18 of 18 users" in seen.seen
    enough = of(made, label("home", 290, 62), achieved=0.967)
    assert load_trouble(enough) is None


def test_requests_under_a_condition_neither_hide_a_shortfall_nor_make_one() -> None:
    made = with_steps(14, step("home"), step("more", only_if="id"))
    often = of(made, label("home", 70, 100), label("more", 70, 100), achieved=0.7)
    seen = load_trouble(often)
    assert seen is not None and "70 %" in seen.seen and "14 of 14" in seen.seen
    seldom = of(made, label("home", 99, 100), label("more", 1, 100), achieved=0.99)
    assert load_trouble(seldom) is None


def test_the_login_of_an_iteration_keeps_users_busy_and_counts_as_no_step() -> None:
    made = with_steps(10, step("home"), login_first=True).model_copy(update={"login": "login"})
    seen = load_trouble(of(made, label("home", 50, 100), label("login", 50, 100), achieved=0.5))
    assert seen is not None and "50 %" in seen.seen and "10 of 10" in seen.seen


def test_a_step_that_logs_in_is_not_told_apart_from_the_login_of_an_iteration() -> None:
    made = with_steps(15, step("home"), step("login"), login_first=True).model_copy(update={"login": "login"})
    seen = load_trouble(of(made, label("home", 50, 100), label("login", 100, 100), achieved=0.5))
    assert seen is not None and "reached 50 %" in seen.seen


def two_patterns(users: int, begins_s: float = 0.0) -> Plan:
    """The same rate from two scenarios, of which the second begins later."""
    made = plan(users)
    late = LoadCurve(
        unit="rate_per_s",
        segments=(
            Segment(duration_s=begins_s, start=0, end=0),
            Segment(duration_s=70 - begins_s, start=100, end=100),
        ),
    )
    second = made.scenarios[0].model_copy(update={"name": "buy", "steps": (step("buy"),), "curve": late})
    return made.model_copy(update={"scenarios": (*made.scenarios, second), "users": 2 * users})


def test_a_pattern_that_fell_short_is_not_hidden_by_the_others() -> None:
    made = two_patterns(10)
    seen = load_trouble(of(made, label("home", 100, 20), label("buy", 94, 106), achieved=0.97))
    assert seen is not None and seen.subject == "buy" and seen.value == pytest.approx(0.106)


def test_users_of_a_pattern_that_begins_late_are_judged_while_it_runs() -> None:
    made = two_patterns(10, begins_s=40)  # 30 of the 60 s of the steady phase
    seen = load_trouble(of(made, label("home", 100, 20), label("buy", 25, 200), achieved=0.83))
    assert seen is not None and seen.subject == "buy"
    assert "reached 50 %" in seen.seen and "10 of 10 users" in seen.seen


def test_more_users_that_brought_no_more_load_are_not_followed_by_more() -> None:
    before = closed(50, 200, plan(users=10))
    shown = {Reason.LOAD_FELL_SHORT: before}
    saturated = closed(52, 577, plan(users=30))
    assert load_trouble(saturated) is not None, "without the memory of the first it would go on"
    assert load_trouble(saturated, shown=shown) is None
    better = closed(80, 250, plan(users=20))
    assert load_trouble(better, shown=shown) is not None


def marginal(text: str, times: float | None, decision: Decision = Decision.MET) -> ThresholdResult:
    return threshold(text, decision, value=390).model_copy(update={"marginal": True, "times_longer": times})


def test_a_percentile_that_is_met_by_chance_asks_for_a_longer_run() -> None:
    seen = trouble(100, 20, plan(users=50), marginal("p95(home) < 400ms", 2.5), threshold("p99 < 1s"))
    assert seen is not None and seen.reason is Reason.INTERVAL_TOO_WIDE
    assert (seen.subject, seen.value) == ("home", 2.5)


@pytest.mark.parametrize(
    "lines",
    [
        [marginal("p95 < 400ms", 2.5, Decision.BROKEN)],
        [marginal("p95 < 400ms", 2.5), threshold("p99 < 1s", Decision.BROKEN)],
        [marginal("p95 < 400ms", 2.5), undecided("cpu(target) < 85%", 0)],
        [marginal("error_rate < 1%", 2.5)],
        [threshold("p95 < 400ms")],
        [],
    ],
    ids=["broken stands", "another is broken", "another stays undecided", "no percentile", "clear", "none"],
)
def test_a_longer_run_could_not_change_the_answer(lines: list[ThresholdResult]) -> None:
    assert trouble(100, 20, plan(users=50), *lines) is None


@pytest.mark.parametrize(
    ("times", "expected"),
    [((2.0, 3.0, 9.0), 3.0), ((9.0, 20.0), 9.0), ((None, 5.0), 5.0), ((None,), None), ((None, 2.0), 2.0)],
)
def test_the_longest_run_that_can_be_made_is_asked_for(
    times: tuple[float | None, ...], expected: float | None
) -> None:
    lines = [marginal(f"p{90 + n} < 400ms", each) for n, each in enumerate(times)]
    seen = trouble(100, 20, plan(users=50), *lines)
    assert seen is not None and seen.value == expected


def drifting(made: Plan, *, grows: float) -> ClosedAttempt:
    """An attempt of 70 s whose response times change by a factor."""
    end = round(made.duration_s)
    return closed_attempt(
        made, series(made).model_copy(update={"p50_ms": tuple(100 * grows ** (s / end) for s in range(end))})
    )


def test_a_drift_asks_for_a_longer_run_once() -> None:
    steady = stepped_plan((50,) * 5)
    settling = drifting(steady, grows=0.5)
    seen = load_trouble(settling)
    assert seen is not None and seen.reason is Reason.NO_STEADY_STATE and seen.subject == "response time"
    assert load_trouble(settling, shown={Reason.NO_STEADY_STATE: settling}) is None


def test_a_queue_that_grows_is_a_finding_and_no_reason_for_more_load() -> None:
    steady = stepped_plan((50,) * 5)
    assert load_trouble(drifting(steady, grows=10.0)) is None
    assert load_trouble(drifting(steady, grows=1.0)) is None


LEVELS = (100.0, 200.0, 300.0, 400.0)
SEARCH = (parse_threshold("capacity >= 300/s"), parse_threshold("error_rate < 1%"))


def searched(most_per_s: float = 1e9, levels: tuple[float, ...] = LEVELS, **keys: Any) -> ClosedAttempt:
    made = stepped_plan(levels)
    return closed_attempt(made, series(made, most_per_s=most_per_s), **keys)


def test_a_search_looks_between_the_levels_of_the_knee() -> None:
    seen = load_trouble(searched(most_per_s=250), search=SEARCH)
    assert seen is not None and seen.reason is Reason.KNEE_BETWEEN
    assert (seen.value, seen.high) == (200, 300)
    assert seen.seen == "200/s was kept up with and 300/s was not: 83.3 % of the load asked was reached"


def test_a_search_that_was_kept_up_with_goes_on() -> None:
    seen = load_trouble(searched(), search=SEARCH)
    assert seen is not None and (seen.reason, seen.value) == (Reason.LIMIT_NOT_FOUND, 400)


def test_only_a_search_for_the_breaking_point_gets_other_levels() -> None:
    # In any other test the last valid attempt decides, and would decide on a load that nobody described.
    assert load_trouble(searched(most_per_s=250)) is None
    assert load_trouble(searched()) is None


def test_a_search_that_is_aborted_has_found_its_limit() -> None:
    made = stepped_plan(LEVELS)
    cut = closed_attempt(made, series(made, until_s=47), ended="aborted")
    seen = load_trouble(cut, search=SEARCH)
    assert seen is not None and (seen.value, seen.high) == (200, 300)
    assert load_trouble(cut) is None


@pytest.mark.parametrize("keys", [{"limited": True}, {"valid": False}, {"ended": "stopped"}])
def test_a_search_learns_nothing_from_figures_that_are_not_real(keys: dict[str, Any]) -> None:
    assert load_trouble(searched(most_per_s=250, **keys), search=SEARCH) is None


def test_a_search_ends_where_its_lowest_level_is_lost_or_the_lost_one_is_kept() -> None:
    assert load_trouble(searched(most_per_s=50), search=SEARCH) is None
    first = searched(most_per_s=250)
    again = searched(levels=(200, 220, 240, 260, 280, 300))
    assert load_trouble(again, shown={Reason.KNEE_BETWEEN: first}, search=SEARCH) is None
    assert load_trouble(again, shown={Reason.LIMIT_NOT_FOUND: first}, search=SEARCH) is not None


def test_paced_users_must_be_enough_before_a_level_is_called_lost() -> None:
    # 10 users at 40 ms make 250 requests a second at most, whatever the target could do.
    made = stepped_plan(LEVELS, engine=Engine.STEERED_RATE, users=10)
    few = closed_attempt(made, series(made, most_per_s=250, p50_ms=lambda rate: 40.0))
    for search in (SEARCH, None):
        seen = load_trouble(few, search=search)
        assert seen is not None and seen.reason is Reason.LOAD_FELL_SHORT
        assert seen.value == pytest.approx(0.04)
    idle = closed_attempt(made, series(made, most_per_s=250, p50_ms=lambda rate: 20.0))
    seen = load_trouble(idle, search=SEARCH)
    assert seen is not None and seen.reason is Reason.KNEE_BETWEEN
    more = load_trouble(few, shown={Reason.LOAD_FELL_SHORT: few}, search=SEARCH)
    assert more is not None and more.reason is Reason.KNEE_BETWEEN
