"""How far an interval reaches, and how long a run would have to be for it to reach less far."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perfpilot.analysis.counting.exact import Counter
from perfpilot.analysis.rows import Rows
from perfpilot.analysis.thresholds.counted import decide_counted
from perfpilot.analysis.thresholds.marginal import reach
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.thresholds import parse_threshold


def rows_of(elapsed_ms: np.ndarray, success: np.ndarray | None = None) -> Rows:
    """Samples of which only time and success matter."""
    none = np.zeros(len(elapsed_ms), np.int64)
    good = np.ones(len(elapsed_ms), np.bool_) if success is None else success
    return Rows(none, elapsed_ms.astype(np.int64), none, none, good, none, none, none, none)


def decided(line: str, seconds: int, seed: int, *, rate: int = 30) -> ThresholdResult:
    """A threshold over exponential response times of 100 ms in the mean: its p95 is 300 ms."""
    threshold = parse_threshold(line)
    counter = Counter(threshold, 10_000)
    random = np.random.default_rng(seed)
    second = np.repeat(np.arange(seconds), rate)
    rows: Rows = rows_of(random.exponential(100, len(second)))
    counter.add(second, rows)
    return decide_counted(threshold, counter, float(seconds), "", 0)


def test_a_limit_far_away_asks_for_no_longer_run() -> None:
    result = decided("p95 < 500ms", 60, seed=1)
    assert (result.decision, result.marginal, result.times_longer) == (Decision.MET, False, None)


def test_a_limit_nearby_says_how_much_longer() -> None:
    result = decided("p95 < 305ms", 60, seed=3)
    assert result.marginal and result.times_longer is not None and result.times_longer > 1


def test_a_run_half_as_long_again_as_was_asked_for_is_marginal_in_two_of_three_at_most() -> None:
    """The time asked for puts the limit on the edge of the interval, whose width is itself uncertain: those
    that ask for little have a width that is small by chance."""
    first = [decided("p95 < 330ms", 20, seed=seed) for seed in range(600)]
    asked = [(n, r.times_longer) for n, r in enumerate(first) if r.times_longer and r.times_longer <= 4]
    assert len(asked) >= 150
    longer = [decided("p95 < 330ms", math.ceil(20 * times * 1.5), seed=1000 + n) for n, times in asked]
    share = sum(result.marginal for result in longer) / len(longer)
    assert share <= 0.67


@pytest.mark.parametrize("seconds", [19, 0])
def test_there_is_no_interval_of_less_than_twenty_seconds(seconds: int) -> None:
    assert reach(parse_threshold("p95 < 300ms"), Counter(parse_threshold("p95 < 300ms"), 100), seconds) == 0


def test_a_value_on_its_limit_is_marginal_however_long_the_run() -> None:
    threshold = parse_threshold("error_rate <= 10%")
    counter = Counter(threshold, 1000)
    second = np.repeat(np.arange(40), 10)
    failed = np.arange(400) % 40 < 4
    rows = rows_of(np.full(400, 10), success=~failed)
    counter.add(second, rows)
    assert reach(threshold, counter, 40) == math.inf
    result = decide_counted(threshold, counter, 40.0, "", 0)
    assert (result.decision, result.marginal, result.times_longer) == (Decision.MET, True, None)
