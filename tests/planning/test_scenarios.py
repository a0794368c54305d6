"""Scenarios come from journeys, or from endpoints by weight; who logs in where is settled here."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import parse_threshold
from perfpilot.planning.load.sizing import open_bound, users_for
from perfpilot.planning.load.warm_up import warm_up_s
from perfpilot.planning.scenarios import drafts, measured_labels
from tests.planning.load.test_curves import made
from tests.planning.sample_specs import spec

ENDPOINTS = [
    {"name": "login", "method": "POST", "path": "/login"},
    {"name": "me", "path": "/me"},
    {"name": "open", "path": "/open", "authenticated": False, "weight": 3},
]


def with_auth(scope: str, **changes: Any) -> Any:
    environment = {"base_url": "http://127.0.0.1", "auth": {"login": "login", "scope": scope}}
    return spec(environment=environment, endpoints=ENDPOINTS, **changes)


def test_endpoints_are_scenarios_by_weight_and_the_login_is_none() -> None:
    made_of = drafts(with_auth("run"))
    assert [(d.name, d.weight, d.login_first, d.requests) for d in made_of] == [
        ("me", 1, False, 1), ("open", 3, False, 1),
    ]  # fmt: skip
    assert measured_labels(with_auth("run")) == {"me", "open"}


def test_each_iteration_logs_in_where_it_needs_a_token() -> None:
    made_of = drafts(with_auth("iteration"))
    assert [(d.name, d.login_first, d.requests) for d in made_of] == [("me", True, 2), ("open", False, 1)]
    assert measured_labels(with_auth("iteration")) == {"me", "open", "login"}


def test_a_journey_keeps_its_steps_and_pauses() -> None:
    journeys = [
        {"name": "visit", "weight": 2, "steps": ["open", {"endpoint": "me", "think_time": "1500ms"}, "me"]}
    ]
    (draft,) = drafts(with_auth("run", journeys=journeys))
    assert draft.endpoints == ("open", "me", "me")
    assert [step.label for step in draft.steps] == ["open", "me", "me"]
    assert (draft.think_time_s, draft.weight, draft.requests) == (1.5, 2, 3)


def test_a_login_that_the_journey_writes_out_is_not_done_twice() -> None:
    journeys = [{"name": "visit", "steps": ["login", "me"]}]
    (draft,) = drafts(with_auth("iteration", journeys=journeys))
    assert (draft.endpoints, draft.login_first) == (("me",), True)
    (draft,) = drafts(with_auth("run", journeys=journeys))
    assert (draft.endpoints, draft.login_first) == (("login", "me"), False)


def test_a_login_alone_can_be_tested() -> None:
    environment = {"base_url": "http://127.0.0.1", "auth": {"login": "login"}}
    assert measured_labels(spec(environment=environment, endpoints=ENDPOINTS[:1])) == {"login"}


@pytest.mark.parametrize(
    ("arguments", "users"),
    [
        ((100, 1, 0.1, 0), 15),  # 100/s x 0.1 s x 1.5
        ((100, 3, 0.1, 1), 195),  # 100/s x (0.3 s + 1 s) x 1.5
        ((1, 1, 0.001, 0), 2),  # never fewer than two
        ((1000, 1, 0.001, 0), 2),  # never fewer than two
    ],
)
def test_paced_users_follow_littles_law(arguments: tuple[float, int, float, float], users: int) -> None:
    assert users_for(*arguments) == users


def test_an_open_schedule_may_have_rate_times_time_out_users() -> None:
    assert open_bound(20, 1, 10) == 200
    assert open_bound(0.3, 2, 10, 5) == 8  # 0.3/s x 25 s = 7.5


@pytest.mark.parametrize(
    ("line", "samples"),
    [
        ("p50 < 1s", 200), ("p95 < 1s", 200), ("p99 < 1s", 1000), ("p99.9 < 1s", 10_000), ("mean < 1s", 100),
        ("max < 1s", 100), ("error_rate < 1%", 100), ("apdex(1s) >= 0.9", 100), ("throughput >= 3/s", 30),
    ],
)  # fmt: skip
def test_a_threshold_needs_as_many_samples_as_the_analysis_asks_for(line: str, samples: int) -> None:
    assert samples_needed(parse_threshold(line)) == samples


def test_what_is_not_counted_over_samples_needs_none() -> None:
    for line in ("cpu(target) < 80%", "capacity >= 3/s", "achieved_load >= 95%", "change(p95) <= 10%"):
        assert samples_needed(parse_threshold(line)) == 0


@pytest.mark.parametrize(
    ("stages", "seconds"),
    [
        ([("10s", True), ("60s", False)], 16),  # ramp + a tenth of 60 s
        ([("60s", False)], 6),
        ([("10s", False)], 2),  # never less than 2 s
        ([("3s", False)], 1.5),  # never more than half
        ([("20m", False)], 30),  # never more than 30 s
        ([("60s", True)], 30),  # all ramp: half
    ],
)
def test_warm_up_is_the_first_ramp_and_a_tenth_of_the_rest(
    stages: list[tuple[str, bool]], seconds: float
) -> None:
    whole = made(*({"rate_per_s": 10, "duration": duration, "ramp": ramp} for duration, ramp in stages))
    assert warm_up_s(whole) == pytest.approx(seconds)
