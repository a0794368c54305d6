"""Counters of thresholds: many tallies at once against one at a time, and in any pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.exact import Counter, Tally, holds, holds_each
from perfpilot.analysis.rows import Rows
from perfpilot.domain.thresholds import parse_threshold

_LINES = (
    "p95 < 100ms", "p99.9 <= 100ms", "p7 > 100ms", "max < 100ms", "max >= 100ms", "mean < 100ms",
    "mean >= 3ms", "error_rate < 20%", "abort if error_rate > 7%", "throughput > 3/s", "apdex(0.1s) >= 0.85",
)  # fmt: skip


def _rows(samples: list[tuple[int, int, bool]]) -> tuple[np.ndarray, Rows]:
    second, elapsed, success = (np.array(column) for column in zip(*samples, strict=True))
    none = np.zeros(len(samples), np.int64)
    return second, Rows(none, elapsed, none, none, success, none, none, none, none)


@pytest.mark.parametrize("text", _LINES)
@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=30))
def test_many_tallies_at_once_are_decided_like_each_alone(text: str, pairs: list[tuple[int, int]]):
    threshold = parse_threshold(text)
    part = np.array([min(pair) for pair in pairs])
    whole = np.array([max(pair) for pair in pairs])
    alone = [
        bool(n) and holds(threshold, Tally(int(p), int(n), 7.0)) for p, n in zip(part, whole, strict=True)
    ]
    assert holds_each(threshold, part, whole, 7.0).tolist() == alone


@pytest.mark.parametrize("text", [*_LINES, "p95 < 100ms over 3s"])
@settings(max_examples=30, deadline=None)
@given(
    samples=st.lists(
        st.tuples(st.integers(-2, 40), st.integers(0, 400), st.booleans()), min_size=1, max_size=60
    ),
    cuts=st.sets(st.integers(0, 60), max_size=5),
)
def test_neither_order_nor_pieces_of_samples_change_a_counter(
    text: str, samples: list[tuple[int, int, bool]], cuts: set[int]
):
    threshold = parse_threshold(text)
    one, other = Counter(threshold, 30), Counter(threshold, 30)
    one.add(*_rows(samples))
    turned = samples[::-1]
    ends = sorted({*cuts, len(turned)})
    for begin, end in zip([0, *ends], ends, strict=False):
        if turned[begin:end]:
            other.add(*_rows(turned[begin:end]))
    assert one.tally(30) == other.tally(30)
    assert one.windows(30, 3) == other.windows(30, 3)
    assert one.window_times(4, 3).size == other.window_times(4, 3).size
    assert one.tally(30).whole == sum(0 <= second < 30 for second, _, _ in samples)
