"""What is kept of past runs: how each ended, under which load, and its figures for trends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from perfpilot.domain.base import Frozen
from perfpilot.domain.measure import LabelStats, PhaseStats

UNITS = {
    "p50": "ms", "p90": "ms", "p95": "ms", "p99": "ms", "p99.9": "ms", "mean": "ms", "max": "ms",
    "error_rate": "%", "rate": "/s", "throughput": "/s", "capacity": "/s",
}  # fmt: skip
"""Metrics that the history has a series of, with their units. `%` means per cent: 1 is one per cent.

`capacity` belongs to a run as a whole: it has no labels. `rate` counts all samples, `throughput` successes.
"""

Source = Literal["run", "file"]
"""Whether perfpilot sent the load, or a result file was analysed that JMeter wrote elsewhere."""


class LabelFigures(Frozen):
    """Figures of one label (empty: all pooled) in the steady phase of the attempt that decided.

    None: there were no samples. Times are response times in ms.
    """

    label: str
    count: int
    errors: int
    rate_per_s: float  # samples, failed ones included
    mean_ms: float | None = None
    p50_ms: float | None = None
    p90_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None
    max_ms: float | None = None

    @classmethod
    def of(cls, label: str, stats: LabelStats) -> LabelFigures:
        """What is kept of measured figures."""
        return cls.model_validate(
            {name: getattr(stats, name) for name in cls.model_fields} | {"label": label}
        )

    @property
    def error_rate(self) -> float | None:
        """Share of samples that failed; None without samples."""
        return self.errors / self.count if self.count else None

    @property
    def throughput_per_s(self) -> float | None:
        """Samples per second that succeeded; None without samples."""
        return self.rate_per_s * (self.count - self.errors) / self.count if self.count else None


class RunFigures(Frozen):
    """What a run measured, and under which load: only runs under the same load make a trend."""

    source: Source = "run"
    test_type: str = ""
    environment: str = ""
    base_url: str = ""
    load: str = ""  # that was offered in the steady phase, such as `300/s`; empty: not known
    limited: bool = False  # by the load generator: latency and throughput tell nothing of the target
    capacity_per_s: float | None = None  # None: not estimated
    labels: tuple[LabelFigures, ...] = ()  # pooled first; none where no attempt decided


class PastRun(Frozen):
    """A run as the history knows it. All else is read from its directory, where that still exists."""

    run_id: str
    test_name: str
    started_ms: int
    status: str
    verdict: str = ""
    decided_by: int = 0  # the attempt whose figures decided; 0: none
    headline: str = ""
    source: Source = "run"
    test_type: str = ""
    environment: str = ""
    base_url: str = ""
    load: str = ""
    limited: bool = False
    capacity_per_s: float | None = None
    complete: bool = False  # its load and figures were read; false: recorded by history version 1


class PastFigures(Frozen):
    """A past run with its figures, pooled first."""

    run: PastRun
    labels: tuple[LabelFigures, ...] = ()


class MetricPoint(Frozen):
    """One metric of one label in one run."""

    run_id: str
    started_ms: int
    value: float


class NamedBaseline(Frozen):
    """The run that a person named as the baseline of a test."""

    test_name: str
    run_id: str
    set_ms: int


def figures_of_phase(steady: PhaseStats) -> tuple[LabelFigures, ...]:
    """What is kept of a phase, pooled first."""
    labels = (LabelFigures.of(stats.label, stats) for stats in steady.labels)
    return (LabelFigures.of("", steady.pooled), *labels)


def points_of(runs: Sequence[PastFigures], metric: str, label: str = "") -> tuple[MetricPoint, ...]:
    """The series of one metric over runs, in their order; runs that do not have it are left out."""
    return tuple(
        MetricPoint(run_id=past.run.run_id, started_ms=past.run.started_ms, value=value)
        for past in runs
        if (value := _value(past, metric, label)) is not None
    )


def metric_value(figures: LabelFigures, metric: str) -> float | None:
    """A metric of one label, in the unit that `UNITS` gives; None without samples, and for `capacity`."""
    if metric == "error_rate":
        return None if figures.error_rate is None else 100 * figures.error_rate
    if metric == "rate":
        return figures.rate_per_s
    if metric == "throughput":
        return figures.throughput_per_s
    field = {"p99.9": "p999_ms"}.get(metric, f"{metric}_ms")
    value: float | None = getattr(figures, field, None)
    return value


def _value(past: PastFigures, metric: str, label: str) -> float | None:
    if metric == "capacity":
        return past.run.capacity_per_s if not label else None
    named = next((figures for figures in past.labels if figures.label == label), None)
    return metric_value(named, metric) if named else None
