"""Thresholds: one line each, such as `p95(checkout) < 400ms` or `abort if error_rate > 20% for 10s`.

Grammar: `[abort if] METRIC[(ARGUMENT)] OPERATOR LIMIT [over DURATION] [for DURATION] [after DURATION]`.
What each metric means, and over which samples it is computed, is fixed in `analysis.thresholds.thresholds`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from perfpilot.domain.base import Frozen
from perfpilot.domain.comparison import CHANGE_METRICS
from perfpilot.domain.operators import OPERATORS
from perfpilot.domain.units import parse_duration_s, parse_rate_per_s, parse_share


class Metric(StrEnum):
    """What a threshold is about."""

    PERCENTILE = "percentile"  # response time in ms
    MEAN = "mean"  # response time in ms
    MAX = "max"  # response time in ms
    ERROR_RATE = "error_rate"  # share of samples that failed
    THROUGHPUT = "throughput"  # successful samples per second
    ACHIEVED_LOAD = "achieved_load"  # load reached / load asked
    CPU = "cpu"  # mean share of the cores that the component may use
    CAPACITY = "capacity"  # highest arrival rate, or number of users, that met the thresholds
    CHANGE = "change"  # relative change of another metric against a baseline
    APDEX = "apdex"  # Apdex with T given and F = 4T


METRIC_NAMES = (
    "p50", "p90", "p95", "p99", "p99.9", "mean", "max", "error_rate", "throughput",
    "achieved_load", "cpu", "capacity", "change", "apdex",
)  # fmt: skip
TIME_METRICS = frozenset({Metric.PERCENTILE, Metric.MEAN, Metric.MAX})
COUNTED_METRICS = frozenset({*TIME_METRICS, Metric.ERROR_RATE, Metric.THROUGHPUT, Metric.APDEX})
"""Metrics that are counted from samples while they arrive."""

_SHARES = frozenset({Metric.ERROR_RATE, Metric.ACHIEVED_LOAD, Metric.CPU, Metric.CHANGE})
_RATES = frozenset({Metric.THROUGHPUT, Metric.CAPACITY})

_CHANGE = re.compile(r"([+-]?\d{1,6}(?:\.\d+)?)\s*%")
"""A change may be a fall (`change(throughput) >= -5%`), and more than the whole (`+200%`)."""

_USERS = re.compile(r"(\d{1,7})\s*users?")
_LINE = re.compile(
    r"(?P<abort>abort\s+if\s+)?"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_.]*)\s*(?:\((?P<argument>[^()]*)\))?\s*"
    r"(?P<operator><=|>=|<|>)\s*"
    r"(?P<limit>.+?)"
    r"(?:\s+over\s+(?P<over>[\d.]+\s*\w+))?"
    r"(?:\s+for\s+(?P<hold>[\d.]+\s*\w+))?"
    r"(?:\s+after\s+(?P<after>[\d.]+\s*\w+))?"
)


class Threshold(Frozen):
    """One parsed threshold. `text` is the line as written; all else is derived from it."""

    text: str
    metric: Metric
    operator: str
    limit: float  # ms for times, a share for shares, events per second for rates, a score for Apdex
    label: str = ""  # endpoint, or component for cpu; empty means pooled
    percentile: float = 0.0  # 95 for p95; only with Metric.PERCENTILE
    apdex_t_ms: float = 0.0
    change_of: str = ""  # the metric that `change` compares, such as p95
    baseline: str = ""  # what `change` compares with: always `baseline`, the one of the description
    over_s: float = 0.0  # every full sliding window of this length must meet the limit
    for_s: float = 0.0  # the condition must hold this long without a break
    after_s: float = 0.0  # an abort line looks at nothing that ended earlier in the load
    abort: bool = False  # true: the condition is a reason to stop, not a goal
    of_users: bool = False  # of capacity: the limit counts users of a closed model, not arrivals

    def holds(self, value: float) -> bool:
        """Whether `value OPERATOR limit`. For an abort line, true means: stop."""
        return OPERATORS[self.operator](value, self.limit)

    def in_unit(self, value: float) -> float:
        """A value of the metric in `unit()`: shares become per cent."""
        return value * 100 if self.unit() == "%" else value

    def unit(self) -> str:
        """The unit of `limit` as shown to people."""
        if self.of_users:
            return "users"
        if self.metric in TIME_METRICS:
            return "ms"
        if self.metric in _SHARES:
            return "%"
        return "/s" if self.metric in _RATES else ""


def parse_threshold(line: object) -> Threshold:
    """Parse one line. Raises ValueError with the place of the mistake and the nearest right form."""
    if isinstance(line, Threshold):
        return line
    if not isinstance(line, str):
        raise ValueError(f"{line!r} is not a threshold line such as: p95(checkout) < 400ms")
    match = _LINE.fullmatch(line.strip())
    if not match:
        raise ValueError(f"{line!r} is not a threshold: write METRIC < LIMIT, such as p95(checkout) < 400ms")
    metric, fields = _metric(match["name"], (match["argument"] or "").strip(), line)
    threshold = Threshold(
        text=" ".join(line.split()),
        metric=metric,
        operator=match["operator"],
        limit=_limit(metric, match["limit"].strip(), line),
        over_s=parse_duration_s(match["over"]) if match["over"] else 0.0,
        for_s=parse_duration_s(match["hold"]) if match["hold"] else 0.0,
        after_s=parse_duration_s(match["after"]) if match["after"] else 0.0,
        abort=bool(match["abort"]),
        of_users=metric is Metric.CAPACITY and bool(_USERS.fullmatch(match["limit"].strip())),
        **fields,
    )
    problem = _never_decided(threshold)
    if problem:
        raise ValueError(f"{line!r}: {problem}")
    return threshold


def _never_decided(threshold: Threshold) -> str:
    """Why a line that is well formed could never be decided; empty: it could."""
    metric = threshold.metric
    if threshold.for_s and not threshold.abort:
        return "'for' belongs to 'abort if' lines; write 'over' for a sliding window"
    if threshold.after_s and not threshold.abort:
        return "'after' belongs to 'abort if' lines; goals are judged after the warm-up"
    if threshold.abort and metric not in COUNTED_METRICS:
        return f"{metric.value} is not known while the load runs: abort on error_rate or a percentile"
    if metric is Metric.CPU and not threshold.label:
        return "say whose: cpu(target)"
    if metric is Metric.CHANGE and (threshold.operator in (">", ">=")) != (
        threshold.change_of == "throughput"
    ):
        mend = "change(throughput) >= -5%" if threshold.change_of == "throughput" else "<= 10%"
        return f"this limits a change for the better: limit how much worse it may become, such as {mend}"
    if threshold.label and metric not in COUNTED_METRICS | {Metric.CPU}:
        return f"{metric.value} is about the whole load: leave ({threshold.label}) out"
    if threshold.over_s and metric not in COUNTED_METRICS | {Metric.CPU}:
        return f"{metric.value} has no sliding window: leave out 'over'"
    return "a sliding window lasts at least 1s" if 0 < threshold.over_s < 1 else ""


def _metric(name: str, argument: str, line: str) -> tuple[Metric, dict[str, Any]]:
    if re.fullmatch(r"p\d+(\.\d+)?", name):
        percentile = float(name[1:])
        if not 0 < percentile < 100:
            raise ValueError(f"{line!r}: {name} is impossible; a percentile lies between 0 and 100")
        return Metric.PERCENTILE, {"percentile": percentile, "label": argument}
    try:
        metric = Metric(name)
    except ValueError:
        metric = Metric.PERCENTILE
    if metric is Metric.PERCENTILE:
        raise ValueError(f"{line!r}: unknown metric {name!r}; nearest: {_nearest(name)}")
    if metric is Metric.APDEX:
        return metric, {"apdex_t_ms": parse_duration_s(argument) * 1000}
    if metric is Metric.CHANGE:
        return metric, _change(argument, line)
    return metric, {"label": argument}


def _change(argument: str, line: str) -> dict[str, Any]:
    of, _, baseline = (part.strip() for part in argument.partition(","))
    if of not in CHANGE_METRICS:
        known = ", ".join(CHANGE_METRICS)
        if not of or of in METRIC_NAMES or re.fullmatch(r"p\d+(\.\d+)?", of):
            raise ValueError(f"{line!r}: a change of {of or 'nothing'} is not known; compare one of {known}")
        raise ValueError(f"{line!r}: unknown metric {of!r}; compare one of {known}")
    if baseline not in ("", "baseline"):
        mend = f"write change({of}), and name the run under baseline.run"
        raise ValueError(f"{line!r}: a change is against the baseline of the description: {mend}")
    return {"change_of": of, "baseline": "baseline"}


def _limit(metric: Metric, text: str, line: str) -> float:
    try:
        if metric is Metric.CHANGE and (change := _CHANGE.fullmatch(text)):
            return float(change[1]) / 100
        if metric in TIME_METRICS:
            return parse_duration_s(text) * 1000
        if metric in _SHARES:
            return parse_share(text)
        if metric is Metric.CAPACITY and (users := _USERS.fullmatch(text)):
            return float(users[1])
        return parse_rate_per_s(text) if metric in _RATES else float(text)
    except ValueError as error:
        raise ValueError(f"{line!r}: {error}") from None


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    return (get_close_matches(name, METRIC_NAMES, n=1, cutoff=0.0) or ["p95"])[0]


ThresholdLine = Annotated[
    Threshold,
    BeforeValidator(parse_threshold),
    PlainSerializer(lambda threshold: threshold.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["p95(checkout) < 400ms", "error_rate < 1%"]}),
]
"""A `Threshold` in Python, one line of text in YAML and JSON."""
