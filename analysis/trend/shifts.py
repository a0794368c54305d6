"""Shifts in a sequence of runs: from which run on a figure was another one.

E-divisive (Matteson and James 2014, doi:10.1080/01621459.2013.849605) in the form of Apache Otava: candidates
are where the energy distance between the runs before and after is largest, in windows of 50 runs that overlap
by half; Student's t takes the place of permutations, so that the same runs always give the same answer; then
candidates are merged from the weakest up until all that are left stand out by chance and by size. Ours differ
in three places: a shift must hold for three runs, a lone outlier is brought back to its neighbours first, and
the variance is the unbiased one.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.statistics.robust_slope import Floats
from perfpilot.analysis.statistics.student_t import t_two_sided

WINDOW = 50
LEAST_RUNS = 3
"""Runs on either side of a shift. Fewer are an outlier, or the newest run, which has a test of its own."""

MOST_P = 0.001
_CANDIDATE_P = 10 * MOST_P
_SPIKE = 5.0  # robust standard deviations from the neighbours
_NEIGHBOURS = 2  # on either side


class Shift(NamedTuple):
    """The index of the first value behind a shift, and the chance of one as clear among equal values."""

    at: int
    p: float


def find_shifts(values: Floats, least: float, noise: float) -> tuple[Shift, ...]:
    """Shifts in order. `least`: the smallest difference of means that matters, in the unit of the values.

    `noise`: a standard deviation that is taken for granted, for values that are alike to the last digit.
    """
    values = without_spikes(values, noise)
    candidates = _windowed(values, noise)
    return _merged(values, candidates, least, noise)


def without_spikes(values: Floats, noise: float) -> Floats:
    """The values with lone outliers brought back to the median of themselves and two neighbours a side.

    The yardstick is the median of the differences between neighbours, which neither shifts nor spikes move.
    """
    if len(values) < 2 * _NEIGHBOURS + 1:
        return values
    padded = np.concatenate([np.full(_NEIGHBOURS, np.nan), values, np.full(_NEIGHBOURS, np.nan)])
    around = np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1), axis=1)
    spread = max(1.4826 * float(np.median(np.abs(np.diff(values)))) / math.sqrt(2), noise)
    return np.where(np.abs(values - around) > _SPIKE * spread, around, values)


def _windowed(values: Floats, noise: float) -> list[int]:
    found: list[int] = []
    start = 0
    while start < len(values):
        new = _split(values[start : start + WINDOW], noise)
        found += [start + at for at in new if start + at not in found]
        start = max(start + WINDOW // 2, found[-1] if new else 0)
    return sorted(found)


def _split(values: Floats, noise: float) -> list[int]:
    """Candidates within a window, by splitting where the energy distance is largest, then each part again."""
    best = _most_apart(values)
    if best is None:
        return []
    at, end = best
    if _p(values[:at], values[at:end], noise) > _CANDIDATE_P:
        return []
    return [*_split(values[:at], noise), at, *(at + later for later in _split(values[at:], noise))]


def _most_apart(values: Floats) -> tuple[int, int] | None:
    """The split and the end behind it at which the scaled energy distance of the two sides is largest."""
    n = len(values)
    if n < 2 * LEAST_RUNS:
        return None
    sums = np.zeros((n + 1, n + 1))
    sums[1:, 1:] = np.abs(values[:, None] - values[None, :]).cumsum(axis=0).cumsum(axis=1)
    places = np.arange(n + 1)
    at, end = places[:, None], places[None, :]
    left, right = at, end - at
    inside = np.diag(sums)
    between = sums - inside[:, None]  # pairs of one value before `at` with one from `at` up to `end`
    with np.errstate(divide="ignore", invalid="ignore"):
        # Sums over ordered pairs, so each unordered pair counts twice on top and below the line.
        apart = 2 * between / (left * right)
        within_left = inside[:, None] / (left * (left - 1))
        within_right = (inside[None, :] - inside[:, None] - 2 * between) / (right * (right - 1))
        distance = left * right / (left + right) * (apart - within_left - within_right)
    distance[~((left >= LEAST_RUNS) & (right >= LEAST_RUNS))] = -np.inf
    best_at, best_end = np.unravel_index(int(np.argmax(distance)), distance.shape)
    return int(best_at), int(best_end)


def _merged(values: Floats, found: list[int], least: float, noise: float) -> tuple[Shift, ...]:
    """The candidates that stand out from their neighbours. The weakest goes, then all are judged anew."""
    while found:
        edges = [0, *found, len(values)]
        parts = [values[a:b] for a, b in pairwise(edges)]
        ps = [_p(a, b, noise) for a, b in pairwise(parts)]
        sizes = [abs(float(b.mean() - a.mean())) for a, b in pairwise(parts)]
        weakest, smallest = int(np.argmax(ps)), int(np.argmin(sizes))
        if ps[weakest] >= MOST_P:
            del found[weakest]
        elif sizes[smallest] < least:
            del found[smallest]
        else:
            return tuple(Shift(at, p) for at, p in zip(found, ps, strict=True))
    return ()


def _p(before: Floats, after: Floats, noise: float) -> float:
    """Student's t-test of two independent samples with one variance."""
    freedom = len(before) + len(after) - 2
    if freedom < 1:
        return 1.0
    squares = float(((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum())
    deviation = max(math.sqrt(squares / freedom), noise)
    error = deviation * math.sqrt(1 / len(before) + 1 / len(after))
    difference = abs(float(after.mean() - before.mean()))
    return t_two_sided(difference / error, freedom) if error > 0 else float(difference == 0)
