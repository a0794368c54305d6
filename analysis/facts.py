"""The numbered fact table: every number that words may speak of, in a fixed order.

Names are `area.metric(argument)`: `steady.p95_ms(checkout)`, `resource.cpu_share.mean(target)`. A share
is given in percent, so that value and unit belong together. A percentile appears only above the number
of samples it needs; what was not measured has no fact.
"""

from __future__ import annotations

from perfpilot.analysis.case_facts import case_rows
from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.fact_book import fact_name
from perfpilot.analysis.fact_row import Row
from perfpilot.analysis.figures import figure
from perfpilot.analysis.measured_facts import label_rows, phase_rows, resource_rows
from perfpilot.analysis.observations import Observations
from perfpilot.analysis.signal_facts import signal_rows
from perfpilot.domain.judgement import Capacity, Comparison, Fact, ThresholdResult
from perfpilot.domain.plan import Plan


def fact_table(
    seen: Observations, *, comparison: Comparison | None = None, capacity: Capacity | None = None
) -> tuple[Fact, ...]:
    """All facts of a run, numbered F1, F2, ... in an order that depends on the input alone.

    Order: plan, load reached, labels, thresholds, generator, resources, signals, cases, comparison, capacity.
    """
    rows: list[Row] = []
    rows += _plan(seen.plan, seen)
    rows += phase_rows(seen)
    rows += label_rows(seen)
    rows += _thresholds(seen.thresholds)
    rows += _generator(seen)
    rows += resource_rows(seen)
    rows += signal_rows(seen)
    rows += case_rows(seen.cases)
    rows += _comparison(comparison) if comparison else []
    rows += _capacity(capacity) if capacity else []
    return tuple(
        Fact(
            id=f"F{number}",
            name=row.name,
            value=row.value,
            unit=row.unit,
            text=f"{row.words}: {figure(row.value, row.unit)}",
        )
        for number, row in enumerate(rows, start=1)
    )


def _plan(plan: Plan, seen: Observations) -> list[Row]:
    rows = []
    phase = seen.judged
    certain = certain_load(plan)
    # Conditional steps, and scenarios given in users, send what nobody asked for by rate.
    most = "" if certain.whole else ", at most"
    if plan.peak_rate_per_s > 0:
        rows.append(Row("plan.peak_per_s", plan.peak_rate_per_s, "/s", f"highest rate asked{most}"))
        if certain.whole and phase is not None and phase.to_s > phase.from_s:
            asked = plan.asked_between(phase.from_s, phase.to_s) / (phase.to_s - phase.from_s)
            rows.append(Row("plan.asked_per_s", asked, "/s", f"rate asked {_during(phase.phase)}"))
        expected = round(plan.expected_samples)
        rows.append(Row("plan.expected_samples", expected, "samples", f"samples planned{most}"))
    rows.append(Row("plan.users", plan.users, "users", "users that the plan may have at once"))
    rows.append(Row("plan.duration_s", plan.duration_s, "s", "planned duration"))
    rows.append(Row("plan.warm_up_s", plan.warm_up_s, "s", "warm-up set aside"))
    return rows


def _during(phase: str) -> str:
    return "in the steady phase" if phase == "steady" else "over the whole load"


def _thresholds(results: tuple[ThresholdResult, ...]) -> list[Row]:
    rows = []
    for result in results:
        if result.value is not None:
            words = f"value of the threshold {result.text} ({result.decision.value})"
            rows.append(Row(fact_name("threshold.value", result.text), result.value, result.unit, words))
        rows.append(
            Row(
                fact_name("threshold.limit", result.text),
                result.limit,
                result.unit,
                f"limit of the threshold {result.text}",
            )
        )
        if result.samples:
            words = f"samples behind the threshold {result.text}"
            rows.append(Row(fact_name("threshold.samples", result.text), result.samples, "samples", words))
    return rows


def _generator(seen: Observations) -> list[Row]:
    health = seen.attempt.generator
    rows = []
    if health.achieved_load is not None:
        words = "achieved load, load reached of the load asked"
        rows.append(Row("generator.achieved_load", health.achieved_load * 100, "%", words))
    if health.cpu_share is not None:
        words = "CPU share of the load generator"
        rows.append(Row("generator.cpu_share", health.cpu_share * 100, "%", words))
    if health.in_flight_mean is not None:
        words = "requests in flight on average"
        rows.append(Row("generator.in_flight", health.in_flight_mean, "", words))
    return rows


_METRIC_WORDS = {
    "p50": "p50",
    "p95": "p95",
    "p99": "p99",
    "error_rate": "error rate",
    "throughput": "throughput",
}


def _comparison(comparison: Comparison) -> list[Row]:
    rows = []
    for change in comparison.changes:
        words = _METRIC_WORDS.get(change.metric, change.metric)
        whose = f" of {change.label}" if change.label else ""
        before = fact_name(f"baseline.{change.metric}", change.label)
        rows.append(Row(before, change.before, change.unit, f"{words}{whose} in the baseline"))
        moved = fact_name(f"change.{change.metric}", change.label)
        rows.append(Row(moved, change.change * 100, "%", f"change of {words}{whose} against the baseline"))
    return rows


def _capacity(capacity: Capacity) -> list[Row]:
    named = (
        ("capacity.rate_per_s", capacity.rate_per_s, "capacity, highest arrival rate that held"),
        ("capacity.low_per_s", capacity.low_per_s, "lower end of the capacity"),
        ("capacity.high_per_s", capacity.high_per_s, "upper end of the capacity"),
    )
    return [Row(name, value, "/s", words) for name, value, words in named if value is not None]
