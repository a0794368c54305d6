"""Whether the load was real: what was asked, what was reached, and whether JMeter itself was the limit."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.failure_class import FailureClass, class_of_cause
from perfpilot.analysis.figures import figure
from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.measure import GeneratorHealth, PhaseStats, ResourceSeries, Series
from perfpilot.domain.plan import Engine, Plan

ENOUGH = 0.95
"""Less than this share of the load asked is another load than the one asked."""

BUSY_GENERATOR = 0.80
"""JMeter's share of all cores from which it measures its own queues: in a simulated generator with two cores
Little's law was off by 0.3 % at 78 % and by 15 to 37 % when saturated."""

BUSY_HOST = 0.90
MAIN_PART = 1 / 3
"""JMeter is a main part of a busy host from this share of the work done there."""

RESIDUAL = 0.10
"""Users missing from Little's law N = X (R + Z): above this share they waited inside the generator."""

OWN_FAILURES = 0.005
"""Share of samples failed within the generator from which the load was another one than the one asked."""

_LEAST_SAMPLES = 200
_LEAST_SECONDS = 10.0


def generator_health(
    plan: Plan, steady: PhaseStats | None, resources: Sequence[ResourceSeries], series: Series
) -> GeneratorHealth:
    """Judge the load generator over the steady phase.

    Limited: JMeter, or the whole host with JMeter a main part of the work, was saturated and the load fell
    short; or requests and pauses do not add up to the users; or half a percent of the samples failed for want
    of its own ports, file descriptors, threads or memory. A load that fell short while the generator was idle
    is not its fault.
    `in_flight_mean` is throughput x mean response time: requests under way at a time.
    """
    if steady is None or steady.to_s <= steady.from_s:
        return GeneratorHealth(limited=False)
    length = steady.to_s - steady.from_s
    achieved = _achieved_load(plan, steady, series)
    in_flight = steady.pooled.count / length * (steady.pooled.mean_ms or 0.0) / 1000
    cpu = _mean_share(resources, "jmeter", steady)
    reasons = [
        *_own_failures(steady),
        *_saturation(resources, steady, achieved),
        *_contradictions(plan, steady, series, in_flight),
    ]
    return GeneratorHealth(
        limited=bool(reasons),
        reasons=tuple(reasons),
        achieved_load=achieved,
        cpu_share=cpu,
        in_flight_mean=in_flight,
    )


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
    pauses_s: dict[str, list[float]] = {}
    for scenario in plan.scenarios:
        for step in scenario.steps:
            pauses_s.setdefault(step.label, []).extend([step.think_time_s] * step.repeat)
    total_s = 0.0
    for prefix, found in (("", steady.labels), (CASE_PREFIX, steady.cases)):
        for stats in found:
            pauses = pauses_s.get(prefix + stats.label, [0.0])
            total_s += stats.count * ((stats.mean_ms or 0.0) / 1000 + sum(pauses) / len(pauses))
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
