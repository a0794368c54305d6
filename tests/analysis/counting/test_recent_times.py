"""Figures of the last seconds: the right seconds, enough samples, bounded memory."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.recent_times import LEAST, RecentFigures, RecentTimes
from perfpilot.analysis.rows import Rows
from tests.analysis.result_files import START_MS

LABELS = ["home", "pay", "case: odd", "journey: buy"]
Sample = tuple[int, int, int, bool]  # ended at ms since the load began, elapsed ms, label, success


def rows_of(samples: Iterable[Sample]) -> Rows:
    columns = list(zip(*samples, strict=True)) or [(), (), (), ()]
    ended, elapsed, label = (np.array(column, np.int64) for column in columns[:3])
    none = np.zeros(len(ended), np.int64)
    success = np.array(columns[3], np.bool_)
    return Rows(START_MS + ended - elapsed, elapsed, label, none, success, none, none, none, none)


def figures(samples: list[Sample], now_s: float, batches: int = 1) -> RecentFigures:
    recent, now_ms = RecentTimes(START_MS, LABELS), START_MS + round(now_s * 1000)
    for number in range(batches):
        recent.add(rows_of(samples[number::batches]), now_ms)
    return recent.figures(now_ms)


def test_the_last_five_whole_seconds_count() -> None:
    samples = [(second * 1000 + n, 100 if second < 14 else 500, 0, second != 16)
               for second in range(20) for n in range(0, 1000, 100)]  # fmt: skip
    found = figures(samples, 20.0).pooled
    # Second 19 has only just ended: its last samples may still come.
    assert (found.samples, found.errors, found.error_rate) == (50, 10, 0.2)
    assert found.throughput_per_s == 8.0
    assert found.p95_ms == pytest.approx(500, rel=0.02) and found.p50_ms == found.p95_ms


def test_where_five_seconds_hold_too_few_samples_fifteen_count() -> None:
    samples = [(second * 1000, 100, 0, second % 2 == 0) for second in range(30)]
    found = figures(samples, 30.0)
    assert found.pooled.samples == 5 and found.pooled.p50_ms == pytest.approx(100, rel=0.02)
    assert found.pooled.error_rate == 0.4 and found.pooled.p95_ms is None
    twice = figures(samples + samples, 30.0).pooled
    assert twice.p95_ms == pytest.approx(100, rel=0.02) and twice.p99_ms is None


def test_a_silent_target_has_a_throughput_of_zero_and_no_times() -> None:
    samples = [(n * 10, 5, 0, True) for n in range(300)]
    assert figures(samples, 30.0).pooled == (0, 0, 0.0, None, None, None, None)
    assert figures(samples, 3.0).pooled.throughput_per_s is None  # no whole window yet


def test_only_requests_of_journeys_count_and_each_endpoint_has_its_own() -> None:
    samples = [(5000 + n, 100 * (label + 1), label, True) for n in range(30) for label in range(4)]
    found = figures(samples, 9.0)
    assert set(found.labels) == {"home", "pay"} and found.pooled.samples == 60
    assert found.labels["pay"].p95_ms == pytest.approx(200, rel=0.02)


def test_times_far_ahead_or_long_past_are_left_out_and_forgotten() -> None:
    recent = RecentTimes(START_MS, LABELS)
    for now_s in range(1, 300):
        batch = [(now_s * 1000 - n, 2**31 - 1 if n == 3 else 10 + n, n % 2, True) for n in range(50)]
        recent.add(rows_of([*batch, (10**9, 10, 0, True), (-5000, 10, 0, True)]), START_MS + now_s * 1000)
    assert len(recent._seconds) <= 20
    assert all(counts.shape[:2] == (2, 2) and counts.shape[2] < 900 for counts in recent._seconds.values())
    assert recent.figures(START_MS + 300_000).pooled.samples > 0


@given(
    st.lists(
        st.tuples(st.integers(0, 24_000), st.integers(0, 60_000), st.integers(0, 3), st.booleans()),
        max_size=300,
    ),
    st.integers(1, 4),
)
@settings(max_examples=60)
def test_they_are_those_of_all_samples_counted_one_by_one(samples: list[Sample], batches: int) -> None:
    found = figures(samples, 20.0, batches)
    for label in (None, 0, 1):
        mine = [s for s in samples if s[2] in ((0, 1) if label is None else (label,))]
        short = [s for s in mine if 14_000 <= s[0] < 19_000]
        longest = [s for s in mine if 4_000 <= s[0] < 19_000]
        own = found.pooled if label is None else found.labels.get(LABELS[label])
        if own is None:
            assert not longest
            continue
        assert (own.samples, own.errors) == (len(short), sum(not s[3] for s in short))
        for name, value, share in (
            ("p50", own.p50_ms, 0.5),
            ("p95", own.p95_ms, 0.95),
            ("p99", own.p99_ms, 0.99),
        ):
            window = short if len(short) >= LEAST[name] else longest
            if len(window) < LEAST[name]:
                assert value is None
                continue
            times = sorted(s[1] for s in window)
            assert value == pytest.approx(times[math.ceil(share * len(times)) - 1], rel=0.017, abs=1)


def test_a_second_of_many_samples_is_counted_in_little_time() -> None:
    chance = random.Random(1)
    samples = [(chance.randrange(8000, 9000), chance.randrange(1, 3000), n % 2, True) for n in range(50_000)]
    assert figures(samples, 10.0).pooled.samples == 50_000
