"""The numbered fact table: every number that words may speak of, in a fixed order.

Names are `area.metric(argument)`: `steady.p95_ms(checkout)`, `resource.cpu_share.mean(target)`. A share
is given in percent, so that value and unit belong together. A percentile appears only above the number
of samples it needs; what was not measured has no fact.
"""

from __future__ import annotations

from perfpilot.analysis.capacity.facts import capacity_rows
from perfpilot.analysis.certain_load import certain_load
from perfpilot.analysis.comparison.facts import comparison_rows
from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.cases import case_rows
from perfpilot.analysis.facts.derived import signal_rows
from perfpilot.analysis.facts.gains import gain_rows
from perfpilot.analysis.facts.measured import label_rows, phase_rows, resource_rows
from perfpilot.analysis.facts.row import Row
from perfpilot.analysis.figures import figure
from perfpilot.analysis.generator.facts import generator_rows, intended_rows
from perfpilot.analysis.observations import Observations
from perfpilot.analysis.soak.facts import soak_rows
from perfpilot.analysis.trend.facts import trend_rows
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.judgement import Decision, Fact, ThresholdResult
from perfpilot.domain.plan import Plan
from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.thresholds import TIME_METRICS, Metric, parse_threshold
from perfpilot.domain.trend import Trend


def fact_table(
    seen: Observations,
    *,
    comparison: Comparison | None = None,
    capacity: Capacity | None = None,
    trend: Trend | None = None,
    expected_per_s: float | None = None,
) -> tuple[Fact, ...]:
    """All facts of a run, numbered F1, F2, ... in an order that depends on the input alone.

    Order: plan, load reached, labels, thresholds, generator, resources, signals, cases, slow changes,
    comparison, capacity, trend, what the estimates of gains rest on. `expected_per_s`: the peak that
    production brings.
    """
    rows: list[Row] = []
    rows += _plan(seen.plan, seen)
    rows += phase_rows(seen)
    rows += label_rows(seen)
    rows += _thresholds(seen.thresholds)
    rows += generator_rows(seen.attempt.generator)
    rows += intended_rows(seen.judged)
    rows += resource_rows(seen)
    rows += signal_rows(seen)
    rows += case_rows(seen.cases)
    rows += soak_rows(seen.soak)
    rows += comparison_rows(comparison) if comparison else []
    rows += capacity_rows(capacity, expected_per_s) if capacity else []
    rows += trend_rows(trend) if trend else []
    rows += gain_rows(rows)
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
    if not plan.scenarios:
        return []  # a file of a load that somebody else asked for
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
        margin = _margin(result)
        if margin is not None:
            words = f"margin of the threshold {result.text}, of its limit"
            rows.append(Row(fact_name("threshold.margin", result.text), margin, "%", words))
        if result.samples:
            words = f"samples behind the threshold {result.text}"
            rows.append(Row(fact_name("threshold.samples", result.text), result.samples, "samples", words))
        needed = samples_needed(parse_threshold(result.text))
        if needed and result.decision is Decision.UNDECIDED:
            words = f"samples that the threshold {result.text} needs"
            rows.append(Row(fact_name("threshold.needed", result.text), needed, "samples", words))
    return rows


_WITH_MARGIN = TIME_METRICS | {Metric.ERROR_RATE, Metric.CPU}


def _margin(result: ThresholdResult) -> float | None:
    """How far below its limit a figure stayed, in percent of it, where less is better and nothing is sure to
    be near the limit (as the load reached is)."""
    threshold = parse_threshold(result.text)
    upward = threshold.operator in (">", ">=")
    if result.decision is not Decision.MET or result.value is None or result.limit <= 0 or upward:
        return None
    if threshold.metric not in _WITH_MARGIN:
        return None
    return 100 * (1 - result.value / result.limit)
