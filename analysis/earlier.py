"""This run against what was before it: the comparison with a baseline, and the trend over its test's runs."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.comparison.compare import FLOOR, compare_runs, compare_with_table
from perfpilot.analysis.comparison.measured import Measured
from perfpilot.analysis.comparison.repeated import run_noise
from perfpilot.analysis.trend.limits import limits_of
from perfpilot.analysis.trend.trend import find_trend, series_of
from perfpilot.domain.benchmark import Benchmark
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.history import PastFigures, PastRun, figures_of_phase, points_of
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.thresholds import parse_threshold
from perfpilot.domain.trend import Trend

_LATEST = 10
"""Runs whose differences say how much one run differs from the next."""


@dataclass(frozen=True)
class Earlier:
    """What is known from before this run."""

    runs: tuple[Measured, ...] = ()  # the baseline, newest first
    because: str = "there is no earlier run of this test to compare with"  # why there is no baseline
    benchmark: tuple[Benchmark, ...] = ()  # in the place of a baseline
    source: str = ""  # of the benchmark
    floor: float = FLOOR
    past: tuple[PastFigures, ...] = ()  # comparable runs under the same load, oldest first


@dataclass(frozen=True)
class ThisRun:
    """Who this run is among them."""

    id: str = ""
    started_ms: int = 0


def compared(closed: ClosedAttempt, earlier: Earlier) -> Comparison:
    """An attempt of this run against the baseline or the benchmark table."""
    plan = closed.plan if closed.plan.scenarios else None  # what was asked of a file may not be known
    now = [Measured(closed.attempt, plan, closed.windows)]
    noise = run_noise([point.value for point in points_of(earlier.past[-_LATEST:], "p95")])
    if earlier.benchmark:
        return compare_with_table(
            earlier.benchmark, now, source=earlier.source, floor=earlier.floor, noise=noise
        )
    if not earlier.runs:
        return Comparison(because=earlier.because, floor=earlier.floor)
    return compare_runs(earlier.runs, now, floor=earlier.floor, noise=noise)


def trend_of(run: ThisRun, closed: ClosedAttempt, capacity: Capacity, earlier: Earlier) -> Trend:
    """The trend up to this run, whose figures must decide something to be a part of it."""
    steady = closed.attempt.phase("steady")
    if not earlier.past:
        return Trend(because="there are no earlier runs of this test under this load")
    if not closed.attempt.valid or closed.attempt.generator.limited or steady is None:
        return Trend(runs=len(earlier.past), because="the figures of this run decide nothing")
    now = PastFigures(
        run=PastRun(
            run_id=run.id,
            test_name="",
            started_ms=run.started_ms,
            status="",
            capacity_per_s=capacity.rate_per_s if capacity.estimated else None,
        ),
        labels=figures_of_phase(steady),
    )
    runs = [*earlier.past, now]
    # Answers under a load that searches its own level tell where it looked, not how the target is.
    series = series_of(runs, ("capacity",)) if closed.search else series_of(runs)
    limits = limits_of(parse_threshold(result.text) for result in closed.thresholds)
    return find_trend(series, limits, floor=earlier.floor)
