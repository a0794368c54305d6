"""Whether the load was real: what was asked, what was reached, and whether JMeter itself was the limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.failures.failure_class import FailureClass, class_of_cause
from perfpilot.analysis.figures import figure
from perfpilot.analysis.generator.at_work import UsersAtWork, pauses_s
from perfpilot.analysis.generator.gc_log import GcLog
from perfpilot.analysis.generator.lateness import Lateness, quantile_late_ms
from perfpilot.analysis.generator.pauses import Pauses, pauses_between
from perfpilot.analysis.generator.windows import RESIDUAL, load_windows, off
from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.measure import GeneratorHealth, LoadWindow, PhaseStats, ResourceSeries, Series
from perfpilot.domain.plan import Engine, Plan

ENOUGH = 0.95
"""Less than this share of the load asked is another load than the one asked."""

BUSY_GENERATOR = 0.80
"""JMeter's share of all cores from which it measures its own queues: in a simulated generator with two cores
Little's law was off by 0.3 % at 78 % and by 15 to 37 % when saturated."""

BUSY_HOST = 0.90
MAIN_PART = 1 / 3
"""JMeter is a main part of a busy host from this share of the work done there."""

LATE_MS = 1000.0
"""One in 20 arrivals later than this came in another second than the one that asked for it."""

LATE_NOTED_MS = 100.0

USERS_FREE = 0.5
"""Users who share a rate and of whom fewer were at work when a request was late were free to send it: then
not the target held it up."""

OWN_FAILURES = 0.005
"""Share of samples failed within the generator from which the load was another one than the one asked."""

_LEAST_SAMPLES = 200
_LEAST_SECONDS = 10.0


def generator_health(
    plan: Plan,
    steady: PhaseStats | None,
    resources: Sequence[ResourceSeries],
    series: Series,
    *,
    work: UsersAtWork | None = None,
    late: Sequence[Lateness] = (),
    gc_log: GcLog | None = None,
) -> GeneratorHealth:
    """Judge the load generator over the steady phase.

    Limited: JMeter, or the whole host with JMeter a main part of the work, was saturated and the load fell
    short; or requests and pauses do not add up to the users, over the phase or in a share of its windows; or
    arrivals came late that no answer held up; or its collector stood still for long; or half a percent of the
    samples failed for want of its own ports, file descriptors, threads or memory. A load that fell short
    while the generator was idle is not its fault.

    `in_flight_mean` is throughput x mean response time: requests under way at a time. `work`, `late` (of a
    result file that is whole: a row that is missing looks like a request that was not sent) and `gc_log` are
    left out where they are not known; what rests on them is None then.
    """
    if steady is None or steady.to_s <= steady.from_s:
        return GeneratorHealth(limited=False)
    length = steady.to_s - steady.from_s
    achieved = _achieved_load(plan, steady, series)
    in_flight = steady.pooled.count / length * (steady.pooled.mean_ms or 0.0) / 1000
    windows = load_windows(plan, steady, series, work) if work else ()
    telling = [one for one in late if one.telling]
    late_p95_ms = quantile_late_ms(telling, 0.95, steady.from_s, steady.to_s)
    pauses = _pauses(gc_log, steady, series)
    whole = _contradictions(plan, steady, series, in_flight)
    in_windows = off(windows)
    reasons = [
        *_own_failures(steady),
        *_saturation(resources, steady, achieved),
        *(whole or ([in_windows] if in_windows else [])),
        *_late(plan, telling, steady, work),
        *(pauses.reasons() if pauses else []),
    ]
    return GeneratorHealth(
        limited=bool(reasons),
        reasons=tuple(reasons),
        achieved_load=achieved,
        cpu_share=_mean_share(resources, "jmeter", steady),
        in_flight_mean=in_flight,
        windows=windows,
        late_p95_ms=late_p95_ms,
        late_worst_ms=quantile_late_ms(telling, 1.0, steady.from_s, steady.to_s),
        gc_share=pauses.share if pauses else None,
        gc_longest_ms=pauses.longest_ms if pauses else None,
        heap_share=pauses.heap_share if pauses else None,
        threads_peak=_peak(resources, "threads", steady),
        sockets_peak=_peak(resources, "sockets", steady),
        notes=(
            *_odd_windows(windows, in_windows),
            *_late_notes(late_p95_ms, telling, steady),
            *(pauses.notes() if pauses else []),
        ),
    )


