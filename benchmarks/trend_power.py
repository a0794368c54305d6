"""How often slow movements are found, and how often they are seen where there are none: by simulation.

    python -m benchmarks.trend_power [--seeds 1000]

Over runs: 40 runs whose figures differ by 3 % by chance, with and without a change of +10 %. Within a run: an
hour of memory that wanders (first-order autoregressive, 0.99 from second to second, 0.5 % of its size), with
and without a leak of 4 % an hour. All by the functions of the product. Prints each figure beside its aim, and
exits 1 where one is missed. Rows without an aim show how far the rules carry.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.soak.climb import blocks_of, climb, line_through
from perfpilot.analysis.statistics.robust_slope import sen_interval
from perfpilot.analysis.trend.trend import find_trend
from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.history import MetricPoint
from perfpilot.domain.trend import MetricSeries, MetricTrend

RUNS = 40
SPREAD = 0.03
CHANGE = 0.10
HOUR_S = 3600
_DAY_MS = 86_400_000
_SIZE = 500e6
_LEAST = 4e6


class Row(NamedTuple):
    """What was measured, in per cent of the seeds, and the aim: at most or at least."""

    what: str
    share: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the aim was not met."""
        above = self.at_most is not None and self.share > self.at_most
        return above or (self.at_least is not None and self.share < self.at_least)

    def __str__(self) -> str:
        aim = f"at most {self.at_most:g}" if self.at_most is not None else ""
        aim = f"at least {self.at_least:g}" if self.at_least is not None else aim
        return f"{self.what:<76} {self.share:6.1f} %   {aim:<14} {'MISSED' if self.missed else ''}".rstrip()


