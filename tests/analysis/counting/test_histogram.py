"""Log-bucket histograms against exact order statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.histogram import Histogram, HistogramTable, bucket_of, count_in, middle_of

_TIMES = st.lists(st.one_of(st.integers(0, 600), st.integers(0, 2**31 - 1)), min_size=1, max_size=300)
_QS = (0.001, 0.07, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)


def _histogram(values: list[int]) -> Histogram:
    histogram = Histogram()
    histogram.add(np.array(values, np.int64))
    return histogram


@settings(max_examples=200, deadline=None)
@given(_TIMES)
def test_quantiles_are_within_0_4_percent_of_the_order_statistic(values: list[int]):
    ordered = sorted(values)
    for q, found in zip(_QS, _histogram(values).quantiles(_QS), strict=True):
        exact = ordered[math.ceil(round(q * len(values), 9)) - 1]
        assert found == pytest.approx(exact, rel=0.004)


@settings(max_examples=100, deadline=None)
@given(_TIMES, _TIMES, _TIMES)
def test_merging_is_addition_in_any_order(first: list[int], second: list[int], third: list[int]):
    together = _histogram(first + second + third)
    merged = _histogram(third)
    merged.merge(_histogram(first))
    merged.merge(_histogram(second))
    assert np.array_equal(together.counts, merged.counts)


def test_every_value_up_to_511_has_a_bucket_of_its_own():
    values = np.arange(512)
    assert [middle_of(int(b)) for b in bucket_of(values)] == values.tolist()


def test_buckets_rise_with_their_values_and_leave_no_gap():
    buckets = bucket_of(np.arange(200_000))
    assert set(np.diff(buckets).tolist()) == {0, 1}


def test_the_rank_of_7_percent_of_100_is_7():
    assert _histogram(list(range(1, 101))).quantile(0.07) == 7


def test_without_samples_there_is_no_quantile():
    assert Histogram().quantiles((0.5, 0.99)) == (None, None)


def test_an_absurd_value_takes_the_last_bucket_and_no_memory():
    histogram = _histogram([10**15, -5, 3])
    assert (histogram.size, len(histogram.counts) < 10_000) == (3, True)


def test_other_precisions_do_not_merge():
    with pytest.raises(ValueError, match="precision 8 and 6"):
        Histogram(8).merge(Histogram(6))


def test_rows_of_a_table_are_histograms_and_can_be_pooled():
    rng = np.random.default_rng(1)
    rows, values = rng.integers(0, 5, 3000), rng.integers(0, 40_000, 3000)
    table = HistogramTable()
    for part in np.array_split(np.arange(3000), 7):
        table.add(rows[part], values[part])
    assert table.row(3).quantile(0.9) == _histogram(values[rows == 3].tolist()).quantile(0.9)
    assert table.row(99).size == 0
    assert table.sum_of([0, 1, 2, 3, 4, 99]).size == 3000


@pytest.mark.parametrize("samples", [3, 3000])
def test_quantiles_of_many_pools_at_once_are_those_of_each(samples: int):
    rng = np.random.default_rng(2)
    rows, values = rng.integers(0, 6, samples), rng.integers(0, 40_000, samples)
    table = HistogramTable()
    table.add(rows, values)
    pools = np.array([[0, 1], [2, 3], [4, 5], [98, 99]])
    expected = [table.sum_of(pool).quantiles(_QS) for pool in pools.tolist()]
    assert table.figures(pools, _QS) == expected
    assert HistogramTable().figures(pools, _QS) == [(None,) * len(_QS)] * 4


@pytest.mark.parametrize("dtype", [np.int64, np.uint32])
@given(st.lists(st.integers(0, 2000), min_size=1, max_size=400))
def test_counting_in_place_is_adding_one_at_each_place(dtype: type[np.integer], places: list[int]):
    counts = np.ones(2001, dtype)
    count_in(counts, np.array(places))
    assert counts.tolist() == [1 + places.count(place) for place in range(2001)]
