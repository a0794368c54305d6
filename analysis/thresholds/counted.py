"""Deciding thresholds that are counted over samples: percentiles, mean, max, error rate, throughput, Apdex.

Floors, in samples of the steady phase (of each window, with `over`); fewer leave a threshold undecided:

- percentile: ten samples beyond its rank, and 200 at least: p95 and below 200, p99 1,000, p99.9 10,000.
- mean, error rate, Apdex: 100. Apdex scores of smaller groups are to be marked as such (apdex.org).
- maximum: 100 to be met; a single slower sample breaks it, which no further sample can mend.
- throughput: 30 in the whole phase; a window may be empty, for zero is what it then is.

An error rate is broken below its floor as well, once five samples failed: a target that answers nothing
leaves few samples.
"""

from __future__ import annotations

import math

from perfpilot.analysis.counting.exact import Counter, Tally, figure_of, holds, rank
from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.figures import figure
from perfpilot.analysis.thresholds.marginal import reach
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import Metric, Threshold

_FEW_FAILURES = 5


def decide_counted(
    threshold: Threshold, counter: Counter, length_s: float, limited: str, answered_failures: int
) -> ThresholdResult:
    """Decide one threshold over a steady phase of `length_s`.

    `limited`: why the load generator was limited, empty if it was not. `answered_failures`: failed samples
    that the target itself answered, which no generator makes.
    """
    whole = counter.tally(length_s)
    if threshold.over_s:
        decision, reason, value = _decide_windows(threshold, counter, whole)
    else:
        decision, reason = decide_tally(threshold, whole)
        value = value_of(threshold, whole, counter.times)
    if limited and decision is not Decision.UNDECIDED:
        decision, reason = _with_limited(threshold, decision, reason, limited, whole, answered_failures)
    if decision is Decision.BROKEN and not reason:
        reason = _broken_because(threshold, value, whole)
    decided = decision is not Decision.UNDECIDED and not threshold.over_s
    beyond = reach(threshold, counter, math.floor(length_s + 1e-9)) if decided else 0.0
    return ThresholdResult(
        text=threshold.text,
        decision=decision,
        value=None if value is None else threshold.in_unit(value),
        limit=threshold.in_unit(threshold.limit),
        unit=threshold.unit(),
        samples=whole.whole,
        reason=reason,
        marginal=beyond > 1,
        times_longer=beyond**2 if 1 < beyond < math.inf else None,
    )


def value_of(threshold: Threshold, tally: Tally, times: Histogram) -> float | None:
    """The metric's value in the unit of the limit; None without samples. Times are exact up to 8 s."""
    if threshold.metric in (Metric.PERCENTILE, Metric.MAX):
        if not tally.whole:
            return None
        value = times.quantile(rank(threshold, tally.whole) / tally.whole)
        return None if value is None else _on_its_side(threshold, tally, value)
    return figure_of(threshold, tally)


def decide_tally(threshold: Threshold, tally: Tally, floor: int | None = None) -> tuple[Decision, str]:
    """Met, broken or undecided by what was counted, and why undecided. `floor`: in place of the usual."""
    floor = samples_needed(threshold) if floor is None else floor
    if not tally.whole and threshold.metric is not Metric.THROUGHPUT:
        return Decision.UNDECIDED, "no sample was measured in the steady phase"
    good = holds(threshold, tally) if tally.whole else threshold.holds(0.0)
    if tally.whole < floor and not (not good and _settled_early(threshold, tally)):
        return Decision.UNDECIDED, f"{tally.whole:,} samples are too few: {floor:,} are needed"
    return (Decision.MET if good else Decision.BROKEN), ""


def _settled_early(threshold: Threshold, tally: Tally) -> bool:
    """Whether a breach stands although samples are few."""
    if threshold.operator not in ("<", "<="):
        return False
    if threshold.metric is Metric.ERROR_RATE:
        return tally.part >= _FEW_FAILURES
    return threshold.metric is Metric.MAX


