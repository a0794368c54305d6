"""Observations of imagined runs, with the noise that healthy runs have: drift, pauses, a few failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from perfpilot.analysis.observations import Observations
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.load_outcome import CaseOutcome, Met
from perfpilot.domain.measure import (
    Attempt,
    ErrorCause,
    GeneratorHealth,
    LabelStats,
    PhaseStats,
    ResourceSeries,
    Series,
)
from perfpilot.domain.plan import Engine, Kind, Plan, PlannedStep, Scenario

WARM_UP_S = 10
STEADY_S = 60
RATE = 90.0


@dataclass(frozen=True)
class Run:
    """What to imagine. Medians are those without load; `slow` multiplies them under load."""

    seed: int = 1
    rate: float = RATE
    medians: Mapping[str, float] = field(
        default_factory=lambda: {"checkout": 110.0, "home": 20.0, "search": 50.0}
    )
    slow: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # label -> code -> share
    target_cpu: float | None = 0.4
    cpu_noise: float = 0.05
    neighbours: float = 0.05
    achieved: float = 1.0
    limited: bool = False
    dead_from_s: int | None = None
    dead_code: str = "connect"
    restarts: tuple[float, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    smoke: bool = True
    host_cores: int = 2
    target_cores: float = 2.0
    cases: tuple[CaseOutcome, ...] = ()


def observe(run: Run | None = None, **changes: object) -> Observations:
    """The observations of a run."""
    run = replace(run or Run(), **changes)  # type: ignore[arg-type]
    random = np.random.default_rng(run.seed)
    seconds = WARM_UP_S + STEADY_S
    samples = {label: _samples(run, label, random, seconds) for label in run.medians}
    smoke = {label: median * float(random.lognormal(0.1, 0.3)) for label, median in run.medians.items()}
    return Observations(
        plan=plan(run.rate, tuple(run.medians)),
        attempt=Attempt(
            number=1,
            started_ms=0,
            ended="completed",
            phases=(
                _phase("all", samples, 0, seconds),
                _phase("steady", samples, WARM_UP_S, seconds),
            ),
            generator=GeneratorHealth(
                limited=run.limited,
                reasons=("its processor was full",) if run.limited else (),
                achieved_load=run.achieved,
                cpu_share=0.2,
                in_flight_mean=4.0,
            ),
        ),
        series=_series(samples, run.rate, seconds),
        resources=_resources(run, random, seconds),
        thresholds=run.thresholds,
        restarts=run.restarts,
        unloaded_ms=smoke if run.smoke else {},
        target_host_cores=run.host_cores,
        target_cores=run.target_cores,
        cases=run.cases,
    )


def plan(rate: float = RATE, labels: tuple[str, ...] = ("home",), *, users: int = 200) -> Plan:
    """A plan of one scenario for each label that holds its share of the rate after a ramp."""
    curve = LoadCurve(
        unit="rate_per_s",
        segments=(
            Segment(duration_s=WARM_UP_S, start=0.0, end=rate / len(labels)),
            Segment(duration_s=STEADY_S, start=rate / len(labels), end=rate / len(labels)),
        ),
    )
    return Plan(
        attempt=1,
        scenarios=tuple(
            Scenario(
                name=label,
                engine=Engine.STEERED_RATE,
                curve=curve,
                steps=(PlannedStep(endpoint=label, label=label),),
                users=users // len(labels),
            )
            for label in labels
        ),
        duration_s=WARM_UP_S + STEADY_S,
        warm_up_s=WARM_UP_S,
        peak_rate_per_s=rate,
        users=users,
        expected_samples=curve.area * len(labels),
        connect_timeout_s=3,
        response_timeout_s=10,
    )


def stats(label: str, elapsed: np.ndarray, codes: np.ndarray, seconds: float) -> LabelStats:
    """Exact figures of samples; a code of `200` is a success."""
    failed = codes[codes != "200"]
    causes = tuple(
        ErrorCause(code=str(code), count=int(count))
        for code, count in zip(*np.unique(failed, return_counts=True), strict=True)
    )
    if not len(elapsed):
        return LabelStats(label=label, count=0, errors=0, rate_per_s=0.0)
    p50, p90, p95, p99, p999 = (float(v) for v in np.percentile(elapsed, [50, 90, 95, 99, 99.9]))
    return LabelStats(
        label=label,
        count=len(elapsed),
        errors=len(failed),
        rate_per_s=len(elapsed) / seconds,
        mean_ms=float(elapsed.mean()),
        min_ms=float(elapsed.min()),
        max_ms=float(elapsed.max()),
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        p999_ms=p999,
        causes=causes,
    )


def threshold(
    text: str,
    decision: Decision = Decision.MET,
    *,
    value: float | None = None,
    limit: float = 400.0,
    unit: str = "ms",
    samples: int = 3000,
) -> ThresholdResult:
    """A decided threshold."""
    return ThresholdResult(text=text, decision=decision, value=value, limit=limit, unit=unit, samples=samples)


def case(name: str, endpoint: str, met: Met = Met.AS_EXPECTED, code: str = "200") -> CaseOutcome:
    """What became of a case."""
    return CaseOutcome(
        name=name,
        kind=Kind.EDGE,
        label=f"case: {name}",
        code=code,
        ok=met is Met.AS_EXPECTED,
        met=met,
        endpoint=endpoint,
    )


@dataclass(frozen=True)
class _Samples:
    end_s: np.ndarray
    elapsed: np.ndarray
    codes: np.ndarray


def _samples(run: Run, label: str, random: np.random.Generator, seconds: int) -> _Samples:
    rate = run.rate * run.achieved / len(run.medians)
    at = np.concatenate(
        [
            second + random.random(random.poisson(rate * min(1.0, (second + 0.5) / WARM_UP_S)))
            for second in range(seconds)
        ]
    )
    # Slow drift and a pause now and then, as collectors and schedulers make them.
    drift = np.exp(0.08 * np.sin(at / 17 + run.seed))
    elapsed = run.medians[label] * random.lognormal(0.0, 0.45, len(at)) * drift
    pauses = random.random(3) * seconds
    for pause in pauses:
        elapsed[(at > pause) & (at < pause + 0.2)] += 60
    elapsed[at >= WARM_UP_S] *= run.slow.get(label, 1.0)
    codes = np.full(len(at), "200", dtype=object)
    for code, share in {"500": 0.0003, **run.errors.get(label, {})}.items():
        codes[random.random(len(at)) < share] = code
    if run.dead_from_s is not None:
        codes[at >= run.dead_from_s] = run.dead_code
    return _Samples(at, elapsed, codes)


def _phase(name: str, samples: Mapping[str, _Samples], from_s: int, to_s: int) -> PhaseStats:
    labels, all_elapsed, all_codes = [], [], []
    for label, own in samples.items():
        inside = (own.end_s >= from_s) & (own.end_s < to_s)
        labels.append(stats(label, own.elapsed[inside], own.codes[inside], to_s - from_s))
        all_elapsed.append(own.elapsed[inside])
        all_codes.append(own.codes[inside])
    pooled = stats("", np.concatenate(all_elapsed), np.concatenate(all_codes), to_s - from_s)
    return PhaseStats(phase=name, from_s=from_s, to_s=to_s, pooled=pooled, labels=tuple(labels))


def _series(samples: Mapping[str, _Samples], rate: float, seconds: int) -> Series:
    end = np.concatenate([s.end_s for s in samples.values()]).astype(int)
    elapsed = np.concatenate([s.elapsed for s in samples.values()])
    failed = np.concatenate([s.codes for s in samples.values()]) != "200"
    by_second = [elapsed[end == second] for second in range(seconds)]
    return Series(
        start_ms=0,
        asked_per_s=tuple(rate * min(1.0, (s + 0.5) / WARM_UP_S) for s in range(seconds)),
        samples=tuple(len(values) for values in by_second),
        errors=tuple(int(failed[end == second].sum()) for second in range(seconds)),
        users=tuple(10 for _ in range(seconds)),
        p50_ms=tuple(float(np.median(v)) if len(v) else None for v in by_second),
        p95_ms=tuple(float(np.percentile(v, 95)) if len(v) else None for v in by_second),
        p99_ms=tuple(float(np.percentile(v, 99)) if len(v) else None for v in by_second),
    )


def _resources(run: Run, random: np.random.Generator, seconds: int) -> tuple[ResourceSeries, ...]:
    means = {"host": 0.6, "jmeter": 0.2, "perfpilot": 0.02, "neighbours": run.neighbours}
    if run.target_cpu is not None:
        means["target"] = run.target_cpu
    t_s = tuple(float(t) for t in range(seconds))
    return tuple(
        ResourceSeries(
            component=component,
            metric="cpu_share",
            t_s=t_s,
            values=tuple(float(v) for v in np.clip(random.normal(mean, run.cpu_noise, seconds), 0, 1)),
        )
        for component, mean in means.items()
    )


NAMED_RUNS = {
    "healthy": Run(),
    "errors": Run(errors={"checkout": {"500": 0.08, "assertion": 0.02}, "home": {"429": 0.3}}),
    "down": Run(dead_from_s=40),
    "cases": Run(
        cases=(
            case("search empty q", "search"),
            case("search longest q", "search", Met.SERVER_ERROR, "500"),
            case("search unusual q", "search", Met.SERVER_ERROR, "502"),
            case(
                "search far page", "search", Met.NO_ANSWER, "Non HTTP response code: SocketTimeoutException"
            ),
            case("checkout no token", "checkout", Met.LET_IN),
            case("checkout missing fields", "checkout", Met.ACCEPTED),
            case("checkout wrong type", "checkout", Met.OTHER, "302"),
            case("home unknown id", "home", Met.NOT_SENT, ""),
        )
    ),
    "restarted": Run(restarts=(31.0, 45.0), limited=True, achieved=0.8),
    "thresholds": Run(
        thresholds=(
            threshold("p95(checkout) < 400ms", value=212.0),
            threshold("error_rate < 1%", value=0.03, limit=1.0, unit="%"),
            threshold("achieved_load >= 95%", value=99.0, limit=95.0, unit="%"),
            threshold("throughput >= 80/s", value=90.0, limit=80.0, unit="/s"),
            threshold("cpu(target) < 85%", value=40.0, limit=85.0, unit="%", samples=0),
            threshold("p99 < 1s over 30s", Decision.UNDECIDED, limit=1000.0, samples=700),
            threshold("apdex(0.5s) >= 0.9", value=0.94, limit=0.9, unit=""),
        )
    ),
}
