"""Percentiles with intervals, and none where there is too little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.histogram import PRECISION, Histogram
from perfpilot.analysis.counting.time_blocks import PRECISION as BLOCK_PRECISION
from perfpilot.analysis.counting.time_blocks import TimeBlock
from perfpilot.analysis.statistics.percentile_intervals import Intervals, percentile_intervals


def _intervals(
    seconds: int,
    rate: int,
    *,
    block_s: int = 8,
    warm_up_s: int = 0,
    noise: float = 0.0,
    times: np.ndarray | None = None,
    seed: int = 1,
) -> Intervals:
    """Of a phase of that length behind a warm-up, with exponential times of 100 ms in the mean or these."""
    random = np.random.default_rng(seed)
    end = warm_up_s + seconds
    level = np.repeat(np.exp(noise * random.standard_normal(end)), rate)
    given_times = random.exponential(100, end * rate) * level if times is None else times
    ms = given_times.astype(np.int64)
    second = np.repeat(np.arange(end), rate)
    blocks, whole = [], Histogram(PRECISION)
    for first in range(0, end, block_s):
        each = Histogram(BLOCK_PRECISION)
        each.add(ms[(second >= first) & (second < first + block_s)])
        blocks.append(TimeBlock(float(first), float(first + block_s), each))
    whole.add(ms[second >= warm_up_s])
    return percentile_intervals(blocks, whole, float(warm_up_s), float(end))


def test_a_run_of_ten_minutes_has_all_four() -> None:
    found = _intervals(600, 50)
    assert found.no_interval == ""
    assert [interval.percentile for interval in found.intervals] == [50, 90, 95, 99]
    for interval in found.intervals:
        true = -100 * np.log(1 - interval.percentile / 100)
        assert interval.low_ms <= true <= interval.high_ms
        assert interval.high_ms - interval.low_ms < 0.12 * true


@pytest.mark.parametrize(
    ("seconds", "rate", "percentiles", "no_interval"),
    [
        (60, 100, [], "too short for an interval: 60 s with samples, 300 s are needed"),
        (284, 100, [], "too short for an interval: 284 s with samples, 300 s are needed"),
        (299, 100, [50, 90, 95, 99], ""),
        (
            300,
            2,
            [50, 90, 95],
            "too short for an interval: p99 has 600 of 1,000 samples, which take 494 s",
        ),
    ],
)
def test_what_is_too_short_has_none_and_says_how_long_it_has_to_be(
    seconds: int, rate: int, percentiles: list[float], no_interval: str
) -> None:
    found = _intervals(seconds, rate)
    assert [interval.percentile for interval in found.intervals] == percentiles
    assert found.no_interval == no_interval


def test_samples_of_half_the_phase_are_a_phase_of_half_the_length() -> None:
    empty = Histogram(BLOCK_PRECISION)
    filled, whole = Histogram(BLOCK_PRECISION), Histogram(PRECISION)
    for each in (filled, whole):
        each.add(np.arange(1000))
    blocks = [TimeBlock(8.0 * n, 8.0 * n + 8, filled if n < 20 else empty) for n in range(40)]
    found = percentile_intervals(blocks, whole, 0.0, 320.0)
    assert found == Intervals(no_interval="too short for an interval: 160 s with samples, 300 s are needed")


def test_a_phase_without_samples_says_so() -> None:
    none = Histogram(PRECISION)
    assert percentile_intervals([], none, 0.0, 600.0).no_interval == (
        "too short for an interval: no sample was measured"
    )


def test_the_interval_of_a_tail_that_came_all_at_once_reaches_through_it() -> None:
    """One burst holds everything beyond p99: nothing tells how often such a burst comes."""
    times = np.full(600 * 50, 20.0)
    times[12_000:12_400] = np.linspace(500, 900, 400)
    p99 = _intervals(600, 50, times=times).intervals[3]
    assert p99.low_ms == 20
    assert 850 < p99.high_ms < 900


def test_only_the_phase_counts() -> None:
    slow_warm_up = np.concatenate([np.full(320 * 10, 5000.0), np.full(640 * 10, 50.0)])
    found = _intervals(640, 10, warm_up_s=320, block_s=16, times=slow_warm_up)
    assert {(interval.low_ms, interval.high_ms) for interval in found.intervals} == {(50, 50)}


def test_an_interval_reaches_across_the_gap_between_two_kinds_of_answers() -> None:
    random = np.random.default_rng(4)
    slow = random.random(600 * 50) < 0.05
    found = _intervals(600, 50, times=np.where(slow, 800.0, 20.0))
    p95 = found.intervals[2]
    assert (p95.low_ms, p95.high_ms) == (20, pytest.approx(800, rel=0.004))


@settings(max_examples=40, deadline=None)
@given(
    seconds=st.integers(290, 700),
    rate=st.integers(1, 8),
    noise=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
def test_an_interval_contains_the_percentile_that_was_measured(
    seconds: int, rate: int, noise: float, seed: int
) -> None:
    found = _intervals(seconds, rate, noise=noise, seed=seed, block_s=8 if seconds < 512 else 16)
    again = _intervals(seconds, rate, noise=noise, seed=seed, block_s=8 if seconds < 512 else 16)
    assert found == again
    random = np.random.default_rng(seed)
    level = np.repeat(np.exp(noise * random.standard_normal(seconds)), rate)
    ms = np.sort((random.exponential(100, seconds * rate) * level).astype(np.int64))
    for interval in found.intervals:
        own = ms[int(np.ceil(interval.percentile / 100 * len(ms))) - 1]
        assert interval.low_ms <= own <= interval.high_ms
