"""`abort if` lines, and thresholds while the load runs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.thresholds.aborts import abort_fired, line_that_fired
from perfpilot.analysis.thresholds.live import live_thresholds
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.result_files import START_MS, line, measured, plan

_ABORT = parse_threshold("abort if error_rate > 20% for 3s")
_FOREVER_MS = START_MS + 10**6


def _seconds(pattern: str, per_second: int = 10) -> list[str]:
    """Samples of each second: `.` all good, `x` all failed, a blank none."""
    return [
        line(1000 * second + n, 1, success=mark == ".")
        for second, mark in enumerate(pattern)
        for n in range(per_second if mark != " " else 0)
    ]


@pytest.mark.parametrize(
    ("pattern", "at_s"),
    [
        ("..xxx..", 5),
        ("..xx.xx..", None),
        ("..xx", None),
        ("xxx", 3),
        ("..x x x..", 7),  # an empty second neither extends nor resets
        ("..x   ", None),
        ("      ", None),
    ],
)
def test_a_condition_must_be_true_for_that_long_in_seconds_with_samples(pattern: str, at_s: int | None):
    fired = abort_fired(measured(_seconds(pattern), thresholds=[_ABORT]).counters, _FOREVER_MS)
    assert (fired.at_s if fired else None) == at_s


@pytest.mark.parametrize(("after", "at_s"), [("2s", 5), ("2500ms", 6), ("9s", None)])
def test_what_ended_before_the_delay_does_not_count(after: str, at_s: int | None):
    line = parse_threshold(f"abort if error_rate > 20% for 3s after {after}")
    fired = abort_fired(measured(_seconds("xxxxxxxx"), thresholds=[line]).counters, _FOREVER_MS)
    assert (fired.at_s if fired else None) == at_s


def test_the_reason_names_the_line_and_what_was_seen():
    fired = abort_fired(measured(_seconds("..xxx"), thresholds=[_ABORT]).counters, _FOREVER_MS)
    assert fired is not None
    assert fired.reason == (
        "abort if error_rate > 20% for 3s: true for 3 s until second 5 of the load, 100 % in the last of them"
    )


def test_the_line_that_fired_is_known_by_the_reason():
    fired = abort_fired(measured(_seconds("..xxx"), thresholds=[_ABORT]).counters, _FOREVER_MS)
    assert fired is not None and line_that_fired(fired.reason) == _ABORT
    for other in ("", "nobody answered any more", "p95 < 1s: true for 3 s", "a tale: true for a while"):
        assert line_that_fired(other) is None


def test_a_second_counts_once_it_is_over_for_a_second():
    counters = measured(_seconds("xxx"), thresholds=[_ABORT]).counters
    assert abort_fired(counters, START_MS + 3_999) is None
    assert abort_fired(counters, START_MS + 4_000) is not None


def test_a_sample_or_two_are_no_reason_to_stop():
    counters = measured(_seconds("xxx", per_second=3), thresholds=[_ABORT]).counters
    assert abort_fired(counters, _FOREVER_MS) is None
    assert abort_fired(measured(_seconds("xxxx", 3), thresholds=[_ABORT]).counters, _FOREVER_MS) is not None


def test_the_warm_up_counts_and_a_sample_counts_when_it_ends():
    """Ten requests that hang from the start are seen when their time-out ends them."""
    abort = parse_threshold("abort if max >= 5s")
    counters = measured([line(n, 5000) for n in range(10)], thresholds=[abort]).counters
    fired = abort_fired(counters, _FOREVER_MS)
    assert fired is not None
    assert fired.at_s == 6


def test_a_line_of_a_label_looks_at_that_label():
    abort = parse_threshold("abort if error_rate(pay) > 50% for 2s")
    good = _seconds("....")
    bad = [line(1000 * s + n, 1, "pay", success=False) for s in range(4) for n in range(10)]
    assert abort_fired(measured(good, thresholds=[abort]).counters, _FOREVER_MS) is None
    assert abort_fired(measured([*good, *bad], thresholds=[abort]).counters, _FOREVER_MS) is not None


def test_over_smooths_the_condition():
    """One bad second of ten is 10 % over the last ten."""
    sharp, smooth = (parse_threshold(f"abort if error_rate > 20%{over}") for over in ("", " over 10s"))
    counters = measured(_seconds(".........x.........."), thresholds=[sharp, smooth]).counters
    fired = abort_fired(counters, _FOREVER_MS)
    assert fired is not None
    assert fired.threshold is sharp
    assert abort_fired(measured(_seconds("....x"), thresholds=[smooth]).counters, _FOREVER_MS) is None


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(".x "), max_size=30), st.integers(0, 29))
def test_more_failures_never_take_an_abort_back(pattern: str, at: int):
    worse = pattern[:at] + pattern[at : at + 1].replace(".", "x") + pattern[at + 1 :]
    before, after = (
        abort_fired(measured(_seconds(p), thresholds=[_ABORT]).counters, _FOREVER_MS)
        for p in (pattern, worse)
    )
    assert before is None or (after is not None and after.at_s <= before.at_s)


@pytest.mark.parametrize(
    ("text", "samples", "state"),
    [
        ("p95 < 200ms", 100, "waiting"),
        ("p95 < 200ms", 300, "holding"),
        ("p95 < 50ms", 300, "breached"),
        ("throughput > 5/s", 300, "holding"),
        ("throughput > 50/s", 300, "breached"),
        ("cpu(target) < 50%", 300, "breached"),
        ("cpu(database) < 50%", 300, "waiting"),
        ("capacity > 5/s", 300, "waiting"),
        ("abort if mean > 200ms for 5s", 300, "holding"),
        ("abort if mean > 50ms for 5s", 300, "breached"),
        ("abort if mean(pay) > 50ms for 5s", 300, "waiting"),
    ],
)
def test_live_thresholds_show_their_value_so_far(text: str, samples: int, state: str):
    """Ten samples a second from the beginning of the steady phase at 10 s."""
    threshold = parse_threshold(text)
    counters = measured(
        [line(10_000 + 100 * n, 100) for n in range(samples)], thresholds=[threshold]
    ).counters
    now_ms = START_MS + 10_000 + 100 * samples
    shown = live_thresholds([threshold], counters, plan(), now_ms, {"target": 0.8})[0]
    assert shown.state == state
    assert (shown.value is None) == (state == "waiting" and samples == 300)
