"""What a block of time contributes to a metric, against leaving it out and counting anew."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.comparison.metrics import METRICS, influence_of, rounding_of, slower_share
from perfpilot.analysis.comparison.windows import LabelBlocks
from perfpilot.analysis.counting.histogram import bucket_of

BLOCKS, EACH, PRECISION = 40, 2000, 6


def samples(seed: int = 1) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    drift = np.exp(0.1 * np.sin(np.arange(BLOCKS) / 5))
    return [150 * level * random.lognormal(0, 0.5, EACH) for level in drift]


def blocks(times: list[np.ndarray], failed: np.ndarray | None = None) -> LabelBlocks:
    width = int(bucket_of(np.concatenate(times).astype(np.int64), PRECISION).max()) + 1
    counted = [np.bincount(bucket_of(t.astype(np.int64), PRECISION), minlength=width) for t in times]
    return LabelBlocks(np.stack(counted), np.zeros(len(times), np.int64) if failed is None else failed)


@pytest.mark.parametrize(("name", "share"), [("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("mean", 0)])
def test_influence_is_what_a_metric_loses_without_the_block(name: str, share: float) -> None:
    times = samples()
    found = influence_of(METRICS[name], blocks(times), PRECISION).blocks
    assert found is not None and abs(found.sum()) < 1e-9

    def value(chosen: list[np.ndarray]) -> float:
        every = np.concatenate(chosen)
        return float(np.percentile(every, share) if share else every.mean())

    left_out = np.array(
        [math.log(value(times) / value(times[:n] + times[n + 1 :])) for n in range(len(times))]
    )
    assert np.corrcoef(found, left_out)[0, 1] > 0.97
    assert found.std() == pytest.approx(left_out.std(), rel=0.15)


def test_error_rate_and_throughput_count_what_failed() -> None:
    failed = np.arange(BLOCKS, dtype=np.int64)
    own = blocks(samples(), failed)
    errors = influence_of(METRICS["error_rate"], own, PRECISION).blocks
    good = influence_of(METRICS["throughput"], own, PRECISION).blocks
    assert errors is not None and good is not None
    assert errors == pytest.approx((failed - failed.mean()) / failed.sum())
    assert good == pytest.approx((failed.mean() - failed) / (BLOCKS * EACH - failed.sum()))


@pytest.mark.parametrize(
    ("name", "each", "because"),
    [
        ("p95", 2, "80 samples lie in whole blocks of time, 200 are needed"),
        ("p99", 20, "1,000 are needed"),
        ("mean", 2, "100 are needed"),
        ("error_rate", 20, "0 failed, 10 are needed"),
        ("max", 2000, "maximum"),
    ],
)
def test_too_little_is_no_interval(name: str, each: int, because: str) -> None:
    found = influence_of(METRICS[name], blocks([t[:each] for t in samples()]), PRECISION)
    assert found.blocks is None and because in found.because


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=30).filter(any),
    st.lists(st.integers(0, 40), min_size=1, max_size=30).filter(any),
)
def test_the_chance_of_a_longer_time_is_that_of_all_pairs(before: list[int], after: list[int]) -> None:
    old, new = np.repeat(np.arange(len(before)), before), np.repeat(np.arange(len(after)), after)
    pairs = np.sign(new[:, None] - old[None, :])
    expected = ((pairs > 0).sum() + (pairs == 0).sum() / 2) / pairs.size
    assert slower_share(np.array(before), np.array(after)) == pytest.approx(expected)


def test_whole_milliseconds_matter_where_times_are_short() -> None:
    assert rounding_of(METRICS["p95"], 2.0) == 0.25
    assert rounding_of(METRICS["p95"], 500.0) == 0.001
    assert rounding_of(METRICS["mean"], 2.0) == 0.0
