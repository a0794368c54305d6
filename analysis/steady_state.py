"""Finds the stretch of a load in which load and answers were in balance.

Four steps, each on values of a second or more:

1. The level. Threads alive (`allThreads`) tell it where they stand still at their highest: the load stood
   from the first second within 5 % of the most until the last. Where they don't (an open load has as many
   threads as it needs), or are not known, throughput tells it, with room for what random arrivals vary by.
   What comes before is ramp, what comes after is tail.
2. One level only. A lower level that was held for long, before or after, makes it a stepped load.
3. Warm-up: MSER-5 on the median response time of each second (White, Cobb and Spratt 2000): the cut that
   makes the mean of the rest most certain, over means of five. It aims at the least mean squared error and
   cuts earlier than the last 2 % of bias are gone, so that 30 s, or 5 % of the run, are set aside at the
   least. A short run can't spare as much: there it is a quarter, and `because` says so.
4. One regime. Throughput or response times that come to another level by a fifth or more, or drift by 30 %,
   and by more than they vary, leave no one state that figures could stand for. What they vary by allows for
   values that are like their neighbours (Bartlett 1946, of first order).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.figures import figure
from perfpilot.domain.measure import Series, SteadyState

LEAST_S = 10
"""A shorter load is over before anything could be told of it."""

LEVEL = 0.95
FLOOR_S = 30.0
FLOOR_SHARE = 0.05
SPARED = 0.25
"""Of a short run at most this share is set aside by the floor."""

OTHER_REGIME = 0.20
DRIFT = 0.30
"""Throughput or response times that moved by less, at once or little by little, stay one regime."""

_STANDS_STILL = 0.90  # share of the seconds between first and last at the level that threads must be there
_HELD_SHARE = 0.5  # of the time at the level: a lower level held for longer is a step, not a ramp
_HELD_S = 10
_BLOCK_S = 10
_LEAST_BLOCKS = 3  # on each side of a change
_BEYOND = 4.0  # standard errors
_MOST_ALIKE = 0.95
_BLOCK_SAMPLES = 50  # that a block of a slow load should have
_BATCH = 5  # the 5 of MSER-5
_LEAST_BATCHES = 4
_LEAST_MS = 5.0  # response times are whole milliseconds: one of 2 ms that becomes 3 ms has not moved
_POISSON = 3.0
_RATE_LEVEL = 0.90
_NEAR = 0.75
_STOOD_SHARE = 0.30  # of ramp and level: less is the end of a ramp that never ended

Values = NDArray[np.float64]


@dataclass(frozen=True)
class _Level:
    """The stretch at the highest level. Whole seconds."""

    from_s: int
    to_s: int
    steps: str = ""  # why it is not one level


def find_steady_state(series: Series) -> SteadyState:
    """The steady stretch of a load, from its series alone.

    `found` False: there is none that figures could stand for, `because` says why; `ramp_s` and `tail_s` are
    given as far as they were told. `because` of one that was found tells what it lacks; empty: nothing.
    """
    samples = np.array(series.samples, np.float64)
    seconds = len(samples)
    if not samples.sum():
        return SteadyState(found=False, because="there is no sample")
    if seconds < LEAST_S:
        short = f"the load lasted {figure(float(seconds), 's')}: too short to come to a steady state"
        return SteadyState(found=False, because=short)
    level = _level_of_users(series, seconds) or _level_of_rate(samples)
    # The last second is over before its end: its rate is none.
    to_s = min(level.to_s, seconds - 1)
    ramp_s, tail_s = float(level.from_s), float(seconds - to_s)
    missing = SteadyState(found=False, ramp_s=ramp_s, tail_s=tail_s)
    if level.steps:
        return missing.model_copy(update={"because": level.steps})
    if to_s - level.from_s < LEAST_S:
        stood = figure(float(max(to_s - level.from_s, 0)), "s")
        return missing.model_copy(update={"because": f"the load stood for {stood} only"})
    times = _filled(series.p50_ms[level.from_s : to_s])
    floor = max(FLOOR_S, FLOOR_SHARE * seconds)
    spared = min(floor, SPARED * (to_s - level.from_s))
    cut = _cut_s(times)
    if cut < 0:
        moved = "response times had not come to rest by the middle of the load"
        return missing.model_copy(update={"because": f"not one steady state: {moved}"})
    warm_up = max(cut, math.floor(spared))
    other = _other_regime(samples, times, level.from_s, warm_up, to_s)
    if other:
        return missing.model_copy(update={"because": other})
    little = f"the load stood for {figure(float(to_s - level.from_s), 's')}: too short to set aside " + (
        f"{figure(floor, 's')} of it as warm-up, so that {figure(float(warm_up), 's')} were"
    )
    return SteadyState(
        found=True,
        from_s=ramp_s + warm_up,
        to_s=float(to_s),
        ramp_s=ramp_s,
        warm_up_s=float(warm_up),
        tail_s=tail_s,
        because=little if warm_up < math.floor(floor) else "",
    )


def longer_warm_up(steady: SteadyState, warm_up_s: float) -> str:
    """A note where a plan set less aside than was found in the figures; empty: it set enough aside.

    Told from 10 s, and a tenth of the load, on: a little more may be chance, or the floor.
    """
    found_s = steady.from_s
    if not steady.found or found_s - warm_up_s < max(_BLOCK_S, 0.1 * steady.to_s):
        return ""
    planned, seen = figure(warm_up_s, "s"), figure(found_s, "s")
    return f"the plan set the first {planned} aside; the figures came to rest at {seen}"


def mser5(values: Sequence[float] | Values) -> int:
    """How many values at the beginning are best left out: a multiple of 5, at most half of them.

    The cut d that makes sum((Y - mean)^2) / (n - d)^2 least over the means of five behind it. At most half: a
    cut right at the middle is a sign that the series never came to rest.
    """
    column = np.asarray(values, np.float64)
    n = len(column) // _BATCH
    if n < _LEAST_BATCHES:
        return 0
    means = column[: n * _BATCH].reshape(n, _BATCH).mean(axis=1)
    means = means - means.mean()  # differences of large squares would be lost otherwise
    left = n - np.arange(n // 2 + 1)
    behind = np.cumsum(means[::-1])[::-1][: n // 2 + 1]
    squares = np.cumsum((means**2)[::-1])[::-1][: n // 2 + 1]
    return int(np.argmin((squares - behind**2 / left) / left**2)) * _BATCH


def _cut_s(times: Values) -> int:
    """Seconds of warm-up by MSER-5; -1 where half of the stretch is not enough.

    A cut at the middle counts only if the two halves differ: noise that lasts some seconds puts the cut of a
    short run there in one case of five.
    """
    cut = mser5(times)
    if cut < len(times) // _BATCH // 2 * _BATCH or not cut:
        return cut
    first, rest = float(np.median(times[:cut])), float(np.median(times[cut:]))
    moved = min(first, rest) > 0 and abs(math.log(rest / first)) >= math.log1p(OTHER_REGIME)
    return -1 if moved and abs(rest - first) >= _LEAST_MS else 0


def _level_of_users(series: Series, seconds: int) -> _Level | None:
    """The level as threads tell it; None where they are not known or do not stand still."""
    users = _filled(series.users)
    if len(users) != seconds or users.max(initial=0.0) <= 0:
        return None
    most = float(users.max())
    at_level = np.flatnonzero(users >= LEVEL * most)
    first, last = int(at_level[0]), int(at_level[-1]) + 1
    if len(at_level) < _STANDS_STILL * (last - first) or last - first < LEAST_S:
        return None
    return _Level(first, last, _steps(users, first, last, 1, 0.0, "users", most))


def _level_of_rate(samples: Values) -> _Level:
    """The level as throughput tells it, over means of 10 s: fewer in a short run, more in a slow one."""
    wanted = max(_BLOCK_S, math.ceil(_BLOCK_SAMPLES * len(samples) / samples.sum()))
    block_s = max(1, min(wanted, len(samples) // 20))
    blocks = len(samples) // block_s
    rates = samples[: blocks * block_s].reshape(blocks, block_s).mean(axis=1)
    high = float(np.quantile(rates, 0.9))
    if high <= 0:
        return _Level(0, 0)
    usual = float(np.median(rates[rates >= _NEAR * high]))
    varies = _POISSON / math.sqrt(max(usual * block_s, 1.0))
    at_level = np.flatnonzero(rates >= min(_RATE_LEVEL, max(1 - varies, 0.5)) * usual)
    # A single block at the level within a ramp is chance: it counts from two in a row.
    pairs = at_level[:-1][np.diff(at_level) == 1]
    if not len(pairs):
        return _Level(0, 0)
    first, last = int(pairs[0]), int(pairs[-1]) + 2
    steps = _steps(rates, first, last, block_s, varies, "/s", usual)
    if not steps and len(at_level[(at_level >= first) & (at_level < last)]) < _RATE_LEVEL * (last - first):
        steps = "not one steady state: the load came and went"
    if not steps and last - first < _STOOD_SHARE * last:
        steps = f"the load never stood: it rose for {first * block_s} of {last * block_s} s"
    return _Level(first * block_s, last * block_s, steps)


def _steps(levels: Values, first: int, last: int, block_s: int, varies: float, unit: str, top: float) -> str:
    """Why this is a stepped load, if a lower level was held for long before or after the highest."""
    for part in (levels[:first], levels[last:]):
        held, level = _longest_hold(part, max(0.05, varies))
        if held * block_s >= max(_HELD_S, _HELD_SHARE * (last - first) * block_s) and level > 0:
            lower, upper = figure(level, unit), figure(top, unit)
            low, high = f"{lower} for {held * block_s} s", f"{upper} for {(last - first) * block_s} s"
            return f"not one steady state: the load was held at {low} and at {high}"
    return ""


def _longest_hold(levels: Values, within: float) -> tuple[int, float]:
    """The longest run of values that stay within a share of its first, and that value."""
    best, level, begin = 0, 0.0, 0
    for at in range(1, len(levels) + 1):
        if at < len(levels) and abs(levels[at] - levels[begin]) <= within * levels[begin]:
            continue
        if at - begin > best:
            best, level = at - begin, float(levels[begin])
        begin = at
    return best, level


def _other_regime(samples: Values, times: Values, level_s: int, warm_up: int, to_s: int) -> str:
    """Why the stretch behind the warm-up is not one regime; empty: it is."""
    for what, values, unit, least in (
        ("response time", times, "ms", _LEAST_MS),
        ("throughput", samples[level_s:to_s], "/s", 0.0),
    ):
        blocks, block_s = _blocks(values[warm_up:])
        for change in (_jump(blocks), _drift(blocks) or _goes_on(_blocks(values)[0], blocks)):
            if change and abs(change.after - change.before) >= least:
                begin = level_s + warm_up
                when = f"at {figure(float(begin + change.block * block_s), 's')}"
                when = when if change.block else f"from {figure(float(begin), 's')} on"
                went = f"{figure(change.before, unit)} to {figure(change.after, unit)}"
                return f"not one steady state: {when} the {what} went from {went}"
    return ""


@dataclass(frozen=True)
class _Change:
    block: int  # the first one behind a jump; 0: little by little
    before: float
    after: float


def _blocks(values: Values) -> tuple[Values, int]:
    """Means over blocks, and the seconds of each; the longest gap counts as a hundredth of the most."""
    block_s = max(1, min(_BLOCK_S, len(values) // 20))
    n = len(values) // block_s
    blocks = values[: n * block_s].reshape(n, block_s).mean(axis=1)
    return np.maximum(blocks, 0.01 * max(float(blocks.max(initial=0.0)), 1e-9)), block_s


def _jump(blocks: Values) -> _Change | None:
    """Where a series comes to another level at once; None: it does not."""
    n = len(blocks)
    edge = max(_LEAST_BLOCKS, n // 10)
    splits = np.arange(edge, n - edge + 1)
    if not len(splits):
        return None
    logs = np.log(blocks)
    sums = np.cumsum(logs)
    before, after = sums[splits - 1] / splits, (sums[-1] - sums[splits - 1]) / (n - splits)
    at = int(np.argmax((after - before) ** 2 * splits * (n - splits)))
    split, size = int(splits[at]), abs(float(after[at] - before[at]))
    rest = np.concatenate([logs[:split] - before[at], logs[split:] - after[at]])
    error = _spread(rest) * math.sqrt(1 / split + 1 / (n - split))
    if size < math.log1p(OTHER_REGIME) or size < _BEYOND * error:
        return None
    return _Change(split, float(blocks[:split].mean()), float(blocks[split:].mean()))


def _goes_on(whole: Values, rest: Values) -> _Change | None:
    """Whether what drifts over the whole stretch still does behind the warm-up, where less is left to see."""
    all_of_it, left = _drift(whole), _drift(rest, OTHER_REGIME, _BEYOND / 2)
    same = all_of_it and left and (all_of_it.after > all_of_it.before) == (left.after > left.before)
    return left if same else None


def _drift(blocks: Values, share: float = DRIFT, beyond: float = _BEYOND) -> _Change | None:
    """Whether a straight line through a series rises or falls from end to end; None: it does not."""
    n = len(blocks)
    if n < 2 * _LEAST_BLOCKS:
        return None
    logs, place = np.log(blocks), (np.arange(n) - (n - 1) / 2) / n
    mean, slope = float(logs.mean()), float(place @ logs) / float(place @ place)
    error = _spread(logs - mean - slope * place) / math.sqrt(float(place @ place))
    if abs(slope) < math.log1p(share) or abs(slope) < beyond * error:
        return None
    return _Change(0, math.exp(mean - slope / 2), math.exp(mean + slope / 2))


def _spread(rest: Values) -> float:
    """The standard deviation of what is left over, wider where neighbours are alike."""
    squares = float(rest @ rest)
    if squares <= 0 or len(rest) < 3:
        return 0.0
    alike = min(max(float(rest[1:] @ rest[:-1]) / squares, 0.0), _MOST_ALIKE)
    return math.sqrt(squares / (len(rest) - 2) * (1 + alike) / (1 - alike))


def _filled(values: Sequence[float | None]) -> Values:
    """A series with each gap filled by the value before it, or by the first one; empty without any value."""
    column = np.array([math.nan if value is None else value for value in values], np.float64)
    known = np.flatnonzero(np.isfinite(column))
    if not len(known):
        return np.zeros(0)
    at = np.searchsorted(known, np.arange(len(column)), side="right") - 1
    return column[known[np.maximum(at, 0)]]
