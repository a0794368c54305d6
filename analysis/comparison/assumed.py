"""Few runs against few: chance within each run is measured, the noise between runs is assumed.

One run against one can't show how much two runs of the same build differ. Without an allowance for it a test
of the two finds every such difference: in simulation 28 % of healthy pairs with 2 % of noise between runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfpilot.analysis.comparison.decisions import Shift
from perfpilot.analysis.comparison.drift import Chance, added, chance_within
from perfpilot.analysis.comparison.metrics import Compared, rounding_of
from perfpilot.analysis.comparison.sides import Reading, aligned, mean_of

NOISE = 0.02
"""Standard deviation between runs of the same build, as a share, where it was not measured."""

ERROR_NOISE = 0.2
"""The same of error rates: failures come in bursts."""


def allowance(metric: Compared, noise: float | None) -> float:
    """Standard deviation between runs that is allowed for; `noise`: of response times, as measured."""
    return ERROR_NOISE if metric.name == "error_rate" else (NOISE if noise is None else noise)


def assumed_shift(
    metric: Compared,
    label: str,
    before: Sequence[Reading] | float,
    after: Sequence[Reading],
    *,
    noise: float | None,
    varies: bool = False,
    slower: float | None = None,
) -> Shift:
    """The change between two sides, or against a figure that is taken as exact.

    `varies`: the load does within a run, so what one run shows at a moment is held against the other at the
    same moment, where their blocks of time allow it.
    """
    exact = isinstance(before, float)
    old: Sequence[Reading] = () if isinstance(before, float) else before
    was = before if isinstance(before, float) else mean_of([r.value for r in before])
    now = mean_of([r.value for r in after])
    spread = allowance(metric, noise) ** 2
    one_run = max(_mean_within([*old, *after]) + spread, _seen_spread(old, after))
    missing = next((r.because for r in (*old, *after) if r.chance is None), "")
    if missing:
        return Shift(metric, label, was, now, slower=slower, because=missing)
    within = _within(old, after, varies)
    between = one_run - _mean_within([*old, *after])
    counts = (0.0 if exact else 1 / len(old)) + 1 / len(after)
    rounding = rounding_of(metric, now) ** 2 + (0.0 if exact else rounding_of(metric, was) ** 2)
    whole = added([*within, Chance(between * counts + rounding, math.inf)])
    return Shift(
        metric,
        label,
        was,
        now,
        error=math.sqrt(whole.variance),
        freedom=whole.freedom,
        of_one_run=one_run,
        slower=slower,
    )


def _within(old: Sequence[Reading], new: Sequence[Reading], varies: bool) -> list[Chance]:
    """Chance within the runs of both sides, as it enters the difference of their means."""
    if varies and len(old) == len(new) == 1 and aligned(old[0].run, new[0].run):
        one, other, windows = old[0].influence, new[0].influence, new[0].run.windows
        if one is not None and other is not None and windows is not None:
            return [chance_within(other - one, windows.length_s)]
    return [
        Chance(chance.variance / len(side) ** 2, chance.freedom)
        for side in (old, new)
        for reading in side
        if (chance := reading.chance)
    ]


def _mean_within(readings: Sequence[Reading]) -> float:
    known = [chance.variance for reading in readings if (chance := reading.chance)]
    return sum(known) / len(known) if known else 0.0


def _seen_spread(*sides: Sequence[Reading]) -> float:
    """Variance between the runs of a side, where there are several: more than assumed counts."""
    squares = freedom = 0.0
    for side in sides:
        logs = [math.log(reading.value) for reading in side]
        middle = sum(logs) / len(logs) if logs else 0.0
        squares += sum((value - middle) ** 2 for value in logs)
        freedom += max(len(logs) - 1, 0)
    return squares / freedom if freedom else 0.0
