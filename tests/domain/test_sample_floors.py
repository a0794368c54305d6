"""Too few samples decide nothing: how many each metric needs."""

from __future__ import annotations

import pytest

from perfpilot.domain.sample_floors import percentile_floor, samples_needed
from perfpilot.domain.thresholds import parse_threshold


@pytest.mark.parametrize(
    ("percentile", "needed"), [(50, 200), (90, 200), (95, 200), (99, 1000), (99.9, 10_000), (99.99, 100_000)]
)
def test_a_percentile_needs_ten_samples_above_its_rank_and_two_hundred(
    percentile: float, needed: int
) -> None:
    assert percentile_floor(percentile) == needed


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("p99 < 1s", 1000),
        ("mean < 1s", 100),
        ("error_rate < 1%", 100),
        ("throughput >= 5/s", 30),
        ("cpu(target) < 80%", 0),
    ],
)
def test_each_metric_has_its_floor(line: str, needed: int) -> None:
    assert samples_needed(parse_threshold(line)) == needed
