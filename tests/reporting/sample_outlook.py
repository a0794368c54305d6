"""What the analysis says beyond one load: capacity, comparison, trend, slow changes, the load generator."""

from __future__ import annotations

import random

from perfpilot.domain.capacity import (
    Capacity,
    CapacityLevel,
    HeadRoom,
    Scalability,
    Scaling,
    ScalingStep,
)
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.history import MetricPoint
from perfpilot.domain.measure import (
    GeneratorHealth,
    IntendedTimes,
    LabelStats,
    LoadWindow,
    PercentileInterval,
    PhaseStats,
)
from perfpilot.domain.soak import SlowChange, Soak
from perfpilot.domain.trend import MetricTrend, Trend, TrendShift

DAY_MS = 86_400_000
START_MS = 1_795_360_836_000
_MIB = 1024.0 * 1024.0


def capacity() -> Capacity:
    """A service of 16 slots at 40 ms, held at nine levels: 375/s at most."""
    levels = []
    for rate in (50, 100, 150, 200, 250, 300, 340, 370, 400):
        busy = min(rate / 375, 0.995)
        met = True if rate < 340 else (None if rate == 340 else False)
        p95 = 62 / (1 - busy) ** 0.55
        levels.append(
            CapacityLevel(
                rate_per_s=rate,
                reached_per_s=rate * 1.001,
                completed_per_s=min(rate, 368.0) * 0.999,
                completed_error_per_s=1.4,
                in_flight=min(rate, 368.0) * (0.041 + 0.02 * busy**8),
                p50_ms=40 + 30 * busy**9,
                p95_ms=p95,
                error_rate=0.0 if rate < 400 else 0.021,
                cpu_share=0.08 + 0.0019 * min(rate, 370),
                seconds=60,
                met=met,
                sure=met is True or rate == 400,
                saturated=rate == 400,
                why={340: "p95 < 200ms: 612 samples are too few", 370: "p95 < 200ms was broken",
                     400: "368/s were completed while more came"}.get(rate, ""),
            )
        )  # fmt: skip
    return Capacity(
        estimated=True,
        rate_per_s=341.2,
        low_per_s=318.0,
        high_per_s=366.0,
        because="300/s met the thresholds and 370/s did not",
        levels=tuple(levels),
        bound_per_s=372.5,
        bound_because="the target completed no more than this while more came",
        bound_in_flight=15.3,
        scalability=Scalability(
            fitted=True, one_per_s=24.9, contention=0.0021, coherency=0.00031,
            because="not reached: at most 22.4 requests were under way, at least 368/s",
        ),
        head_room=HeadRoom(expected_per_s=260.0, share=0.312, low=0.223, high=0.408),
        scaling=Scaling(
            instances=2,
            cost_per_hour=0.84,
            currency="EUR",
            cost_per_million=0.684,
            steps=tuple(
                ScalingStep(
                    rate_per_s=260.0 * times, instances=count, cost_per_hour=0.42 * count,
                    instances_if_contended=more,
                )
                for times, count, more in ((1.5, 4, 4), (2.0, 5, 5), (3.0, 7, 7), (5.0, 11, 12))
            ),
            assumptions=(
                "instances share the load evenly, and each carries as much as those that were measured",
                "at the peak 75 % of the capacity is used, sized by the low end of its interval",
            ),
        ),
    )  # fmt: skip


def comparison() -> Comparison:
    """Checkout became slower; most else did not move; some is undecided."""
    maybe = "it may be chance; about 5 runs on each side would tell"
    rows = []
    for label, factor in (("", 1.02), ("add to basket", 0.99), ("checkout", 1.2), ("list products", 1.0),
                          ("search", 0.87)):  # fmt: skip
        for metric, base in (("p50", 118.0), ("p95", 288.1), ("p99", 640.0), ("mean", 131.0)):
            wide = {"p50": 0.03, "p95": 0.05, "p99": 0.11, "mean": 0.03}[metric]
            change = factor - 1 + (0.02 if metric == "p99" else 0.0)
            decision = ChangeDecision.NO_CHANGE if abs(change) + wide <= 0.06 else ChangeDecision.UNDECIDED
            if label == "checkout" and metric != "p99":
                decision = ChangeDecision.REGRESSION
            if label == "search" and metric in ("p50", "mean"):
                decision = ChangeDecision.IMPROVEMENT
            rows.append(
                MetricChange(
                    metric=metric, label=label, before=base, after=base * (1 + change), unit="ms",
                    change=change, low=change - wide, high=change + wide * 1.1, visible=0.06 + 1.5 * wide,
                    slower=0.5 + change, decision=decision,
                    because=maybe if decision is ChangeDecision.UNDECIDED else "",
                )
            )  # fmt: skip
        rows.append(
            MetricChange(
                metric="max", label=label, before=900.0, after=1310.0, unit="ms", change=0.456,
                because="one run does not show how much of a maximum is chance",
            )
        )  # fmt: skip
    rows.append(
        MetricChange(
            metric="error_rate", label="", before=0.04, after=0.264, unit="%", change=5.6, low=1.9, high=14.0,
            visible=1.3, decision=ChangeDecision.REGRESSION,
        )
    )  # fmt: skip
    rows.append(
        MetricChange(
            metric="throughput", label="", before=299.7, after=298.6, unit="/s", change=-0.0037,
            low=-0.011, high=0.004, visible=0.06, decision=ChangeDecision.NO_CHANGE,
        )
    )  # fmt: skip
    return Comparison(
        against="run",
        baseline_run="20261121-021500-11aa",
        baseline_runs=("20261121-021500-11aa",),
        comparable=True,
        because="one run against one run",
        method="chance within each run from its blocks of time; noise between runs of 2 % (assumed)",
        changes=tuple(rows),
    )


