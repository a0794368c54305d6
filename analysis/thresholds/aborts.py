"""`abort if ...` lines: reasons to end the load while it runs. They are no goals of the verdict.

The condition is looked at for each whole second of the load, over the samples that ended in it (over the last
D seconds with `over D`). A second in which it is true extends the run of true ones; one in which it is false
ends the run; a second without a sample is undecided and does neither. What ended in the first D seconds of
the load does not count, with `after D`. The line fires when a run holds as
many true seconds as `for` asks, one at least, and ten samples at least: one bad sample in the first second
is no reason to stop. A second counts once it is over for one more second, so that late rows are in.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.counting.exact import Counter, Tally, ThresholdCounters, holds_each
from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.thresholds.counted import shown_value, value_of
from perfpilot.domain.thresholds import Threshold, parse_threshold

SETTLE_S = 1
_LEAST_SAMPLES = 10
_TRUE_FOR = ": true for "  # between the line and what was seen of it


class AbortFired(NamedTuple):
    """An abort line whose condition held. `at_s`: end of its last second, since the load began."""

    threshold: Threshold
    at_s: float
    reason: str


def abort_fired(counters: ThresholdCounters, now_ms: int) -> AbortFired | None:
    """The abort line that fired first, if any did by now.

    Computed anew from the counters at each call: it does not depend on when or how often it is asked.
    """
    seconds = (now_ms - counters.start_ms) // 1000 - SETTLE_S
    if seconds <= 0:
        return None
    fired = [f for counter in counters.aborts.values() if (f := _first(counter, seconds)) is not None]
    return min(fired, key=lambda f: f.at_s) if fired else None


def line_that_fired(reason: str) -> Threshold | None:
    """The abort line of a reason that `abort_fired` gave; None where something else ended the load."""
    line, found, _ = reason.partition(_TRUE_FOR)
    try:
        threshold = parse_threshold(line) if found else None
    except ValueError:
        return None
    return threshold if threshold and threshold.abort else None


def last_window(counter: Counter, seconds: int) -> Tally:
    """The samples on which an abort line is judged in the last of the first `seconds`."""
    window_s = _window_s(counter.threshold)
    part, whole = counter.by_second(max(seconds, 0))
    return Tally(int(part[-window_s:].sum()), int(whole[-window_s:].sum()), float(window_s))


def _first(counter: Counter, seconds: int) -> AbortFired | None:
    threshold = counter.threshold
    window_s = _window_s(threshold)
    part, whole = counter.by_second(seconds)
    early = math.ceil(threshold.after_s)
    part[:early] = whole[:early] = 0
    parts, wholes = (np.cumsum(np.append(0, column)) for column in (part, whole))
    seen = np.flatnonzero(whole)
    begins = np.maximum(seen + 1 - window_s, 0)
    window_parts, window_wholes = parts[seen + 1] - parts[begins], wholes[seen + 1] - wholes[begins]
    held = holds_each(threshold, window_parts, window_wholes, float(window_s))
    true_seconds = samples = 0
    last = -1
    for at in np.flatnonzero(held).tolist():
        if at != last + 1:  # the condition was false in between
            true_seconds = samples = 0
        last, second = at, int(seen[at])
        true_seconds, samples = true_seconds + 1, samples + int(whole[second])
        if true_seconds >= max(math.ceil(threshold.for_s), 1) and samples >= _LEAST_SAMPLES:
            tally = Tally(int(window_parts[at]), int(window_wholes[at]), float(window_s))
            return AbortFired(threshold, second + 1.0, _reason(threshold, tally, second, true_seconds))
    return None


def _reason(threshold: Threshold, tally: Tally, second: int, true_seconds: int) -> str:
    value = value_of(threshold, tally, Histogram())  # none for a percentile, which has no sum
    shown = "" if value is None else f", {shown_value(threshold, value)} in the last of them"
    return f"{threshold.text}{_TRUE_FOR}{true_seconds} s until second {second + 1} of the load{shown}"


def _window_s(threshold: Threshold) -> int:
    return max(math.ceil(threshold.over_s), 1)
