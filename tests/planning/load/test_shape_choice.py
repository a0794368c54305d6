"""A level of interest becomes the curve that the test type asks for, long enough and within all bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.domain.policy import Policy
from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Spec, TestType
from perfpilot.domain.units import format_duration
from perfpilot.planning.defaults import with_defaults
from perfpilot.planning.guard.envelope import PROBES, required_envelope
from perfpilot.planning.load.curves import curve
from perfpilot.planning.load.demand import demand
from perfpilot.planning.load.durations import samples_wanted
from perfpilot.planning.load.expected_samples import expected_samples
from perfpilot.planning.load.shape_choice import drawn
from perfpilot.planning.plan import make_plan
from perfpilot.planning.review.review import review
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.write import comments_of, dump_spec
from tests.planning.sample_specs import pattern, spec

P95 = ["p95 < 400ms"]
TWO = [{"name": "often", "path": "/a", "weight": 9}, {"name": "rare", "path": "/b"}]
FEW_ROWS = {"values": {"sku": [str(number) for number in range(20)]}}
ROWS = {"values": {"sku": [str(number) for number in range(9000)]}}


def described(kind: str = "load", level: Any = 50, **changes: Any) -> Spec:
    """A description with a level of interest only: a rate, or a whole pattern."""
    given_pattern = level if isinstance(level, dict) else {"rate_per_s": level}
    return spec(**{"test_type": kind, "thresholds": P95, "load_patterns": [given_pattern], **changes})


def only(found: tuple[Spec, tuple[Remark, ...]]) -> tuple[dict[str, Any], Remark]:
    """The one pattern that was drawn, as it would be written, and its remark."""
    effective, (remark,) = found
    return effective.load_patterns[0].model_dump(mode="json", exclude_defaults=True), remark


OPEN: list[tuple[str, dict[str, Any]]] = [
    ("smoke", {"constant": {"level": 1, "duration": "230s"}}),  # 200 samples, and 30 s of warm-up
    ("load", {"constant": {"level": 60, "duration": "1m", "ramp": "10s"}}),
    ("stress", {"steps": {"start": 30, "end": 90, "step": 15, "hold": "70s", "ramp": "10s"}}),
    ("spike",
     {"spike": {"base": 20, "peak": 60, "before": "1m", "hold": "1m", "after": "1m", "ramp": "5s"}}),
    ("soak", {"soak": {"level": 60, "duration": "1h"}}),
    ("scalability", {"steps": {"start": 12, "end": 60, "step": 12, "hold": "130s", "ramp": "10s"}}),
    ("breakpoint", {"search": {"start": 15, "end": 180, "longest": "2200s"}, "steered": True}),
    ("volume", {"constant": {"level": 60, "duration": "1m", "ramp": "10s"}}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "shape"), OPEN, ids=[kind for kind, _ in OPEN])
def test_each_type_has_its_shape(kind: str, shape: dict[str, Any]) -> None:
    found, remark = only(drawn(described(kind, 60)))
    assert found == shape
    key = next(iter(shape))
    assert (remark.severity, remark.place, remark.source) == ("info", f"load_patterns.0.{key}", "planner")
    held = "for 2200s at most" if key == "search" else "held "
    assert remark.text.startswith(f"a {kind} test ") and held in remark.text and len(remark.text) < 480


CLOSED: list[tuple[str, int, dict[str, float]]] = [
    ("stress", 10, {"start": 6, "end": 14, "step": 2}),
    ("stress", 1, {"start": 1, "end": 3, "step": 1}),
    ("scalability", 13, {"start": 1, "end": 13, "step": 3}),
    ("scalability", 12, {"start": 2, "end": 12, "step": 2}),
    ("breakpoint", 7, {"start": 2, "end": 21}),
    ("breakpoint", 1, {"start": 1, "end": 3}),
    ("spike", 2, {"base": 1, "peak": 2}),
    ("spike", 1, {"base": 0, "peak": 1}),
    ("smoke", 5, {"level": 1}),
]


@pytest.mark.parametrize(("kind", "users", "levels"), CLOSED)
def test_users_are_whole_in_every_shape(kind: str, users: int, levels: dict[str, float]) -> None:
    found, _ = only(drawn(described(kind, {"users": users})))
    (shape,) = (value for key, value in found.items() if key not in ("model", "steered"))
    assert found["model"] == "closed"
    assert {key: shape.get(key, 0) for key in levels} == levels


def test_a_smoke_of_users_has_one_for_each_scenario() -> None:
    found, _ = only(drawn(described("smoke", {"users": 9}, endpoints=TWO)))
    assert found["constant"]["level"] == 2


BESIDE = {"load_patterns": [{"rate_per_s": 60, "journeys": ["often"]}, {"rate_per_s": 6}], "endpoints": TWO}


def test_a_search_runs_alone_and_gives_way_to_a_ladder_where_it_cannot() -> None:
    effective, _ = drawn(described("breakpoint", **BESIDE))
    assert [pattern.shape for pattern in effective.load_patterns] == ["breakpoint", "breakpoint"]
    assert effective.load_patterns[0].breakpoint
    assert effective.load_patterns[0].breakpoint.start == 30.72
    shared = described("breakpoint", cases={"run": ["edge"], "share": "1%"})
    assert drawn(shared)[0].load_patterns[0].shape == "breakpoint"


@pytest.mark.parametrize("kind", ["stress", "scalability"])
def test_the_level_of_interest_is_one_of_the_levels(kind: str) -> None:
    for level in (60.0, 33.337, 0.7, 1234.5):
        effective, _ = drawn(described(kind, level))
        levels = [s.end for s in curve(effective.load_patterns[0]).segments if s.start == s.end]
        assert min(abs(each / level - 1) for each in levels) < 1e-4
        assert len(levels) == 5


def test_a_load_lasts_until_the_rarest_label_has_the_samples_of_its_percentile() -> None:
    effective, (remark,) = drawn(
        described(endpoints=TWO, thresholds=["p95 < 400ms", "p99(rare) < 1s over 30s"])
    )
    had = expected_samples(effective)
    assert had is not None and had["rare"] >= 6086
    assert effective.load_patterns[0].constant
    # 6,086 samples at a tenth of 50/s, up to 30 s of warm-up, 30 s for a window; in steps of 5 s.
    assert effective.load_patterns[0].constant.duration == 1280
    assert "'p99(rare) < 1s over 30s' wants 6086 samples, which come in 1218s" in remark.text


@pytest.mark.parametrize("kind", ["stress", "scalability", "breakpoint"])
def test_every_step_has_the_samples_of_the_percentile_by_itself(kind: str) -> None:
    effective, _ = drawn(described(kind, 20, thresholds=["p99 < 1s"], limits={"duration": "1d"}))
    whole = curve(effective.load_patterns[0])
    begin = 0.0
    wanted = samples_wanted(effective.thresholds[0])
    for segment in whole.segments:
        end = begin + segment.duration_s
        if segment.start == segment.end and whole.duration_s < 3600:
            assert whole.area_between(max(begin, 30.0), end) >= wanted
        begin = end


@pytest.mark.parametrize(
    ("level", "ramp_s", "hold_s"),
    [
        (1000, 100, 300),  # a long ramp has a hold that is three times as long
        ({"rate_per_s": 1000, "duration": "40s"}, 10, 30),  # and is shorter where the whole must be
    ],
)
def test_a_level_is_held_longer_than_its_ramp(level: Any, ramp_s: float, hold_s: float) -> None:
    effective, _ = drawn(described(level=level))
    shape = effective.load_patterns[0].constant
    assert shape and (shape.ramp, shape.duration) == (ramp_s, hold_s)


def test_journeys_count_every_certain_request() -> None:
    steps = ["a", {"endpoint": "b", "repeat": 3}]
    effective, _ = drawn(
        described(
            level=2,
            endpoints=[{"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}],
            journeys=[{"name": "j", "steps": steps}],
            thresholds=["p95(b) < 1s"],
        )
    )
    assert effective.load_patterns[0].constant
    assert effective.load_patterns[0].constant.duration == 225  # 1,168 samples at 6/s, and 30 s


def test_users_are_sized_by_a_supposed_response_time_and_their_pauses() -> None:
    steps = [{"endpoint": "products", "think_time": "900ms"}]
    effective, (remark,) = drawn(described(level={"users": 4}, journeys=[{"name": "j", "steps": steps}]))
    assert effective.load_patterns[0].constant
    assert effective.load_patterns[0].constant.duration == 325  # 1,168 samples at 4/s, and 30 s
    assert "at 100 ms a response" in remark.text


def test_volume_goes_through_all_rows() -> None:
    effective, (remark,) = drawn(described("volume", 50, test_data=ROWS))
    assert curve(effective.load_patterns[0]).area >= 9000
    assert effective.load_patterns[0].constant
    assert effective.load_patterns[0].constant.duration == 180
    assert "9000 rows" in remark.text


CUT: list[tuple[str, dict[str, Any], str]] = [
    ("its own duration", {"level": {"rate_per_s": 5, "duration": "40s"}}, "its duration"),
    ("limits.duration", {"level": 5, "limits": {"duration": "50s"}}, "limits.duration"),
    ("limits.requests", {"level": 5, "limits": {"requests": 400}}, "limits.requests"),
    ("half a second", {"level": {"rate_per_s": 50, "duration": "500ms"}}, "its duration"),
    ("a smoke test", {"level": 1, "kind": "smoke", "thresholds": ["p99 < 1s"]}, "5m where a pattern has no"),
    ("an hour", {"level": 1, "thresholds": ["p99 < 1s"]}, "1h where a pattern has no"),
    ("steps", {"level": 5, "kind": "stress", "limits": {"requests": 2000}}, "limits.requests"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "name"), [row[1:] for row in CUT], ids=[row[0] for row in CUT])
def test_what_is_too_long_is_cut_and_says_so(changes: dict[str, Any], name: str) -> None:
    asked = described(**changes)
    effective, (remark,) = drawn(asked)
    assert "would be right, cut because of" in remark.text and name in remark.text
    needed, limits = demand(effective), asked.limits
    assert needed.duration_s <= (asked.load_patterns[0].duration or limits.duration or 3600)
    assert needed.requests is not None
    assert needed.requests + needed.one_pass + PROBES <= (limits.requests or 1e9)
    # No second is given away: a longer hold would not have fitted.
    assert needed.duration_s > 0.8 * (asked.load_patterns[0].duration or limits.duration or 0)
    assert needed.requests > 0.8 * (limits.requests or 0)


def test_a_search_is_cut_to_its_duration_and_says_so() -> None:
    effective, (remark,) = drawn(described("breakpoint", {"rate_per_s": 5, "duration": "3m"}))
    assert demand(effective).duration_s == 180
    assert remark.text.endswith("; for 3m at most, cut because of its duration")


def test_what_is_cut_twice_names_what_would_be_right_once() -> None:
    _, (remark,) = drawn(described(level={"rate_per_s": 5, "duration": "100s"}, limits={"requests": 300}))
    assert remark.text.endswith("; 265s would be right, cut because of its duration and of limits.requests")


def test_the_policy_cuts_too_and_is_named() -> None:
    effective, (remark,) = drawn(described(level=1, thresholds=["p99 < 1s"]), Policy(max_duration=600.0))
    assert demand(effective).duration_s == 600
    assert remark.text.endswith(" and of the policy's max_duration")


def test_a_soak_lasts_as_long_as_it_may() -> None:
    effective, (remark,) = drawn(described("soak", {"rate_per_s": 5, "duration": "3h"}))
    assert curve(effective.load_patterns[0]).duration_s == pytest.approx(3 * 3600, abs=1)
    assert "the duration that it was given" in remark.text and "cut" not in remark.text


HIGH: list[tuple[str, float, dict[str, Any], float, str]] = [
    ("stress", 100, {"limits": {"rate_per_s": 150}}, 150, ""),
    ("stress", 100, {"limits": {"rate_per_s": 130}}, 125, "no further because of limits.rate_per_s"),
    ("breakpoint", 100, {"limits": {"users": 2000}}, 300, ""),  # users who take turns need fewer
    ("breakpoint", 100, {"limits": {"rate_per_s": 100}}, 100, "no further because of limits.rate_per_s"),
    ("breakpoint", 100, {"limits": {"rate_per_s": 50}}, 100, "no further"),  # the envelope will refuse it
    ("load", 100, {"limits": {"rate_per_s": 50}}, 100, ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "level", "changes", "peak", "said"), HIGH)
def test_a_search_goes_no_further_than_it_may(
    kind: str, level: float, changes: dict[str, Any], peak: float, said: str
) -> None:
    effective, (remark,) = drawn(described(kind, level, **changes))
    assert curve(effective.load_patterns[0]).peak == peak
    assert said in remark.text and (bool(said) or "no further" not in remark.text)


def test_what_else_a_pattern_says_is_kept() -> None:
    asked = described(
        level={"rate_per_s": 5, "arrivals": "even", "steered": True, "journeys": ["often"]}, endpoints=TWO,
        load_patterns=[
            {"rate_per_s": 5, "arrivals": "even", "steered": True, "journeys": ["often"]},
            {"stages": [{"rate_per_s": 1, "duration": "9m"}], "begins": "10s"},
        ],
    )  # fmt: skip
    effective, (remark,) = drawn(asked)
    first, second = effective.load_patterns
    assert (first.arrivals, first.steered, first.journeys) == ("even", True, ("often",))
    assert second == asked.load_patterns[1]
    assert remark.place == "load_patterns.0.constant"


def test_patterns_that_are_drawn_together_make_up_one_load() -> None:
    patterns = [{"rate_per_s": 45, "journeys": ["often"]}, {"rate_per_s": 5, "begins": "20s"}]
    effective, remarks = drawn(described(endpoints=TWO, load_patterns=patterns, thresholds=["p99 < 1s"]))
    holds = [pattern.constant.duration for pattern in effective.load_patterns if pattern.constant]
    assert holds == [155, 155]  # 6,086 samples at 50/s together, and 30 s
    assert [remark.place for remark in remarks] == ["load_patterns.0.constant", "load_patterns.1.constant"]


def test_a_description_with_curves_is_left_alone() -> None:
    asked = spec()
    assert drawn(asked) == (asked, ())


def test_the_defaults_are_added_first_and_all_of_it_is_written_with_its_reason() -> None:
    effective, added = with_defaults(described("stress", 60, thresholds=[]))
    assert [remark.place for remark in added] == ["thresholds.0", "thresholds.1", "load_patterns.0.steps"]
    assert "error_rate < 1%" in added[-1].text
    text = dump_spec(effective, comments_of(added))
    lines = text.splitlines()
    assert lines[lines.index("  - steps:") - 1].strip().startswith("# a stress test goes through")
    assert lines[lines.index("  - steps:") - 1].endswith("(planner)")
    assert parse_spec(text) == effective
    assert with_defaults(effective) == (effective, ())


_levels = st.one_of(
    st.integers(1, 300).map(lambda users: {"users": users}),
    st.floats(0.02, 190).map(lambda rate: {"rate_per_s": rate}),
)
_lines = st.lists(
    st.sampled_from([
        "p95 < 400ms", "p99(rare) < 1s", "p99.9 < 2s", "p50 < 100ms over 30s", "error_rate < 1%",
        "throughput >= 3/s", "change(p95) < 10%", "abort if error_rate > 20% for 10s", "capacity >= 9/s",
    ]), max_size=3, unique=True,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(list(TestType)),
    _levels,
    _lines,
    st.none() | st.integers(1, 20_000).map(format_duration),
    st.sampled_from([{}, {"duration": "7m"}, {"requests": 3000}, {"duration": "90s", "requests": 100_000}]),
    st.sampled_from([[], [{"name": "j", "steps": ["often", {"endpoint": "rare", "think_time": "2s"}]}]]),
)
def test_whatever_is_asked_the_curve_can_be_read_planned_and_lies_within_its_bounds(
    kind: TestType,
    level: dict[str, Any],
    lines: list[str],
    longest: str | None,
    limits: dict[str, Any],
    journeys: list[dict[str, Any]],
) -> None:
    one = {**level, **({"duration": longest} if longest else {})}
    asked = described(
        kind.value, one, thresholds=lines, limits=limits, endpoints=TWO, journeys=journeys, test_data=FEW_ROWS
    )
    effective, added = with_defaults(asked, Policy())
    assert parse_spec(dump_spec(effective, comments_of(added))) == effective
    whole = curve(effective.load_patterns[0])
    needed = demand(effective)
    assert whole.duration_s <= (asked.load_patterns[0].duration or 3900) * (1 + 1e-6)
    assert needed.duration_s <= (asked.limits.duration or 1e9) * (1 + 1e-6)
    if needed.requests is not None and asked.limits.requests and whole.duration_s > 1:
        assert needed.requests + needed.one_pass + PROBES <= asked.limits.requests
    if needed.least_users <= 2000:
        envelope = required_envelope(effective, {"127.0.0.1": ["127.0.0.1"]}, Policy())
        assert make_plan(effective, 1, envelope=envelope).duration_s == pytest.approx(whole.duration_s)
    rules = {remark.source.split(";")[0] for remark in review(effective)}
    if not any("cut because of" in remark.text for remark in added):
        assert not rules & {"rule too-few-samples", "rule short-hold", "rule no-recovery"}
    assert "rule one-level" not in rules or level.get("users") == 1


def test_stages_of_ones_own_are_no_level_of_interest() -> None:
    effective, added = with_defaults(described(load_patterns=pattern({"rate_per_s": 9, "duration": "60s"})))
    assert effective.load_patterns[0].shape == "stages"
    assert all(remark.place.startswith("thresholds") for remark in added)
