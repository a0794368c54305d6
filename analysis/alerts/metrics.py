"""The figures that alerts look at, by name: `error_rate`, `p95(checkout)`, `cpu(target)`.

Of the load: over the last 5 s, or up to 15 s where those hold too few samples
(`analysis.counting.recent_times`). Of components: the newest reading of each metric. What is not known has no
entry, which neither raises an alert nor clears one.
"""

from __future__ import annotations

from collections.abc import Mapping

from perfpilot.analysis.counting.recent_times import Recent, RecentFigures
from perfpilot.domain.live import LiveFigures

ERROR_BURST = "error_burst"
CONCERNS = "generator_concerns"
ASKED = "asked"
RECENT = "recent_samples"
AGE = "age_s"
MONITOR = "monitor"

_SETTLED_S = 5.0  # before that a load has hardly begun, and what is missing of it says nothing
_BURST_ERRORS = 5  # one failure of seven is no burst
_STALE_S = 5.0


def alert_metrics(
    figures: LiveFigures,
    recent: RecentFigures,
    readings: Mapping[str, float] | None = None,
    ages: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """The figures of one moment. Shares are 0..1, response times ms, sizes bytes.

    `readings`: newest value of each metric as `metric(component)`, none that is stale. `ages`: seconds since
    the last reading of each component that ever had one.
    """
    metrics = dict(readings or {})
    for name in ("memory_bytes", "rss_bytes"):  # of a server that is watched as a process too: the latter
        metrics |= {key_of("memory", who): metrics[key_of(name, who)] for who in subjects(metrics, name)}
    if figures.remaining_s <= 0:  # the load is over, and what still comes are its last answers
        recent = _without_throughput(recent)
    metrics |= _of_load(recent.pooled, "")
    for label, figure in recent.labels.items():
        metrics |= _of_load(figure, f"({label})")
    metrics["users"] = float(figures.users)
    metrics[CONCERNS] = float(len(figures.generator.concerns))
    # After its end JMeter may still wait for answers, and nothing is asked any more.
    metrics[ASKED] = (figures.asked_per_s or float(figures.users)) if figures.remaining_s > 0 else 0.0
    if figures.generator.behind is not None and figures.t_s >= _SETTLED_S and figures.remaining_s > 0:
        metrics["behind"] = figures.generator.behind
    return metrics | _ages(ages or {})


def key_of(metric: str, subject: str) -> str:
    """`metric(subject)`, or the metric alone."""
    return f"{metric}({subject})" if subject else metric


def subjects(metrics: Mapping[str, float], metric: str) -> tuple[str, ...]:
    """Whose metric of that name is known: endpoints or components."""
    return tuple(key[len(metric) + 1 : -1] for key in metrics if key.startswith(f"{metric}("))


def _without_throughput(recent: RecentFigures) -> RecentFigures:
    return RecentFigures(
        recent.pooled._replace(throughput_per_s=None),
        {label: figure._replace(throughput_per_s=None) for label, figure in recent.labels.items()},
    )


def _of_load(recent: Recent, subject: str) -> dict[str, float]:
    known = {
        "p50": recent.p50_ms,
        "p95": recent.p95_ms,
        "p99": recent.p99_ms,
        "error_rate": recent.error_rate,
        "throughput": recent.throughput_per_s,
        RECENT: float(recent.samples),
    }
    if not subject and recent.error_rate is not None:
        known[ERROR_BURST] = recent.error_rate if recent.errors >= _BURST_ERRORS else 0.0
    return {f"{name}{subject}": value for name, value in known.items() if value is not None}


def _ages(ages: Mapping[str, float]) -> dict[str, float]:
    """Of each component; where all are silent it is the monitor itself, which is told once."""
    if len(ages) > 1 and min(ages.values()) > _STALE_S:
        return {key_of(AGE, MONITOR): min(ages.values())}
    return {key_of(AGE, name): age for name, age in ages.items()} | {key_of(AGE, MONITOR): 0.0}
