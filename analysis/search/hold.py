"""What the samples of one held level show. A sample speaks for the level at which it began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.analysis.search.calm import Calm
from perfpilot.analysis.search.growth import FloatColumn, Growth, growth

READ_LAG_S = 1.0
"""Samples are on hand so long after they ended, at the latest."""

_CHANCE = 3.0  # standard deviations
_BIN_S = 0.5
_UNEVEN = 0.5  # standard deviation of the gaps between arrivals, by their mean; at random moments: 1
_FEWEST = 2.0  # arrivals more or less are no shortage, however few were asked for
_COMPLETIONS = 12
_COMPLETED_S = 1.5


@dataclass(frozen=True)
class Seen:
    """The settled part of a hold, as far as its samples are in."""

    rows: Rows
    span_s: float  # over which they began
    asked: float  # samples that should have begun in it; 0: unknown (users)
    chance: float  # by so many samples the count may be off: by chance, or by a short stall
    usual_ms: float  # median of what their labels take in calm
    median_ms: float  # as p50, but of the waiting beyond what their label takes in calm, plus that
    p95_ms: float
    growth: Growth | None
    completed_per_s: float | None  # successful samples per second that ended

    @property
    def samples(self) -> int:
        """Number of samples."""
        return self.rows.size

    @property
    def failed(self) -> int:
        """Number of samples that failed."""
        return int((~self.rows.success).sum())

    @property
    def reached(self) -> float | None:
        """Share of the load asked that was sent; None for users."""
        return self.samples / self.asked if self.asked else None

    @property
    def slower(self) -> float:
        """Typical response time as a multiple of the one in calm."""
        return self.median_ms / max(self.usual_ms, 1.0)


def see(rows: Rows, begin_s: float, now_s: float, start_ms: int, asked_per_s: float, calm: Calm) -> Seen:
    """Look at a level whose settled part began at `begin_s`. `asked_per_s`: in samples; 0 for users.

    The last moments are left out whose samples cannot all be in: the lag of reading, and a response time.
    """
    start_s = (rows.start_ms - start_ms) / 1000
    known_s = now_s - READ_LAG_S
    settled = (start_s >= begin_s) & (start_s < known_s)
    p95_ms = _p95(rows, settled)
    # A target that answers slowly is given its time, but not for ever: what never ends is missing load.
    end_s = known_s - min(p95_ms / 1000, max(known_s - begin_s, 0.0) / 2)
    settled &= start_s < end_s
    chosen = rows.pick(settled)
    span_s = max(end_s - begin_s, 0.0)
    usual = calm.usual_ms(chosen)
    waited = chosen.elapsed_ms - usual
    usual_ms = float(np.median(usual)) if chosen.size else 0.0
    return Seen(
        rows=chosen,
        span_s=span_s,
        asked=asked_per_s * span_s,
        chance=_by_chance(start_s[settled], begin_s, end_s),
        usual_ms=usual_ms,
        median_ms=usual_ms + (float(np.median(waited)) if chosen.size else 0.0),
        p95_ms=p95_ms,
        growth=growth(start_s[settled], waited),
        completed_per_s=_completed_per_s(rows, begin_s, known_s, start_ms),
    )


def _p95(rows: Rows, chosen: np.ndarray) -> float:
    times = rows.elapsed_ms[chosen]
    return float(np.quantile(times, 0.95, method="inverted_cdf")) if len(times) else 0.0


def _by_chance(start_s: FloatColumn, begin_s: float, end_s: float) -> float:
    """How far a count may be off, from how much the counts of half seconds differ: nothing for even arrivals.

    The scatter is taken from neighbours, so that a load that falls does not count as scattered.
    """
    gaps = np.diff(np.sort(start_s))
    if len(gaps) < 2 or float(np.std(gaps)) < _UNEVEN * float(np.mean(gaps)):
        return _FEWEST
    bins = int((end_s - begin_s) / _BIN_S)
    if bins < 4 or not len(start_s):
        return _FEWEST
    counts = np.bincount(np.clip(((start_s - begin_s) / _BIN_S).astype(np.int64), 0, bins))[:bins]
    scatter = float(np.sum(np.diff(counts) ** 2)) / (2 * max(len(counts) - 1, 1))
    return max(_CHANCE * float(np.sqrt(scatter * bins)), _FEWEST)


def _completed_per_s(rows: Rows, begin_s: float, end_s: float, start_ms: int) -> float | None:
    """Successful samples per second by the moment of their end: the slope of their number over time.

    A line through all of them is exact also where slots end in bunches, which a plain count is not.
    """
    ended_s = (rows.start_ms + rows.elapsed_ms - start_ms) / 1000
    ended_s = np.sort(ended_s[rows.success & (ended_s >= begin_s) & (ended_s < end_s)])
    if len(ended_s) < _COMPLETIONS or ended_s[-1] - ended_s[0] < _COMPLETED_S:
        return None
    slope = np.polyfit(ended_s - ended_s[0], np.arange(len(ended_s)), 1)[0]
    return float(slope)