def main() -> None:
    """Print both tables; exit 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    seeds = parser.parse_args().seeds
    rows = []
    for table in (over_runs(seeds), within_a_run(seeds)):
        for row in table:
            print(row, flush=True)
            rows.append(row)
    sys.exit(1 if any(row.missed for row in rows) else 0)


def over_runs(seeds: int) -> Iterator[Row]:
    """Shifts in history, and the newest run."""

    def share(of: Callable[[MetricTrend], bool], planted: Callable[[np.ndarray], np.ndarray]) -> float:
        return 100 * float(np.mean([of(_trend_of(planted(_runs(seed)))) for seed in range(seeds)]))

    yield Row("runs: a shift is seen where there is none", share(_any_shift, _as_it_is), at_most=3)
    yield Row("runs: the newest stands out where nothing changed", share(_stands_out, _as_it_is), at_most=1)
    yield Row("runs: +10 %, 5 runs after, found within 2 runs", share(_found_at(35), _from(35)), at_least=95)
    yield Row("runs: +10 %, 20 runs after, found within 2 runs", share(_found_at(20), _from(20)), at_least=95)
    yield Row("runs: +10 %, 3 runs after, found within 2 runs", share(_found_at(37), _from(37)))
    yield Row("runs: the newest is +10 %, called a regression", share(_regressed, _from(39)), at_least=60)
    yield Row("runs: one outlier of +50 % is called a shift", share(_any_shift, _outlier))
    yield Row("runs: +1 % each run, called shifts", share(_any_shift, _climbing))
    covered = share(_slope_covered, _climbing)
    yield Row("runs: +1 % each run, the interval of the slope covers it", covered, at_least=90)


def within_a_run(seeds: int) -> Iterator[Row]:
    """Memory over an hour."""
    hours = np.arange(HOUR_S) / 3600
    calm = _wandering(seeds, HOUR_S, 0.005)
    filling = 1 - np.exp(-12 * hours)
    for what, shape, at_most, at_least in (
        ("does not climb", 0 * hours, 2.0, None),
        ("+4 % an hour", 0.04 * hours, None, 95.0),
        ("+8 % an hour", 0.08 * hours, None, 95.0),
        ("caches of 20 % that fill in 5 minutes", 0.2 * filling, 2.0, None),
        ("caches of 20 % that fill in 15 minutes", 0.2 * (1 - np.exp(-4 * hours)), 2.0, None),
        ("caches of 10 % that fill in 5 minutes, +6 % an hour", 0.1 * filling + 0.06 * hours, None, None),
        ("a heap collected every 9 minutes, +-15 %", 0.3 * (6.5 * hours % 1), 2.0, None),
        ("a heap collected every 40 minutes, +-15 %", 0.3 * (1.5 * hours % 1), 2.0, None),
    ):  # fmt: skip
        yield Row(f"memory, 0.5 %: {what}: called a leak", _leaks(calm + shape), at_most, at_least)
    yield from _intervals("memory, an hour", calm)
    yield from _intervals("memory, 20 minutes", calm[:, :1200])
    for deviation in (0.01, 0.03):
        noisy = _wandering(seeds, HOUR_S, deviation)
        name = f"memory, {deviation:.0%}"
        yield Row(f"{name}: does not climb: called a leak", _leaks(noisy), at_most=2)
        yield Row(f"{name}: +4 % an hour: called a leak", _leaks(noisy + 0.04 * hours))
        yield Row(f"{name}: +8 % an hour: called a leak", _leaks(noisy + 0.08 * hours))
    for alike in (0.9, 0.995):
        noisy = _wandering(seeds, HOUR_S, 0.005, alike)
        yield Row(f"memory, alike {alike:g}: does not climb: called a leak", _leaks(noisy), at_most=2)
        yield from _intervals(f"memory, alike {alike:g}, an hour", noisy)


def _runs(seed: int) -> np.ndarray:
    return 200 * np.exp(np.random.default_rng(seed).normal(0, SPREAD, RUNS))


def _trend_of(values: np.ndarray) -> MetricTrend:
    points = tuple(
        MetricPoint(run_id=str(number), started_ms=number * _DAY_MS, value=value)
        for number, value in enumerate(values.tolist())
    )
    return find_trend([MetricSeries(metric="p95", unit="ms", points=points)]).metrics[0]


def _as_it_is(values: np.ndarray) -> np.ndarray:
    return values


def _from(begin: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values * np.where(np.arange(RUNS) >= begin, 1 + CHANGE, 1.0)


def _outlier(values: np.ndarray) -> np.ndarray:
    return values * np.where(np.arange(RUNS) == 30, 1.5, 1.0)


def _climbing(values: np.ndarray) -> np.ndarray:
    return values * (1 + 0.01 * np.arange(RUNS))


def _any_shift(trend: MetricTrend) -> bool:
    return bool(trend.shifts)


def _found_at(begin: int) -> Callable[[MetricTrend], bool]:
    return lambda trend: any(abs(int(shift.run_id) - begin) <= 2 for shift in trend.shifts)


def _stands_out(trend: MetricTrend) -> bool:
    return trend.decision in (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)


def _regressed(trend: MetricTrend) -> bool:
    return trend.decision is ChangeDecision.REGRESSION


def _slope_covered(trend: MetricTrend) -> bool:
    low, high = trend.slope_low, trend.slope_high
    return low is not None and high is not None and low <= 2.0 <= high


def _wandering(series: int, seconds: int, deviation: float, alike: float = 0.99) -> np.ndarray:
    random = np.random.default_rng(20260101)
    noise = random.normal(0, deviation * np.sqrt(1 - alike * alike), (series, seconds))
    noise[:, 0] = random.normal(0, deviation, series)
    for second in range(1, seconds):
        noise[:, second] += alike * noise[:, second - 1]
    return noise


def _leaks(shares: np.ndarray) -> float:
    seconds = shares.shape[1]
    t_s = np.arange(seconds, dtype=np.float64)
    found = 0
    for row in shares:
        blocks = blocks_of(t_s, _SIZE * (1 + row), 0.0, float(seconds))
        found += blocks is not None and climb(blocks, _LEAST) is not None
    return 100 * found / len(shares)


def _intervals(name: str, shares: np.ndarray) -> Iterator[Row]:
    """How often the interval of a slope of 0 has 0 within, ours and the one for independent values."""
    seconds = shares.shape[1]
    t_s = np.arange(seconds, dtype=np.float64)
    ours = plain = 0
    for row in shares:
        blocks = blocks_of(t_s, _SIZE * (1 + row), 0.0, float(seconds))
        assert blocks is not None
        slope = line_through(blocks).per_hour
        ours += slope.low <= 0 <= slope.high
        plain += not sen_interval(blocks.steps.astype(np.float64), blocks.values).stands_out
    n = len(shares) / 100
    yield Row(f"{name}: the interval of the slope covers it", ours / n, at_least=90)
    yield Row(f"{name}: one for independent values would", plain / n)


if __name__ == "__main__":
    main()
