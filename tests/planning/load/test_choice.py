"""Which cases run, in which order, what the others would need, and what they may cost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Kind, Plan, PlannedStep
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.spec import Spec
from perfpilot.planning.cases.case import Case
from perfpilot.planning.cases.choice import MOST_LISTED, choose
from perfpilot.planning.cases.during import summed
from perfpilot.planning.cases.made import cases
from perfpilot.planning.guard.envelope import required_envelope
from perfpilot.planning.load.demand import demand
from perfpilot.planning.plan import make_plan
from tests.planning.case_specs import EVERYTHING, shop
from tests.planning.sample_specs import pattern

LOCAL = {"127.0.0.1": ("127.0.0.1",)}
STEERED = pattern({"rate_per_s": 40, "duration": "60s"}, steered=True)


def granted(described: Spec) -> Envelope:
    return required_envelope(described, LOCAL, Policy())


def planned(described: Spec, **keys: Any) -> Plan:
    return make_plan(described, 1, envelope=granted(described), **keys)


def proposal(name: str, **changes: Any) -> Case:
    request = shop().endpoint("list").model_copy(update={"path": "/products?page=none"})
    step = PlannedStep(endpoint="list", label=f"case: {name}", request=request)
    return Case(
        name=name, kind=Kind.EDGE, why="a model thought of it", source="model", steps=(step,)
    ).model_copy(update=changes)


def test_nothing_runs_unless_it_is_named_and_each_says_how_to_have_it() -> None:
    plan = planned(shop())
    assert not plan.before
    reasons = {entry.name: entry.why for entry in plan.left_out}
    assert set(reasons) == {case.name for case in cases(shop())}
    assert reasons["list empty limit"] == "cases.run: [edge] sends it"
    assert reasons["login wrong password"] == (
        "it may change data or lock an account: cases.run: [failure] and cases.writes: true send it"
    )
    assert "it may change data or lock an account: cases.writes: true sends it" in {
        entry.why for entry in planned(shop(cases={"run": ["edge"]})).left_out
    }


def test_what_runs_before_the_load_runs_once_with_one_user() -> None:
    plan = planned(shop(cases={"run": ["failure", "edge"]}))
    assert {s.engine for s in plan.before} == {Engine.CLOSED_USERS}
    assert {(s.users, s.curve.duration_s, s.measured) for s in plan.before} == {(1, 0.0, False)}
    assert all(step.request.method.safe for s in plan.before for step in s.steps if step.request)
    kinds = [scenario.kind for scenario in plan.before]
    assert kinds == sorted(kinds, key=[Kind.EDGE, Kind.FAILURE].index)
    assert plan.before[0].why.endswith("one after the other: it must not disturb what is measured")
    assert plan.before[0].why.startswith("quotes, markup and many scripts in")
    requests = sum(scenario.requests for scenario in plan.before)
    assert plan.notes[-1] == f"cases before the load: {len(plan.before)}, {requests} requests of one user"
    assert [s.name for s in plan.scenarios] == [s.name for s in planned(shop()).scenarios]


def test_wrong_passwords_come_last() -> None:
    plan = planned(shop(cases=EVERYTHING), proposals=[proposal("late", kind=Kind.FAILURE)])
    at_login = [s.steps[-1].endpoint == "login" for s in plan.before if s.kind is Kind.FAILURE]
    assert any(at_login)
    assert at_login == sorted(at_login)
    assert not plan.left_out


@pytest.mark.parametrize("most", [1, 5, 12, 30])
def test_few_requests_are_spread_over_endpoints_and_kinds(most: int) -> None:
    chosen = choose(shop(cases={**EVERYTHING, "most": most}))
    assert sum(case.requests for case in chosen.run) <= most
    groups = Counter((case.steps[-1].endpoint, case.kind) for case in chosen.run)
    every = Counter((case.steps[-1].endpoint, case.kind) for case in cases(shop()))
    assert max(groups.values()) - min(groups.get(g, 0) for g in every if every[g] > groups.get(g, 0)) <= 2
    left = {entry.name: entry.why for entry in chosen.left_out}
    assert set(left) == {case.name for case in cases(shop())} - {case.name for case in chosen.run}
    assert set(left.values()) == {f"the {most} requests of cases.most are used up: a higher number sends it"}


def test_a_long_list_of_what_is_left_out_is_shortened() -> None:
    endpoints = [{"name": f"e{number}", "path": f"/{number}?limit=1"} for number in range(60)]
    left = planned(shop(environment={"base_url": "http://127.0.0.1"}, endpoints=endpoints)).left_out
    told = sum(int(entry.name.split()[0]) for entry in left[MOST_LISTED:])
    assert len(left) <= MOST_LISTED + len(Kind)
    assert MOST_LISTED + told == len(
        cases(shop(environment={"base_url": "http://127.0.0.1"}, endpoints=endpoints))
    )


def test_proposals_are_cases_like_others_and_journeys_only_suggestions() -> None:
    described = shop(cases={"run": ["edge"]})
    own = cases(described)[0].name
    asked = [
        proposal("list odd page"),
        proposal("list wrong page", kind=Kind.FAILURE),
        proposal("rush", kind=Kind.JOURNEY),
        proposal(own),
        proposal("product"),
        proposal("hidden write", steps=(PlannedStep(endpoint="cart", label="case: hidden write"),)),
    ]
    plan = planned(described, proposals=asked)
    assert "list odd page" in {scenario.name for scenario in plan.before}
    left = [(entry.name, entry.why) for entry in plan.left_out if entry.name in {case.name for case in asked}]
    assert left == [
        ("list wrong page", "cases.run: [failure] sends it"),
        ("rush", "a suggestion: written under journeys, it becomes a part of the load"),
        (own, "its name is taken already"),
        ("product", "its name is taken already"),
        ("hidden write", "it may change data or lock an account: cases.writes: true sends it"),
    ]


def test_a_proposal_gets_the_steps_that_it_needs() -> None:
    request = shop().endpoint("checkout").model_copy(update={"body": {"gift": "maybe"}})
    step = PlannedStep(endpoint="checkout", label="case: odd gift", request=request)
    described = shop("iteration", cases=EVERYTHING)
    plan = planned(described, proposals=[proposal("odd gift", steps=(step,))])
    (found,) = (scenario for scenario in plan.before if scenario.name == "odd gift")
    assert [step.label for step in found.steps] == [
        "case: odd gift / login", "case: odd gift / cart", "case: odd gift",
    ]  # fmt: skip


def test_a_share_of_the_arrivals_goes_to_cases_on_top_of_the_load() -> None:
    bare, described = planned(shop()), shop(cases={**EVERYTHING, "share": "10%"})
    plan = planned(described)
    journeys = [s for s in plan.scenarios if s.measured]
    beside = [s for s in plan.scenarios if not s.measured]
    assert plan.scenarios[: len(journeys)] == tuple(journeys)
    assert [(s.name, s.curve, s.users) for s in journeys] == [
        (s.name, s.curve, s.users) for s in bare.scenarios
    ]
    assert sum(s.curve.peak for s in beside) == pytest.approx(0.1 * 20)
    assert len({s.curve.peak for s in beside}) == 1
    assert {s.name for s in beside} == {s.name for s in plan.before if s.steps[-1].endpoint != "login"}
    assert "during the load, on top of it and not measured" in beside[0].why
    samples = sum(s.curve.area * s.requests for s in beside)
    assert plan.expected_samples == pytest.approx(bare.expected_samples + samples)
    assert plan.peak_rate_per_s == pytest.approx(bare.peak_rate_per_s + samples / 60)
    assert plan.users == sum(s.users for s in plan.scenarios)
    assert (plan.asked_per_s(30), plan.warm_up_s) == (bare.asked_per_s(30), bare.warm_up_s)
    assert any("at the login run before the load only" in note for note in plan.notes)


def test_a_proposal_that_is_longer_than_what_was_reckoned_runs_before_the_load_only() -> None:
    described = shop(cases={"run": ["edge"], "share": "10%"})
    step = proposal("long").steps[0].model_copy(update={"repeat": 3})
    plan = planned(described, proposals=[proposal("long", steps=(step,)), proposal("short")])
    assert {"long", "short"} <= {s.name for s in plan.before}
    assert {s.name for s in plan.scenarios} & {"long", "short"} == {"short"}
    assert "1 cases run before the load only" in plan.notes[-1]


def test_a_closed_load_has_no_arrivals_to_share() -> None:
    closed = pattern({"users": 3, "duration": "60s"}, model="closed")
    plan = planned(shop(cases={"run": ["edge"], "share": "10%"}, load_patterns=closed))
    assert plan.before
    assert all(scenario.measured for scenario in plan.scenarios)
    assert "a closed load has no arrivals" in plan.notes[-1]


def test_cases_of_a_steered_load_are_steered_too() -> None:
    plan = planned(shop(cases={"run": ["edge"], "share": "10%"}, load_patterns=STEERED))
    assert {scenario.engine for scenario in plan.scenarios} == {Engine.STEERED_RATE}


def test_the_demand_reckons_with_all_that_may_be_sent() -> None:
    bare, running = demand(shop()), demand(shop(cases={"run": ["edge"], "most": 25}))
    assert running == bare.model_copy(update={"one_pass": bare.one_pass + 25})
    assert demand(shop(cases={"share": "10%"})) == bare
    without = required_envelope(shop(), LOCAL, Policy(), budget={})
    reserved = required_envelope(shop(cases={"run": ["edge"]}), LOCAL, Policy(), budget={})
    assert reserved.requests - without.requests == 40  # `cases.most`, whatever the rules make


def test_a_share_that_does_not_fit_is_refused_before_anything_is_sent() -> None:
    # 20 arrivals per second of three journeys, one of which has two steps, and 4 of cases.
    with pytest.raises(PolicyError, match="31 samples per second at the peak"):
        required_envelope(shop(cases={"run": ["edge"], "share": "20%"}), LOCAL, Policy(max_rate_per_s=30))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["1%", "37%", "100%"]),
    st.sampled_from([1, 7, 40]),
    st.booleans(),
    st.floats(0.001, 30),
    st.sampled_from(["run", "iteration"]),
    st.integers(0, 6),
)
def test_cases_never_lead_out_of_the_envelope(
    share: str, most: int, steered: bool, response_s: float, scope: str, proposed: int
) -> None:
    patterns = [
        *pattern({"rate_per_s": 7, "duration": "30s", "ramp": True}, journeys=["list"], steered=steered),
        *pattern({"rate_per_s": 0.3, "duration": "1m"}, begins="5s", steered=steered),
        *pattern({"users": 2, "duration": "20s"}, model="closed", journeys=["product"]),
    ]
    for load in (patterns[:2], patterns):
        keys = {"cases": {**EVERYTHING, "share": share, "most": most}, "load_patterns": load}
        if load is not patterns:
            keys["load_patterns"] = [load[0], load[1]]
        described = shop(scope, **keys)
        envelope = granted(described)
        proposals = [proposal(f"p{number}") for number in range(proposed)]
        plan = make_plan(described, 1, envelope=envelope, expected_response_s=response_s, proposals=proposals)
        assert len({s.name for s in plan.scenarios}) == len(plan.scenarios)
        assert sum(s.requests for s in plan.before) <= most


def test_the_sum_of_curves_is_a_curve() -> None:
    def curve(*pieces: tuple[float, float, float], unit: Any = "rate_per_s") -> LoadCurve:
        return LoadCurve(
            unit=unit, segments=tuple(Segment(duration_s=d, start=a, end=b) for d, a, b in pieces)
        )

    whole = summed(
        [curve((10, 0, 10), (10, 4, 4)), curve((5, 0, 0), (10, 2, 2)), curve((3, 9, 9), unit="users")]
    )
    assert whole == curve((5, 0, 5), (5, 7, 12), (5, 6, 6), (5, 4, 4))


@pytest.mark.parametrize(
    ("patterns", "why"),
    [
        (pattern({"rate_per_s": 1, "duration": "60s"}, journeys=["list"]),
         "runs with the others from the start"),
        (pattern({"rate_per_s": 1, "duration": "60s"}, journeys=["list"], begins="30s"),
         "begins after 30s, as its load pattern says"),
    ],
)  # fmt: skip
def test_a_journey_says_why_it_runs_when_it_does(patterns: list[dict[str, Any]], why: str) -> None:
    rest = pattern({"rate_per_s": 1, "duration": "60s"})
    plan = planned(shop(load_patterns=[*patterns, *rest]))
    assert why in {s.name: s.why for s in plan.scenarios}["list"]
    alone = planned(
        shop(endpoints=[{"name": "list", "path": "/"}], environment={"base_url": "http://127.0.0.1"})
    )
    assert alone.scenarios[0].why == "needs nothing of other endpoints; runs alone from the start of the load"


def test_a_share_of_less_than_one_arrival_each_sends_fewer_cases_in_the_load() -> None:
    few = planned(shop(cases={"run": ["edge"], "share": "1%"}))
    in_load = [s for s in few.scenarios if not s.measured]
    assert all(s.curve.area >= 1 for s in in_load)
    assert len(in_load) < len(few.before)
