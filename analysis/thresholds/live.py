"""Thresholds while the load runs: their values so far, for the live view. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from perfpilot.analysis.counting.exact import Counter, ThresholdCounters, holds
from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.thresholds.aborts import SETTLE_S, last_window
from perfpilot.analysis.thresholds.counted import value_of
from perfpilot.domain.live import LiveThreshold
from perfpilot.domain.plan import Plan
from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import Metric, Threshold

State = Literal["holding", "breached", "waiting"]


def live_thresholds(
    thresholds: Sequence[Threshold],
    counters: ThresholdCounters,
    plan: Plan,
    now_ms: int,
    cpu_shares: Mapping[str, float] | None = None,
) -> tuple[LiveThreshold, ...]:
    """The value of each line so far, and whether it holds.

    Goals: over the steady samples so far, `waiting` below their floor; `over` is not looked at.
    Abort lines: over the last whole second, `breached` where the condition is true. cpu: the share now.
    Achieved load, capacity and change wait: they are known at the end.
    """
    now_s = (now_ms - counters.start_ms) / 1000
    return tuple(_live(threshold, counters, plan, now_s, cpu_shares or {}) for threshold in thresholds)


def _live(
    threshold: Threshold,
    counters: ThresholdCounters,
    plan: Plan,
    now_s: float,
    cpu_shares: Mapping[str, float],
) -> LiveThreshold:
    value: float | None = None
    state: State = "waiting"
    if threshold.metric is Metric.CPU and threshold.label in cpu_shares:
        value = cpu_shares[threshold.label]
        state = "holding" if threshold.holds(value) else "breached"
    elif counter := (counters.aborts if threshold.abort else counters.goals).get(threshold.text):
        value, state = _abort(counter, now_s) if threshold.abort else _goal(counter, plan, now_s)
    shown = None if value is None else threshold.in_unit(value)
    return LiveThreshold(text=threshold.text, value=shown, unit=threshold.unit(), state=state)


def _goal(counter: Counter, plan: Plan, now_s: float) -> tuple[float | None, State]:
    threshold = counter.threshold
    tally = counter.tally(max(min(now_s, plan.duration_s) - plan.warm_up_s, 0.0))
    value = value_of(threshold, tally, counter.times)
    if value is None or tally.whole < samples_needed(threshold):
        return value, "waiting"
    return value, "holding" if holds(threshold, tally) else "breached"


def _abort(counter: Counter, now_s: float) -> tuple[float | None, State]:
    threshold = counter.threshold
    tally = last_window(counter, int(now_s) - SETTLE_S)
    if not tally.whole or now_s < threshold.after_s:
        return None, "waiting"
    return value_of(threshold, tally, Histogram()), "breached" if holds(threshold, tally) else "holding"
