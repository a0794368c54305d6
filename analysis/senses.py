"""What a fact is about, read from its name: its statistic, its family, and whose it is.

Value and unit alone don't make a numeral true: with a hundred facts a random number finds a partner. So
the words around a numeral are compared with this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfpilot.analysis.fact_book import argument_of
from perfpilot.domain.judgement import Fact
from perfpilot.domain.thresholds import Metric, Threshold, parse_threshold

COMPONENTS = ("target", "jmeter", "host", "neighbours", "perfpilot")

_STATISTICS = {
    "p50_ms": "p50", "p90_ms": "p90", "p95_ms": "p95", "p99_ms": "p99", "p999_ms": "p99.9",
    "mean_ms": "mean", "min_ms": "min", "max_ms": "max", "connect_ms": "connect", "latency_ms": "first byte",
    "p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "mean": "mean", "max": "max",
    "cpu_ms": "cpu time",
}  # fmt: skip
_FAMILIES = {
    "error_rate": "errors", "errors": "errors", "count": "samples", "rate_per_s": "reached",
    "success_per_s": "success", "throughput": "success", "asked_per_s": "asked", "peak_per_s": "asked",
    "achieved_load": "achieved", "cpu_share": "cpu", "target_cpu": "cpu", "cpu_bound_per_s": "bound",
    "expected_samples": "asked samples", "samples": "samples", "apdex": "apdex", "slowdown": "slowdown",
    "response_growth": "growth", "throughput_growth": "growth", "in_flight": "in flight",
    "worked_on": "worked on", "target_cores_used": "cores", "target_cores_spread": "cores",
    "labels": "labels", "connection_labels": "labels", "timeout_labels": "labels",
    "connection": "errors", "timeout": "errors",
}  # fmt: skip


@dataclass(frozen=True)
class Sense:
    """`whose`: a label, `""` for all labels pooled, or None where a label makes no sense."""

    area: str  # plan, steady, all, threshold, generator, resource, signal, ...
    statistic: str = ""  # p95, mean, ..., unloaded; empty: none
    family: str = ""
    whose: str | None = None
    component: str = ""
    cause: str = ""  # error key: 503, timeout, ...
    limit: bool = False
    moment: bool = False  # a duration or a moment
    baseline: bool = False


def sense_of(fact: Fact) -> Sense:
    """The sense of a fact of `analysis.facts`."""
    head, argument = fact.name.partition("(")[0], argument_of(fact.name)
    area, _, metric = head.partition(".")
    if area == "threshold":
        return _threshold(metric, parse_threshold(argument))
    if area == "cases":
        return Sense(area, family=area)
    if area == "resource":
        metric, _, statistic = metric.rpartition(".")
        family = _FAMILIES.get(metric, _words(metric))
        return Sense(area, "max" if statistic == "peak" else statistic, family, component=argument)
    metric, _, cause = metric.partition(".") if metric.startswith("errors.") else (metric, "", "")
    statistic = "unloaded" if area == "unloaded" else _STATISTICS.get(metric, "")
    if metric in ("slowdown", "response_growth"):
        statistic = "p50"
    labelled = area in ("steady", "all", "unloaded", "baseline", "change") or head in _LABELLED_SIGNALS
    return Sense(
        area,
        statistic,
        "change" if area == "change" else "capacity" if area == "capacity" else _FAMILIES.get(metric, ""),
        whose=argument if labelled and not metric.endswith("duration_s") else None,
        component=_COMPONENT_OF.get(head, ""),
        cause=cause,
        moment=fact.unit == "s",
        baseline=area == "baseline",
    )


_LABELLED_SIGNALS = frozenset({"signal.slowdown", "signal.worked_on", "signal.in_flight"})
_COMPONENT_OF = {"generator.cpu_share": "jmeter", "signal.target_cpu": "target", "cost.cpu_ms": "target"}


def _words(metric: str) -> str:
    return re.sub(r"_(bytes|per_s|ms|s|share)$", "", metric).replace("_", " ")


def _threshold(metric: str, threshold: Threshold) -> Sense:
    statistic = f"p{threshold.percentile:g}" if threshold.metric is Metric.PERCENTILE else ""
    if threshold.metric in (Metric.MEAN, Metric.MAX):
        statistic = threshold.metric.value
    family = {
        Metric.ERROR_RATE: "errors",
        Metric.THROUGHPUT: "success",
        Metric.ACHIEVED_LOAD: "achieved",
        Metric.CPU: "cpu",
        Metric.CAPACITY: "capacity",
        Metric.CHANGE: "change",
        Metric.APDEX: "apdex",
    }.get(threshold.metric, "")
    if metric == "samples":
        return Sense("threshold", family="samples")
    cpu = threshold.metric is Metric.CPU
    return Sense(
        "threshold",
        statistic=_STATISTICS.get(threshold.change_of, statistic),
        family=family,
        whose=None if cpu or (metric == "limit" and not threshold.label) else threshold.label,
        component=threshold.label if cpu else "",
        limit=metric == "limit",
    )
