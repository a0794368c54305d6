"""What planning again did: one sentence on the attempt that followed a change, for the record of the loop."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.analysis.figures import figure
from perfpilot.analysis.knee import knee, levels_of
from perfpilot.analysis.steadiness import drift
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.loops import Reason
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.thresholds import Threshold


def effect_of(
    reason: Reason, before: ClosedAttempt, now: ClosedAttempt, search: Sequence[Threshold] = ()
) -> str:
    """What became of the reason for which `before` was followed by `now`.

    `search`: the thresholds that judge the levels of a search for the breaking point.
    """
    attempt = now.attempt
    if not attempt.valid or attempt.phase("steady") is None:
        return f"attempt {attempt.number} ended {attempt.ended.replace('_', ' ')} and decides nothing"
    match reason:
        case Reason.LOAD_FELL_SHORT:
            return f"{_reached(now)}, {_reached(before)}"
        case Reason.TOO_FEW_SAMPLES:
            return _decided(now, [r for r in before.thresholds if r.decision is Decision.UNDECIDED])
        case Reason.INTERVAL_TOO_WIDE:
            return _decided(now, [r for r in before.thresholds if r.marginal])
        case Reason.NO_STEADY_STATE:
            return _steady(now)
        case Reason.KNEE_BETWEEN | Reason.LIMIT_NOT_FOUND:
            return _found(now, search)
    return _reached(now)


def _reached(closed: ClosedAttempt) -> str:
    achieved = closed.attempt.generator.achieved_load
    share = "an unknown share" if achieved is None else figure(100 * achieved, "%")
    return f"attempt {closed.attempt.number} reached {share} of the load asked"


def _decided(now: ClosedAttempt, lines: Sequence[ThresholdResult]) -> str:
    texts = {result.text for result in lines}
    said = [
        f"{r.text} is {r.decision.value}{' and still marginal' if r.marginal else ''} over "
        f"{figure(r.samples, 'samples')}"
        for r in now.thresholds
        if r.text in texts
    ]
    return f"attempt {now.attempt.number}: {'; '.join(said) or 'nothing was decided'}"


def _steady(now: ClosedAttempt) -> str:
    steady = now.attempt.phase("steady")
    found = drift(now.plan, steady, now.charts.series) if steady else None
    if found is None:
        return f"attempt {now.attempt.number} came to a steady state"
    return f"attempt {now.attempt.number} drifted as well: {found}"


def _found(now: ClosedAttempt, search: Sequence[Threshold]) -> str:
    levels = levels_of(now, search)
    name = f"attempt {now.attempt.number}"
    pair = knee(levels)
    if pair:
        lower, upper = (figure(level.rate_per_s, "/s") for level in pair)
        return f"{name} kept up with {lower} and not with {upper}: {pair[1].lost}"
    if not levels:
        return f"{name} held no level long enough to tell"
    if levels[-1].kept:
        return f"{name} kept up with every level, up to {figure(levels[-1].rate_per_s, '/s')}"
    return f"{name} kept up with none of its levels, from {figure(levels[0].rate_per_s, '/s')} on"