def _decide_windows(
    threshold: Threshold, counter: Counter, whole: Tally
) -> tuple[Decision, str, float | None]:
    """Every full window must meet the limit: one broken window breaks it, one with too few samples leaves
    it undecided. The value is that of the worst window."""
    window_s = math.ceil(threshold.over_s)
    seconds = math.floor(whole.length_s + 1e-9)
    windows = counter.windows(seconds, window_s)
    if not windows:
        reason = f"the steady phase lasted {whole.length_s:g} s: no full window of {window_s} s fits"
        return Decision.UNDECIDED, reason, None
    floor = None
    if threshold.metric is Metric.THROUGHPUT:
        if whole.whole < samples_needed(threshold):
            return *decide_tally(threshold, whole), None
        floor = 0
    decisions = [decide_tally(threshold, window, floor)[0] for window in windows]
    broken = [begin for begin, decision in enumerate(decisions) if decision is Decision.BROKEN]
    thin = decisions.count(Decision.UNDECIDED)
    candidates = broken or [begin for begin, window in enumerate(windows) if window.whole] or [0]
    worst = max(candidates, key=lambda begin: _badness(threshold, windows[begin]))
    value = value_of(threshold, windows[worst], counter.window_times(worst, window_s))
    if value is None and threshold.metric is Metric.THROUGHPUT:
        value = 0.0
    if broken:
        shown = "" if value is None else f", at worst {shown_value(threshold, value)}"
        reason = f"{len(broken)} of {len(windows)} windows of {window_s} s break it{shown}"
        return Decision.BROKEN, f"{reason}, {worst} s into the steady phase", value
    if thin:
        needed = samples_needed(threshold)
        reason = f"{thin} of {len(windows)} windows of {window_s} s have fewer than {needed:,} samples"
        return Decision.UNDECIDED, reason, value
    return Decision.MET, "", value


def _badness(threshold: Threshold, tally: Tally) -> float:
    """Larger is further on the wrong side of the limit."""
    upward = threshold.operator in ("<", "<=")  # large values are bad
    if threshold.metric in (Metric.PERCENTILE, Metric.MAX):
        outside = 1 - tally.part / tally.whole if tally.whole else 0.0
        return outside if upward else -outside
    value = figure_of(threshold, tally) or 0.0
    return value if upward else -value


def _with_limited(
    threshold: Threshold, decision: Decision, reason: str, limited: str, whole: Tally, answered: int
) -> tuple[Decision, str]:
    """What a limited generator leaves standing: an error rate, as far as the target's own answers make it."""
    if threshold.metric is not Metric.ERROR_RATE:
        return Decision.UNDECIDED, limited
    if decision is Decision.MET:
        return decision, reason
    by_answers = Tally(min(answered, whole.part), whole.whole, whole.length_s)
    if not threshold.over_s and decide_tally(threshold, by_answers)[0] is Decision.BROKEN:
        return decision, reason
    return Decision.UNDECIDED, f"{limited}; it may itself have made the failures without an answer"


def _on_its_side(threshold: Threshold, tally: Tally, value: float) -> float:
    """A value from coarse buckets must not contradict the exact count: it is moved to the limit."""
    within = holds(threshold, tally) == (threshold.operator in ("<", "<="))
    return min(value, threshold.limit) if within else max(value, threshold.limit)


def _broken_because(threshold: Threshold, value: float | None, tally: Tally) -> str:
    samples = figure(tally.whole, "samples")
    if value is None:
        return f"over {samples}"
    text = f"{shown_value(threshold, value)} over {samples}"
    if threshold.metric is Metric.ERROR_RATE:
        text = f"{tally.part:,} of {samples} failed: {shown_value(threshold, value)}"
    return f"{text}, the limit is {threshold.operator} {shown_value(threshold, threshold.limit)}"


def shown_value(threshold: Threshold, value: float) -> str:
    """A value of the threshold's metric as people read it."""
    return figure(threshold.in_unit(value), threshold.unit())
