"""Rates of the last seconds, against a plain count."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.recent import RecentRates

_MOST = 100


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5))), max_size=8),
    st.integers(0, 45),
)
def test_rates_are_the_samples_of_the_last_whole_seconds_in_any_order(
    batches: list[list[tuple[int, int]]], now_s: int
) -> None:
    recent = RecentRates(_MOST)
    for batch in batches:
        recent.add(*np.array(batch, np.int64).reshape(-1, 2).T.copy())
    samples = [sample for batch in batches for sample in batch]
    end = max(now_s - 1, 0)
    begin = max(end - 5, 0)
    newest = max((second for second, _ in samples), default=0)
    # What is long past when a sample comes may be forgotten: asked is the time around the newest one.
    if end < newest - 5:
        return
    counted = Counter(label for second, label in samples if begin <= second < end)
    expected = {label: count / (end - begin) for label, count in counted.items()}
    assert recent.per_s(float(now_s)) == pytest.approx(expected)


def test_a_damaged_time_stamp_does_not_move_the_window() -> None:
    recent = RecentRates(_MOST)
    recent.add(np.array([3, 4, 5]), np.array([0, 0, 0]))
    recent.add(np.array([10**12, 5]), np.array([0, 0]))
    assert recent.per_s(7.0) == {0: 4 / 5}


def test_a_pause_longer_than_what_is_kept_leaves_nothing() -> None:
    recent = RecentRates(_MOST)
    recent.add(np.array([1, 2]), np.array([0, 1]))
    recent.add(np.array([60]), np.array([2]))
    assert recent.per_s(62.0) == {2: 1 / 5}
