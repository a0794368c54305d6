"""The Universal Scalability Law X(N) = a N / (1 + s (N - 1) + k N (N - 1)) (Gunther, Guerrilla Capacity
Planning, 2007), fitted to what each level completed with so many requests under way.

N / X is a polynomial in N - 1, so that weighted linear least squares do: in simulation they made the same
errors as a non-linear fit. The peak is given only where the levels come near it: a fit to levels below half
of it was wrong by a quarter in the median.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.search.growth import FloatColumn
from perfpilot.domain.capacity import CapacityLevel, Scalability

ENOUGH_LEVELS = 6
NEAR = 0.75
"""Of the requests under way at the fitted peak: so many must have been tested."""

_WIDEST = 0.3
_RESAMPLED = 1000
_SEED = 20_251
_RANGE = 2.0  # the most requests under way over the fewest: closer together they show no law


class _Fit(NamedTuple):
    one: float
    contention: float
    coherency: float

    @property
    def peak_at(self) -> float:
        """Requests under way at the peak; infinite without a cost of coherency."""
        if self.coherency <= 0:
            return math.inf
        return math.sqrt(max(1 - self.contention, 0.0) / self.coherency)

    def at(self, n: float) -> float:
        """Throughput with n requests under way."""
        return self.one * n / (1 + self.contention * (n - 1) + self.coherency * n * (n - 1))


def scalability(levels: Sequence[CapacityLevel]) -> Scalability:
    """The law through the levels, in arrivals per second; not fitted where they do not show it."""
    seen = sorted(
        (level.in_flight, level.carried_per_s, _error(level))
        for level in levels
        if level.in_flight and level.carried_per_s and (level.error_rate or 0.0) <= 0.05
    )
    if len({n for n, _, _ in seen}) < ENOUGH_LEVELS:
        words = f"{len(seen)} levels showed requests under way and throughput, {ENOUGH_LEVELS} are needed"
        return Scalability(fitted=False, because=words)
    n, x, error = (np.array(column) for column in zip(*seen, strict=True))
    if n[-1] < _RANGE * n[0]:
        because = "the levels had about the same number of requests under way"
        return Scalability(fitted=False, because=because)
    fit = fitted(n, x)
    if fit is None:
        return Scalability(fitted=False, because="throughput did not follow the law")
    found = Scalability(fitted=True, one_per_s=fit.one, contention=fit.contention, coherency=fit.coherency)
    return _with_peak(found, fit, n, x, error)


def fitted(n: FloatColumn, x: FloatColumn) -> _Fit | None:
    """N/X = p + q (N - 1) + r N (N - 1) with q, r >= 0, by least squares weighted with X/N. None: no fit.

    The best of the fits with q or r held at zero, where the free one is negative.
    """
    terms = np.stack([np.ones_like(n), n - 1, n * (n - 1)], axis=1)
    weighted, wanted = terms * (x / n)[:, None], np.ones_like(n)
    best, least = None, math.inf
    for free in ((0, 1, 2), (0, 1), (0, 2), (0,)):
        part, *_ = np.linalg.lstsq(weighted[:, free], wanted, rcond=None)
        if (part < 0).any() or part[0] <= 0:
            continue
        left = float(np.sum((weighted[:, free] @ part - wanted) ** 2))
        if left < least * (1 - 1e-9):
            p, q, r = (float(part[free.index(term)]) if term in free else 0.0 for term in range(3))
            best, least = _Fit(1 / p, q / p, r / p), left
    return best


def _with_peak(
    found: Scalability, fit: _Fit, n: FloatColumn, x: FloatColumn, error: FloatColumn
) -> Scalability:
    """The fit with its peak, if the levels reach it and chance leaves it where it is."""
    tested = float(n[-1])
    if not math.isfinite(fit.peak_at):
        return found.model_copy(update={"because": "no peak: more requests under way never cost throughput"})
    if tested < NEAR * fit.peak_at:
        words = f"not reached: at most {tested:.3g} requests were under way, at least {float(x.max()):.3g}/s"
        return found.model_copy(update={"because": words})
    residual = float(np.std(x / np.array([fit.at(value) for value in n]) - 1, ddof=3))
    random = np.random.default_rng(_SEED)
    noise = random.normal(size=(_RESAMPLED, len(n))) * np.maximum(error / x, residual)
    again = [fitted(n, x * np.maximum(1 + row, 0.05)) for row in noise]
    at = np.array([one.peak_at if one else math.inf for one in again])
    low, high = np.quantile(at, (0.025, 0.975), method="inverted_cdf")
    if not (high <= (1 + _WIDEST) * fit.peak_at and low >= (1 - _WIDEST) * fit.peak_at):
        words = "the peak lies too uncertain: its interval is wider than 30 % to either side"
        return found.model_copy(update={"because": words})
    most = np.array([one.at(min(one.peak_at, 2 * tested)) for one in again if one])
    least, largest = np.quantile(most, (0.025, 0.975))
    return found.model_copy(
        update={
            "peak_in_flight": fit.peak_at,
            "peak_per_s": fit.at(fit.peak_at),
            "peak_low_per_s": float(least),
            "peak_high_per_s": float(largest),
        }
    )


def _error(level: CapacityLevel) -> float:
    error = level.completed_error_per_s
    return error / level.samples_per_arrival if error is not None and math.isfinite(error) else 0.0
