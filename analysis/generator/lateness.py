"""How late arrivals were sent, against the schedule that the plan gives.

The k-th request that was sent is held against the k-th moment of the schedule: late by t - F^-1(N(t)), with N
the requests sent so far and F^-1 the schedule's inverse.

Under an open schedule JMeter sends what it owes as soon as it can, so N never loses a request, and no answer
holds one up: what is late there is the load generator's doing.

Users who share a rate (`tools/jmeter/jmx/pacing`) catch up 0.3 s worth at most. What falls due while all of
them wait for answers is never sent, and after that the rate is kept again, with N short by that much for
ever. So requests that are due stand in a queue only while the users can't keep up; when they keep up again,
what was left is taken as sent at that moment, since a user was free to send it: `unsent`. They keep up where
the queue does not grow, within the next two seconds or hundred requests, by more than 40 ms or one and a half
requests: a load short by less than some 2 % passes as kept. A rate that rises reaches JMeter up to two
seconds late, which is left out of account: the schedule is the lowest rate of the last two seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.generator.arrivals import Arrivals, StartCounts
from perfpilot.analysis.rows import IntColumn
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine

FOLLOWS_S = 2.0
"""In which JMeter knows a new rate: perfpilot writes it each second, JMeter reads it twice in one."""

_WINDOW_S, _WINDOW_SLOTS = 2.0, 100
_SLACK_S, _SLACK_SLOTS = 0.04, 1.5
_CHANCE = 1.95
"""A Brownian bridge leaves +-1.95 with a probability of 0.1 % (Kolmogorov's distribution): random arrivals of
a piece of n, of which JMeter sends exactly n, lie within 1.95 sqrt(n) of the schedule."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Unsent:
    """Requests that were due one after the other and were never sent, and when a user was free for them."""

    due_from_s: float  # the first of them
    due_to_s: float
    at_s: float  # when a user was free
    count: int


@dataclass(frozen=True)
class Lateness:
    """Of the arrivals of one label. `late_s` is by the bin in which requests started, the mean of them."""

    arrivals: Arrivals
    bin_s: float
    late_s: Floats
    counts: IntColumn
    unsent: tuple[Unsent, ...] = ()

    def late_ms(self, since_ms: IntColumn) -> Floats:
        """How late requests were that started so long after the load began; 0 outside of the load."""
        bins = np.clip(since_ms // round(self.bin_s * 1000), 0, len(self.late_s) - 1)
        inside = (since_ms >= 0) & (since_ms < len(self.late_s) * self.bin_s * 1000)
        return np.where(inside, self.late_s[bins], 0.0) * 1000

    def between(self, from_s: float, to_s: float) -> tuple[Floats, IntColumn]:
        """Lateness in ms and requests of each bin between two moments."""
        bins = slice(int(from_s / self.bin_s), int(np.ceil(to_s / self.bin_s)))
        return self.late_s[bins] * 1000, self.counts[bins]

    @property
    def telling(self) -> bool:
        """Whether 0 means on time: random arrivals within what chance explains tell nothing."""
        return self.arrivals.even or bool((self.late_s > 0).any())


def lateness(starts: StartCounts) -> tuple[Lateness, ...]:
    """How late the arrivals of each label were; of those with samples."""
    bin_s = starts.bin_ms / 1000
    return tuple(
        _steered(arrivals, counts, bin_s)
        if arrivals.engine is Engine.STEERED_RATE
        else _open(arrivals, counts, bin_s)
        for arrivals in starts.arrivals
        if (counts := starts.of(arrivals.label)).any()
    )


def quantile_late_ms(found: Sequence[Lateness], q: float, from_s: float, to_s: float) -> float | None:
    """The lateness that a share `q` of the arrivals of all labels kept within; None without arrivals."""
    parts = [one.between(from_s, to_s) for one in found]
    late = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0)
    counts = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, np.int64)
    late, counts = late[counts > 0], counts[counts > 0]
    if not len(late):
        return None
    order = np.argsort(late)
    ranks = np.cumsum(counts[order])
    return float(late[order][int(ranks.searchsorted(np.ceil(q * ranks[-1] * (1 - 1e-12))))])


def _open(arrivals: Arrivals, counts: IntColumn, bin_s: float) -> Lateness:
    bins = len(counts)
    rates: Floats = sum((_rates(curve, bins, bin_s) for curve in arrivals.curves), np.zeros(bins))
    edges, due = _due(rates, bin_s)
    middle = np.cumsum(counts) - (counts - 1) / 2
    if not arrivals.even:
        middle = middle + sum((_chance(curve, bins, bin_s) for curve in arrivals.curves), np.zeros(bins))
    return Lateness(arrivals, bin_s, _late(edges, due, middle, counts), counts)


