"""What rows of a result file that could not be read leave of a threshold.

Nobody knows what stood in them, how slow it was, or how many samples a single damaged stretch has swallowed.
So what is met stays undecided, unless lost samples could only have made it better; and what is broken stays
broken where it would still be, had each unreadable row been one more good sample. A throughput or an achieved
load below its limit may be short by just those rows: that is undecided.
"""

from __future__ import annotations

import math

from perfpilot.analysis.counting.exact import Counter, Tally, holds
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import Metric, Threshold

_BY_NUMBER = (Metric.THROUGHPUT, Metric.ACHIEVED_LOAD)
"""Metrics that more samples make larger."""


def with_unread(
    threshold: Threshold, result: ThresholdResult, counter: Counter | None, length_s: float, unread: int
) -> ThresholdResult:
    """A decision over the good rows, left undecided where `unread` rows could have made it another one.

    `counter`: of the samples that it was decided by; None for a metric that has none. `length_s`: of the
    steady phase.
    """
    if not unread or result.decision is Decision.UNDECIDED or threshold.metric is Metric.CPU:
        return result
    if result.decision is Decision.MET and _only_larger(threshold):
        return result
    if result.decision is Decision.BROKEN and counter and _stays_broken(threshold, counter, length_s, unread):
        return result
    rows = "a row" if unread == 1 else f"{unread:,} rows"
    return result.model_copy(
        update={
            "decision": Decision.UNDECIDED,
            "reason": f"{rows} of the result file could not be read: what was lost could decide otherwise",
            "marginal": False,
            "times_longer": None,
        }
    )


def _only_larger(threshold: Threshold) -> bool:
    return threshold.metric in _BY_NUMBER and threshold.operator in (">", ">=")


def _stays_broken(threshold: Threshold, counter: Counter, length_s: float, unread: int) -> bool:
    if _only_larger(threshold) or (threshold.metric is Metric.MEAN and threshold.operator in (">", ">=")):
        return False
    if not threshold.over_s:
        return not holds(threshold, _with_good(threshold, counter.tally(length_s), unread))
    windows = counter.windows(math.floor(length_s + 1e-9), math.ceil(threshold.over_s))
    needed = max(samples_needed(threshold), 1)
    return any(w.whole >= needed and not holds(threshold, _with_good(threshold, w, unread)) for w in windows)


def _with_good(threshold: Threshold, tally: Tally, unread: int) -> Tally:
    """The tally with so many more samples, each as good for the threshold as a sample can be."""
    upward = threshold.operator in (">", ">=")
    part = 0
    if threshold.metric is Metric.APDEX:
        part = 2 * unread if upward else 0
    elif threshold.metric in (Metric.PERCENTILE, Metric.MAX):
        part = 0 if upward else unread
    elif threshold.metric is Metric.ERROR_RATE:
        part = unread if upward else 0
    return Tally(tally.part + part, tally.whole + unread, tally.length_s)
