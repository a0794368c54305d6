"""What was seen in one attempt, gathered for the half of the analysis that interprets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from perfpilot.domain.judgement import ThresholdResult
from perfpilot.domain.load_outcome import CaseOutcome
from perfpilot.domain.measure import Attempt, PhaseStats, ResourceSeries, Series
from perfpilot.domain.plan import Plan
from perfpilot.domain.soak import Soak


@dataclass(frozen=True)
class Observations:
    """The deciding attempt with all that was measured beside it. Times are seconds since the load began.

    `unloaded_ms`: response time of a label with one user, from the smoke (label -> ms); may be empty.
    `restarts`: moments at which the target's process was another one (pid or creation time changed).
    `target_host_cores`: cores of the machine that the target's `cpu_share` refers to; 0: not known.
    `target_cores`: cores that the target may use (affinity, container limit); 0: all of its machine.
    """

    plan: Plan
    attempt: Attempt
    series: Series | None = None
    resources: tuple[ResourceSeries, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    restarts: tuple[float, ...] = ()
    unloaded_ms: Mapping[str, float] = field(default_factory=dict)
    target_host_cores: int = 0
    target_cores: float = 0.0
    cases: tuple[CaseOutcome, ...] = ()
    soak: Soak = Soak(because="not analysed")  # noqa: RUF009 - it is frozen

    @property
    def judged(self) -> PhaseStats | None:
        """The steady phase, or the whole load where the attempt never reached one."""
        return self.attempt.phase("steady") or self.attempt.phase("all")

    def resource(self, component: str, metric: str) -> ResourceSeries | None:
        """The series of that component and metric, if it was monitored."""
        for series in self.resources:
            if series.component == component and series.metric == metric:
                return series
        return None
