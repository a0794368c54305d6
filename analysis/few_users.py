"""Paced users who were too few for the rate: all of them were busy, and the load fell short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfpilot.analysis.figures import figure
from perfpilot.analysis.knee import SeenLevel
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.measure import LabelStats, PhaseStats
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.result import ClosedAttempt

SHORT = 0.95
"""Less than this share of the load asked is another load than the one asked."""

USERS_BUSY = 0.9
"""Users that are the limit never wait for their turn: nearly all of them are inside a request or a pause."""

REGAINED = 0.5
"""More users were of use where they brought back this share of what had been missing."""


def fell_short(closed: ClosedAttempt, before: ClosedAttempt | None = None) -> Trouble | None:
    """The scenario that fell short most for want of users, over the steady phase.

    `before`: the attempt after which users were added. Where that brought back less than half of what had
    been missing, the users queue in the target, which is the limit itself: None.
    """
    worst = _worst(closed)
    if worst is None:
        return None
    was = _worst(before) if before else None
    if was and 1 - worst.share > (1 - REGAINED) * (1 - was.share):
        return None
    return Trouble(
        reason=Reason.LOAD_FELL_SHORT,
        subject=worst.scenario.name,
        seen=f"{worst.scenario.name} reached {figure(100 * worst.share, '%')} of the load asked with "
        f"{figure(worst.busy, '')} of {worst.scenario.users} users busy, at a mean response time of "
        f"{figure(1000 * worst.response_s, 'ms')}",
        value=worst.response_s,
    )


def level_fell_short(level: SeenLevel, plan: Plan) -> Trouble | None:
    """A level of a stepped load that paced users may have been too few for: only more of them can tell.

    In the mean of all levels they are not busy.

    A second has no mean: its median stands in. Under a queue of all users response times hardly differ.
    """
    paced = [s for s in plan.scenarios if s.measured and s.engine is Engine.STEERED_RATE]
    if not level.short or not paced or level.p50_ms is None:
        return None
    requests = sum(s.requests * s.curve.peak for s in paced) / sum(s.curve.peak for s in paced)
    pause_s = sum(s.think_time_s * s.curve.peak for s in paced) / sum(s.curve.peak for s in paced)
    users = sum(s.users for s in paced)
    busy = level.samples_per_s * (level.p50_ms / 1000 + pause_s / requests)
    if busy < USERS_BUSY * users:
        return None
    return Trouble(
        reason=Reason.LOAD_FELL_SHORT,
        subject="load",
        seen=f"at {figure(level.rate_per_s, '/s')}, {level.lost} with {figure(busy, '')} of {users} users "
        f"busy, at a median response time of {figure(level.p50_ms, 'ms')}",
        value=level.p50_ms / 1000,
    )


@dataclass(frozen=True)
class _Reached:
    scenario: Scenario
    share: float  # of the iterations asked
    response_s: float  # mean response time of a sample
    busy: float  # users inside a request or a think time, on average


def _worst(closed: ClosedAttempt) -> _Reached | None:
    phase, plan = closed.attempt.phase("steady"), closed.plan
    achieved = closed.attempt.generator.achieved_load
    if phase is None or achieved is None:
        return None
    paced = [s for s in plan.scenarios if s.measured and s.engine is Engine.STEERED_RATE]
    reached = [r for s in paced if (r := _reached(s, phase, plan, achieved)) is not None]
    bound = [r for r in reached if r.share < SHORT and r.busy >= USERS_BUSY * r.scenario.users]
    return min(bound, key=lambda r: (r.share, r.scenario.name), default=None)


def _reached(scenario: Scenario, phase: PhaseStats, plan: Plan, achieved: float) -> _Reached | None:
    # Users of a pattern that begins late or pauses are idle until it is their turn.
    active_s = _active_s(scenario, phase.from_s, phase.to_s)
    if active_s <= 0 or phase.pooled.mean_ms is None:
        return None
    arrivals = scenario.curve.area_between(phase.from_s, phase.to_s) / active_s
    per_active_s = (phase.to_s - phase.from_s) / active_s
    stats = [s for s in phase.labels if s.label in {step.label for step in scenario.steps}]
    rate = sum(s.rate_per_s for s in stats)
    share = _share(scenario, plan, stats, arrivals / per_active_s)
    if share is None or not rate:
        # A label shared between scenarios can't be told apart: the pooled figures stand in.
        share, response_s = achieved, phase.pooled.mean_ms / 1000
        pauses_s = sum(step.think_time_s * step.repeat for step in scenario.steps if not step.only_if)
        one_pass_s = scenario.certain_requests * response_s + pauses_s
        return _Reached(scenario, share, response_s, busy=share * arrivals * one_pass_s)
    response_s = sum(s.rate_per_s * (s.mean_ms or 0.0) for s in stats) / rate / 1000
    # Each request brings its pause; the login of an iteration has none.
    busy = per_active_s * sum(
        s.rate_per_s * ((s.mean_ms or 0.0) / 1000 + _pause_s(scenario, s.label)) for s in stats
    )
    login_ms = next((s.mean_ms or 0.0 for s in phase.labels if s.label == plan.login), 0.0)
    if scenario.login_first:
        busy += share * arrivals * login_ms / 1000
    return _Reached(scenario, share, response_s, busy)


def _active_s(scenario: Scenario, from_s: float, to_s: float) -> float:
    """Seconds between two moments in which the scenario has a load."""
    found, begin = 0.0, 0.0
    for segment in scenario.curve.segments:
        end = begin + segment.duration_s
        if max(segment.start, segment.end) > 0:
            found += max(0.0, min(end, to_s) - max(begin, from_s))
        begin = end
    return found


def _share(scenario: Scenario, plan: Plan, stats: Sequence[LabelStats], arrivals: float) -> float | None:
    """Iterations made of those asked, by the steps that every iteration makes; None: they can't be told."""
    own = {step.label for step in scenario.steps}
    others = {step.label for s in plan.scenarios if s is not scenario for step in s.steps}
    # What a condition or the logins of iterations bring comes on top of what was asked.
    certain = own - {step.label for step in scenario.steps if step.only_if} - {plan.login}
    times = sum(step.repeat for step in scenario.steps if step.label in certain)
    if own & others or not times:
        return None
    return sum(s.rate_per_s for s in stats if s.label in certain) / (arrivals * times)


def _pause_s(scenario: Scenario, label: str) -> float:
    """The mean pause before a request of this label."""
    steps = [step for step in scenario.steps if step.label == label]
    return sum(step.think_time_s * step.repeat for step in steps) / sum(step.repeat for step in steps)
