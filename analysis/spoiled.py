"""Evidence spoiled from outside the system under test: a neighbour ate the processor, a monitor died.

Only what is shown to lie outside counts. A target that restarts, dies or slows down is a finding and never
a reason to try again: that would launder a bad result.

What a spoiled environment touches is undecided. A neighbour touches everything: it starves the load generator
and a target on the same host alike, and a starved target fails, too. A monitor that died touches whatever
needs a host that was seen to be well; the target's own answers do not need one, so errors that it answered
and that break a goal stand.
"""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.figures import figure
from perfpilot.analysis.thresholds.thresholds import broken_by_answers
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.measure import PhaseStats, ResourceSeries
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.thresholds import parse_threshold

NEIGHBOUR_SHARE = 0.25
"""Share of all cores of the host. On two cores it is half a core, enough to lengthen the queue of either
JMeter or a target that shares the host; a build or a backup takes more, a desktop and its daemons less."""

NEIGHBOUR_RISE = 0.15
"""Above the quiet baseline taken before the load. A host that is always this busy is the environment that
the engineer chose; preparing it again would find it as busy as before. The baseline is short, so a rise
smaller than this is within its own noise."""

_NEIGHBOURS = "neighbours"

MONITOR_SILENT_S = 10.0
"""Monitors sample every second (remote ones every five): ten seconds are no longer jitter."""


def spoiled_by(
    resources: tuple[ResourceSeries, ...],
    from_s: float,
    to_s: float,
    *,
    load_end_s: float,
    quiet_neighbours: float = 0.0,
    busiest: str = "",
) -> Trouble | None:
    """What spoiled the evidence of the steady phase `from_s..to_s`, or None.

    `quiet_neighbours`: mean share of the host's cores (0..1) that neighbours used before the load.
    `busiest`: name of the busiest neighbour, if the monitor knows it. `load_end_s`: end of the load.
    All times are seconds since the load began. `Trouble.value` is the neighbours' mean share, or the
    seconds for which the monitor was silent. No series of the host at all is a degradation, not a death.
    """
    return _neighbours(resources, from_s, to_s, quiet_neighbours, busiest) or _died(resources, load_end_s)


def mend_of(trouble: Trouble) -> str:
    """Which condition to change before the same test is run again, in words to the engineer."""
    if trouble.reason is Reason.NEIGHBOUR_CPU:
        who = "them" if trouble.subject == _NEIGHBOURS else trouble.subject
        return f"stop {who} or move the load generator to a host of its own, then run the test again"
    return (
        "see in events.jsonl why the monitor ended (memory and disk of its host are the usual reasons), "
        "mend that, then run the test again"
    )


def spoil(closed: ClosedAttempt, trouble: Trouble) -> ClosedAttempt:
    """The attempt without what the trouble touches.

    It is not valid and decides nothing, with what was seen and what to change as the reason; but for errors
    that stand, where the attempt stays valid for them alone.
    """
    steady = closed.attempt.phase("steady")
    stands = [_stands(result, steady, trouble) for result in closed.thresholds]
    results = tuple(
        result if kept else _undecided(result, trouble.seen)
        for result, kept in zip(closed.thresholds, stands, strict=True)
    )
    update: dict[str, object] = {"spoiled": True}
    if not any(stands):
        update |= {"valid": False, "invalid_because": f"{trouble.seen}: {mend_of(trouble)}"}
    attempt = closed.attempt.model_copy(update=update)
    return closed.model_copy(update={"attempt": attempt, "thresholds": results})


def _stands(result: ThresholdResult, steady: PhaseStats | None, trouble: Trouble) -> bool:
    if trouble.reason is not Reason.MONITOR_DIED or result.decision is not Decision.BROKEN or steady is None:
        return False
    return broken_by_answers(parse_threshold(result.text), steady)


def _undecided(result: ThresholdResult, reason: str) -> ThresholdResult:
    update = {"decision": Decision.UNDECIDED, "reason": reason, "marginal": False, "times_longer": None}
    return result.model_copy(update=update)


def _neighbours(
    resources: tuple[ResourceSeries, ...], from_s: float, to_s: float, quiet: float, busiest: str
) -> Trouble | None:
    values = [
        value
        for series in resources
        if series.component == "neighbours" and series.metric == "cpu_share"
        for t_s, value in zip(series.t_s, series.values, strict=True)
        if from_s <= t_s <= to_s and np.isfinite(value)
    ]
    if not values:
        return None
    mean = float(np.mean(values))
    # A share is rarely exact in binary: 0.4 - 0.25 is below 0.15.
    if mean < NEIGHBOUR_SHARE - 1e-9 or mean - quiet < NEIGHBOUR_RISE - 1e-9:
        return None
    who = f", the busiest {busiest}" if busiest else ""
    return Trouble(
        reason=Reason.NEIGHBOUR_CPU,
        subject=busiest or _NEIGHBOURS,
        seen=f"processes outside the test used {figure(100 * mean, '%')} of the host's cores in the steady "
        f"phase, {figure(100 * quiet, '%')} before the load{who}",
        value=mean,
    )


def _died(resources: tuple[ResourceSeries, ...], load_end_s: float) -> Trouble | None:
    last = max((s.t_s[-1] for s in resources if s.component == "host" and s.t_s), default=None)
    if last is None or load_end_s - last <= MONITOR_SILENT_S:
        return None
    return Trouble(
        reason=Reason.MONITOR_DIED,
        subject="host",
        seen=f"the host's monitor fell silent at {figure(max(last, 0.0), 's')} of a load that ended at "
        f"{figure(load_end_s, 's')}",
        value=load_end_s - last,
    )
