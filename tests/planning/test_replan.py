"""A re-plan changes what was too small, as far as the envelope goes, and never twice the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.loops import LOOP_BUDGET, Loop, Reason, Trouble
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.change import Change, Unchanged
from perfpilot.planning.guard.envelope import within
from perfpilot.planning.plan import make_plan
from perfpilot.planning.replan import LEVELS, after, replan
from perfpilot.tools.spec.read import parse_spec
from tests.planning.sample_specs import mappings, pattern, spec
from tests.planning.test_plan import STEERED, granted

PACED = spec(load_patterns=STEERED)
NOTHING: frozenset[str] = frozenset()
SEARCHING = {
    "test_type": "breakpoint",
    "load_patterns": pattern(*({"rate_per_s": rate, "duration": "20s"} for rate in (10, 20, 30, 40))),
}


def both(described: Spec, **keys: float) -> tuple[Plan, Envelope]:
    envelope = granted(described)
    return make_plan(described, 1, envelope=envelope, **keys), envelope


def short(value: float | None) -> Trouble:
    return Trouble(reason=Reason.LOAD_FELL_SHORT, value=value)


def knee(low: float, high: float) -> Trouble:
    return Trouble(reason=Reason.KNEE_BETWEEN, value=low, high=high)


def changes(answer: Change | Unchanged) -> Change:
    assert isinstance(answer, Change), answer
    return answer


def stays(answer: Change | Unchanged) -> str:
    assert isinstance(answer, Unchanged), answer
    return answer.why


def test_more_users_by_the_measured_response_time() -> None:
    plan, envelope = both(PACED)
    change = changes(replan(short(1.0), plan, envelope, NOTHING))
    assert (change.kind, change.value, change.key) == ("users", 60, "users=60")  # 40/s x 1 s x 1.5
    assert change.sentence == "60 users instead of 6: a response took 1000 ms"
    assert make_plan(PACED, 2, envelope=envelope, changes=[change]).users == 60


def test_more_users_end_at_the_envelope_and_say_so() -> None:
    plan, envelope = both(PACED)
    change = changes(replan(short(9.0), plan, envelope.model_copy(update={"users": 50}), NOTHING))
    assert change.value == 50
    assert "as far as the envelope goes (540 would be needed)" in change.sentence


@pytest.mark.parametrize("value", [None, 0.0, 0.05, float("nan"), float("inf")])
def test_no_users_are_added_where_they_would_not_help(value: float | None) -> None:
    plan, envelope = both(PACED)
    assert stays(replan(short(value), plan, envelope, NOTHING))


def test_no_users_are_added_beyond_the_envelope() -> None:
    plan, envelope = both(PACED)
    tight = envelope.model_copy(update={"users": plan.users})
    assert stays(replan(short(1.0), plan, tight, NOTHING)) == "the envelope ends at 6 users"


@pytest.mark.parametrize(
    "described", [spec(), spec(load_patterns=pattern({"users": 5, "duration": "60s"}, model="closed"))]
)
def test_only_paced_users_can_be_too_few(described: Spec) -> None:
    plan, envelope = both(described)
    assert "no users of this plan are paced" in stays(replan(short(1.0), plan, envelope, NOTHING))


def test_users_of_other_patterns_are_not_mistaken_for_paced_ones() -> None:
    described = spec(
        endpoints=[{"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}],
        load_patterns=[
            {**STEERED[0], "journeys": ["a"]},
            {"model": "closed", "stages": [{"users": 100, "duration": "60s"}], "journeys": ["b"]},
        ],
    )
    plan, envelope = both(described)
    assert plan.users == 106
    change = changes(replan(short(1.0), plan, envelope, NOTHING))
    assert change.value == 160
    again = make_plan(described, 2, envelope=envelope, changes=[change])
    assert {s.name: s.users for s in again.scenarios} == {"a": 60, "b": 100}


def test_users_are_sized_for_repeated_and_conditional_requests() -> None:
    described = spec(
        endpoints=[
            {"name": "a", "path": "/a", "extract": [{"name": "id", "json_path": "$.id", "optional": True}]},
            {"name": "b", "path": "/b"},
        ],
        journeys=[
            {"name": "j", "steps": [{"endpoint": "a", "repeat": 3}, {"endpoint": "b", "only_if": "id"}]}
        ],
        load_patterns=pattern({"rate_per_s": 10, "duration": "60s"}, steered=True),
    )
    plan, envelope = both(described)
    # 10 iterations a second x 4 requests at most x 0.5 s x 1.5
    assert changes(replan(short(0.5), plan, envelope, NOTHING)).value == 30


def test_a_longer_run_for_more_samples() -> None:
    plan, envelope = both(spec())
    change = changes(replan(Trouble(reason=Reason.TOO_FEW_SAMPLES, value=1.5), plan, envelope, NOTHING))
    assert (change.kind, change.value) == ("duration_s", 104)  # 6 s + 54 s x 1.5 x 1.2 = 103.2 s
    assert change.sentence == "104s instead of 1m, for enough samples"
    longer = make_plan(spec(), 2, envelope=envelope, changes=[change])
    assert longer.duration_s == 104
    steady = longer.asked_between(longer.warm_up_s, longer.duration_s)
    assert steady >= 1.5 * plan.asked_between(plan.warm_up_s, plan.duration_s)


def test_a_run_that_cannot_be_long_enough_is_not_made_longer() -> None:
    plan, envelope = both(spec())
    trouble = Trouble(reason=Reason.TOO_FEW_SAMPLES, value=50)
    assert "the envelope has" in stays(replan(trouble, plan, envelope, NOTHING))
    enough = Trouble(reason=Reason.TOO_FEW_SAMPLES, value=2)
    assert changes(replan(enough, plan, envelope, NOTHING))
    assert stays(replan(enough, plan, envelope, NOTHING, spent_requests=6000))
    assert stays(replan(enough, plan, envelope, NOTHING, spent_s=envelope.wall_time_s - 70))


@pytest.mark.parametrize("reason", [Reason.TOO_FEW_SAMPLES, Reason.NO_STEADY_STATE])
def test_without_a_figure_the_run_is_doubled(reason: Reason) -> None:
    plan, envelope = both(spec())
    change = changes(replan(Trouble(reason=reason), plan, envelope, NOTHING))
    assert change.value == pytest.approx(6 + 54 * 2 * 1.2, abs=1)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (1.2, 6 + 54 * 1.2 * 1.2),
        (3.9, 6 + 54 * 3.9 * 1.2),
        (4.1, "it takes a run 4.1 times as long"),
        (None, "no run is long enough"),
    ],
)
def test_an_interval_is_made_narrower_where_four_times_as_long_does(
    times: float | None, expected: float | str
) -> None:
    plan, envelope = both(spec())
    answer = replan(Trouble(reason=Reason.INTERVAL_TOO_WIDE, value=times), plan, envelope, NOTHING)
    if isinstance(expected, str):
        assert stays(answer).startswith(expected)
    else:
        assert changes(answer).value == pytest.approx(expected, abs=1)


def test_narrower_steps_between_the_levels_of_a_knee() -> None:
    described = spec(**SEARCHING)
    plan, envelope = both(described)
    change = changes(replan(knee(20, 30), plan, envelope, NOTHING))
    assert (change.kind, change.value, change.low, change.high, change.hold_s) == ("steps", 6, 20, 30, 20)
    assert change.sentence == "6 levels between 20/s and 30/s, 20s each"
    assert change.key == "steps=6 from 20 to 30, 20 s each"
    again = make_plan(described, 2, envelope=envelope, changes=[change])
    holds = [s.start for s in again.scenarios[0].curve.segments if s.start == s.end]
    assert holds == pytest.approx([20, 22, 24, 26, 28, 30])
    assert (again.duration_s, again.warm_up_s) == (20 + LEVELS * 20, 20 + 12)
    assert again.notes[0] == change.sentence


@pytest.mark.parametrize(
    ("low", "high", "why"),
    [(20, 21, "known within 5.0%"), (20, 20.5, "known within"), (20, 20, "no gap"), (0, 10, "no gap")],
)
def test_a_limit_that_is_known_well_enough_is_not_looked_for(low: float, high: float, why: str) -> None:
    plan, envelope = both(spec(**SEARCHING))
    assert why in stays(replan(knee(low, high), plan, envelope, NOTHING))


def test_two_passes_find_a_limit_within_a_25th_of_the_first_gap() -> None:
    described = spec(**SEARCHING)
    plan, envelope = both(described)
    first = changes(replan(knee(20, 30), plan, envelope, NOTHING))
    second_plan = make_plan(described, 2, envelope=envelope, changes=[first])
    second = changes(replan(knee(24, 26), second_plan, envelope, {first.key}))
    third_plan = make_plan(described, 3, envelope=envelope, changes=[first, second])
    holds = [s.start for s in third_plan.scenarios[0].curve.segments if s.start == s.end]
    assert holds == pytest.approx([24, 24.4, 24.8, 25.2, 25.6, 26])
    assert "known within 1.6%" in stays(replan(knee(24.8, 25.2), third_plan, envelope, NOTHING))


def top(rate_per_s: float) -> Trouble:
    return Trouble(reason=Reason.LIMIT_NOT_FOUND, value=rate_per_s)


def test_a_search_goes_no_further_than_described_unless_its_own_limit_says_so() -> None:
    plan, envelope = both(spec(**SEARCHING))
    assert "no room above 40/s: limits.rate_per_s" in stays(replan(top(40), plan, envelope, NOTHING))
    load = spec(**{**SEARCHING, "test_type": "load"}, limits={"rate_per_s": 70})
    assert granted(load).peak_rate_per_s == 40, "only a search may go on"


@pytest.mark.parametrize(("limit", "highest"), [(70, 70), (100, 80), (41, None)])
def test_a_search_goes_on_above_its_highest_level(limit: float, highest: float | None) -> None:
    described = spec(**SEARCHING, limits={"rate_per_s": limit})
    plan, envelope = both(described)
    assert envelope.peak_rate_per_s == limit
    answer = replan(top(40), plan, envelope, NOTHING)
    if highest is None:
        assert "no room above" in stays(answer)
        return
    change = changes(answer)
    assert (change.low, change.high) == (40, pytest.approx(highest))
    again = make_plan(described, 2, envelope=envelope, changes=[change])
    assert again.peak_rate_per_s == pytest.approx(highest)
    within(envelope, again)


def test_users_bound_a_search_as_well() -> None:
    described = spec(**SEARCHING, limits={"rate_per_s": 100, "users": 500})
    plan, envelope = both(described)  # 40/s x 10 s: 400 users of an open schedule
    assert changes(replan(top(40), plan, envelope, NOTHING)).high == 50


def test_levels_of_users_are_not_searched() -> None:
    closed = spec(load_patterns=pattern({"users": 5, "duration": "60s"}, model="closed"))
    plan, envelope = both(closed)
    for trouble in (knee(3, 5), top(5)):
        assert "levels of users" in stays(replan(trouble, plan, envelope, NOTHING))


@pytest.mark.parametrize("trouble", [knee(20, 30), Trouble(reason=Reason.NO_STEADY_STATE)])
@pytest.mark.parametrize(
    "spent", [{"spent_s": 10_000.0}, {"spent_requests": 1e6}], ids=["no time left", "no requests left"]
)
def test_what_does_not_fit_into_what_is_left_is_refused(trouble: Trouble, spent: dict[str, float]) -> None:
    plan, envelope = both(spec(**SEARCHING))
    assert changes(replan(trouble, plan, envelope, NOTHING))
    assert "envelope" in stays(replan(trouble, plan, envelope, NOTHING, **spent))


def test_what_was_tried_is_not_tried_again() -> None:
    plan, envelope = both(PACED)
    change = changes(replan(short(1.0), plan, envelope, NOTHING))
    assert "tried before" in stays(replan(short(1.0), plan, envelope, {change.key}))


@pytest.mark.parametrize(
    "reason", [r for r in Reason if r.loop is not Loop.REPLAN], ids=lambda r: str(r.value)
)
def test_other_reasons_are_no_matter_of_planning(reason: Reason) -> None:
    plan, envelope = both(PACED)
    assert stays(replan(Trouble(reason=reason, value=5), plan, envelope, NOTHING))


_REASONS = st.sampled_from([reason for reason in Reason if reason.loop is Loop.REPLAN])
_FIGURES = st.none() | st.floats(0.001, 100)


@settings(max_examples=150, deadline=None)
@given(
    mappings(),
    st.lists(st.tuples(_REASONS, _FIGURES, _FIGURES), max_size=6),
    st.none() | st.floats(1, 500),
    st.sampled_from(["load", "breakpoint"]),
)
def test_replanning_ends_stays_in_the_envelope_and_never_repeats_itself(
    data: dict[str, Any],
    troubles: list[tuple[Reason, float | None, float | None]],
    limit: float | None,
    test_type: str,
) -> None:
    described = parse_spec({**data, "test_type": test_type, "limits": {"rate_per_s": limit}})
    try:
        envelope = granted(described)
    except PolicyError:
        return
    plan = make_plan(described, 1, envelope=envelope)
    made: list[Change] = []
    requests, seconds = plan.expected_samples, plan.duration_s
    for reason, value, high in troubles[: LOOP_BUDGET[Loop.REPLAN]]:
        answer = replan(
            Trouble(reason=reason, value=value, high=high),
            plan,
            envelope,
            {change.key for change in made},
            spent_requests=requests,
            spent_s=seconds,
        )
        if isinstance(answer, Unchanged):
            assert answer.why
            break
        assert answer.key not in {change.key for change in made}
        made.append(answer)
        expected = after(plan, answer)
        plan = make_plan(described, len(made) + 1, envelope=envelope, changes=made)
        within(envelope, plan, spent_requests=requests, spent_s=seconds)
        assert plan.peak_rate_per_s == pytest.approx(expected.peak_rate_per_s, rel=1e-6)
        assert plan.expected_samples == pytest.approx(expected.expected_samples, rel=1e-6)
        twice = make_plan(described, plan.attempt, envelope=envelope, changes=[*made, answer])
        _same_load(twice, plan)
        requests, seconds = requests + plan.expected_samples, seconds + plan.duration_s


def _same_load(one: Plan, other: Plan) -> None:
    assert one.users == other.users
    assert one.duration_s == pytest.approx(other.duration_s)
    for mine, its in zip(one.scenarios, other.scenarios, strict=True):
        assert len(mine.curve.segments) == len(its.curve.segments)
        for a, b in zip(mine.curve.segments, its.curve.segments, strict=True):
            assert (a.duration_s, a.start, a.end) == pytest.approx((b.duration_s, b.start, b.end))
