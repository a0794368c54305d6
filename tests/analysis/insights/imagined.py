"""Results that a run may have beside its figures, drawn at random: any of them may be missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from hypothesis import strategies as st

from perfpilot.analysis.causes.causes import find_causes
from perfpilot.analysis.facts.facts import fact_table
from perfpilot.analysis.insights.rule_insights import rule_insights
from perfpilot.analysis.observations import Observations
from perfpilot.domain.capacity import (
    Capacity,
    CapacityLevel,
    HeadRoom,
    LevelThreshold,
    Scalability,
    Scaling,
    ScalingStep,
)
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.judgement import Decision, Fact, Insight, Insights
from perfpilot.domain.measure import GeneratorHealth, IntendedTimes, LoadWindow, PercentileInterval
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.soak import SlowChange, Soak
from perfpilot.domain.trend import MetricTrend, Trend
from tests.analysis.observed import NAMED_RUNS, Run, observe, threshold

_RUNS = (*NAMED_RUNS.values(), Run(target_cpu=0.95, slow={"home": 6.0}))
LABELS = ("", "checkout", "home", "search")


@dataclass(frozen=True)
class Imagined:
    """Observations with the results beside them."""

    seen: Observations
    outcome: Outcome
    capacity: Capacity | None = None
    comparison: Comparison | None = None
    trend: Trend | None = None
    expected_per_s: float | None = None

    def written(self) -> tuple[Insights, tuple[Fact, ...]]:
        """The words of the rules and the table that they rest on."""
        facts = fact_table(
            self.seen,
            comparison=self.comparison,
            capacity=self.capacity,
            trend=self.trend,
            expected_per_s=self.expected_per_s,
        )
        insights = rule_insights(
            facts,
            find_causes(self.seen, facts),
            outcome=self.outcome,
            thresholds=self.seen.thresholds,
            capacity=self.capacity,
            comparison=self.comparison,
            trend=self.trend,
            soak=self.seen.soak,
            generator=self.seen.attempt.generator,
        )
        return insights, facts


def every(insights: Insights) -> list[Insight]:
    """All statements, those of the checklist too; a gain and what it supposes are statements of their own."""
    road = insights.optimization_roadmap
    items = [*road.weeks_0_2, *road.months_1_3, *road.months_3_plus, *insights.capacity_planning]
    extra = [Insight(text=text, facts=i.facts) for i in items for text in (i.gain, i.assumption) if text]
    return [
        *insights.executive_summary,
        *insights.technical_analysis,
        *insights.risk_assessment,
        *items,
        *extra,
        *insights.comparative_analysis,
        *(Insight(text=item.text, facts=item.facts) for item in insights.readiness.items),
        Insight(text=insights.readiness.summary),
    ]


def outcome_of(verdict: Verdict) -> Outcome:
    """A run that completed with this verdict."""
    return Outcome(status=Status.COMPLETED, verdict=verdict, reasons=("as the thresholds say",))


_times = st.floats(1.0, 90_000.0)
_shares = st.floats(0.0, 1.0)
_changes = st.integers(-950, 4000).map(lambda thousandths: thousandths / 1000)
_rates = st.floats(0.5, 20_000.0)
_maybe_rate = st.none() | _rates
_maybe_hours = st.none() | st.floats(0.01, 4_000.0)
_reasons = st.sampled_from([
    "", "too few levels", "only 2 load levels were held, 3 are needed",
    "the level of 300/s was undecided: why",
    "every level met the thresholds, up to 300/s: the limit lies above", "9.5 % of its samples failed",
    "one run against one run; errors of home are new: 3 % where there were none",
])  # fmt: skip

_lines = st.builds(
    lambda line, met, value: LevelThreshold(
        text=line[0], limit=line[1], unit=line[2], met=met, value=value and value * line[1]
    ),
    line=st.sampled_from([("p95 < 400ms", 400.0, "ms"), ("error_rate < 1%", 0.01, "%"),
                          ("p99(home) < 1s", 1000.0, "ms"), ("throughput >= 80/s", 80.0, "/s")]),
    met=st.none() | st.booleans(),
    value=st.none() | st.floats(0.1, 5.0),
)  # fmt: skip
_levels = st.builds(
    CapacityLevel,
    rate_per_s=_rates,
    completed_per_s=_maybe_rate,
    cpu_share=st.none() | _shares,
    met=st.none() | st.booleans(),
    why=_reasons,
    thresholds=st.lists(_lines, max_size=2).map(tuple),
)
_laws = st.just(Scalability(fitted=False)) | st.builds(
    Scalability,
    fitted=st.just(True),
    contention=_shares,
    coherency=_shares,
    peak_in_flight=st.none() | st.floats(1, 500),
    peak_per_s=_maybe_rate,
    peak_low_per_s=_maybe_rate,
    peak_high_per_s=_maybe_rate,
)
_steps = st.builds(
    ScalingStep,
    rate_per_s=_rates,
    instances=st.integers(1, 4_000),
    cost_per_hour=st.none() | st.floats(0.01, 9_000),
    instances_if_contended=st.none() | st.integers(1, 9_000),
)
_scalings = st.builds(
    Scaling,
    instances=st.integers(1, 40),
    cost_per_hour=st.none() | st.floats(0.01, 9_000),
    currency=st.sampled_from(["", "EUR", "$"]),
    cost_per_million=st.none() | st.floats(0.0001, 900),
    steps=st.lists(_steps, max_size=4).map(tuple),
)
_rooms = st.builds(
    HeadRoom, expected_per_s=_rates, share=_changes, low=st.none() | _changes, high=st.none() | _changes
)
capacities = st.builds(
    Capacity,
    estimated=st.booleans(),
    rate_per_s=_maybe_rate,
    low_per_s=_maybe_rate,
    high_per_s=_maybe_rate,
    users_kept=st.none() | st.integers(1, 5_000),
    users_lost=st.none() | st.integers(1, 5_000),
    because=_reasons,
    levels=st.lists(_levels, max_size=5).map(tuple),
    bound_per_s=_maybe_rate,
    bound_because=st.sampled_from(["the target completed no more than this while more came", "at 78 % busy"]),
    bound_in_flight=st.none() | st.floats(0.5, 900),
    scalability=_laws,
    head_room=st.none() | _rooms,
    scaling=st.none() | _scalings,
)

_UNITS = {"p50": "ms", "p95": "ms", "p99": "ms", "max": "ms", "error_rate": "%", "throughput": "/s"}


@st.composite
def _metric_changes(draw: st.DrawFn) -> MetricChange:
    metric = draw(st.sampled_from(sorted(_UNITS)))
    change = draw(_changes)
    before = draw(_times if _UNITS[metric] == "ms" else st.floats(0.1, 50.0))
    reach = draw(st.none() | st.floats(0.001, 0.5))
    return MetricChange(
        metric=metric,
        label=draw(st.sampled_from(LABELS)),
        before=before,
        after=before * (1 + change),
        unit=_UNITS[metric],
        change=change,
        low=None if reach is None else change - reach,
        high=None if reach is None else change + reach,
        visible=draw(st.none() | st.floats(0.001, 2.0)),
        decision=draw(st.sampled_from(list(ChangeDecision))),
    )


comparisons = st.builds(
    Comparison,
    against=st.sampled_from(["run", "runs", "benchmark", ""]),
    baseline_run=st.sampled_from(["", "20260102-0304-abcd"]),
    comparable=st.booleans(),
    because=_reasons,
    changes=st.lists(_metric_changes(), max_size=12, unique_by=lambda c: (c.metric, c.label)).map(tuple),
)


@st.composite
def _metric_trends(draw: st.DrawFn) -> MetricTrend:
    metric = draw(st.sampled_from(["p50", "p95", "error_rate", "throughput", "capacity"]))
    unit = {"error_rate": "%", "throughput": "/s", "capacity": "/s"}.get(metric, "ms")
    values = st.floats(0.01, 90_000.0)
    return MetricTrend(
        metric=metric,
        label="" if metric == "capacity" else draw(st.sampled_from(LABELS)),
        unit=unit,
        runs=draw(st.integers(1, 200)),
        newest=draw(values),
        expected_low=draw(st.none() | values),
        expected_high=draw(st.none() | values),
        decision=draw(st.sampled_from(list(ChangeDecision))),
        slope_per_day=draw(st.none() | st.floats(-500, 500)),
        limit=draw(st.none() | values),
        days_to_limit=draw(st.none() | st.floats(0.0, 700.0)),
        days_low=draw(st.none() | st.floats(0.0, 700.0)),
        days_high=draw(st.none() | st.floats(0.0, 700.0)),
    )


trends = st.builds(
    Trend,
    runs=st.integers(1, 200),
    metrics=st.lists(_metric_trends(), max_size=6, unique_by=lambda m: (m.metric, m.label)).map(tuple),
)


@st.composite
def _slow_changes(draw: st.DrawFn) -> SlowChange:
    kind, component, metric, unit = draw(
        st.sampled_from([
            ("leak", "target", "rss_bytes", "bytes"), ("leak", "jmeter", "rss_bytes", "bytes"),
            ("leak", "cache", "memory_bytes", "bytes"), ("exhaustion", "host", "disk_free_bytes", "bytes"),
            ("exhaustion", "target", "open_files", ""), ("exhaustion", "orders db", "connections_share", "%"),
            ("degradation", "", "p95", "ms"), ("degradation", "checkout", "p50", "ms"),
            ("degradation", "", "error_rate", "%"),
        ])
    )  # fmt: skip
    size = 2**30 if unit == "bytes" else 50.0
    values = st.floats(0.01, 1.0).map(lambda share: share * size)
    pace = draw(values) * draw(st.sampled_from([-1, 1]))
    return SlowChange(
        kind=kind,
        component=component,
        metric=metric,
        unit=unit,
        per_hour=pace,
        low_per_hour=pace * 0.8,
        high_per_hour=pace * 1.2,
        first=draw(values),
        last=draw(values),
        limit=draw(st.none() | values),
        hours_left=draw(_maybe_hours),
        hours_low=draw(_maybe_hours),
        hours_high=draw(_maybe_hours),
    )


soaks = st.builds(
    Soak,
    hours=st.floats(0, 24),
    looked_at=st.integers(0, 20),
    changes=st.lists(_slow_changes(), max_size=4, unique_by=lambda c: (c.metric, c.component)).map(tuple),
    because=st.sampled_from(["", "too short: 4 minutes at one level, 10 are needed"]),
)
_windows = st.builds(LoadWindow, from_s=_rates, to_s=_rates, ok=st.booleans())
generators = st.builds(
    GeneratorHealth,
    limited=st.booleans(),
    reasons=st.just(("its processor was full",)),
    achieved_load=st.none() | _shares,
    windows=st.lists(_windows, max_size=3).map(tuple),
    late_p95_ms=st.none() | _times,
    late_worst_ms=st.none() | _times,
    gc_share=st.none() | _shares,
    gc_longest_ms=st.none() | _times,
    heap_share=st.none() | _shares,
    notes=st.lists(
        st.sampled_from([
            "one in 20 requests started more than 120 ms late, the latest 300 ms",
            "JMeter's collector took 3 % of the time", "from 30 s to 60 s users waited inside the generator",
        ]),
        max_size=2, unique=True,
    ).map(tuple),
)  # fmt: skip
_intended = st.builds(
    IntendedTimes,
    label=st.just(""),
    method=st.just("schedule"),
    p95_ms=st.none() | _times,
    p99_ms=st.none() | _times,
    late_share=_shares,
    worst_late_ms=_times,
)


_observed = cache(lambda number: observe(_RUNS[number]))


@st.composite
def imagined(draw: st.DrawFn) -> Imagined:
    """A run of one of the named kinds, with everything beside it that may be there."""
    verdict = draw(st.sampled_from(list(Verdict)))
    decision = {Verdict.GO: Decision.MET, Verdict.NO_GO: Decision.BROKEN}.get(verdict, Decision.UNDECIDED)
    results = (
        threshold("p95 < 400ms", decision, value=draw(st.floats(1, 900))).model_copy(
            update={"marginal": draw(st.booleans()), "reason": draw(_reasons)}
        ),
        threshold("error_rate < 1%", Decision.MET, value=draw(st.floats(0, 1)), limit=1.0, unit="%"),
    )
    run = draw(st.integers(0, len(_RUNS) - 1))
    seen = replace(_observed(run), thresholds=results)
    phases = []
    for phase in seen.attempt.phases:
        low, high = sorted((draw(_times), draw(_times)))
        interval = PercentileInterval(percentile=95, low_ms=low, high_ms=high)
        pooled = phase.pooled.model_copy(update={"intervals": (interval,)})
        times = draw(st.lists(_intended, max_size=1).map(tuple))
        phases.append(phase.model_copy(update={"pooled": pooled, "intended": times}))
    attempt = seen.attempt.model_copy(update={"phases": tuple(phases), "generator": draw(generators)})
    return Imagined(
        seen=replace(seen, attempt=attempt, soak=draw(soaks)),
        outcome=outcome_of(verdict),
        capacity=draw(st.none() | capacities),
        comparison=draw(st.none() | comparisons),
        trend=draw(st.none() | trends),
        expected_per_s=draw(_maybe_rate),
    )
