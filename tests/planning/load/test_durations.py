"""How many samples a percentile wants, how long they take, and how fast a load may climb."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import parse_threshold
from perfpilot.planning.load.durations import need, ramp_s, samples_wanted, sharp_samples


@pytest.mark.parametrize(
    ("percentile", "samples"), [(50, 62), (90, 554), (95, 1168), (99, 6086), (99.9, 61405)]
)
def test_a_sharp_percentile_wants_so_many_samples(percentile: float, samples: int) -> None:
    assert sharp_samples(percentile) == samples


def _within_a_quarter_of_the_tail(count: int, share: float) -> float:
    """Exact probability that the number of samples below the true quantile is off by no more."""
    half = 0.25 * count * (1 - share)
    ranks = range(math.ceil(count * share - half), min(math.floor(count * share + half), count) + 1)
    return sum(
        math.exp(
            math.lgamma(count + 1)
            - math.lgamma(k + 1)
            - math.lgamma(count - k + 1)
            + k * math.log(share)
            + (count - k) * math.log1p(-share)
        )
        for k in ranks
    )


@pytest.mark.parametrize("percentile", [90, 95, 99, 99.9])
def test_the_rank_is_known_to_a_quarter_of_the_tail_by_the_exact_binomial_too(percentile: float) -> None:
    samples, share = sharp_samples(percentile), percentile / 100
    assert _within_a_quarter_of_the_tail(samples, share) == pytest.approx(0.95, abs=0.01)
    assert _within_a_quarter_of_the_tail(round(0.7 * samples), share) < 0.92


@pytest.mark.parametrize(
    ("line", "sharp", "samples"),
    [
        ("p95 < 1s", True, 1168),
        ("p95 < 1s", False, 200),
        ("p50 < 1s", True, 200),  # the floor is higher
        ("p99.9 < 1s", False, 10_000),
        ("error_rate < 1%", True, 100),
        ("change(p95) <= 10%", True, 1168),
        ("change(error_rate) <= 10%", True, 0),
        ("achieved_load >= 95%", True, 0),
        ("capacity >= 3/s", True, 0),
    ],
)
def test_a_threshold_wants_so_many_samples(line: str, sharp: bool, samples: int) -> None:
    assert samples_wanted(parse_threshold(line), sharp=sharp) == samples


@given(st.floats(0.1, 99.999))
def test_a_sharp_percentile_is_decided(percentile: float) -> None:
    threshold = parse_threshold(f"p{percentile:.4f} < 1s")
    assert samples_wanted(threshold) >= samples_needed(threshold)


def test_the_strictest_is_the_one_that_takes_longest() -> None:
    lines = [
        "p95 < 1s",
        "p99 < 2s",
        "p95(rare) < 1s",
        "abort if p99.9 > 9s for 10s",
        "error_rate < 1% over 20s",
    ]
    found = need(map(parse_threshold, lines), {"": 50.0, "often": 49.0, "rare": 1.0})
    assert (found.line, found.samples, found.seconds) == ("p95(rare) < 1s", 1168, 1168.0)
    assert found.window_s == 20
    assert need(map(parse_threshold, lines[:2]), {"": 50.0}).line == "p99 < 2s"


def test_a_label_without_load_and_a_threshold_without_samples_want_nothing() -> None:
    for lines in (["p95(rare) < 1s"], ["cpu(target) < 80%"], []):
        assert need(map(parse_threshold, lines), {"": 9.0, "rare": 0.0} if lines else {}).line == ""


@pytest.mark.parametrize(("climb", "seconds"), [(1, 10), (100, 10), (101, 11), (500, 50), (5000, 120)])
def test_a_ramp_is_as_long_as_its_climb_asks(climb: float, seconds: float) -> None:
    assert ramp_s(climb) == seconds


@given(st.floats(0.01, 1200))
def test_no_second_of_a_ramp_jumps(climb: float) -> None:
    each_second = climb / ramp_s(climb)
    assert each_second <= 10 * (1 + 1e-9)
    assert each_second <= climb / 10 * (1 + 1e-9)