def _pauses(log: GcLog | None, steady: PhaseStats, series: Series) -> Pauses | None:
    if log is None:
        return None
    begin, end = (series.start_ms + 1000 * at for at in (steady.from_s, steady.to_s))
    return pauses_between(log, begin, end, steady.pooled.p50_ms or 0.0)


def _late(plan: Plan, late: Sequence[Lateness], steady: PhaseStats, work: UsersAtWork | None) -> list[str]:
    """Arrivals that the generator itself sent late: of an open schedule, or of users who were free."""
    own = [
        one for one in late if one.arrivals.engine is Engine.OPEN_SCHEDULE or _free(plan, one, steady, work)
    ]
    p95_ms = quantile_late_ms(own, 0.95, steady.from_s, steady.to_s)
    if p95_ms is None or p95_ms < LATE_MS:
        return []
    return [
        f"one in 20 requests started more than {figure(p95_ms, 'ms')} late: JMeter fell behind the schedule"
    ]


def _free(plan: Plan, one: Lateness, steady: PhaseStats, work: UsersAtWork | None) -> bool:
    """Whether users who share rates were free in the seconds in which requests were late."""
    users = sum(s.users for s in plan.scenarios if s.engine is Engine.STEERED_RATE)
    if work is None or not users:
        return False
    late_ms, counts = one.between(steady.from_s, steady.to_s)
    bins = np.flatnonzero((counts > 0) & (late_ms >= LATE_MS))
    seconds = np.unique((steady.from_s + bins * one.bin_s).astype(int))
    at_work = work.busy() + work.pausing()
    return bool(len(seconds)) and float(at_work[seconds[seconds < len(at_work)]].mean()) < USERS_FREE * users


def _late_notes(p95_ms: float | None, late: Sequence[Lateness], steady: PhaseStats) -> list[str]:
    if p95_ms is None or p95_ms < LATE_NOTED_MS:
        return []
    worst = quantile_late_ms(late, 1.0, steady.from_s, steady.to_s) or 0.0
    return [
        f"one in 20 requests started more than {figure(p95_ms, 'ms')} late, the latest {figure(worst, 'ms')}"
    ]


def _odd_windows(windows: Sequence[LoadWindow], told: str) -> list[str]:
    wrong = [window for window in windows if not window.ok]
    if told or not wrong:
        return []
    return [f"from {wrong[0].from_s:.0f} s to {wrong[0].to_s:.0f} s users waited inside the generator"]


def _peak(resources: Sequence[ResourceSeries], metric: str, steady: PhaseStats) -> int | None:
    values = [
        value
        for one in resources
        if one.component == "jmeter" and one.metric == metric
        for t_s, value in zip(one.t_s, one.values, strict=True)
        if steady.from_s <= t_s < steady.to_s
    ]
    return int(max(values)) if values else None


def _achieved_load(plan: Plan, steady: PhaseStats, series: Series) -> float | None:
    """Samples started / samples asked, of those that can be counted ahead (see `certain_load`).

    Users at work / users asked where only users are given: users alive, or, behind a gate, where those that
    are parked are alive too, the users that requests and pauses explain. A plan with both is judged by its
    rate.
    """
    certain = certain_load(plan)
    asked = certain.asked_between(steady.from_s, steady.to_s)
    if asked > 0:
        return certain.reached(steady.labels) / asked
    if any(scenario.curve.unit != "users" for scenario in plan.scenarios):
        return None
    wanted = _users_asked(plan, steady)
    users = _explained(plan, steady) if _gated(plan) else _mean_users(series, steady)
    return None if users is None or wanted <= 0 else users / wanted


def _own_failures(steady: PhaseStats) -> list[str]:
    """Samples that failed within the generator: nothing of them reached the target."""
    own = [c for c in steady.pooled.causes if class_of_cause(c.code) is FailureClass.GENERATOR]
    count = sum(cause.count for cause in own)
    if not count or count < OWN_FAILURES * steady.pooled.count:
        return []
    why = ", ".join(cause.code for cause in own)
    return [f"{count:,} of {steady.pooled.count:,} samples failed within JMeter ({why}), not at the target"]


