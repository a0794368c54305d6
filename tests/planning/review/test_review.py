"""The review looks with an expert's eye: every rule fires where it should and is silent where not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings

from perfpilot.planning.defaults import with_defaults
from perfpilot.planning.load.expected_samples import duration_for, expected_samples
from perfpilot.planning.review.review import review
from perfpilot.planning.review.standards import STANDARDS
from perfpilot.tools.spec.read import parse_spec
from tests.planning.sample_specs import mapping, mappings, pattern, spec

TWO = [{"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}]
SOUND = {"thresholds": ["p95 < 400ms"]}
LONG = pattern({"rate_per_s": 20, "duration": "10m"})
CLOSED = pattern({"users": 5, "duration": "60s"}, model="closed")


def rules(**changes: Any) -> dict[str, str]:
    """Rule -> place of the remarks on a description that is sound but for the changes."""
    return {
        r.source.split(";")[0].removeprefix("rule "): r.place for r in review(spec(**{**SOUND, **changes}))
    }


def env(**keys: Any) -> dict[str, Any]:
    return {"environment": {"base_url": "http://127.0.0.1", **keys}}


def goal(line: str, **changes: Any) -> dict[str, Any]:
    return {"thresholds": ["p95 < 400ms", line], **changes}


def shape(key: str, **numbers: Any) -> dict[str, Any]:
    return {"load_patterns": [{key: numbers}]}


def test_a_sound_description_gets_no_remark() -> None:
    assert rules() == {}


FIRES: list[tuple[str, dict[str, Any], str]] = [
    ("no-percentile", {"thresholds": ["error_rate < 1%"]}, "thresholds"),
    ("no-capacity", {"test_type": "breakpoint"}, "thresholds"),
    ("mean", goal("mean < 100ms"), "thresholds.1"),
    ("max", goal("max < 1s"), "thresholds.1"),
    ("too-few-samples-in-a-window", goal("p95 < 400ms over 5s"), "thresholds.1"),
    ("window-too-long", goal("p95 < 400ms over 60s"), "thresholds.1"),
    ("too-few-samples", goal("p99.9 < 1s"), "thresholds.1"),
    ("one-failure-decides", goal("error_rate < 0.01%"), "thresholds.1"),
    ("too-few-samples", {"load_patterns": pattern({"rate_per_s": 2, "duration": "30s"})}, "thresholds.0"),
    ("timeout-below-limit", {"thresholds": ["p95 < 3s"], **env(timeouts={"response": "3s"})},
     "environment.timeouts.response"),
    ("looser-than-attention", {"thresholds": ["p95 < 11s"], **env(timeouts={"response": "60s"})},
     "thresholds.0"),
    ("looser-than-first-byte", {"thresholds": ["p95 < 2s"]}, "thresholds.0"),
    ("looser-than-flow", {"thresholds": ["p95 < 1500ms"]}, "thresholds.0"),
    ("tighter-than-noticed", {"thresholds": ["p95 < 20ms"]}, "thresholds.0"),
    ("finer-than-the-clock", {"thresholds": ["p95 < 2ms"]}, "thresholds.0"),
    ("error-budget", goal("error_rate < 10%"), "thresholds.1"),
    ("impossible", goal("error_rate < 0%"), "thresholds.1"),
    ("cpu-room", goal("cpu(target) < 95%"), "thresholds.1"),
    ("apdex-poor", goal("apdex(0.5s) >= 0.6"), "thresholds.1"),
    ("no-baseline", goal("change(p95, baseline) <= 10%"), "thresholds.1"),
    ("no-ramp", {"load_patterns": pattern({"rate_per_s": 50, "duration": "60s"})},
     "load_patterns.0.stages.0"),
    ("open-schedule-ceiling",
     {"load_patterns": pattern({"rate_per_s": 500, "duration": "60s", "ramp": True})}, "load_patterns.0"),
    ("no-think-time", {"load_patterns": CLOSED}, "load_patterns.0"),
    ("closed-model-times", {"load_patterns": CLOSED}, "load_patterns.0"),
    ("fewer-users-than-scenarios",
     {"load_patterns": pattern({"users": 1, "duration": "60s"}, model="closed"),
      "endpoints": [{"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}]}, "load_patterns.0"),
    ("short-soak", {"test_type": "soak"}, "load_patterns.0"),
    ("one-level", {"test_type": "stress"}, "load_patterns.0.stages"),
    ("no-ramp", shape("constant", level=50, duration="60s"), "load_patterns.0.constant"),
    ("one-level", {"test_type": "stress", **shape("constant", level=9, duration="60s")},
     "load_patterns.0.constant"),
    ("no-recovery", shape("spike", base=9, peak=20, before="60s", hold="60s", after="20s"),
     "load_patterns.0.spike.after"),
    ("no-recovery", shape("spike", base=9, peak=20, before="60s", hold="10m", after="4m"),
     "load_patterns.0.spike.after"),
    ("short-hold", shape("steps", start=10, end=30, step=10, hold="19s"), "load_patterns.0.steps.hold"),
    ("short-hold", shape("breakpoint", start=2, end=30, hold="99s"), "load_patterns.0.breakpoint.hold"),
    ("short-wave", shape("wave", low=9, high=20, period="60s", duration="119s"),
     "load_patterns.0.wave.duration"),
    ("short-soak", shape("soak", level=9, duration="29m"), "load_patterns.0.soak.duration"),
    ("search-without-capacity", shape("breakpoint", start=20, end=30), "load_patterns.0.breakpoint"),
    ("unused", {"endpoints": [{"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}],
                "journeys": [{"name": "j", "steps": ["a"]}]}, "endpoints.b"),
    ("constant-writes", {"endpoints": [{"name": "a", "path": "/a", "method": "POST", "body": {"x": 1}}]},
     "endpoints.a.body"),
    ("secret-in-plain-text", env(headers={"authorization": "Bearer abc"}),
     "environment.headers.authorization"),
    ("uneven-columns", {"test_data": {"values": {"a": ["1"], "b": ["1", "2"]}}}, "test_data.values"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "changes", "place"), FIRES, ids=[rule for rule, _, _ in FIRES])
def test_a_rule_fires_at_its_place(rule: str, changes: dict[str, Any], place: str) -> None:
    assert rules(**changes).get(rule) == place


SILENT: list[tuple[str, dict[str, Any]]] = [
    ("no-percentile", {"thresholds": ["apdex(0.5s) >= 0.9"]}),
    ("too-few-samples", goal("p99.9 < 1s", load_patterns=LONG)),
    ("too-few-samples", {"load_patterns": CLOSED}),
    ("too-few-samples-in-a-window", goal("p95 < 400ms over 10s")),
    ("timeout-below-limit", {"thresholds": ["p95 < 3s"]}),
    ("no-ramp", {"load_patterns": pattern({"rate_per_s": 50, "duration": "5s", "ramp": True})}),
    ("no-ramp", {"test_type": "spike", "load_patterns": pattern({"rate_per_s": 50, "duration": "60s"})}),
    ("open-schedule-ceiling",
     {"load_patterns": pattern({"rate_per_s": 500, "duration": "60s", "ramp": True}, steered=True)}),
    ("no-think-time", {"load_patterns": CLOSED, "journeys": [
        {"name": "j", "steps": [{"endpoint": "products", "think_time": "1s"}]}]}),
    ("constant-writes", {"endpoints": [{"name": "a", "path": "/a", "method": "POST", "body": {"x": "${v}"}}],
                         "test_data": {"values": {"v": ["1", "2"]}}}),
    ("constant-writes", {"endpoints": [{"name": "a", "path": "/a"},
                                       {"name": "login", "path": "/login", "method": "POST"}],
                         **env(auth={"login": "login"})}),
    ("secret-in-plain-text", env(headers={"Authorization": "Bearer ${env:PERFPILOT_SECRET_T}"})),
    ("tighter-than-noticed", {"thresholds": ["p95 < 100ms"]}),
    ("error-budget", goal("abort if error_rate > 20% for 10s")),
    ("no-ramp", shape("constant", level=50, duration="60s", ramp="10s")),
    ("one-level", {"test_type": "stress", "endpoints": TWO, "load_patterns": [
        {"constant": {"level": 9, "duration": "90s"}, "journeys": ["a"]},
        {"ramp": {"start": 1, "end": 9, "duration": "90s"}}]}),
    ("no-recovery", shape("spike", base=9, peak=20, before="60s", hold="60s", after="30s")),
    ("short-hold", shape("steps", start=10, end=30, step=10, hold="20s")),
    ("short-hold", {"thresholds": ["error_rate < 1%"], **shape("steps", start=1, end=3, step=1, hold="2s")}),
    ("short-hold", {"load_patterns": [
        {"model": "closed", "steps": {"start": 1, "end": 3, "step": 1, "hold": "2s"}}]}),
    ("short-wave", shape("wave", low=9, high=20, period="60s", duration="120s")),
    ("short-soak", shape("soak", level=9, duration="30m")),
    ("short-soak", {"test_type": "soak", **shape("soak", level=9, duration="29m", ramp="1m")}),
    ("search-without-capacity", goal("capacity >= 25/s", **shape("breakpoint", start=20, end=30))),
    ("search-without-capacity", {"test_type": "breakpoint", **shape("breakpoint", start=20, end=30)}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "changes"), SILENT, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(SILENT)]
)
def test_a_rule_is_silent_where_nothing_is_wrong(rule: str, changes: dict[str, Any]) -> None:
    assert rule not in rules(**changes)


def test_the_duration_that_would_do_does() -> None:
    (remark,) = (r for r in review(spec(**goal("p99.9 < 1s"))) if "too-few-samples" in r.source)
    assert "needs 10000 samples in the steady phase and will get about 1080" in remark.text
    length = re.search(r"a run of (\S+) would do", remark.text)
    assert length is not None
    longer = pattern({"rate_per_s": 20, "duration": length[1]})
    assert "too-few-samples" not in rules(**goal("p99.9 < 1s", load_patterns=longer))


def test_the_hold_that_would_do_does() -> None:
    found = review(spec(**SOUND, **shape("steps", start=7, end=30, step=10, hold="19s")))
    (remark,) = (r for r in found if "short-hold" in r.source)
    assert "gets about 133 samples in 19s, and 'p95 < 400ms' needs 200" in remark.text
    length = re.search(r"hold each level for (\S+)", remark.text)
    assert length and length[1] == "29s"
    assert "short-hold" not in rules(**shape("steps", start=7, end=30, step=10, hold=length[1]))


def test_samples_are_expected_by_label() -> None:
    described = spec(endpoints=[{"name": "a", "path": "/a"}, {"name": "b", "path": "/b", "weight": 3}])
    assert expected_samples(described) == pytest.approx({"": 1080, "a": 270, "b": 810})
    assert duration_for(2160, described) == pytest.approx(60 + 54 / 0.9)
    assert expected_samples(spec(load_patterns=CLOSED)) is None


def test_every_citation_is_complete_and_names_its_clock() -> None:
    for standard in STANDARDS.values():
        assert standard.url.startswith("https://")
        assert standard.title and standard.says and standard.percentile and standard.clock
    (remark,) = review(spec(thresholds=["p95 < 1500ms"]))
    assert remark.source == f"rule looser-than-flow; {STANDARDS['NIELSEN-LIMITS'].cite()}"
    assert "what a person sees" in remark.source


def test_warnings_come_first_and_nothing_proposes_to_loosen_a_threshold() -> None:
    remarks = review(spec(thresholds=["p95 < 20ms", "mean < 10ms"], load_patterns=CLOSED))
    severities = [remark.severity for remark in remarks]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert not any("loosen" in remark.text or "raise the limit" in remark.text for remark in remarks)


@settings(max_examples=80, deadline=None)
@given(mappings())
def test_any_description_can_be_reviewed(data: dict[str, Any]) -> None:
    for remark in review(parse_spec(data)):
        assert remark.severity in ("info", "warning", "error")
        assert remark.text and remark.source.startswith("rule ")


@pytest.mark.parametrize(
    ("given_lines", "after"),
    [
        ([], ["error_rate < 1%", "achieved_load >= 95%"]),
        (["p95 < 1s"], ["p95 < 1s", "error_rate < 1%", "achieved_load >= 95%"]),
        (["error_rate < 5%"], ["error_rate < 5%", "achieved_load >= 95%"]),
        (["abort if error_rate > 20% for 10s"],
         ["abort if error_rate > 20% for 10s", "error_rate < 1%", "achieved_load >= 95%"]),
        (["error_rate < 5%", "achieved_load >= 80%"], ["error_rate < 5%", "achieved_load >= 80%"]),
    ],
)  # fmt: skip
def test_defaults_are_added_where_none_is_given_and_recorded(
    given_lines: list[str], after: list[str]
) -> None:
    effective, remarks = with_defaults(parse_spec(mapping(thresholds=given_lines)))
    assert [t.text for t in effective.thresholds] == after
    assert [r.place for r in remarks] == [f"thresholds.{i}" for i in range(len(given_lines), len(after))]
    assert with_defaults(effective) == (effective, ())


FIND = {"name": "find", "path": "/f", "extract": [{"name": "id", "json_path": "$.id", "optional": True}]}
USES = [
    {"name": "open", "path": "/${id}", "extract": [{"name": "part", "json_path": "$.part"}]},
    {"name": "part", "path": "/${id}/${part}"},
]


@pytest.mark.parametrize(
    ("steps", "places"),
    [
        (["find", "open"], ["journeys.j.steps.1"]),
        (["find", {"endpoint": "open", "only_if": "id"}], []),
        # `part` was looked for only where `id` was found, and one condition can be about one variable.
        (["find", {"endpoint": "open", "only_if": "id"}, {"endpoint": "part", "only_if": "part"}], []),
        (["find", {"endpoint": "open", "only_if": "id"}, {"endpoint": "part", "only_if": "id"}],
         ["journeys.j.steps.2"]),
    ],
)  # fmt: skip
def test_a_value_that_may_not_be_there_is_remarked_on(steps: list[Any], places: list[str]) -> None:
    described = spec(endpoints=[FIND, *USES], journeys=[{"name": "j", "steps": steps}])
    found = [remark for remark in review(described) if remark.source.startswith("rule uncertain-value")]
    assert [remark.place for remark in found] == places
    assert all("give this step only_if: " in remark.text for remark in found)


def test_a_value_that_a_later_step_certainly_finds_needs_no_condition() -> None:
    sure = {"name": "sure", "path": "/s", "extract": [{"name": "id", "json_path": "$.id"}]}
    journeys = [{"name": "j", "steps": ["find", "sure", "open"]}]
    assert "uncertain-value" not in rules(endpoints=[FIND, sure, *USES], journeys=journeys)


def test_a_derived_journey_is_told_and_needs_no_condition_by_hand() -> None:
    found = {remark.source: remark for remark in review(spec(endpoints=[FIND, *USES]))}
    remark = found["rule derived-journey"]
    assert (remark.severity, remark.place) == ("info", "endpoints.part")
    assert "find, open, part run as one journey, 'part', with weight 1: open needs id of find" in remark.text
    assert "rule uncertain-value" not in found


@pytest.mark.parametrize("key", ["query", "form"])
def test_writes_vary_by_parameters_and_forms_too(key: str) -> None:
    order = {"name": "order", "method": "POST", "path": "/o", key: {"n": "${n}"}}
    assert "constant-writes" not in rules(endpoints=[order], test_data={"values": {"n": ["1", "2"]}})
