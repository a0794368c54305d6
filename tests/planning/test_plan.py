"""A plan is made from the description alone, and never lies outside the envelope."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.plan import Engine, Plan
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.spec import Spec
from perfpilot.planning.change import Change, Unchanged
from perfpilot.planning.guard.envelope import required_envelope, within
from perfpilot.planning.plan import make_plan, seed_of
from perfpilot.planning.replan import replan
from perfpilot.tools.spec.read import parse_spec
from tests.planning.sample_specs import mappings, pattern, spec

LOCAL = {"127.0.0.1": ("127.0.0.1",)}
TWO = [{"name": "a", "path": "/a"}, {"name": "b", "path": "/b", "weight": 3}]
STEERED = pattern({"rate_per_s": 40, "duration": "60s"}, steered=True)


def granted(described: Spec, **limits: Any) -> Envelope:
    return required_envelope(described, LOCAL, Policy(**limits))


def planned(described: Spec, **keys: Any) -> Plan:
    return make_plan(described, 1, envelope=granted(described), **keys)


def test_an_open_plan_says_what_it_will_send() -> None:
    plan = planned(spec(endpoints=TWO))
    assert [(s.name, s.engine, s.curve.peak, s.users) for s in plan.scenarios] == [
        ("a", Engine.OPEN_SCHEDULE, 5, 50),
        ("b", Engine.OPEN_SCHEDULE, 15, 150),
    ]
    assert (plan.duration_s, plan.warm_up_s, plan.peak_rate_per_s) == (60, 6, 20)
    assert (plan.users, plan.expected_samples) == (200, 1200)
    assert plan.asked_per_s(30) == 20
    assert (plan.connect_timeout_s, plan.response_timeout_s) == (3, 10)


def test_the_same_description_gives_the_same_plan_and_names_give_the_seeds() -> None:
    described = spec(endpoints=TWO)
    assert planned(described) == planned(parse_spec(described.model_dump(mode="json")))
    seeds = [s.seed for s in planned(described).scenarios]
    assert seeds == [seed_of("shop", "a"), seed_of("shop", "b")]
    assert len(set(seeds)) == 2
    assert all(0 < seed < 2**31 for seed in seeds)


def test_the_login_of_an_iteration_counts_as_a_sample() -> None:
    environment = {"base_url": "http://127.0.0.1", "auth": {"login": "login", "scope": "iteration"}}
    endpoints = [{"name": "login", "method": "POST", "path": "/login"}, {"name": "me", "path": "/me"}]
    plan = planned(spec(environment=environment, endpoints=endpoints))
    assert plan.scenarios[0].login_first
    assert (plan.peak_rate_per_s, plan.expected_samples) == (40, 2400)


def test_paced_users_are_sized_by_the_measured_response_time() -> None:
    assert planned(spec(load_patterns=STEERED)).users == 6
    plan = planned(spec(load_patterns=STEERED), expected_response_s=0.5)
    assert plan.users == 30
    assert any("500 ms" in note for note in plan.notes)
    assert "generator: heap 256 MB for 30 users" in plan.notes


def test_a_closed_plan_has_the_users_described_split_by_weight() -> None:
    plan = planned(
        spec(endpoints=TWO, load_patterns=pattern({"users": 7, "duration": "60s"}, model="closed"))
    )
    assert [(s.engine, s.users) for s in plan.scenarios] == [
        (Engine.CLOSED_USERS, 2),
        (Engine.CLOSED_USERS, 5),
    ]
    assert (plan.users, plan.peak_rate_per_s, plan.expected_samples) == (7, 0, 0)


def test_a_scenario_without_a_user_is_left_out_and_said_to_be() -> None:
    plan = planned(
        spec(endpoints=TWO, load_patterns=pattern({"users": 1, "duration": "60s"}, model="closed"))
    )
    assert [s.name for s in plan.scenarios] == ["b"]
    assert "a gets no user" in plan.notes[0]


def test_changes_are_applied_and_the_last_of_a_kind_counts() -> None:
    described = spec(endpoints=TWO, load_patterns=STEERED)
    changes = [
        Change(kind="users", value=10, sentence="ten"),
        Change(kind="duration_s", value=120, sentence="longer"),
        Change(kind="users", value=21, sentence="more"),
    ]
    plan = planned(described, changes=changes)
    assert (plan.users, plan.duration_s) == (21, 120)
    assert plan.notes[:3] == ("ten", "longer", "more")


def test_an_open_plan_beyond_the_users_allowed_is_refused() -> None:
    envelope = granted(spec()).model_copy(update={"users": 199})
    with pytest.raises(PolicyError, match="200 users at once"):
        make_plan(spec(), 1, envelope=envelope)


@settings(max_examples=120, deadline=None)
@given(mappings(), st.floats(0.0001, 60), st.sampled_from(list(Reason)), st.none() | st.floats(0.001, 100))
def test_no_plan_ever_lies_outside_the_envelope(
    data: dict[str, Any], response_s: float, reason: Reason, value: float | None
) -> None:
    described = parse_spec(data)
    try:
        envelope = granted(described)
    except PolicyError:
        return
    plan = make_plan(described, 1, envelope=envelope, expected_response_s=response_s)
    within(envelope, plan)
    trouble = Trouble(reason=reason, value=value)
    change = replan(trouble, plan, envelope, frozenset())
    if isinstance(change, Change):
        again = make_plan(described, 2, envelope=envelope, expected_response_s=response_s, changes=[change])
        within(envelope, again)
        assert again.scenarios != plan.scenarios
        assert isinstance(replan(trouble, plan, envelope, frozenset({change.key})), Unchanged)
    assert len({s.name for s in plan.scenarios}) == len(plan.scenarios)
    assert plan.warm_up_s <= plan.duration_s / 2 + 1e-6  # durations are whole microseconds
