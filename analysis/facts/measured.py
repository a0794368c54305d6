"""Facts that were measured directly: phases, labels, errors by cause, resources."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.row import Row
from perfpilot.analysis.facts.signals import within
from perfpilot.analysis.failures.error_kinds import errors_by_key
from perfpilot.analysis.observations import Observations
from perfpilot.domain.measure import LabelStats

# Below these counts the rank lies among the last ten samples, 10 / (1 - q): too few to speak of the figure.
# A verdict asks for more (`domain.sample_floors`).
_PERCENTILES = (
    ("p50_ms", "p50", 20),
    ("p90_ms", "p90", 100),
    ("p95_ms", "p95", 200),
    ("p99_ms", "p99", 1_000),
    ("p999_ms", "p99.9", 10_000),
)
_TIMES = (
    ("mean_ms", "mean response time"),
    ("min_ms", "fastest response time"),
    ("max_ms", "slowest response time"),
    ("connect_ms", "mean connect time"),
    ("latency_ms", "mean time to first byte"),
)
_MOST_INTERVALS = 3
_UNITS = (("_bytes", "bytes"), ("_per_s", "/s"), ("_ms", "ms"), ("_s", "s"))


def phase_rows(seen: Observations) -> list[Row]:
    """Length of the judged phase, and what happened over the whole load."""
    rows = []
    phase = seen.judged
    if phase is not None:
        length = phase.to_s - phase.from_s
        rows.append(Row(f"{_prefix(seen)}.duration_s", length, "s", _length(phase.phase)))
    whole = seen.attempt.phase("all")
    if whole is not None and phase is not None and whole is not phase:
        rows += _counts("all", whole.pooled, "over the whole load", "")
        rows += _errors("all", whole.pooled, "over the whole load", "")
        for stats in sorted(whole.labels, key=lambda s: s.label):
            if stats.errors:
                rows += _counts("all", stats, "over the whole load", stats.label)
                rows += _errors("all", stats, "over the whole load", stats.label)
    return rows


def label_rows(seen: Observations) -> list[Row]:
    """The judged phase: pooled first, then the labels by name."""
    phase = seen.judged
    if phase is None:
        return []
    prefix = _prefix(seen)
    when = "in the steady phase" if prefix == "steady" else "over the whole load"
    rows = _stats(prefix, phase.pooled, when, "") + _intervals(prefix, phase.pooled, when, "")
    slowest = sorted(phase.labels, key=lambda s: (-(s.p95_ms or 0.0), s.label))[:_MOST_INTERVALS]
    for stats in sorted(phase.labels, key=lambda s: s.label):
        rows += _stats(prefix, stats, when, stats.label)
        rows += _intervals(prefix, stats, when, stats.label) if stats in slowest else []
    return rows


def resource_rows(seen: Observations) -> list[Row]:
    """Mean and peak of every monitored metric over the judged phase."""
    phase = seen.judged
    if phase is None:
        return []
    when = "in the steady phase" if _prefix(seen) == "steady" else "over the whole load"
    rows = []
    for series in sorted(seen.resources, key=lambda s: (s.component, s.metric)):
        values = within(series, phase)
        if not values:
            continue
        unit, scale, words = _resource_unit(series.metric)
        whose = f"{words} of {series.component} {when}"
        for statistic, value in (("mean", float(np.mean(values))), ("peak", max(values))):
            name = fact_name(f"resource.{series.metric}.{statistic}", series.component)
            rows.append(Row(name, value * scale, unit, f"{statistic} {whose}"))
    return rows


def _prefix(seen: Observations) -> str:
    return "steady" if seen.attempt.phase("steady") else "all"


def _length(phase: str) -> str:
    return "length of the steady phase" if phase == "steady" else "length of the load"


def _stats(prefix: str, stats: LabelStats, when: str, label: str) -> list[Row]:
    whose = f" of {label}" if label else ""
    rows = _counts(prefix, stats, when, label)
    if not stats.count:
        return rows
    good = stats.rate_per_s * (stats.count - stats.errors) / stats.count
    share = 100 * stats.errors / stats.count
    for metric, value, unit, words in (
        ("rate_per_s", stats.rate_per_s, "/s", "rate reached"),
        ("success_per_s", good, "/s", "throughput of successes"),
        ("error_rate", share, "%", "error rate"),
    ):
        rows.append(Row(fact_name(f"{prefix}.{metric}", label), value, unit, f"{words}{whose} {when}"))
    rows += _errors(prefix, stats, when, label)
    for field, words, floor in _PERCENTILES:
        value = getattr(stats, field)
        if value is not None and stats.count >= floor:
            rows.append(Row(fact_name(f"{prefix}.{field}", label), value, "ms", f"{words}{whose} {when}"))
    for field, words in _TIMES:
        value = getattr(stats, field)
        if value is not None:
            rows.append(Row(fact_name(f"{prefix}.{field}", label), value, "ms", f"{words}{whose} {when}"))
    if stats.apdex is not None:
        rows.append(Row(fact_name(f"{prefix}.apdex", label), stats.apdex, "", f"Apdex{whose} {when}"))
    return rows


def _intervals(prefix: str, stats: LabelStats, when: str, label: str) -> list[Row]:
    """Both ends of the intervals of percentiles; a few labels only, for a model reads the table."""
    whose = f" of {label}" if label else ""
    rows = []
    for interval in stats.intervals:
        metric = f"p{interval.percentile:g}".replace(".", "")
        for end, value in (("low", interval.low_ms), ("high", interval.high_ms)):
            words = (
                f"{'lower' if end == 'low' else 'upper'} end of the interval of the p{interval.percentile:g}"
            )
            rows.append(
                Row(fact_name(f"{prefix}.{metric}_{end}_ms", label), value, "ms", f"{words}{whose} {when}")
            )
    return rows


def _counts(prefix: str, stats: LabelStats, when: str, label: str) -> list[Row]:
    whose = f" of {label}" if label else ""
    return [
        Row(fact_name(f"{prefix}.count", label), stats.count, "samples", f"samples{whose} {when}"),
        Row(fact_name(f"{prefix}.errors", label), stats.errors, "samples", f"failed samples{whose} {when}"),
    ]


def _errors(prefix: str, stats: LabelStats, when: str, label: str) -> list[Row]:
    whose = f" of {label}" if label else ""
    return [
        Row(
            fact_name(f"{prefix}.errors.{key}", label),
            count,
            "samples",
            f"samples{whose} that failed with {_cause_words(key)} {when}",
        )
        for key, count in errors_by_key(stats).items()
    ]


def _cause_words(key: str) -> str:
    return f"HTTP {key}" if key.isdigit() else key.replace("_", " ")


def _resource_unit(metric: str) -> tuple[str, float, str]:
    """Unit, factor to it, and readable words of a monitored metric."""
    if metric.endswith("_share"):
        return "%", 100.0, "CPU share" if metric == "cpu_share" else metric.replace("_", " ")
    for ending, unit in _UNITS:
        if metric.endswith(ending):
            return unit, 1.0, metric.removesuffix(ending).replace("_", " ")
    return "", 1.0, metric.replace("_", " ")
