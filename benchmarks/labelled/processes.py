"""Targets whose figures are known before anything is measured: their samples, and the truth about them.

Two of them. `Drifting`: lognormal response times around medians that drift from second to second, the same
drift for all labels (first-order autoregressive), with errors that come in bursts. `Queue`: one server, first
come first served, random arrivals and exponential service times, so that a response time is exponential with
mean 1 / (service rate - arrival rate) (M/M/1; Kleinrock, Queueing Systems I, 1975, section 5.6).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perfpilot.domain.plan import Plan
from perfpilot.domain.thresholds import Metric, Threshold

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CODES = ("200", "500", "Non HTTP response code: java.net.BindException", "503")
_GOOD, _FAILED = 0, 1


@dataclass
class Samples:
    """One row a sample, in no order. Times are milliseconds; starts count from the beginning of the load."""

    labels: tuple[str, ...]
    start_ms: Ints
    elapsed_ms: Ints
    label: Ints
    code: Ints  # of `CODES`
    users: Ints

    def __len__(self) -> int:
        return len(self.start_ms)

    def pick(self, chosen: NDArray[np.bool_]) -> Samples:
        """Those that are chosen."""
        columns = (self.start_ms, self.elapsed_ms, self.label, self.code, self.users)
        return Samples(self.labels, *(column[chosen] for column in columns))


class Target(Protocol):
    """What answers the requests of a plan, and what is true of it for all time."""

    def answer(self, arrivals: Arrivals, random: np.random.Generator) -> Samples:
        """The samples of these requests."""

    def share_within(self, ms: float, label: str) -> float:
        """Share of response times up to `ms`; of all labels pooled where `label` is empty."""

    def error_share(self, label: str) -> float:
        """Share of requests that fail."""

    def mean_ms(self, label: str) -> float:
        """Mean response time."""


@dataclass(frozen=True)
class Arrivals:
    """When requests reach the target, in order, and by which label."""

    labels: tuple[str, ...]
    at_s: Floats
    label: Ints
    length_s: float


def arrivals_of(plan: Plan, random: np.random.Generator) -> Arrivals:
    """The requests of an open plan whose scenarios have one step each and hold one level.

    As JMeter sends them: a piece of n random arrivals has exactly n, evenly distributed.
    """
    moments, labels = [], []
    for number, scenario in enumerate(plan.scenarios):
        (piece,) = scenario.curve.segments
        count = round(piece.start * piece.duration_s)
        spread = np.arange(count) + 0.5 if scenario.even_arrivals else count * random.random(count)
        moments.append(spread / count * piece.duration_s)
        labels.append(np.full(count, number))
    at_s, label = np.concatenate(moments), np.concatenate(labels)
    order = np.argsort(at_s, kind="stable")
    names = tuple(scenario.steps[0].label for scenario in plan.scenarios)
    return Arrivals(names, at_s[order], label[order].astype(np.int64), plan.duration_s)


@dataclass(frozen=True)
class Slow:
    """A stretch in which the target is worse, in seconds of the load."""

    from_s: int
    to_s: int
    times: float = 1.0  # response times are multiplied by this
    error_share: float | None = None


@dataclass(frozen=True)
class Drifting:
    """`body` and `drift` are deviations of the logarithm; `memory`: of the drift, from second to second.

    `burst_share`: of the seconds, those in which errors come `burst_times` as often as in the others.
    """

    medians: dict[str, float]
    body: float = 0.4
    drift: float = 0.04
    memory: float = 0.8
    errors: dict[str, float] = field(default_factory=dict)  # by label; share of all time
    burst_share: float = 0.0
    burst_times: float = 20.0
    slow: Slow | None = None
    path_seed: int | None = None  # with one the drift is always the same

    def answer(self, arrivals: Arrivals, random: np.random.Generator) -> Samples:
        seconds = math.ceil(arrivals.length_s)
        second = arrivals.at_s.astype(np.int64)
        drift = self.path(seconds, random)[second]
        medians = np.array([self.medians[name] for name in arrivals.labels])[arrivals.label]
        times = medians * np.exp(self.body * random.standard_normal(len(second)) + drift)
        failed = random.random(len(second)) < self._failing(arrivals, seconds, random)[second, arrivals.label]
        return _samples(arrivals, times, np.where(failed, _FAILED, _GOOD))

    def path(self, seconds: int, random: np.random.Generator) -> Floats:
        """The drift of each second, with what a slow stretch adds."""
        random = random if self.path_seed is None else np.random.default_rng(self.path_seed)
        steps = random.standard_normal(seconds) * self.drift
        steps[1:] *= math.sqrt(1 - self.memory**2)
        for n in range(1, seconds):
            steps[n] += self.memory * steps[n - 1]
        if self.slow:
            steps[self.slow.from_s : self.slow.to_s] += math.log(self.slow.times)
        return steps

    def share_within(self, ms: float, label: str) -> float:
        width = math.hypot(self.body, self.drift)
        medians = [self.medians[label]] if label else list(self.medians.values())
        return sum(_normal(math.log(ms / median) / width) for median in medians) / len(medians)

    def error_share(self, label: str) -> float:
        shares = [self.errors.get(name, 0.0) for name in ([label] if label else self.medians)]
        return sum(shares) / len(shares)

    def mean_ms(self, label: str) -> float:
        medians = [self.medians[label]] if label else list(self.medians.values())
        return math.exp((self.body**2 + self.drift**2) / 2) * sum(medians) / len(medians)

    def _failing(self, arrivals: Arrivals, seconds: int, random: np.random.Generator) -> Floats:
        """Share of requests that fail, by second and label."""
        shares = np.array([self.errors.get(name, 0.0) for name in arrivals.labels])
        often = np.ones(seconds)
        if self.burst_share:
            often[random.random(seconds) < self.burst_share] = self.burst_times
            often /= 1 + self.burst_share * (self.burst_times - 1)
        found = np.outer(often, shares)
        if self.slow and self.slow.error_share is not None:
            found[self.slow.from_s : self.slow.to_s] = self.slow.error_share
        return found


@dataclass(frozen=True)
class Queue:
    """One server for all labels; `arrivals_per_s` is what the plan sends, `errors` a share of it."""

    services_per_s: float
    arrivals_per_s: float
    errors: float = 0.0

    def answer(self, arrivals: Arrivals, random: np.random.Generator) -> Samples:
        served = np.cumsum(random.exponential(1 / self.services_per_s, len(arrivals.at_s)))
        before = np.concatenate([[0.0], served[:-1]])
        done = served + np.maximum.accumulate(arrivals.at_s - before)
        failed = random.random(len(done)) < self.errors
        return _samples(arrivals, 1000 * (done - arrivals.at_s), np.where(failed, _FAILED, _GOOD))

    def share_within(self, ms: float, label: str) -> float:
        return 1 - math.exp(-(self.services_per_s - self.arrivals_per_s) * ms / 1000)

    def error_share(self, label: str) -> float:
        return self.errors

    def mean_ms(self, label: str) -> float:
        return 1000 / (self.services_per_s - self.arrivals_per_s)


def truth(target: Target, threshold: Threshold, *, rate_per_s: float = 0.0) -> float:
    """What a metric of the target is, in the unit of the threshold's limit; of `Slow` nothing is known here.

    `rate_per_s`: requests that reach it, for its throughput.
    """
    label = threshold.label
    if threshold.metric is Metric.PERCENTILE:
        return _quantile(target, threshold.percentile / 100, label)
    if threshold.metric is Metric.MEAN:
        return target.mean_ms(label)
    if threshold.metric is Metric.ERROR_RATE:
        return target.error_share(label)
    if threshold.metric is Metric.THROUGHPUT:
        return rate_per_s * (1 - target.error_share(label))
    if threshold.metric is Metric.APDEX:
        satisfied, tolerated = (target.share_within(n * threshold.apdex_t_ms, label) for n in (1, 4))
        return (1 - target.error_share(label)) * (satisfied + tolerated) / 2
    raise ValueError(f"no truth is known for {threshold.text}")


def truth_of_windows(target: Drifting, percentile: float, path: Sequence[float], window_s: int) -> float:
    """The highest percentile of any window of so many seconds, for a drift that went like this, in ms.

    It is that of the target in those seconds: a window's samples have it up to chance.
    """
    logs = [math.log(median) for median in target.medians.values()]

    def lowest_share(ms: float) -> float:
        by_second = [
            sum(_normal((math.log(ms) - log - at) / target.body) for log in logs) / len(logs) for at in path
        ]
        sums = np.cumsum([0.0, *by_second])
        return float((sums[window_s:] - sums[:-window_s]).min() / window_s)

    return _where(lowest_share, percentile / 100)


def _quantile(target: Target, share: float, label: str) -> float:
    return _where(lambda ms: target.share_within(ms, label), share)


def _where(share_within: object, share: float) -> float:
    assert callable(share_within)
    low, high = 0.1, 1e6
    while high / low > 1.00001:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if share_within(middle) < share else (low, middle)
    return high


def _normal(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2


def _samples(arrivals: Arrivals, times_ms: Floats, code: Ints) -> Samples:
    elapsed = np.maximum(np.rint(times_ms), 1).astype(np.int64)
    start = (arrivals.at_s * 1000).astype(np.int64)
    return Samples(
        arrivals.labels, start, elapsed, arrivals.label, code.astype(np.int64), _in_flight(start, elapsed)
    )


def _in_flight(start_ms: Ints, elapsed_ms: Ints) -> Ints:
    """Threads alive when each sample ended: an open schedule has one for every request under way."""
    ends = start_ms + elapsed_ms
    ordered_starts, ordered_ends = np.sort(start_ms), np.sort(ends)
    begun = np.searchsorted(ordered_starts, ends, "right")
    over = np.searchsorted(ordered_ends, ends, "left")
    return np.maximum(begun - over, 1)
