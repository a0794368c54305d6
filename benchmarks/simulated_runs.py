"""Imagined runs of a service, made quickly: the records that a comparison reads, with a planted change.

Response times are lognormal around a median that drifts from second to second (first-order autoregressive,
the same drift for all labels: it is the service that has a bad minute) and differs from run to run. Arrivals
are random. Figures and blocks of time are made by the classes that make them of real samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from perfpilot.analysis.comparison.measured import Measured
from perfpilot.analysis.comparison.windows import label_windows
from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.counting.time_blocks import LABEL_BLOCKS, TimeBlocks
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import Attempt, LabelStats, PhaseStats
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.time_windows import TimeWindows

_QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
_BODY = 0.45


@dataclass(frozen=True)
class Service:
    """What is imagined. Shares and medians by label; `drift` is the deviation of the drift, `memory` its
    autocorrelation from one second to the next; `between` the deviation from run to run."""

    seconds: int = 600
    rate: float = 100.0
    medians: Mapping[str, float] = field(
        default_factory=lambda: {"checkout": 170.0, "home": 60.0, "search": 120.0}
    )
    drift: float = 0.08
    memory: float = 0.95
    between: float = 0.02
    error_share: float = 0.005


def imagine(service: Service, random: np.random.Generator, *changes: float) -> list[Measured]:
    """One run for each change (0.1: a tenth slower), all of the same samples otherwise."""
    drift = _drift(service, random) + random.normal(0.0, service.between)
    arrivals = random.poisson(service.rate, service.seconds)
    second = np.repeat(np.arange(service.seconds), arrivals)
    label = random.integers(0, len(service.medians), len(second))
    medians = np.array(list(service.medians.values()))
    times = medians[label] * np.exp(_BODY * random.standard_normal(len(second)) + drift[second])
    failed = random.random(len(second)) < service.error_share
    return [_measured(service, second, label, times * (1 + change), failed) for change in changes]


def _drift(service: Service, random: np.random.Generator) -> np.ndarray:
    steps = random.standard_normal(service.seconds) * service.drift
    steps[1:] *= np.sqrt(1 - service.memory**2)
    for n in range(1, len(steps)):
        steps[n] += service.memory * steps[n - 1]
    return steps


def _measured(
    service: Service, second: np.ndarray, label: np.ndarray, times: np.ndarray, failed: np.ndarray
) -> Measured:
    elapsed = np.maximum(np.rint(times), 1).astype(np.int64)
    ended = np.minimum(second + elapsed // 1000, service.seconds - 1)
    blocks = TimeBlocks(LABEL_BLOCKS)
    blocks.add(ended, elapsed, label)
    whole = service.seconds // blocks.block_s
    labels = tuple(
        label_windows(
            name,
            np.stack([block.times.counts for block in blocks.blocks(number)[:whole]]),
            np.bincount(ended[failed & (label == number)] // blocks.block_s, minlength=whole)[:whole],
        )
        for number, name in enumerate(service.medians)
    )
    windows = TimeWindows(from_s=0, block_s=blocks.block_s, blocks=whole, precision=6, labels=labels)
    steady = PhaseStats(
        phase="steady",
        from_s=0,
        to_s=service.seconds,
        pooled=_stats("", elapsed, failed, service.seconds),
        labels=tuple(
            _stats(name, elapsed[label == number], failed[label == number], service.seconds)
            for number, name in enumerate(service.medians)
        ),
    )
    attempt = Attempt(number=1, started_ms=0, ended="completed", phases=(steady,))
    return Measured(attempt, _plan(service), windows)


def _stats(label: str, elapsed: np.ndarray, failed: np.ndarray, seconds: int) -> LabelStats:
    times = Histogram()
    times.add(elapsed)
    p50, p90, p95, p99, p999 = times.quantiles(_QUANTILES)
    count = len(elapsed)
    return LabelStats(
        label=label,
        count=count,
        errors=int(failed.sum()),
        rate_per_s=count / seconds,
        mean_ms=float(elapsed.mean()) if count else None,
        max_ms=float(elapsed.max()) if count else None,
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        p999_ms=p999,
    )


def _plan(service: Service) -> Plan:
    level = service.rate / len(service.medians)  # one arrival asks for all of them
    hold = Segment(duration_s=service.seconds, start=level, end=level)
    scenario = Scenario(
        name="office",
        engine=Engine.OPEN_SCHEDULE,
        curve=LoadCurve(unit="rate_per_s", segments=(hold,)),
        steps=tuple(PlannedStep(endpoint=name, label=name) for name in service.medians),
        users=50,
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=service.seconds,
        warm_up_s=0,
        peak_rate_per_s=service.rate,
        users=50,
        expected_samples=service.rate * service.seconds,
        connect_timeout_s=3,
        response_timeout_s=10,
    )
