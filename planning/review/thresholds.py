"""Rules of the review about thresholds: what is asked, how loosely, and whether it can be decided at all."""

from __future__ import annotations

import math
from collections.abc import Iterator

from perfpilot.domain.result import Remark
from perfpilot.domain.sample_floors import samples_needed
from perfpilot.domain.spec import Spec, TestType
from perfpilot.domain.thresholds import TIME_METRICS, Metric, Threshold
from perfpilot.domain.units import format_duration
from perfpilot.planning.load.expected_samples import duration_for, expected_samples
from perfpilot.planning.load.placement import whole_duration_s
from perfpilot.planning.load.warm_up import warm_up_of
from perfpilot.planning.review.remarks import remark

_CLOCK_MS = 5.0  # result files hold whole milliseconds: below this the rounding is a fifth of the value


def threshold_remarks(spec: Spec) -> Iterator[Remark]:
    """Remarks on the thresholds as a whole, then on each."""
    goals = [(index, t) for index, t in enumerate(spec.thresholds) if not t.abort]
    yield from _missing(spec, [t for _, t in goals])
    for index, goal in goals:
        place = f"thresholds.{index}"
        yield from _kind(goal, place, spec)
        yield from _samples(goal, place, spec)
        if goal.metric in TIME_METRICS:
            yield from _timeout(goal, place, spec)
            yield from _against_standards(goal, place)
        yield from _shares(goal, place, spec)


def _missing(spec: Spec, goals: list[Threshold]) -> Iterator[Remark]:
    metrics = {goal.metric for goal in goals}
    if Metric.PERCENTILE not in metrics and Metric.APDEX not in metrics:
        yield remark(
            "warning", "thresholds", "no-percentile",
            "no threshold on a percentile of the response time: the run cannot say whether the target is "
            "fast enough; state the requirement, such as p95 < 400ms",
            "SRE-SLO", "ISO-25010",
        )  # fmt: skip
    if spec.test_type is TestType.BREAKPOINT and Metric.CAPACITY not in metrics:
        yield remark(
            "warning", "thresholds", "no-capacity",
            "a breakpoint test answers how much the target holds, and nothing says how much it should: add "
            "capacity >= 300/s",
        )  # fmt: skip


def _kind(goal: Threshold, place: str, spec: Spec) -> Iterator[Remark]:
    if goal.metric is Metric.MEAN:
        yield remark(
            "warning", place, "mean",
            f"{goal.text!r} judges a mean, which a slow tail hardly moves: p95 says what most users get",
            "SRE-SLO",
        )  # fmt: skip
    if goal.metric is Metric.MAX:
        yield remark(
            "info", place, "max",
            f"{goal.text!r} is decided by the one slowest sample, so a longer run is likelier to break it",
        )  # fmt: skip
    if goal.over_s:
        steady_s = whole_duration_s(spec) - warm_up_of(spec)
        if goal.over_s > steady_s:
            yield remark(
                "warning", place, "window-too-long",
                f"{goal.text!r}: the steady phase lasts {_about(steady_s)}, so no whole window of "
                f"{format_duration(goal.over_s)} fits and nothing is decided",
            )  # fmt: skip


def _samples(goal: Threshold, place: str, spec: Spec) -> Iterator[Remark]:
    expected = expected_samples(spec)
    if expected is None:
        return
    had = expected.get(goal.label, 0.0)
    needed = samples_needed(goal)
    windows = (whole_duration_s(spec) - warm_up_of(spec)) / goal.over_s if goal.over_s else 1.0
    if goal.over_s and windows >= 1 and had / windows < needed:
        window_s = goal.over_s * needed * windows / max(had, 1)
        yield remark(
            "warning", place, "too-few-samples-in-a-window",
            f"{goal.text!r} needs {needed} samples in every window and will get about {had / windows:.0f}, "
            f"so it stays undecided; a window of {_about(window_s)} would do",
        )  # fmt: skip
    elif had < needed:
        length = duration_for(needed, spec, goal.label)
        would_do = f"; a run of {_about(length)} would do" if length else ""
        yield remark(
            "warning", place, "too-few-samples",
            f"{goal.text!r} needs {needed} samples in the steady phase and will get about {had:.0f}, so it "
            f"stays undecided{would_do}",
        )  # fmt: skip
    if goal.metric is Metric.ERROR_RATE and goal.limit > 0 and had * goal.limit < 1:
        yield remark(
            "info", place, "one-failure-decides",
            f"{goal.text!r} over about {had:.0f} samples: a single failure breaks it",
        )  # fmt: skip