def trend() -> Trend:
    """p95 of checkout shifted eight runs ago; the others did not move."""
    chance = random.Random(5)
    values = [288.0 * chance.lognormvariate(0, 0.02) for _ in range(17)]
    values += [322.0 * chance.lognormvariate(0, 0.02) for _ in range(7)] + [345.7]
    points = tuple(
        MetricPoint(run_id=f"2026{n:02d}-021500-11aa", started_ms=START_MS - (24 - n) * DAY_MS, value=value)
        for n, value in enumerate(values)
    )
    shift = TrendShift(
        run_id=points[17].run_id, started_ms=points[17].started_ms, before=288.4, after=322.0,
        change=0.1165, p=0.00002,
    )  # fmt: skip
    return Trend(
        runs=25,
        because="",
        metrics=(
            MetricTrend(
                metric="p95", label="checkout", unit="ms", runs=25, newest=345.7, expected_low=298.0,
                expected_high=344.0, decision=ChangeDecision.REGRESSION, visible=0.11, shifts=(shift,),
                points=points, slope_per_day=2.1, slope_low=0.4, slope_high=3.8, limit=400.0,
                days_to_limit=26.0, days_low=14.0, days_high=None,
            ),
            *(
                MetricTrend(
                    metric=metric, label=label, unit="ms", runs=25, newest=100.0, expected_low=94.0,
                    expected_high=107.0, decision=ChangeDecision.NO_CHANGE, visible=0.09,
                )
                for metric in ("p50", "p95") for label in ("", "search")
            ),
        ),
    )  # fmt: skip


def soak() -> Soak:
    """Memory of the target grows; so does that of JMeter, which is no finding."""
    common = {"kind": "leak", "metric": "rss_bytes", "unit": "bytes"}
    return Soak(
        hours=1.0,
        looked_at=14,
        changes=(
            SlowChange(
                **common, component="target", per_hour=378 * _MIB, low_per_hour=349 * _MIB,
                high_per_hour=402 * _MIB, first=174 * _MIB, last=178.9 * _MIB, limit=4096 * _MIB,
                hours_left=10.4, hours_low=9.7, hours_high=11.2,
            ),
            SlowChange(
                kind="degradation", component="", metric="p95", unit="ms", per_hour=12.0, low_per_hour=7.0,
                high_per_hour=16.0, first=84.0, last=96.0, limit=400.0,
            ),
            SlowChange(
                **common, component="jmeter", per_hour=22 * _MIB, low_per_hour=9 * _MIB,
                high_per_hour=31 * _MIB, first=488 * _MIB, last=489 * _MIB,
            ),
        ),
    )  # fmt: skip


def health() -> GeneratorHealth:
    """A generator that kept up, but for one window."""
    windows = tuple(
        LoadWindow(from_s=12.0 + 10 * n, to_s=22.0 + 10 * n, users=50.0, explained=44.0 if n == 3 else 49.6,
                   reached=0.998, ok=n != 3)
        for n in range(4)
    )  # fmt: skip
    return GeneratorHealth(
        limited=False, achieved_load=0.998, cpu_share=0.17, in_flight_mean=10.3, windows=windows,
        late_p95_ms=4.0, late_worst_ms=118.0, gc_share=0.0041, gc_longest_ms=37.0, heap_share=0.31,
        threads_peak=212, sockets_peak=96,
        notes=("from 42 s to 52 s users waited inside the generator",),
    )  # fmt: skip


def with_intervals(phase: PhaseStats) -> PhaseStats:
    """The phase with intervals of its percentiles; the rarest of checkout has too few samples."""

    def judged(stats: LabelStats) -> LabelStats:
        few = stats.label == "checkout"
        values = ((50, stats.p50_ms), (90, stats.p90_ms), (95, stats.p95_ms), (99, stats.p99_ms))
        found = tuple(
            PercentileInterval(percentile=p, low_ms=round(ms * 0.95), high_ms=round(ms * 1.07))
            for p, ms in values
            if ms and not (few and p == 99)
        )
        why = "too short for an interval: p99 has 1,436 of 2,000 samples, which take 66.9 s" if few else ""
        return stats.model_copy(update={"intervals": found, "no_interval": why})

    labels = tuple(map(judged, phase.labels))
    return phase.model_copy(update={"pooled": judged(phase.pooled), "labels": labels})


def with_intended(phase: PhaseStats) -> PhaseStats:
    """The phase with times from the intended start: a stall that the users hid."""
    times = [
        IntendedTimes(
            label="" if stats is phase.pooled else stats.label, method="pace", p50_ms=stats.p50_ms,
            p95_ms=(stats.p95_ms or 0) * 1.04, p99_ms=(stats.p99_ms or 0) * 3.1, max_ms=3900.0,
            late_share=0.021, worst_late_ms=3720.0,
        )
        for stats in (phase.pooled, *phase.labels)
    ]  # fmt: skip
    return phase.model_copy(update={"intended": tuple(times)})
