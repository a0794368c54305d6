"""Whether a load at one level came to a steady state, or whether the target still drifted.

The steady phase is cut into 20 blocks. It drifts where the blocks have a trend by the test of Mann and
Kendall (doi:10.2307/1907187) and its last third differs from its first by 30 %, and by more than the blocks
within a third differ among themselves. The trend alone is known to see one in any series whose neighbours are
alike (Machida et al. 2013, doi:10.1109/ISSREW.2013.6688905): it fired on 30 % of simulated runs of a minute
with first-order autoregressive noise (0.95 a second, 8 %), and together with the size on less than 1 %.
MSER-5, with its cut beyond the middle as the sign of no steady state, fired on 21 % of these, and on 2 % of
runs of five minutes. Noise of 12 % needs phases of five minutes for less than 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.figures import figure
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.measure import PhaseStats, Series
from perfpilot.domain.plan import Plan

LEAST_S = 60.0
"""Shorter phases are not looked at: noise that lasts some seconds looks like a drift in them."""

LEAST_CHANGE = 0.30
LEAST_MS = 5.0
"""Response times are whole milliseconds: one of 2 ms that becomes 3 ms has not drifted."""

QUEUE = 2.0
"""Response times that more than double under a load that does not wait for answers: a queue grows."""

_BLOCKS = 20
_THIRD = _BLOCKS // 3
_TREND = 2.81  # two-sided 0.5 %
_BEYOND = 4.0  # times the spread of blocks within a third
_KEPT_UP = 0.98


@dataclass(frozen=True)
class Drift:
    """A figure that moved through the steady phase. First and last are medians over thirds of it."""

    what: str  # `response time` or `throughput`
    first: float
    last: float
    unit: str
    saturated: bool = False  # it is the target's own limit, which no other plan mends

    def __str__(self) -> str:
        return (
            f"the {self.what} went from {figure(self.first, self.unit)} in the first third of the steady "
            f"phase to {figure(self.last, self.unit)} in the last"
        )


def drift(plan: Plan, steady: PhaseStats, series: Series) -> Drift | None:
    """What drifted at a constant load, or None: nothing did, the level changes, or the phase is too short.

    The median response time of each second; under a fixed number of users their throughput, too. Where load
    comes at a rate, response times that double, or rise while less is answered than asked, are a queue that
    grows: the target is saturated.
    """
    if steady.to_s - steady.from_s < LEAST_S or not constant(plan, steady.from_s, steady.to_s):
        return None
    seconds = slice(math.ceil(steady.from_s), math.floor(steady.to_s))
    times = _moved(series.p50_ms[seconds], LEAST_MS)
    if times:
        queue = _by_rate(plan) and times[1] > times[0] and _queues(times, series, seconds)
        return Drift("response time", *times, "ms", saturated=queue)
    if not _by_rate(plan):
        rates = _moved(series.samples[seconds], 0.0, mean=True)
        return Drift("throughput", *rates, "/s") if rates else None
    return None


def constant(plan: Plan, from_s: float, to_s: float) -> bool:
    """Whether every curve stands still between two moments."""
    return all(_stands_still(scenario.curve, from_s, to_s) for scenario in plan.scenarios)


def _stands_still(curve: LoadCurve, from_s: float, to_s: float) -> bool:
    level, at = curve.level_at(from_s), 0.0
    for segment in curve.segments:
        end = at + segment.duration_s
        moves = max(abs(segment.start - level), abs(segment.end - level)) > 1e-9 * max(level, 1.0)
        if moves and end > from_s + 1e-6 and at < to_s - 1e-6:
            return False
        at = end
    return at >= to_s - 1e-6 or level == 0


def _by_rate(plan: Plan) -> bool:
    return all(scenario.curve.unit == "rate_per_s" for scenario in plan.scenarios)


def _moved(values: Sequence[float | None], least: float, *, mean: bool = False) -> tuple[float, float] | None:
    """The medians of first and last third of a series that drifts; None: it does not."""
    blocks = _blocks(values, mean)
    if blocks is None:
        return None
    first, last = (float(np.median(third)) for third in (blocks[:_THIRD], blocks[-_THIRD:]))
    if min(first, last) <= 0 or abs(last - first) < least or abs(_trend(blocks)) < _TREND:
        return None
    logs = np.log(np.maximum(blocks, 1e-9))
    thirds = (logs[:_THIRD], logs[_THIRD:-_THIRD], logs[-_THIRD:])
    change = abs(math.log(last / first))
    spread = float(np.median([np.std(third, ddof=1) for third in thirds]))
    return (first, last) if change >= math.log1p(LEAST_CHANGE) and change > _BEYOND * spread else None


def _blocks(values: Sequence[float | None], mean: bool) -> np.ndarray | None:
    """The median (or the mean) of each block; None where a block has no value."""
    known = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    if len(known) < _BLOCKS:
        return None
    blocks = [piece[np.isfinite(piece)] for piece in np.array_split(known, _BLOCKS)]
    if any(not len(block) for block in blocks):
        return None
    return np.array([block.mean() if mean else np.median(block) for block in blocks])


def _trend(blocks: np.ndarray) -> float:
    """The statistic of Mann and Kendall, in standard deviations, with its correction for ties."""
    n = len(blocks)
    first, second = np.triu_indices(n, 1)
    score = float(np.sign(blocks[second] - blocks[first]).sum())
    _, ties = np.unique(blocks, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    return (score - math.copysign(1, score)) / math.sqrt(variance) if score and variance > 0 else 0.0


def _queues(times: tuple[float, float], series: Series, seconds: slice) -> bool:
    if times[1] > QUEUE * times[0]:
        return True
    length = seconds.stop - seconds.start
    third = slice(seconds.stop - length // 3, seconds.stop)
    asked = sum(value or 0.0 for value in series.asked_per_s[third])
    return asked > 0 and sum(series.samples[third]) < _KEPT_UP * asked
