"""How much of a figure is chance within its run, where what comes close together is alike.

The estimator is that of `analysis.statistics.ratio_error`, the slowest cosines over the phase. A block
bootstrap asks for the same variance and gives figures that differ from call to call.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from perfpilot.analysis.comparison.metrics import Floats
from perfpilot.analysis.statistics.ratio_error import by_waves

LEAST_S = 30.0
"""Seconds in whole blocks below which there is no interval: what drifts within half a minute is not seen."""

LEAST_BLOCKS = 12

_SECONDS_A_WAVE = 60
_FEWEST, _MOST = 2, 8
_UNSEEN_S = 60


class Chance(NamedTuple):
    """A variance and its degrees of freedom. A known one has infinitely many."""

    variance: float
    freedom: float


def chance_within(influence: Floats, length_s: float) -> Chance:
    """Variance of the sum of what the blocks of a run, `length_s` long in all, contribute.

    One wave a minute, from two to eight, each a degree of freedom. Few waves may by chance be small: it is
    never less than if blocks were independent. What is slower than the run is long shows in none of them: the
    variance of a run of a minute is doubled for it, which fades with the square of the length. In simulation
    this is right within a tenth for drift with a memory of ten seconds, and a fifth too small for twenty.
    """
    blocks = len(influence)
    waves = min(max(int(length_s // _SECONDS_A_WAVE), _FEWEST), _MOST)
    slow = by_waves(influence, waves) ** 2
    independent = float(np.square(influence).sum()) * blocks / (blocks - 1)
    return Chance(max(slow, independent) * (1 + (_UNSEEN_S / length_s) ** 2), waves)


def added(chances: list[Chance]) -> Chance:
    """The chance of a sum of independent figures (Welch 1947 and Satterthwaite 1946 on its freedom)."""
    total = sum(chance.variance for chance in chances)
    doubt = sum(c.variance**2 / c.freedom for c in chances)
    return Chance(total, total**2 / doubt if doubt > 0 else float("inf"))
