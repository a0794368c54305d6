"""What a fact is about, read from its name: its statistic, its family, and whose it is.

Value and unit alone don't make a numeral true: with a hundred facts a random number finds a partner. So
the words around a numeral are compared with this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfpilot.analysis.facts.book import argument_of
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
    """The sense of a fact of `analysis.facts.facts`."""
    head, argument = fact.name.partition("(")[0], argument_of(fact.name)
    area, _, metric = head.partition(".")
    if area == "threshold":
        return _threshold(metric, parse_threshold(argument))
    if head == "capacity.lost_value":
        return _threshold("value", parse_threshold(argument))
    if area == "cases":
        return Sense(area, family=area)
    if area in ("soak", "trend"):
        return _moving(area, metric, argument)
    if head in _FAMILY_OF:
        statistic = _STATISTIC_OF.get(head, "")
        whose = argument if head in _LABELLED_SIGNALS or area == "intended" else None
        component = _COMPONENT_OF.get(head, "")
        return Sense(area, statistic, _FAMILY_OF[head], whose=whose, component=component)
    if area == "resource":
        metric, _, statistic = metric.rpartition(".")
        family = _FAMILIES.get(metric, _words(metric))
        return Sense(area, "max" if statistic == "peak" else statistic, family, component=argument)
    metric, _, cause = metric.partition(".") if metric.startswith("errors.") else (metric, "", "")
    end = _INTERVAL_END.fullmatch(metric)
    if end:
        return Sense(area, _STATISTICS.get(f"{end[1]}_ms", ""), "interval", whose=argument)
    statistic = "unloaded" if area == "unloaded" else _STATISTICS.get(metric, "")
    if metric in ("slowdown", "response_growth"):
        statistic = "p50"
    labelled = area in _LABELLED or head in _LABELLED_SIGNALS
    return Sense(
        area,
        statistic,
        "change" if area in _CHANGES else _FAMILIES.get(metric, ""),
        whose=argument if labelled and not metric.endswith("duration_s") else None,
        component=_COMPONENT_OF.get(head, ""),
        cause=cause,
        moment=fact.unit == "s",
        baseline=area == "baseline",
    )


_CHANGES = frozenset({"change", "change_low", "change_high", "visible"})
_LABELLED = _CHANGES | {"steady", "all", "unloaded", "baseline", "now"}
_LABELLED_SIGNALS = frozenset({
    "signal.slowdown", "signal.worked_on", "signal.in_flight", "estimate.slot_per_s",
})  # fmt: skip
_COMPONENT_OF = {
    "generator.cpu_share": "jmeter", "signal.target_cpu": "target", "cost.cpu_ms": "target",
    "capacity.cpu_at_most": "target",
}  # fmt: skip
_INTERVAL_END = re.compile(r"(p\d+)_(?:low|high)_ms")
_FAMILY_OF = {
    "capacity.rate_per_s": "capacity", "capacity.low_per_s": "capacity", "capacity.high_per_s": "capacity",
    "capacity.levels": "levels", "capacity.levels_needed": "levels",
    "capacity.lowest_per_s": "level", "capacity.highest_per_s": "level",
    "capacity.kept_per_s": "level", "capacity.lost_per_s": "level", "capacity.cpu_at_most": "cpu",
    "capacity.bound_per_s": "bound", "capacity.bound_in_flight": "in flight",
    "capacity.contention": "contention", "capacity.peak_in_flight": "in flight",
    "capacity.peak_per_s": "peak", "capacity.peak_low_per_s": "peak", "capacity.peak_high_per_s": "peak",
    "head_room.expected_per_s": "expected", "head_room.share": "head room", "head_room.low": "head room",
    "head_room.high": "head room", "head_room.wanted": "head room",
    "scaling.instances": "instances", "scaling.needed": "instances", "scaling.contended": "instances",
    "scaling.load_per_s": "", "scaling.cost_per_hour": "cost", "scaling.cost_per_million": "cost",
    "scaling.cost": "cost", "estimate.cpu_saving": "saving", "estimate.cpu_bound_saved_per_s": "bound",
    "estimate.cost_per_million_saved": "cost", "estimate.slot_per_s": "bound",
    "generator.windows": "windows", "generator.windows_wrong": "windows", "generator.late_p95_ms": "late",
    "generator.late_max_ms": "late", "generator.gc_share": "collector",
    "generator.gc_longest_ms": "collector",
    "generator.heap_share": "heap", "generator.threads_peak": "threads", "generator.sockets_peak": "sockets",
    "intended.p50_ms": "due", "intended.p95_ms": "due", "intended.p99_ms": "due", "intended.max_ms": "due",
    "intended.late_share": "due", "intended.worst_late_ms": "due", "trend.runs": "runs",
}  # fmt: skip
_STATISTIC_OF = {
    "generator.late_p95_ms": "p95", "generator.late_max_ms": "max", "generator.gc_longest_ms": "max",
    "intended.p50_ms": "p50", "intended.p95_ms": "p95", "intended.p99_ms": "p99", "intended.max_ms": "max",
    "intended.worst_late_ms": "max",
}  # fmt: skip
_OF_ANSWERS = {"error_rate": "errors", "throughput": "success", "capacity": "capacity", "open_files": "files"}


def _moving(area: str, metric: str, argument: str) -> Sense:
    """Of something that moves over a run (`soak.p95.per_hour(pooled)`) or over runs (`trend.p95.newest`)."""
    moved, _, figure = metric.rpartition(".")
    if not moved:
        return Sense(area, family="runs")
    statistic = _STATISTICS.get(moved, "")
    if figure.startswith(("hours_", "days_")):
        return Sense(area, statistic, figure.partition("_")[0])
    answers = bool(statistic) or moved in ("error_rate", "throughput")
    return Sense(
        area,
        statistic,
        _OF_ANSWERS.get(moved, ""),
        whose=argument.replace("pooled", "") if answers else None,
        component=argument if argument in COMPONENTS and not answers else "",
        limit=figure == "limit" and answers,
    )


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
    if metric in ("samples", "needed"):
        return Sense("threshold", family="samples")
    if metric == "margin":
        return Sense("threshold", family="margin")
    cpu = threshold.metric is Metric.CPU
    return Sense(
        "threshold",
        statistic=_STATISTICS.get(threshold.change_of, statistic),
        family=family,
        whose=None if cpu or (metric == "limit" and not threshold.label) else threshold.label,
        component=threshold.label if cpu else "",
        limit=metric == "limit",
    )
