"""Facts of the load generator's own health, and of response times from the moment a request was due."""

from __future__ import annotations

from perfpilot.analysis.facts.row import Row
from perfpilot.domain.measure import GeneratorHealth, PhaseStats


def generator_rows(health: GeneratorHealth) -> list[Row]:
    """Facts of the generator; what is not known has none."""
    wrong = sum(not window.ok for window in health.windows) if health.windows else None
    asked = "achieved load, load reached of the load asked"
    late = "the lateness of the load generator's requests"
    named = (
        ("achieved_load", _percent(health.achieved_load), "%", asked),
        ("cpu_share", _percent(health.cpu_share), "%", "CPU share of the load generator"),
        ("in_flight", health.in_flight_mean, "", "requests in flight on average"),
        ("windows", len(health.windows) or None, "", "windows in which the load was checked by Little's law"),
        ("windows_wrong", wrong, "", "windows in which users waited inside the load generator"),
        ("late_p95_ms", health.late_p95_ms, "ms", f"p95 of {late}"),
        ("late_max_ms", health.late_worst_ms, "ms", f"maximum of {late}"),
        ("gc_share", _percent(health.gc_share), "%", "share of the time in which JMeter's collector ran"),
        ("gc_longest_ms", health.gc_longest_ms, "ms", "maximum pause of the collector of JMeter"),
        ("heap_share", _percent(health.heap_share), "%", "share of JMeter's heap in use after a collection"),
        ("threads_peak", health.threads_peak, "", "threads of JMeter at most"),
        ("sockets_peak", health.sockets_peak, "", "sockets of JMeter at most"),
    )  # fmt: skip
    return [
        Row(f"generator.{name}", value, unit, words)
        for name, value, unit, words in named
        if value is not None
    ]


def intended_rows(phase: PhaseStats | None) -> list[Row]:
    """Response times from the moment at which a request was due, over all samples."""
    pooled = next((times for times in phase.intended if not times.label), None) if phase else None
    if pooled is None:
        return []
    due = "from the moment at which each request was due"
    named = (
        ("p50_ms", pooled.p50_ms, "ms", f"p50 {due}"),
        ("p95_ms", pooled.p95_ms, "ms", f"p95 {due}"),
        ("p99_ms", pooled.p99_ms, "ms", f"p99 {due}"),
        ("max_ms", pooled.max_ms, "ms", f"maximum response time {due}"),
        ("late_share", 100 * pooled.late_share, "%", "share of requests sent later than they were due"),
        ("worst_late_ms", pooled.worst_late_ms, "ms", "maximum lateness of requests that were due"),
    )
    return [
        Row(f"intended.{name}", value, unit, words) for name, value, unit, words in named if value is not None
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
