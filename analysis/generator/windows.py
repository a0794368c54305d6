"""Little's law in each window of the steady phase: users = throughput x (response time + think time).

Users who are neither inside a request nor in a pause wait inside the generator, which then measures itself.
In the mean of a whole phase a minute of that in an hour is lost; a window shows it.

A window is off where more than `RESIDUAL` of its users are missing, and more than chance explains: requests
of a user come once in a cycle, so that a window of a few cycles has one more or one less of each user. Its
length is ten seconds, and five cycles at least.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.figures import figure
from perfpilot.analysis.generator.at_work import UsersAtWork
from perfpilot.analysis.generator.lateness import Floats
from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.measure import LoadWindow, PhaseStats, Series
from perfpilot.domain.plan import Engine, Plan, Scenario

RESIDUAL = 0.10
"""Users missing from Little's law N = X (R + Z): above this share they waited inside the generator."""

OFF_SHARE = 0.10
"""Share of windows that are off from which the load was another one than the one asked."""

OFF_LEAST = 2
"""One window that is off is a blip: a pause of the collector, a look of the system at something else."""

_LEAST_S, _CYCLES = 10.0, 5.0
_CHANCE = 3.0
_SPREAD = 0.6  # of what the edges of a window cut off: at most half a cycle of each user, with random pauses


def load_windows(plan: Plan, steady: PhaseStats, series: Series, work: UsersAtWork) -> tuple[LoadWindow, ...]:
    """The windows of the steady phase. `users` and `explained` are given where only users are asked for,
    `reached` where requests can be counted ahead. No window for a phase shorter than a window.
    """
    cycle_s = _cycle_s(plan, steady)
    wanted_s = max(_LEAST_S, math.ceil(_CYCLES * cycle_s))
    first, last = math.ceil(steady.from_s), min(math.floor(steady.to_s), work.seconds)
    count = int((last - first) // wanted_s)
    if count < 1:
        return ()
    edges = np.linspace(first, last, count + 1).astype(int).tolist()
    busy, pausing, sent = work.busy(), work.pausing(), work.sent()
    users = _users(plan, series, work.seconds)
    certain = certain_load(plan)
    found = []
    for low, high in pairwise(edges):
        asked = certain.asked_between(low, high)
        reached = float(sent[low:high].sum()) / asked if asked > 0 else None
        if users is None or not np.isfinite(users[low:high]).any():
            found.append(LoadWindow(from_s=low, to_s=high, reached=reached))
            continue
        at_work = float(np.nanmean(users[low:high]))
        explained = float((busy[low:high] + pausing[low:high]).mean())
        found.append(
            LoadWindow(
                from_s=low,
                to_s=high,
                users=at_work,
                explained=explained,
                reached=reached,
                ok=at_work - explained <= _allowed(at_work, cycle_s, high - low),
            )
        )
    return tuple(found)


def off(windows: tuple[LoadWindow, ...]) -> str:
    """What the windows show against the generator, in a sentence; empty: nothing, or too little."""
    judged = [window for window in windows if window.users is not None]
    wrong = [window for window in judged if not window.ok]
    if len(wrong) < OFF_LEAST or len(wrong) < OFF_SHARE * len(judged):
        return ""
    worst = max(wrong, key=lambda w: 1 - (w.explained or 0.0) / (w.users or 1.0))
    return (
        f"in {len(wrong)} of {len(judged)} windows users waited inside the generator: at "
        f"{worst.from_s:.0f} s response and think times explain {figure(worst.explained or 0.0, '')} of "
        f"{figure(worst.users or 0.0, '')}"
    )


def _allowed(users: float, cycle_s: float, length_s: float) -> float:
    """Users that may be missing."""
    chance = _CHANCE * _SPREAD * math.sqrt(max(users, 1.0)) * cycle_s / length_s
    return max(RESIDUAL * users, 1.0) + chance


def _users(plan: Plan, series: Series, seconds: int) -> Floats | None:
    """Users who should be at work in each second; None where the plan asks for anything but users."""
    if any(scenario.curve.unit != "users" for scenario in plan.scenarios):
        return None
    if any(scenario.engine is Engine.STEERED_USERS for scenario in plan.scenarios):
        return np.array([sum(s.curve.level_at(t + 0.5) for s in plan.scenarios) for t in range(seconds)])
    known = [math.nan if users is None else float(users) for users in series.users[:seconds]]
    return np.array([*known, *[math.nan] * (seconds - len(known))])


def _cycle_s(plan: Plan, steady: PhaseStats) -> float:
    """The longest time that an iteration takes a user, with the median response times of the phase."""
    times_s = {stats.label: (stats.p50_ms or 0.0) / 1000 for stats in steady.labels}
    times_s |= {CASE_PREFIX + stats.label: (stats.p50_ms or 0.0) / 1000 for stats in steady.cases}
    return max((_iteration_s(s, times_s) for s in plan.scenarios), default=0.0)


def _iteration_s(scenario: Scenario, times_s: dict[str, float]) -> float:
    return scenario.think_time_s + sum(step.repeat * times_s.get(step.label, 0.0) for step in scenario.steps)
