"""How far a ratio of sums over time may lie from its true value, where neighbouring samples are alike.

The spread is taken from the slow waves of the series: from its products with the first few cosines over the
phase (the equal-weighted cosine estimator: Müller 2007, doi:10.1016/j.jeconom.2007.01.019; recommended by
Lazarus, Lewis, Stock and Watson 2018, doi:10.1080/07350015.2018.1506926). They hold what slow dependence does
to a mean, whatever happens within seconds, and Student's t with as many degrees of freedom as there are waves
pays for their being few. Noise as slow as the waves themselves is foreseen by a first-order autoregression
(prewhitening: Andrews and Monahan 1992, doi:10.2307/2951574).

In 2,000 simulated runs of five minutes whose noise had an autocorrelation of 0.98 a second, 20 batches with
Student's t covered the mean in 51 % of them instead of 95 %, three waves in 89 %, and with prewhitening in
95 %; in runs of a minute with 0.95 it was 35 % by batches, and is 89 % now.
`benchmarks/interval_coverage.py` shows what is reached for percentiles and thresholds.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SECONDS_A_WAVE = 150
_T = {3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}  # Student's t, two-sided 95 %, by freedom
_Z = 1.960
_PIECES = 64
_MOST_CORRELATION = 0.85
"""Between neighbouring pieces. In a phase of five minutes they are of 5 to 8 s: what is correlated for longer
is a drift, and no part of this phase is like the others."""

_WIDER_S = 60.0
_WIDEST_AT_S = 300.0
"""Widening by 60 s out of the length: 20 % in five minutes and less, 2 % in an hour. It makes up for slow
noise that is hidden below the noise of single samples, and for bursts that came a few times only: few waves
see too little of either."""


def half_width(parts: Floats, wholes: Floats, length_s: float) -> float:
    """Half the width of a 95 % interval of `parts.sum() / wholes.sum()`; 0 where the ratio never changes.

    Both are by stretches of equal length, in order, `length_s` seconds in all. There must be 12 stretches at
    least, and `wholes` must not sum to 0. There is one wave for each 150 s, from three to eight.
    """
    total = float(wholes.sum())
    residuals = _in_pieces(parts - parts.sum() / total * wholes)
    waves = min(max(int(length_s // _SECONDS_A_WAVE), min(_T)), max(_T))
    error = max(by_waves(residuals, waves), _by_foreseen_waves(residuals, waves))
    return (1 + _WIDER_S / max(length_s, _WIDEST_AT_S)) * _T[waves] * error / total


def share_half_width(parts: Floats, wholes: Floats, length_s: float, share: float) -> float:
    """`half_width` of a share of samples, as it would be if the true share were `share`; 0 as there.

    A share that is seen near 0 or 1 has less spread than the one it is compared with (as in Wilson's
    interval: 1927, doi:10.1080/01621459.1927.10502953). The width is never less than that of independent
    samples, because few waves may by chance be small.
    """
    half = half_width(parts, wholes, length_s)
    seen, samples = float(parts.sum() / wholes.sum()), float(wholes.sum())
    if not half or not 0 < seen < 1:
        return half
    spread = share * (1 - share)
    return max(half * max(1.0, math.sqrt(spread / (seen * (1 - seen)))), _Z * math.sqrt(spread / samples))


def by_waves(residuals: Floats, waves: int) -> float:
    """The standard error of the sum of a series, by that many cosines of 1, 2, ... half periods."""
    middles = (np.arange(len(residuals)) + 0.5) / len(residuals)
    cosines = np.cos(np.pi * np.outer(np.arange(1, waves + 1), middles))
    return float(np.sqrt(2 * np.mean(np.square(cosines @ residuals))))


def _in_pieces(residuals: Floats) -> Floats:
    """Sums of neighbours, so that there are 33 to 64 pieces of a longer series. The last may be shorter."""
    together = -(-len(residuals) // _PIECES)
    return np.asarray(np.add.reduceat(residuals, np.arange(0, len(residuals), together)))


def _by_foreseen_waves(residuals: Floats, waves: int) -> float:
    """The same, of what a first-order autoregression does not foresee, and of what it makes of that.

    Its coefficient is corrected for the bias of short series (Marriott and Pope 1954,
    doi:10.1093/biomet/41.3-4.390).
    """
    power = float(np.square(residuals).sum())
    if not power:
        return 0.0
    seen = float((residuals[1:] * residuals[:-1]).sum()) / power
    corrected = min(max(seen + (1 + 4 * seen) / len(residuals), 0.0), _MOST_CORRELATION)
    surprise = residuals.copy()
    surprise[1:] -= corrected * residuals[:-1]
    surprise[0] *= np.sqrt(1 - corrected**2)
    return by_waves(surprise, waves) / (1 - corrected)
