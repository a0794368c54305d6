"""What JMeter's own pauses did to the figures of a phase.

While its collector has JMeter stand still, no request starts and none ends: those under way seem to take
longer by the pause, and those that were due come all at once behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.figures import figure
from perfpilot.analysis.generator.gc_log import GcLog

LONG_MS = 200.0
"""A pause that shows in response times; JMeter is told to keep to 100 ms."""

MOST_SHARE = 0.05
"""Share of the time in pauses from which JMeter measures itself."""

NOTED_SHARE = 0.02
FULL_HEAP = 0.90
"""In use after a collection: from here collections come one after the other."""


@dataclass(frozen=True)
class Pauses:
    """Of the steady phase. `touched`: the share of it in which a request that was due or under way met a long
    pause: the long pauses, each with a median response time before it.
    """

    share: float
    longest_ms: float
    heap_share: float | None
    touched: float
    covered: float  # share of the phase that the log covers: it keeps its last part only

    def reasons(self) -> list[str]:
        """Why response times and throughput decide nothing."""
        if self.share > MOST_SHARE:
            return [f"JMeter stood still for {figure(100 * self.share, '%')} of the time, collecting garbage"]
        if self.touched > MOST_SHARE:
            return [
                f"pauses of JMeter's collector of up to {figure(self.longest_ms, 'ms')} touched "
                f"{figure(100 * self.touched, '%')} of the requests"
            ]
        return []

    def notes(self) -> list[str]:
        """What came near a limit."""
        found = []
        if NOTED_SHARE < self.share <= MOST_SHARE:
            found.append(f"JMeter's collector took {figure(100 * self.share, '%')} of the time")
        if self.longest_ms > LONG_MS and self.touched <= MOST_SHARE:
            found.append(
                f"JMeter stood still for up to {figure(self.longest_ms, 'ms')}, which touched "
                f"{figure(100 * self.touched, '%')} of the requests: percentiles above "
                f"p{figure(100 * (1 - self.touched), '')} may be its own"
            )
        if self.heap_share is not None and self.heap_share > FULL_HEAP:
            found.append(f"JMeter's heap was {figure(100 * self.heap_share, '%')} full after a collection")
        if self.covered < 0.99:
            found.append(f"the collector's log covers {figure(100 * self.covered, '%')} of the steady phase")
        return found


def pauses_between(log: GcLog, from_ms: float, to_ms: float, usual_ms: float) -> Pauses | None:
    """The pauses of a phase, epoch ms, whose median response time is `usual_ms`. None: none of it is covered.

    Shares are of the part that the log covers.
    """
    begin = max(from_ms, float(log.since_ms))
    if to_ms <= begin:
        return None
    found = log.between(begin, to_ms)
    took = found.took_ms
    within = sum(
        max(min(end, to_ms) - max(end - length, begin), 0.0)
        for end, length in zip(found.ended_ms.tolist(), took.tolist(), strict=True)
    )
    long = took[took > LONG_MS]
    return Pauses(
        share=within / (to_ms - begin),
        longest_ms=float(took.max()) if len(took) else 0.0,
        heap_share=float(found.heap_share.max()) if len(took) else None,
        touched=min(float((long + usual_ms).sum()) / (to_ms - begin), 1.0),
        covered=(to_ms - begin) / (to_ms - from_ms),
    )
