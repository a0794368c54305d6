"""Alert lines of one's own, such as `cpu(target) > 90% for 15s` or `critical if error_rate > 20% for 5s`.

Grammar: `[SEVERITY if] METRIC[(SUBJECT)] OPERATOR LIMIT [for DURATION] [until LIMIT]`. An alert decides
nothing: it says while the load runs that something wants attention. What a metric means, and over which
seconds it is taken, is fixed in `analysis.alerts.metrics`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from perfpilot.domain import monitored
from perfpilot.domain.base import Frozen
from perfpilot.domain.judgement import Severity
from perfpilot.domain.operators import OPERATORS
from perfpilot.domain.units import parse_bytes, parse_duration_s, parse_rate_per_s, parse_share

LIVE_METRICS = {"p50": "ms", "p95": "ms", "p99": "ms", "error_rate": "%", "throughput": "/s", "users": "",
                "behind": "%"}  # fmt: skip
"""Metrics of the load itself, with their units. The first five take the name of an endpoint."""

OF_AN_ENDPOINT = frozenset({"p50", "p95", "p99", "error_rate", "throughput"})
SEVERITIES = {"warning": Severity.MEDIUM, **{severity.value: severity for severity in Severity}}
"""Words before `if`."""

CLEAR_MARGIN = 0.1
"""Without `until` an alert clears when its metric is back by this part of the limit."""

_LONGEST = 200
_FORM = "write METRIC(COMPONENT) > LIMIT for DURATION, such as cpu(target) > 90% for 15s"
_FRACTIONS = frozenset({"busy_cores", "load_1m", "cores_allowed"})  # counts that are no whole numbers
_YES_OR_NO = frozenset({"up", "answers"})
_LINE = re.compile(
    r"(?:(?P<severity>[A-Za-z]+)\s+if\s+)?"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_.]*)\s*(?:\((?P<subject>[^()]*)\))?\s*"
    r"(?P<operator><=|>=|<|>)\s*"
    r"(?P<limit>.+?)"
    r"(?:\s+for\s+(?P<hold>.+?))?"
    r"(?:\s+until\s+(?P<until>.+))?"
)


class AlertRule(Frozen):
    """One parsed line. `text` is the line as written; all else is derived from it.

    Limits are in ms for response times, shares (0..1), bytes, events per second, seconds, or counts.
    """

    text: str
    metric: str
    subject: str = ""  # endpoint or component; empty means the whole load
    operator: str
    limit: float
    until: float  # it clears when the metric has come back as far as this
    for_s: float = 0.0  # the condition must hold this long without a break
    severity: Severity = Severity.MEDIUM

    @property
    def key(self) -> str:
        """The name of its value among the live figures: `cpu(target)`, `error_rate`."""
        return f"{self.metric}({self.subject})" if self.subject else self.metric

    def holds(self, value: float) -> bool:
        """Whether `value OPERATOR limit`: there is something to tell."""
        return OPERATORS[self.operator](value, self.limit)

    def is_calm(self, value: float) -> bool:
        """Whether the value has come back far enough for the alert to clear."""
        back = value <= self.until if self.operator[0] == ">" else value >= self.until
        return back and not self.holds(value)

    @property
    def unit(self) -> str:
        """The unit of `limit`: ms, %, bytes, bytes/s, /s, s, or nothing."""
        return unit_of(self.metric)


def unit_of(metric: str) -> str:
    """The unit of a metric of the load or of a monitor."""
    return LIVE_METRICS[metric] if metric in LIVE_METRICS else monitored.unit_of(metric)


def shown(value: float, unit: str) -> str:
    """A value for people: `97%`, `812 ms`, `2.1 GB`, `47.2/s`."""
    if unit == "%":
        return f"{value * 100:.3g}%" if value < 0.995 else f"{value * 100:.0f}%"
    if unit.startswith("bytes"):
        size, name = next(
            (pair for pair in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if abs(value) >= pair[0]),
            (1.0, "B"),
        )
        return f"{_plain(value / size)} {name}{unit.removeprefix('bytes')}"
    return f"{_plain(value)}{unit}" if unit == "/s" else f"{_plain(value)} {unit}".rstrip()


def parse_alert(line: object) -> AlertRule:
    """Parse one line. Raises ValueError with the place of the mistake and the nearest right form."""
    if isinstance(line, AlertRule):
        return line
    if not isinstance(line, str):
        raise ValueError(f"{line!r} is not an alert line: {_FORM}")
    if len(line) > _LONGEST:
        raise ValueError(f"an alert line has {_LONGEST} characters at most: {_FORM}")
    match = _LINE.fullmatch(line.strip())
    if not match:
        raise ValueError(f"{line!r} is not an alert: {_FORM}")
    try:
        return _rule(match, " ".join(line.split()))
    except ValueError as error:
        raise ValueError(f"{line!r}: {error}") from None


def _rule(match: re.Match[str], text: str) -> AlertRule:
    metric, subject = match["name"], (match["subject"] or "").strip()
    severity = _severity((match["severity"] or "medium").lower())
    _check_metric(metric, subject)
    until, operator = match["until"], match["operator"]
    if until and re.search(r"\sfor\s", until):
        raise ValueError("'for' comes before 'until': cpu(target) > 90% for 15s until 80%")
    limit = _limit(metric, match["limit"].strip())
    _check_reach(metric, operator, limit)
    rule = AlertRule(
        text=text,
        metric=metric,
        subject=subject,
        operator=operator,
        limit=limit,
        until=_limit(metric, until.strip()) if until else _default_until(metric, operator, limit),
        for_s=parse_duration_s(match["hold"]) if match["hold"] else 0.0,
        severity=severity,
    )
    if not rule.is_calm(rule.until):
        side = "below" if operator[0] == ">" else "above"
        raise ValueError(f"'until' must lie {side} the limit, or the alert would come and go at once")
    return rule


def _severity(word: str) -> Severity:
    if word == "abort":
        raise ValueError("'abort if' is a threshold: an alert ends nothing; write 'critical if'")
    if word not in SEVERITIES:
        raise ValueError(f"{word!r} is no severity; nearest: {_nearest(word, SEVERITIES)} if")
    return SEVERITIES[word]


def _check_metric(metric: str, subject: str) -> None:
    if metric in LIVE_METRICS:
        if subject and metric not in OF_AN_ENDPOINT:
            raise ValueError(f"{metric} is about the whole load: leave ({subject}) out")
    elif metric not in monitored.EVERY:
        names = (*LIVE_METRICS, *monitored.EVERY)
        raise ValueError(f"unknown metric {metric!r}; nearest: {_nearest(metric, names)}")
    elif not subject:
        raise ValueError(f"say whose: {metric}(target)")


def _limit(metric: str, text: str) -> float:
    unit = unit_of(metric)
    if unit in ("ms", "s"):
        return parse_duration_s(text) * (1000 if unit == "ms" else 1)
    if unit == "%":
        return parse_share(text)
    if unit == "bytes":
        return parse_bytes(text)
    if unit == "bytes/s":
        size, per, second = text.rpartition("/")
        if not per or second.strip() != "s":
            raise ValueError(f"{text!r} is not bytes per second: write 50MB/s")
        return parse_bytes(size)
    if unit == "/s":
        return parse_rate_per_s(text)
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError(f"{text!r} is not a count: write a number such as 90")
    return float(text)


def _check_reach(metric: str, operator: str, limit: float) -> None:
    """Refuses what is never or always true. No metric is below 0, and a share is 1 at most."""
    top = 1.0 if _is_bounded(metric) else math.inf
    if (operator == "<" and limit <= 0) or (operator == ">" and limit >= top) or not math.isfinite(limit):
        raise ValueError("this can never be true")
    if (operator == ">=" and limit <= 0) or (operator == "<=" and limit >= top):
        raise ValueError("this is always true")


def _default_until(metric: str, operator: str, limit: float) -> float:
    if operator[0] == ">":
        until = limit * (1 - CLEAR_MARGIN)
    elif _is_bounded(metric):  # 10 % above a limit of 95 % would be out of reach
        until = min(limit * (1 + CLEAR_MARGIN), (limit + 1) / 2)
    else:
        until = limit * (1 + CLEAR_MARGIN)
    if unit_of(metric) or metric in _YES_OR_NO | _FRACTIONS or limit != int(limit):
        return float(f"{until:.12g}")
    # Whole numbers: `> 3` clears at 3, `>= 3` at 2.
    return {
        ">": math.ceil(until),
        ">=": min(math.ceil(until), limit - 1),
        "<": math.floor(until),
        "<=": max(math.floor(until), limit + 1),
    }[operator]


def _is_bounded(metric: str) -> bool:
    return unit_of(metric) == "%" or metric in _YES_OR_NO


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _nearest(word: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    known = sorted(names)
    return (get_close_matches(word, known, n=1, cutoff=0.0) or known)[0]


AlertLine = Annotated[
    AlertRule,
    BeforeValidator(parse_alert),
    PlainSerializer(lambda rule: rule.text, return_type=str),
    WithJsonSchema(
        {"type": "string", "examples": ["cpu(target) > 90% for 15s", "critical if error_rate > 20% for 5s"]}
    ),
]
"""An `AlertRule` in Python, one line of text in YAML and JSON."""
