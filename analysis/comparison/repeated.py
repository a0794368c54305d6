"""Runs that were repeated: the run is the unit of replication, and its noise is measured.

Whatever differs between two runs of the same build (drift, placement, neighbours) is in the spread of their
figures; nothing within a run has to be modelled. Logarithms, because response times differ by factors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfpilot.analysis.comparison.decisions import Shift
from perfpilot.analysis.comparison.drift import Chance, added
from perfpilot.analysis.comparison.metrics import Compared, rounding_of
from perfpilot.analysis.comparison.sides import mean_of

LEAST_EACH = 3
"""Runs on each side from which both spreads are measured (Welch)."""

LEAST_OF_ONE = 5
"""Runs on one side from which its spread stands for the other's, too (prediction interval)."""


def enough_runs(before: int, after: int) -> bool:
    """Whether the noise between runs can be measured."""
    return min(before, after) >= LEAST_EACH or max(before, after) >= LEAST_OF_ONE


def run_noise(values: Sequence[float]) -> float | None:
    """Standard deviation of the logarithms of a figure over runs of one build; None below five runs.

    What one run against one may be given as the noise between runs, in the place of an assumption.
    """
    if len(values) < LEAST_OF_ONE or min(values) <= 0:
        return None
    return math.sqrt(_variance(values))


def repeated_shift(
    metric: Compared,
    label: str,
    before: Sequence[float],
    after: Sequence[float],
    *,
    slower: float | None = None,
) -> Shift:
    """The change between the geometric means of two sides, all figures above 0.

    Welch's test from three runs on each side; otherwise the spread of the side that has five or more is that
    of both, which for one new run is the usual prediction interval.
    """
    shift = Shift(metric, label, mean_of(before), mean_of(after), slower=slower)
    sizes = (len(before), len(after))
    if min(sizes) >= LEAST_EACH:
        parts = [Chance(_variance(side) / len(side), len(side) - 1) for side in (before, after)]
        whole = added(parts)
        one_run = sum(_variance(side) for side in (before, after)) / 2
    else:
        freedom = sum(sizes) - 2
        sides = [side for side in (before, after) if len(side) > 1]
        one_run = sum(_variance(side) * (len(side) - 1) for side in sides) / freedom
        whole = Chance(one_run * sum(1 / size for size in sizes), freedom)
    rounding = sum(
        rounding_of(metric, value) ** 2 / size
        for value, size in zip((shift.before, shift.after), sizes, strict=True)
    )
    return Shift(
        metric,
        label,
        shift.before,
        shift.after,
        error=math.sqrt(whole.variance + rounding),
        freedom=whole.freedom,
        of_one_run=one_run,
        slower=slower,
    )


def _variance(values: Sequence[float]) -> float:
    logs = [math.log(value) for value in values]
    middle = sum(logs) / len(logs)
    return sum((value - middle) ** 2 for value in logs) / (len(logs) - 1)
