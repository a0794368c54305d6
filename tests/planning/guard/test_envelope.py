"""The envelope is what a run may do: never more than policy, description and context allow."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.loops import LOOP_BUDGET, Loop
from perfpilot.domain.outcome import ExitCode
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.spec import Limits
from perfpilot.planning.guard.envelope import AROUND_S, PROBES, required_envelope, within
from perfpilot.planning.guard.tightening import tighten
from perfpilot.planning.plan import make_plan
from tests.planning.sample_specs import pattern, spec

LOCAL = {"127.0.0.1": ("127.0.0.1",)}


def envelope(policy: Policy | None = None, address: str = "127.0.0.1", **changes: Any) -> Envelope:
    described = spec(**changes)
    host = described.environment.base_url.split("//")[1].split(":")[0]
    return required_envelope(described, {host: (address,)}, policy or Policy())


def test_it_counts_all_attempts_with_smoke_and_probes() -> None:
    granted = envelope()
    attempts = 1 + sum(LOOP_BUDGET.values())
    assert granted.peak_rate_per_s == 20
    assert granted.users == 200  # 20/s x 10 s
    assert granted.requests == (20 * 60 + 1 + PROBES) * attempts
    assert granted.wall_time_s == 60 * attempts + attempts * AROUND_S
    assert granted.hosts == ("127.0.0.1:8080",)
    assert granted.addresses == ("127.0.0.1 127.0.0.1",)
    assert "127.0.0.1:8080 (loopback)" in granted.why
    assert "20 requests per second, 200 users at once" in granted.why


def test_fewer_passes_need_less() -> None:
    none = required_envelope(spec(), LOCAL, Policy(), budget={loop: 0 for loop in Loop})
    assert none.requests == 20 * 60 + 1 + PROBES
    assert "in up to 1 attempt." in none.why


@pytest.mark.parametrize(
    ("approval", "address", "expected"),
    [
        ("off_loopback", "127.0.0.1", False),
        ("off_loopback", "10.0.0.1", True),
        ("off_loopback", "8.8.8.8", True),
        ("never", "8.8.8.8", False),
        ("always", "127.0.0.1", True),
    ],
)
def test_the_policy_says_when_a_person_is_asked(approval: Any, address: str, expected: bool) -> None:
    policy = Policy(approval=approval, allowed_hosts=("8.8.8.8",))
    assert envelope(policy, address, environment={"base_url": "http://shop.test"}).needs_approval is expected


def test_a_public_host_is_refused_with_the_line_that_would_allow_it() -> None:
    with pytest.raises(PolicyError) as caught:
        envelope(None, "8.8.8.8", environment={"base_url": "http://shop.test"})
    assert "shop.test is 8.8.8.8, a public address" in str(caught.value)
    assert "allowed_hosts: [shop.test]" in str(caught.value)
    assert caught.value.exit_code is ExitCode.REFUSED


def test_one_bad_address_among_good_ones_is_enough() -> None:
    described = spec(environment={"base_url": "http://shop.test"})
    policy = Policy(allowed_hosts=("shop.test", "0.0.0.0/0", "::/0"))
    for bad in ("169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254"):
        with pytest.raises(PolicyError, match="never get load"):
            required_envelope(described, {"shop.test": ("127.0.0.1", bad)}, policy)
    with pytest.raises(PolicyError, match=r"is 8\.8\.8\.8"):
        required_envelope(described, {"shop.test": ("10.0.0.1", "8.8.8.8")}, Policy())


def test_servers_are_guarded_like_the_target() -> None:
    server = {"name": "db", "kind": "redis", "host": "cache.test", "port": 6379}
    described = spec(environment={"base_url": "http://127.0.0.1", "servers": [server]})
    with pytest.raises(PolicyError, match=r"cache\.test is 8\.8\.8\.8"):
        required_envelope(described, {**LOCAL, "cache.test": ("8.8.8.8",)}, Policy())
    with pytest.raises(PolicyError, match=r"cache\.test has no address"):
        required_envelope(described, LOCAL, Policy())
    assert required_envelope(described, {**LOCAL, "cache.test": ("10.0.0.1",)}, Policy()).needs_approval


@pytest.mark.parametrize(
    ("policy", "limits", "parts"),
    [
        (
            {"max_rate_per_s": 10},
            {},
            ["20 samples per second", "at most 10", "max_rate_per_s in the policy", "to 20"],
        ),
        (
            {},
            {"rate_per_s": 10},
            ["20 samples per second", "raise limits.rate_per_s in the description to 20"],
        ),
        (
            {"max_users": 100},
            {},
            ["200 users at once", "response time-out of 10s", "max_users", "steered: true"],
        ),
        ({}, {"users": 100}, ["200 users at once", "raise limits.users"]),
        ({"max_requests": 1000}, {}, ["1221 requests", "max_requests"]),
        ({}, {"requests": 1000}, ["1221 requests", "raise limits.requests"]),
        ({"max_duration": 30.0}, {}, ["60 seconds of load", "max_duration"]),
        ({}, {"duration": "30s"}, ["60 seconds of load", "raise limits.duration"]),
    ],
)
def test_what_lies_outside_is_refused_with_the_line_to_change(
    policy: dict[str, Any], limits: dict[str, Any], parts: list[str]
) -> None:
    with pytest.raises(PolicyError) as caught:
        envelope(Policy(**policy), limits=limits)
    for part in parts:
        assert part in str(caught.value)


def test_further_attempts_get_what_the_limits_leave() -> None:
    granted = envelope(limits={"requests": 2000, "duration": "90s"})
    assert granted.requests == 2000
    assert granted.wall_time_s == 90 + 6 * AROUND_S


def test_paced_users_need_no_user_for_every_arrival() -> None:
    fast = pattern({"rate_per_s": 1000, "duration": "60s"}, steered=True)
    assert envelope(load_patterns=fast).users == Policy().max_users
    with pytest.raises(PolicyError, match="10000 users at once"):
        envelope(load_patterns=pattern({"rate_per_s": 1000, "duration": "60s"}))


def test_a_closed_model_is_bounded_by_the_limits_alone() -> None:
    granted = envelope(load_patterns=pattern({"users": 7, "duration": "60s"}, model="closed"))
    assert (granted.users, granted.requests) == (7, Policy().max_requests)
    assert granted.peak_rate_per_s == Policy().max_rate_per_s


def test_a_context_only_tightens() -> None:
    asked = {"max_users": 5, "max_rate_per_s": None, "use_model": False, "require_approval": True}
    tightened = tighten(Policy(), asked)
    assert (tightened.max_users, tightened.max_rate_per_s, tightened.approval) == (5, 2000.0, "always")
    assert tighten(Policy(), {"require_approval": False}) == Policy()
    assert tighten(Policy(), {"max_duration_s": 60.0}).max_duration == 60


@pytest.mark.parametrize(
    ("asked", "limits", "part"),
    [
        ({"max_users": 2001}, None, "the policy allows 2000: a context may only tighten"),
        (
            {"max_rate_per_s": 51},
            Limits(rate_per_s=50),
            "the description allows 50: a context may only tighten",
        ),
        ({"max_duration_s": 1e9}, None, "may only tighten"),
        ({"max_requests": float("nan")}, None, "must be a number greater than 0"),
        ({"max_requests": True}, None, "must be a number"),
        ({"max_requests": "5"}, None, "must be a number"),
        ({"max_users": 0}, None, "must be a number greater than 0"),
    ],
)
def test_a_context_that_asks_for_more_is_refused(
    asked: dict[str, Any], limits: Limits | None, part: str
) -> None:
    with pytest.raises(PolicyError, match=part):
        tighten(Policy(), asked, limits)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"peak_rate_per_s": 20.1}, "samples per second"),
        ({"users": 201}, "users at once"),
        ({"expected_samples": 1e9}, "requests"),
        ({"duration_s": 1e9}, "seconds"),
    ],
)
def test_a_plan_outside_the_envelope_is_refused(change: dict[str, float], what: str) -> None:
    granted = envelope()
    plan: Plan = make_plan(spec(), 1, envelope=granted)
    within(granted, plan)
    with pytest.raises(PolicyError, match=what):
        within(granted, plan.model_copy(update=change))


def test_what_was_spent_is_gone() -> None:
    granted = envelope()
    plan = make_plan(spec(), 2, envelope=granted)
    with pytest.raises(PolicyError, match="requests"):
        within(granted, plan, spent_requests=granted.requests - 10)
    with pytest.raises(PolicyError, match="seconds"):
        within(granted, plan, spent_s=granted.wall_time_s - 10)
