"""The load did not answer the question: what was wrong with it, where another plan could answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perfpilot.analysis.few_users import fell_short, level_fell_short
from perfpilot.analysis.figures import figure
from perfpilot.analysis.knee import SeenLevel, knee, levels_of
from perfpilot.analysis.steadiness import drift
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.loops import MOST_TIMES_LONGER, Reason, Trouble
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.sample_floors import percentile_floor
from perfpilot.domain.thresholds import Metric, Threshold, parse_threshold


def load_trouble(
    closed: ClosedAttempt,
    *,
    shown: Mapping[Reason, ClosedAttempt] | None = None,
    search: Sequence[Threshold] | None = None,
) -> Trouble | None:
    """Why the plan should be made anew, or None where that can't help.

    `shown`: attempts that led to a change, by its reason. What a change did not mend is not tried again: more
    users brought no more load, a longer run drifted as well. `search`: where the test searches for the
    breaking point, the thresholds of its description, which judge the levels.

    Only such a search gets other levels. In every other test they would be another load than the one
    described, and its last valid attempt decides: a GO, or a NO_GO, for a load that nobody asked for.

    None as well for an attempt that did not complete (a search may end with an abort line), or whose load
    generator was limited: more users or more time would not make its figures real.
    """
    if closed.search:
        return None  # it chose its levels while the load ran: no other plan knows better
    attempt = closed.attempt
    ended = ("completed", "aborted") if search is not None else ("completed",)
    if not attempt.valid or attempt.ended not in ended or attempt.generator.limited:
        return None
    shown = shown or {}
    if search is not None:
        levels = levels_of(closed, search)
        if levels:
            return _search(levels, closed, shown)
    if attempt.ended != "completed":
        return None
    return (
        fell_short(closed, shown.get(Reason.LOAD_FELL_SHORT))
        or (None if Reason.LOAD_FELL_SHORT in shown else _top_fell_short(closed))
        or _too_few(closed.thresholds)
        or (None if Reason.NO_STEADY_STATE in shown else _drifts(closed))
        or _too_wide(closed.thresholds)
    )


def _search(
    levels: Sequence[SeenLevel], closed: ClosedAttempt, shown: Mapping[Reason, ClosedAttempt]
) -> Trouble | None:
    """Where to look next for the breaking point."""
    pair = knee(levels)
    if pair:
        lower, upper = pair
        few = level_fell_short(upper, closed.plan) if Reason.LOAD_FELL_SHORT not in shown else None
        return few or Trouble(
            reason=Reason.KNEE_BETWEEN,
            subject="load",
            seen=f"{figure(lower.rate_per_s, '/s')} was kept up with and "
            f"{figure(upper.rate_per_s, '/s')} was not: {upper.lost}",
            value=lower.rate_per_s,
            high=upper.rate_per_s,
        )
    top = levels[-1]
    # A level that was lost before and is kept now: the limit lies about there.
    if not top.kept or Reason.KNEE_BETWEEN in shown:
        return None
    return Trouble(
        reason=Reason.LIMIT_NOT_FOUND,
        subject="load",
        seen=f"the highest level, {figure(top.rate_per_s, '/s')}, was kept up with",
        value=top.rate_per_s,
    )


def _top_fell_short(closed: ClosedAttempt) -> Trouble | None:
    levels = levels_of(closed)
    return level_fell_short(levels[-1], closed.plan) if len(levels) > 1 else None


def _too_few(thresholds: Sequence[ThresholdResult]) -> Trouble | None:
    worst: Trouble | None = None
    for result in thresholds:
        if result.decision is not Decision.UNDECIDED or not result.samples:
            continue
        threshold = parse_threshold(result.text)
        # A sliding window needs a higher rate, not a longer run: planning again would not fill it.
        if threshold.metric is not Metric.PERCENTILE or threshold.over_s:
            continue
        needed = percentile_floor(threshold.percentile)
        ratio = needed / result.samples
        if ratio > 1 and (worst is None or ratio > (worst.value or 0)):
            worst = Trouble(
                reason=Reason.TOO_FEW_SAMPLES,
                subject=threshold.label,
                seen=f"{result.text}: {result.samples:,} samples, {needed:,} are needed",
                value=ratio,
            )
    return worst


def _drifts(closed: ClosedAttempt) -> Trouble | None:
    """No steady state. A queue that grows is the target's limit: a finding, no reason to load it longer."""
    steady = closed.attempt.phase("steady")
    found = drift(closed.plan, steady, closed.charts.series) if steady else None
    if found is None or found.saturated:
        return None
    return Trouble(reason=Reason.NO_STEADY_STATE, subject=found.what, seen=str(found))


def _too_wide(thresholds: Sequence[ThresholdResult]) -> Trouble | None:
    """A percentile that is met, where chance alone could have met it, and nothing else is open.

    A broken one stands, marginal or not: another run must not undo it. A breach in the longer run stands too,
    so that it can make a verdict only harder.
    """
    if any(result.decision is not Decision.MET for result in thresholds):
        return None
    marginal = [
        result
        for result in thresholds
        if result.marginal and parse_threshold(result.text).metric is Metric.PERCENTILE
    ]
    if not marginal:
        return None
    # The longest of the runs that can be made, or else the shortest of those that can't.
    likely = [r for r in marginal if r.times_longer is not None and r.times_longer <= MOST_TIMES_LONGER]
    chosen = max(likely, key=_times) if likely else min(marginal, key=_times)
    return Trouble(
        reason=Reason.INTERVAL_TOO_WIDE,
        subject=parse_threshold(chosen.text).label,
        seen=f"{chosen.text}: met, but the interval of its value reaches across the limit",
        value=chosen.times_longer,
    )


def _times(result: ThresholdResult) -> float:
    return float("inf") if result.times_longer is None else result.times_longer