def _steered(arrivals: Arrivals, counts: IntColumn, bin_s: float) -> Lateness:
    asked: Floats = sum((_rates(c, len(counts), bin_s) for c in arrivals.curves), np.zeros(len(counts)))
    follows = round(FOLLOWS_S / bin_s)
    rates = _lowest(asked, follows)
    edges, due = _due(rates, bin_s)
    owed = due[1:] - np.cumsum(counts)  # at the end of each bin
    owed[:follows] = owed[min(follows, len(owed) - 1)]
    usual = float(rates[rates > 0].mean()) if (rates > 0).any() else 1.0
    window = max(round(max(_WINDOW_S, _WINDOW_SLOTS / usual) / bin_s), 1)
    most_ahead = -_lowest(-owed[::-1], window)[::-1]
    kept = most_ahead - owed <= np.maximum(_SLACK_SLOTS, rates * _SLACK_S)
    queue, unsent = np.zeros(len(owed)), []
    for first, last in _stretches(~kept):
        before = owed[max(first - window, 0) : first]
        end = _burst_over(owed, last, window)
        base = np.minimum(np.minimum.accumulate(owed[first:end]), before.min() if len(before) else 0.0)
        queue[first:end] = owed[first:end] - base
        left = float(queue[end - 1])
        if left > _SLACK_SLOTS:
            # The oldest that are due are sent first: what is left are the latest of them.
            ends = (due[end] - left + 1, due[end] - left + round(left))
            from_s, to_s = np.interp(ends, due, edges).tolist()
            free = last + int(np.argmax(counts[last:end] > 0)) if last < end else end
            unsent.append(Unsent(from_s, to_s, float(edges[free]), round(left)))
            owed[end:] -= left
    queue = np.where(queue > 0, queue, np.maximum(owed - _lowest(owed, window), 0.0))
    late = _late(edges, due, due[1:] - queue - (counts - 1) / 2, counts)
    # Around a pause of the schedule, part of a slot would reach back to before the pause.
    late[queue <= _SLACK_SLOTS] = np.minimum(late, queue / np.maximum(rates, 1e-9))[queue <= _SLACK_SLOTS]
    late[(queue <= _SLACK_SLOTS) & (rates <= 0)] = 0.0
    return Lateness(arrivals, bin_s, late, counts, tuple(unsent))


def _late(edges: Floats, due: Floats, sent: Floats, counts: IntColumn) -> Floats:
    """By bin: how late the requests were, of which the middle one is the `sent`-th of the schedule.

    What is shorter than a bin can't be told from nothing.
    """
    late = (edges[:-1] + edges[1:]) / 2 - np.interp(sent, due, edges)
    return np.where((counts > 0) & (late > edges[1] - edges[0]), late, 0.0)


def _burst_over(owed: Floats, last: int, window: int) -> int:
    """Where the burst ends in which users catch up after a stretch that ends at `last`."""
    after = owed[last : last + window]
    return last + (int(np.argmax(after <= after.min() + 1)) + 1 if len(after) else 0)


def _stretches(wanted: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where a mask is true, from and to."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(steps[::2], steps[1::2], strict=True)]


def _due(rates: Floats, bin_s: float) -> tuple[Floats, Floats]:
    """Edges of bins, and how many requests are due by each; rising, so that the inverse is one moment."""
    edges = np.arange(len(rates) + 1, dtype=np.float64) * bin_s
    due = np.concatenate([[0.0], np.cumsum(rates * bin_s)])
    return edges, due + np.arange(len(due)) * 1e-9


def _rates(curve: LoadCurve, bins: int, bin_s: float) -> Floats:
    """The level of a curve in the middle of each bin."""
    at = (np.arange(bins) + 0.5) * bin_s
    levels, begin = np.zeros(bins), 0.0
    for piece in curve.segments:
        inside = slice(*np.searchsorted(at, (begin, begin + piece.duration_s)))
        if piece.duration_s > 0:
            share = (at[inside] - begin) / piece.duration_s
            levels[inside] = piece.start + (piece.end - piece.start) * share
        begin += piece.duration_s
    return levels


def _chance(curve: LoadCurve, bins: int, bin_s: float) -> Floats:
    """How far the count of random arrivals may lie off the schedule, by bin."""
    at = (np.arange(bins) + 0.5) * bin_s
    allowed, begin = np.zeros(bins), 0.0
    for piece in curve.segments:
        inside = slice(*np.searchsorted(at, (begin, begin + piece.duration_s)))
        allowed[inside] = _CHANCE * np.sqrt(piece.duration_s * (piece.start + piece.end) / 2) + 1
        begin += piece.duration_s
    return allowed


def _lowest(values: Floats, window: int) -> Floats:
    """The lowest of each value and the `window` before it (van Herk's two running minima of blocks)."""
    size, width = len(values), window + 1
    padded = np.full(-(-(size + window) // width) * width, np.inf)
    padded[window : window + size] = values
    blocks = padded.reshape(-1, width)
    forward = np.minimum.accumulate(blocks, axis=1).ravel()
    backward = np.minimum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    lowest: Floats = np.minimum(backward[:size], forward[window : window + size])
    return lowest