def _timeout(goal: Threshold, place: str, spec: Spec) -> Iterator[Remark]:
    timeout_ms = spec.environment.timeouts.response * 1000
    if goal.operator in ("<", "<=") and timeout_ms <= goal.limit:
        yield remark(
            "warning", "environment.timeouts.response", "timeout-below-limit",
            f"a request is given up after {timeout_ms:g} ms, so no response time can break {goal.text!r}: "
            f"set the time-out well above {goal.limit:g} ms",
        )  # fmt: skip


def _against_standards(goal: Threshold, place: str) -> Iterator[Remark]:
    if goal.metric is Metric.MAX or goal.operator not in ("<", "<="):
        return
    own = "a server's response time is only a part of it, so the room is smaller still"
    if goal.limit > 10_000:
        yield remark(
            "warning", place, "looser-than-attention",
            f"{goal.text!r} is looser than the 10 s after which people turn to something else; {own}",
            "NIELSEN-LIMITS",
        )  # fmt: skip
    elif goal.limit > 1_800:
        yield remark(
            "info", place, "looser-than-first-byte",
            f"{goal.text!r} is looser than the 1.8 s above which a first byte counts as poor for real users "
            f"at the 75th percentile: another clock and another percentile than yours; {own}",
            "WEB-VITALS-TTFB", "NIELSEN-LIMITS",
        )  # fmt: skip
    elif goal.limit > 1_000:
        yield remark(
            "info", place, "looser-than-flow",
            f"{goal.text!r} is looser than the 1 s that keeps a person's flow of thought; {own}",
            "NIELSEN-LIMITS",
        )  # fmt: skip
    elif goal.limit < _CLOCK_MS:
        yield remark(
            "warning", place, "finer-than-the-clock",
            f"{goal.text!r} is finer than JMeter measures: it records whole milliseconds",
        )  # fmt: skip
    elif goal.limit < 50:
        yield remark(
            "info", place, "tighter-than-noticed",
            f"{goal.text!r} is much tighter than the 100 ms that feel instantaneous to a person; right for a "
            "service that others call, dear for one that people see",
            "RAIL", "NIELSEN-LIMITS",
        )  # fmt: skip


def _shares(goal: Threshold, place: str, spec: Spec) -> Iterator[Remark]:
    if goal.metric is Metric.ERROR_RATE and goal.limit > 0.05 and goal.operator in ("<", "<="):
        yield remark(
            "warning", place, "error-budget",
            f"{goal.text!r} allows more than one request in twenty to fail: compare it with the error budget "
            "of the service",
            "SRE-WORKBOOK-SLO",
        )  # fmt: skip
    if goal.operator == "<" and goal.limit == 0:
        yield remark("warning", place, "impossible", f"{goal.text!r} can never be met: write <= instead")
    if goal.metric is Metric.CPU and goal.limit > 0.9 and goal.operator in ("<", "<="):
        yield remark(
            "info", place, "cpu-room",
            f"{goal.text!r} leaves no room for bursts", "USE",
        )  # fmt: skip
    if goal.metric is Metric.APDEX and goal.limit < 0.7:
        yield remark("info", place, "apdex-poor", f"{goal.text!r} accepts what Apdex calls poor", "APDEX")
    if goal.metric is Metric.CHANGE and spec.baseline is None:
        yield remark(
            "info", place, "no-baseline",
            f"{goal.text!r} needs a run to compare with, and none is named: the first run stays undecided",
        )  # fmt: skip


def _about(seconds: float) -> str:
    return format_duration(math.ceil(seconds))