def _saturation(resources: Sequence[ResourceSeries], steady: PhaseStats, achieved: float | None) -> list[str]:
    if achieved is None or achieved >= ENOUGH:
        return []
    jmeter, host = (_mean_share(resources, component, steady) for component in ("jmeter", "host"))
    reached = f"and {figure(100 * achieved, '%')} of the load asked was reached"
    if jmeter is not None and jmeter >= BUSY_GENERATOR:
        return [f"JMeter used {figure(100 * jmeter, '%')} of its host's processor {reached}"]
    if jmeter is not None and host is not None and host >= BUSY_HOST and jmeter >= MAIN_PART * host:
        used = f"JMeter {figure(100 * jmeter, '%')} of it"
        return [f"JMeter's host was {figure(100 * host, '%')} busy, {used}, {reached}"]
    return []


def _contradictions(plan: Plan, steady: PhaseStats, series: Series, in_flight: float) -> list[str]:
    """In-flight requests that a fixed number of users can't explain.

    An open schedule has a user for every request under way, so nothing could contradict it: there a target
    that falls behind lets its queue grow, and the long answers of the last arrivals end after the phase.
    """
    if not plan.scenarios:
        return []  # a file of another's load: pauses are not known, nor whether it had one JMeter or several
    if any(scenario.engine is Engine.OPEN_SCHEDULE for scenario in plan.scenarios):
        return []
    users = _mean_users(series, steady)
    if users is None or steady.pooled.count < _LEAST_SAMPLES or steady.to_s - steady.from_s < _LEAST_SECONDS:
        return []
    # A sample counts in full where it started: at most one answer for each user ends after the phase.
    overhang = (steady.pooled.max_ms or 0.0) / 1000 / (steady.to_s - steady.from_s)
    if in_flight > users * (1 + RESIDUAL + overhang) + 1:
        flying = f"{figure(in_flight, '')} requests were under way at a time"
        return [f"{flying}, more than the {figure(users, '')} users that were alive"]
    if any(scenario.curve.unit != "users" for scenario in plan.scenarios):
        return []
    working = _users_asked(plan, steady) if _gated(plan) else users
    explained = _explained(plan, steady)
    missing = working - explained
    if missing > RESIDUAL * working and missing >= 1:
        explains = f"response and think times explain {figure(explained, '')}"
        return [f"of {figure(working, '')} users {explains}: the others waited inside the generator"]
    return []


def _gated(plan: Plan) -> bool:
    return any(scenario.engine is Engine.STEERED_USERS for scenario in plan.scenarios)


def _users_asked(plan: Plan, steady: PhaseStats) -> float:
    """Users that the curves ask for, on average."""
    curves = [scenario.curve for scenario in plan.scenarios if scenario.curve.unit == "users"]
    return sum(curve.area_between(steady.from_s, steady.to_s) for curve in curves) / (
        steady.to_s - steady.from_s
    )


def _explained(plan: Plan, steady: PhaseStats) -> float:
    """Users inside a request or a think time, on average: one sample of a label comes with one pause.

    Cases count: they keep users at work too. A label with different pauses in several steps has their mean.
    """
    pauses = pauses_s(plan)
    total_s = 0.0
    for prefix, found in (("", steady.labels), (CASE_PREFIX, steady.cases)):
        for stats in found:
            pause_s = pauses.get(prefix + stats.label, 0.0)
            total_s += stats.count * ((stats.mean_ms or 0.0) / 1000 + pause_s)
    return total_s / (steady.to_s - steady.from_s)


def _mean_users(series: Series, steady: PhaseStats) -> float | None:
    known = [users for users in series.users[int(steady.from_s) : int(steady.to_s)] if users is not None]
    return sum(known) / len(known) if known else None


def _mean_share(resources: Sequence[ResourceSeries], component: str, steady: PhaseStats) -> float | None:
    values = [
        value
        for one in resources
        if one.component == component and one.metric == "cpu_share"
        for t_s, value in zip(one.t_s, one.values, strict=True)
        if steady.from_s <= t_s < steady.to_s
    ]
    return sum(values) / len(values) if values else None
