"""One run against an earlier one, refused where the two did not carry the same load."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.figures import figure
from perfpilot.domain.judgement import Comparison, MetricChange
from perfpilot.domain.measure import Attempt, LabelStats, PhaseStats
from perfpilot.domain.plan import Plan

SAME_LOAD = 0.05
"""Offered rates further apart than this make a slower run look like a regression, or hide one."""

ONE_AGAINST_ONE = "one run against one, without a test of significance"

_TIMES = (
    ("p50", "p50_ms"),
    ("p90", "p90_ms"),
    ("p95", "p95_ms"),
    ("p99", "p99_ms"),
    ("mean", "mean_ms"),
    ("max", "max_ms"),
)


@dataclass(frozen=True)
class Measured:
    """An attempt and the plan that it ran; without its plan, the rate reached stands for the rate asked."""

    attempt: Attempt
    plan: Plan | None = None


def compare(before: Measured, after: Measured, *, baseline_run: str = "") -> Comparison:
    """Changes of percentiles, mean, maximum, error rate and throughput, pooled (label "") and by label.

    Steady phases only. Error rates are in percent; `change` is after / before - 1. A figure that was zero
    has no relative change: new errors are named in `because` and have no row.
    """
    problem = _not_comparable(before, after)
    old, new = before.attempt.phase("steady"), after.attempt.phase("steady")
    if problem or old is None or new is None:
        return Comparison(baseline_run=baseline_run, because=problem)
    changes: list[MetricChange] = []
    because = [ONE_AGAINST_ONE]
    earlier = {stats.label: stats for stats in old.labels}
    pairs = [("", old.pooled, new.pooled)]
    pairs += [(s.label, earlier[s.label], s) for s in sorted(new.labels, key=lambda s: s.label)]
    for label, was, now in pairs:
        changes += _changes(label, was, now)
        if now.errors and not was.errors:
            share = figure(100 * now.errors / now.count, "%")
            because.append(f"errors of {label or 'all labels'} are new: {share} where there were none")
    return Comparison(
        baseline_run=baseline_run, comparable=True, because="; ".join(because), changes=tuple(changes)
    )


def _not_comparable(before: Measured, after: Measured) -> str:
    for name, side in (("baseline", before), ("run", after)):
        if not side.attempt.valid:
            return f"the {name} is not valid: {side.attempt.invalid_because or 'no reason recorded'}"
        if side.attempt.phase("steady") is None:
            return f"the {name} has no steady phase"
        if side.attempt.generator.limited:
            return f"the load generator of the {name} was limited"
    old, new = before.attempt.phase("steady"), after.attempt.phase("steady")
    assert old is not None and new is not None
    missing = sorted({s.label for s in old.labels} ^ {s.label for s in new.labels})
    if missing:
        return f"the labels differ: {', '.join(missing)} in one of the two only"
    return _other_load(before, old, after, new)


def _other_load(before: Measured, old: PhaseStats, after: Measured, new: PhaseStats) -> str:
    was, now = _offered(before, old), _offered(after, new)
    if set(was) != set(now):
        return "one of the two was given a rate, the other users"
    for unit, value in was.items():
        if value <= 0 or abs(now[unit] / value - 1) > SAME_LOAD:
            return f"the offered load differs: {figure(value, unit)} before, {figure(now[unit], unit)} now"
    return ""


def _offered(side: Measured, steady: PhaseStats) -> dict[str, float]:
    """What the measured scenarios were given, by unit: a plan may have rates and users."""
    plan = side.plan
    if plan is None:
        return {"/s": steady.pooled.rate_per_s}
    measured = [scenario for scenario in plan.scenarios if scenario.measured]
    found: dict[str, float] = {}
    if any(scenario.curve.unit == "rate_per_s" for scenario in measured):
        found["/s"] = plan.asked_between(steady.from_s, steady.to_s) / (steady.to_s - steady.from_s)
    if any(scenario.curve.unit == "users" for scenario in measured):
        found["users"] = float(sum(s.users for s in measured if s.curve.unit == "users"))
    return found


def _changes(label: str, was: LabelStats, now: LabelStats) -> list[MetricChange]:
    figures = [(metric, getattr(was, field), getattr(now, field), "ms") for metric, field in _TIMES]
    if was.count and now.count:
        figures.append(("error_rate", 100 * was.errors / was.count, 100 * now.errors / now.count, "%"))
        figures.append(("throughput", _successes_per_s(was), _successes_per_s(now), "/s"))
    return [
        MetricChange(
            metric=metric,
            label=label,
            before=before,
            after=after,
            unit=unit,
            change=after / before - 1 if before else 0.0,
        )
        for metric, before, after, unit in figures
        if before is not None and after is not None and (before > 0 or after == 0)
    ]


def _successes_per_s(stats: LabelStats) -> float:
    return stats.rate_per_s * (stats.count - stats.errors) / stats.count
