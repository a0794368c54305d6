"""How a test's figures moved over its runs."""

from __future__ import annotations

from perfpilot.domain.base import Frozen
from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.history import MetricPoint


class MetricSeries(Frozen):
    """One metric of one label over comparable runs, in the units of `domain.history.UNITS`."""

    metric: str
    label: str = ""  # empty: all pooled
    unit: str
    points: tuple[MetricPoint, ...]  # in any order; runs that have no figure are left out


class TrendShift(Frozen):
    """A run from which on a metric was another one."""

    run_id: str
    started_ms: int
    before: float  # middle of the runs between the shift before and this one
    after: float
    change: float | None  # after / before - 1; None: before was 0
    p: float  # of the test that found it


class MetricTrend(Frozen):
    """One metric of one label over the runs."""

    metric: str
    label: str
    unit: str
    runs: int
    newest: float
    expected_low: float | None = (
        None  # where the newest run should lie (99 %), by the runs since the last shift
    )
    expected_high: float | None = None
    decision: ChangeDecision = ChangeDecision.UNDECIDED  # of the newest run against them
    visible: float | None = (
        None  # the smallest change of the newest run found nine times in ten; 0.1: a tenth
    )
    shifts: tuple[TrendShift, ...] = ()
    points: tuple[MetricPoint, ...] = ()  # the newest, oldest first; only of a metric that moved
    slope_per_day: float | None = None  # robust, since the last shift; None: too few runs
    slope_low: float | None = None  # its interval (95 %)
    slope_high: float | None = None
    limit: float | None = None  # of the threshold on this metric
    days_to_limit: float | None = None  # at that slope, from the newest run; None: never, or not told
    days_low: float | None = None  # the same at the ends of the slope's interval
    days_high: float | None = None
    because: str = ""

    @property
    def moved(self) -> bool:
        """Whether it has a shift, a newest run that stands out, or a way to its limit."""
        decided = self.decision in (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)
        return decided or bool(self.shifts) or self.days_to_limit is not None


class Trend(Frozen):
    """The trend of a test, or why there is none."""

    runs: int = 0
    because: str = "no trend was looked for"
    metrics: tuple[MetricTrend, ...] = ()
