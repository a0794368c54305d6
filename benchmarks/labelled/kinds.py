"""What a labelled run is, and the runs whose data can tell: thresholds that are truly met, or truly broken.

The truth is that of the target, not of the samples. Limits lie 5.5 to 60 % off it, evenly in their
logarithm. Where chance alone moves a figure of such a run by more than a third of that (one standard
deviation: 2 % for percentiles of the queue, 7 % for one failure in a hundred, 10 % for failures in bursts),
limits begin at three deviations or more: closer than that no data of this length can tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.labelled.processes import (
    Drifting,
    Floats,
    Queue,
    Samples,
    Slow,
    Target,
    arrivals_of,
    truth,
    truth_of_windows,
)
from benchmarks.labelled.run_files import Left, csv_lines, described, planned
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.plan import Plan
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import parse_threshold

GO, NO_GO, OPEN = Verdict.GO, Verdict.NO_GO, Verdict.INCONCLUSIVE
LEAST, MOST = 0.055, 0.60
LABELS = ("home", "search")
UPWARD = (">", ">=")

Random = np.random.Generator


@dataclass(frozen=True)
class Labelled:
    """A run with its label. `right`: the verdicts that its data allow; no verdict for a run that was stopped.
    `near`: the truth is so near the limit that a wrong verdict may be, if it is told to be marginal.
    """

    spec: Spec
    plan: Plan
    lines: Sequence[str | bytes]
    met: bool  # what is true of the target
    right: frozenset[Verdict | None]
    left: Left = field(default_factory=Left)
    near: bool = False


Maker = Callable[[Random, bool], Labelled]
"""Makes a run whose thresholds are truly met, or of which one is truly broken."""


def limit_off(
    random: Random, value: float, met: bool, operator: str, least: float = LEAST, most: float = MOST
) -> float:
    """A limit on the asked side of a true value, by `least` to `most` of the smaller of the two."""
    off = 1 + least * (most / least) ** random.random()
    return value * off if met != (operator in UPWARD) else value / off


def line(
    random: Random,
    target: Target,
    form: str,
    met: bool,
    *,
    rate_per_s: float = 0.0,
    least: float = LEAST,
    most: float = MOST,
) -> str:
    """A threshold line with a limit in the place of `{}` that the target meets, or breaks."""
    threshold = parse_threshold(form.format(1))
    value = truth(target, threshold, rate_per_s=rate_per_s)
    return form.format(f"{limit_off(random, value, met, threshold.operator, least, most):.6f}")


def decided(met: bool) -> frozenset[Verdict | None]:
    """The right verdict where data can tell."""
    return frozenset({GO if met else NO_GO})


def drifting(random: Random, seconds: int, *, errors: Mapping[str, float] | None = None) -> Drifting:
    """A target whose drift moves a figure of such a run by 1.2 % at most (one standard deviation)."""
    while True:
        drift, memory = random.uniform(0.02, 0.10), random.uniform(0.3, 0.95)
        if drift * math.sqrt((1 + memory) / (1 - memory) / (0.9 * seconds)) <= 0.012:
            break
    medians = {name: float(random.uniform(40, 200)) for name in LABELS}
    usual = {name: 0.001 for name in LABELS}
    return Drifting(
        medians, random.uniform(0.25, 0.5), drift, memory, usual if errors is None else dict(errors)
    )


def open_run(
    random: Random,
    target: Target,
    thresholds: Sequence[str],
    met: bool,
    *,
    seconds: int = 600,
    rate_per_s: float = 50.0,
    even: bool = False,
    right: frozenset[Verdict | None] | None = None,
    left: Left | None = None,
    near: bool = False,
    change: Callable[[Samples], Samples] = lambda samples: samples,
    spoil: Callable[[list[str]], Sequence[str | bytes]] = list,
) -> Labelled:
    """A run of an open load. `change`: what became of its samples; `spoil`: of the lines of its file."""
    spec = described(thresholds, seconds=seconds, rate_per_s=rate_per_s, even=even)
    plan = planned(spec)
    samples = change(target.answer(arrivals_of(plan, random), random))
    return Labelled(
        spec=spec,
        plan=plan,
        lines=spoil(csv_lines(samples)),
        met=met,
        right=decided(met) if right is None else right,
        left=left or Left(),
        near=near,
    )


def _percentile(form: str) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        seconds = int(random.choice([300, 600]))
        target = drifting(random, seconds)
        return open_run(random, target, [line(random, target, form, met)], met, seconds=seconds)

    return make


def _queue(form: str) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        services = random.uniform(120, 200)
        target = Queue(services, arrivals_per_s=60)
        lines = [line(random, target, form, met, least=0.08)]
        return open_run(random, target, lines, met, rate_per_s=60)

    return make


def _errors(form: str, bursts: float, least: float) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        share = random.uniform(0.01, 0.08)
        target = drifting(random, 600, errors={"home": share, "search": share / 2})
        target = replace(target, burst_share=bursts)
        return open_run(random, target, [line(random, target, form, met, least=least, most=2.0)], met)

    return make


def _throughput(random: Random, met: bool) -> Labelled:
    share = random.uniform(0.0, 0.3)
    target = drifting(random, 300, errors={name: share for name in LABELS})
    lines = [line(random, target, "throughput >= {}/s", met, rate_per_s=50.0), "achieved_load >= 95%"]
    return open_run(random, target, lines, met, seconds=300, even=True)


def _apdex(random: Random, met: bool) -> Labelled:
    target = drifting(random, 600)
    t_s = truth(target, parse_threshold("p70 < 1s")) / 1000  # far enough from 1 for a limit above it
    slower = replace(target, medians={name: 2.2 * median for name, median in target.medians.items()})
    form = f"apdex({t_s:.6f}s) >= {{}}"
    return open_run(random, slower, [line(random, slower, form, met, most=0.2)], met)


def _windows(random: Random, met: bool) -> Labelled:
    """A slow minute breaks a line that every window must meet, and not the one of the whole run."""
    begins = int(random.integers(100, 480))
    slow = Slow(begins, begins + 60, random.uniform(1.3, 2.0))
    target = replace(drifting(random, 600), slow=slow)
    target = replace(target, path_seed=int(random.integers(1 << 32)))
    path: Floats = target.path(600, random)[60:]
    worst = truth_of_windows(target, 95, path.tolist(), 30)
    limit = limit_off(random, worst, met, "<", least=0.15)
    return open_run(random, target, [f"p95 < {limit:.3f}ms over 30s"], met)


def _error_windows(random: Random, met: bool) -> Labelled:
    share = random.uniform(0.2, 0.6)
    begins = int(random.integers(100, 480))
    target = replace(drifting(random, 600), slow=Slow(begins, begins + 45, error_share=share))
    # Of a window of 1,000 requests; the highest of many is above the share by three deviations or so.
    limit = limit_off(random, share, met, "<", least=0.35, most=0.6)
    return open_run(random, target, [f"error_rate < {100 * limit:.3f}% over 20s"], met)


def _several(random: Random, met: bool) -> Labelled:
    """One of four is broken, the others are met."""
    target = drifting(random, 600, errors={"home": 0.02, "search": 0.03})
    forms = [
        ("p95 < {}ms", LEAST), ("p90(search) < {}ms", LEAST), ("error_rate < {}", 0.2), ("mean < {}ms", LEAST)
    ]  # fmt: skip
    broken = -1 if met else int(random.integers(len(forms)))
    lines = [line(random, target, f, n != broken, least=least) for n, (f, least) in enumerate(forms)]
    return open_run(
        random, target, [*lines, "achieved_load >= 90%", "abort if error_rate > 90% for 30s"], met
    )


def closed_samples(
    target: Drifting, plan: Plan, random: Random, *, waits: float = 0.0, rate: float = math.inf
) -> Samples:
    """Users of a closed load, each with one request after the other.

    `waits`: time that a user waits inside the generator after each request, as a share of the response time.
    """
    seconds = math.ceil(plan.duration_s)
    path = np.exp(target.path(seconds, random)).tolist()
    starts, times, labels = [], [], []
    for number, scenario in enumerate(plan.scenarios):
        median = target.medians[scenario.steps[0].label]
        for _ in range(scenario.users):
            at = random.random() * median / 1000
            while at < plan.duration_s:
                for factor in np.exp(target.body * random.standard_normal(256)).tolist():
                    elapsed = median * factor * path[int(at)]
                    starts.append(at)
                    times.append(elapsed)
                    labels.append(number)
                    at += elapsed * (1 + waits) / 1000
                    if at >= plan.duration_s:
                        break
    start = (1000 * np.array(starts)).astype(np.int64)
    failed = random.random(len(start)) < np.array([target.errors.get(n, 0.0) for n in LABELS])[labels]
    return Samples(
        LABELS,
        start,
        np.maximum(np.rint(times), 1).astype(np.int64),
        np.array(labels, np.int64),
        np.where(failed, 1, 0),
        np.full(len(start), plan.users, np.int64),
    )


def closed_run(
    random: Random,
    met: bool,
    *,
    waits: float = 0.0,
    right: frozenset[Verdict | None] | None = None,
    left: Left | None = None,
) -> Labelled:
    """Ten users for five minutes; a threshold for one label, whose share of all samples does not matter."""
    target = drifting(random, 300)
    spec = described([line(random, target, "p95(home) < {}ms", met)], seconds=300, users=10)
    plan = planned(spec)
    samples = closed_samples(target, plan, random, waits=waits)
    found = decided(met) if right is None else right
    return Labelled(spec, plan, csv_lines(samples), met, found, left or Left())


DECIDED: dict[str, Maker] = {
    "p95": _percentile("p95 < {}ms"),
    "p99": _percentile("p99 < {}ms"),
    "p90 of a label": _percentile("p90(search) < {}ms"),
    "p50, below": _percentile("p50 <= {}ms"),
    "mean": _percentile("mean < {}ms"),
    "p95 of a queue": _queue("p95 < {}ms"),
    "mean of a queue": _queue("mean < {}ms"),
    "errors": _errors("error_rate < {}", 0.0, 0.25),
    "errors of a label": _errors("error_rate(home) < {}", 0.0, 0.25),
    "errors in bursts": _errors("error_rate < {}", 0.05, 0.4),
    "throughput": _throughput,
    "apdex": _apdex,
    "p95 in windows": _windows,
    "errors in windows": _error_windows,
    "one of several": _several,
    "closed users": lambda random, met: closed_run(random, met),
}
"""Runs whose data can tell, by what they are judged by."""
