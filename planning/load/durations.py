"""How long a load must last for its thresholds to be decided, and its percentiles to be sharp."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from perfpilot.domain.base import Frozen
from perfpilot.domain.sample_floors import percentile_floor, samples_needed
from perfpilot.domain.spec import TestType
from perfpilot.domain.thresholds import Metric, Threshold

_NORMAL_95 = 1.96  # two-sided quantile of the standard normal distribution
_OF_THE_TAIL = 0.25  # half-width of the interval of a percentile's rank

LEAST_S: Mapping[TestType, float] = {
    TestType.SMOKE: 30.0,
    TestType.LOAD: 60.0,
    TestType.STRESS: 30.0,  # each step
    TestType.SPIKE: 60.0,  # the peak, and the calm on each side of it
    TestType.SOAK: 3600.0,
    TestType.SCALABILITY: 30.0,  # each step
    TestType.BREAKPOINT: 30.0,  # each step
    TestType.VOLUME: 60.0,
}
"""A level is held so long whatever its samples say: queues, pools and collectors need their time to show."""

LONGEST_S: Mapping[TestType, float] = {TestType.SMOKE: 300.0, TestType.SOAK: 3900.0}
LONGEST_OF_OTHERS_S = 3600.0
"""A curve that perfpilot draws lasts no longer unless its pattern has a `duration`: it is somebody's day."""

_LEAST_RAMP_S = 10.0
_STEEPEST = 10.0  # per second, each second
_LONGEST_RAMP_S = 120.0


class Need(Frozen):
    """What the strictest threshold wants of one level: samples, and the seconds in which they come."""

    line: str = ""  # of the threshold; empty: none is counted over samples
    samples: int = 0
    seconds: float = 0.0
    window_s: float = 0.0  # the longest `over` or `for` of all thresholds, which comes on top


def sharp_samples(percentile: float) -> int:
    """Samples from which the rank of a percentile is known to a quarter of the tail above it.

    Of n samples a number K lies below the true quantile q = percentile / 100; K is binomial with variance
    n q (1 - q). The order statistics at the ranks nq -/+ 1.96 sqrt(n q (1 - q)) therefore enclose the
    quantile with a confidence of 95 %, whatever the distribution of response times (David and Nagaraja,
    Order Statistics, 3rd edition, 2003, section 7.1, doi:10.1002/0471722162; the normal approximation of
    the binomial). The tail has n (1 - q) samples. With

        1.96 sqrt(n q (1 - q)) <= 0.25 n (1 - q)   follows   n >= (1.96 / 0.25)^2 q / (1 - q)

    which is 1,168 samples for p95 and 6,086 for p99. Where queues build up, response times that follow each
    other are alike, and the true interval is wider.
    """
    odds = percentile / (100 - percentile)
    return math.ceil(round((_NORMAL_95 / _OF_THE_TAIL) ** 2 * odds, 6))


def samples_wanted(threshold: Threshold, *, sharp: bool = True) -> int:
    """Samples that a threshold wants: enough to be decided and, where `sharp`, a sharp percentile.

    0: the metric is not counted over samples. A change of a percentile wants what the percentile wants.
    """
    percentile = _percentile(threshold)
    if not percentile:
        return samples_needed(threshold)
    return max(percentile_floor(percentile), sharp_samples(percentile) if sharp else 0)


def ramp_s(climb: float) -> float:
    """Seconds for a climb of so many arrivals per second, or users, without a jump.

    No second asks for more than a tenth of the climb, and for more than 10 above the second before it: what
    grows one by one under load (connections, workers, compiled code) keeps up. After two minutes what was
    cold is warm, so no ramp is longer.
    """
    return float(math.ceil(min(max(climb / _STEEPEST, _LEAST_RAMP_S), _LONGEST_RAMP_S)))


def need(thresholds: Iterable[Threshold], per_s: Mapping[str, float], *, sharp: bool = True) -> Need:
    """What the strictest goal wants where `per_s` samples of each label come in a second, `""` for all.

    A label that gets none is left out: no length gives it any.
    """
    every = tuple(thresholds)
    found = Need(window_s=max((t.over_s + t.for_s for t in every), default=0.0))
    for goal in every:
        rate, samples = per_s.get(goal.label, 0.0), samples_wanted(goal, sharp=sharp)
        if not goal.abort and rate > 0 and samples / rate > found.seconds:
            strictest = {"line": goal.text, "samples": samples, "seconds": samples / rate}
            found = found.model_copy(update=strictest)
    return found


def _percentile(threshold: Threshold) -> float:
    if threshold.metric is Metric.PERCENTILE:
        return threshold.percentile
    compared = re.fullmatch(r"p(\d+(?:\.\d+)?)", threshold.change_of)
    return float(compared[1]) if threshold.metric is Metric.CHANGE and compared else 0.0
