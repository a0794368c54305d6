"""Made-up processes of response times whose samples depend on each other, and whose percentiles are known.

In each second a process is in one of some states; the response times of that second are drawn from the
state's distribution. The states are stationary, so that the true distribution is the states' mixture by
their weights: percentiles are computed from it, not from samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.counting.histogram import PRECISION, bucket_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_MS = 16_384
_LEVELS = 61


@dataclass(frozen=True)
class Process:
    """One process. `draw(random, runs, seconds)`: the state in each second of each run."""

    name: str
    weights: Floats  # by state
    below: Floats  # by state and whole millisecond v: the share of samples of less than v + 1 ms
    draw: Callable[[np.random.Generator, int, int], Ints]

    def percentile_ms(self, share: float) -> int:
        """The true percentile of times in whole milliseconds, as JMeter writes them."""
        return int(np.searchsorted(self.weights @ self.below, share))

    def buckets(self) -> Floats:
        """By state, the share of samples in each bucket of a histogram."""
        last = np.flatnonzero(np.diff(bucket_of(np.arange(_MOST_MS + 1), PRECISION)))
        return np.diff(self.below[:, last], axis=1, prepend=0.0)

    def share_below(self, share: float) -> Floats:
        """By state, the share of samples below the true percentile, taken between two milliseconds."""
        at = self.percentile_ms(share)
        mixed = self.weights @ self.below
        before = mixed[at - 1] if at else 0.0
        fraction = (share - before) / (mixed[at] - before)
        under = self.below[:, at - 1] if at else np.zeros(len(self.below))
        return np.asarray(under + fraction * (self.below[:, at] - under))


def processes() -> list[Process]:
    """All of them: independent seconds, slow noise of four lengths and two sizes, two kinds of answers,
    bursts, and stalls of a collector."""
    found = [_scaled("independent", 0.0, 0.0, _one_kind)]
    for phi in (0.5, 0.9, 0.95, 0.98):
        found += [_scaled(f"noise {phi:g}, {sd:.0%}", phi, sd, _one_kind) for sd in (0.02, 0.10)]
    found += [
        _scaled("two kinds, noise 0.95, 5%", 0.95, 0.05, _two_kinds),
        _shared("two kinds, share 0.95", 0.95, 0.3),
        _bursts("bursts of 3 s each 20 s", 20.0, 3.0),
        _bursts("bursts of 5 s each 60 s", 60.0, 5.0),
        _stalls("stalls each 10 s", 10),
        _stalls("stalls each 30 s", 30),
    ]
    return found


def _one_kind(ms: Floats) -> Floats:
    return _lognormal(ms, 100.0, 0.5)


def _two_kinds(ms: Floats) -> Floats:
    return 0.92 * _lognormal(ms, 30.0, 0.3) + 0.08 * _lognormal(ms, 300.0, 0.3)


def _scaled(name: str, phi: float, sd: float, of: Callable[[Floats], Floats]) -> Process:
    """Response times times the exponential of first-order autoregressive noise."""
    levels = np.linspace(-4, 4, _LEVELS)
    below = np.array([of(_whole_ms() * math.exp(-sd * level)) for level in levels])
    return Process(name, _normal_weights(levels), below, _noise(phi, levels))


def _shared(name: str, phi: float, sd: float) -> Process:
    """Two kinds of answers, as with a cache, of which the slow one's share follows the noise."""
    levels = np.linspace(-4, 4, _LEVELS)
    slow = 0.08 * np.exp(sd * levels)
    fast_ms, slow_ms = (_lognormal(_whole_ms(), median, 0.3) for median in (30.0, 300.0))
    below = (1 - slow)[:, None] * fast_ms + slow[:, None] * slow_ms
    return Process(name, _normal_weights(levels), below, _noise(phi, levels))


def _bursts(name: str, gap_s: float, burst_s: float) -> Process:
    """Response times three times as long in bursts that come and end at random."""

    def draw(random: np.random.Generator, runs: int, seconds: int) -> Ints:
        states = np.zeros((runs, seconds), np.int64)
        now = random.random(runs) < burst_s / (gap_s + burst_s)
        for second in range(seconds):
            states[:, second] = now
            now = random.random(runs) < np.where(now, 1 - 1 / burst_s, 1 / gap_s)
        return states

    weights = np.array([gap_s, burst_s]) / (gap_s + burst_s)
    return Process(name, weights, np.array([_one_kind(_whole_ms()), _one_kind(_whole_ms() / 3)]), draw)


def _stalls(name: str, every_s: int) -> Process:
    """A second in each so many, in which half of the samples wait up to a second more."""

    def draw(random: np.random.Generator, runs: int, seconds: int) -> Ints:
        first = random.integers(0, every_s, (runs, 1))
        return ((np.arange(seconds) + first) % every_s == 0).astype(np.int64)

    calm = _one_kind(_whole_ms())
    waited = np.cumsum(np.concatenate([[0.0], calm]))
    ms = np.arange(len(calm))
    late = (waited[ms + 1] - waited[np.maximum(ms + 1 - 1000, 0)]) / 1000
    below = np.array([calm, 0.5 * calm + 0.5 * late])
    return Process(name, np.array([1 - 1 / every_s, 1 / every_s]), below, draw)


def _noise(phi: float, levels: Floats) -> Callable[[np.random.Generator, int, int], Ints]:
    edges = (levels[1:] + levels[:-1]) / 2

    def draw(random: np.random.Generator, runs: int, seconds: int) -> Ints:
        states = np.zeros((runs, seconds), np.int64)
        now = random.standard_normal(runs)
        for second in range(seconds):
            states[:, second] = edges.searchsorted(now)
            now = phi * now + math.sqrt(1 - phi * phi) * random.standard_normal(runs)
        return states

    return draw


def _normal_weights(levels: Floats) -> Floats:
    edges = np.concatenate([[-math.inf], (levels[1:] + levels[:-1]) / 2, [math.inf]])
    return np.diff([0.5 * math.erfc(-edge / math.sqrt(2)) for edge in edges])


def _whole_ms() -> Floats:
    return np.arange(1.0, _MOST_MS + 1)


_ERF = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in np.linspace(-9, 9, 18_001)])


def _lognormal(ms: Floats, median_ms: float, sigma: float) -> Floats:
    return np.interp(np.log(ms / median_ms) / sigma, np.linspace(-9, 9, 18_001), _ERF)
