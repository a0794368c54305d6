"""Rules of the review about the load: how it arrives, how long, and whether it looks like users."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Spec, TestType
from perfpilot.domain.thresholds import TIME_METRICS, Metric
from perfpilot.domain.units import format_duration
from perfpilot.planning.load.curves import curve
from perfpilot.planning.load.durations import need
from perfpilot.planning.load.flows import flow_at
from perfpilot.planning.load.placement import placed, whole_duration_s
from perfpilot.planning.review.remarks import remark
from perfpilot.planning.scenarios import Draft

HIGH_LEVEL = 50.0
"""Arrivals per second, or users, from which a cold start shows in the figures."""

OPEN_CEILING_PER_S = 500.0
"""Arrivals per second from which an open schedule may be limited by its generator: with JMeter 5.6.3 on two
cores it levelled off at 700 to 1,100, at five to eight times the processor time of users who stay
(`benchmarks/hand_tuned.py`)."""

_SOAK_S = 30 * 60.0
_RECOVERY_S = 30.0
_PERIODS = 2
_COMPARE_LEVELS = (TestType.SPIKE, TestType.STRESS, TestType.SCALABILITY, TestType.BREAKPOINT)


def load_remarks(spec: Spec) -> Iterator[Remark]:
    """Remarks on the load patterns, each of which has a curve."""
    curves = [curve(pattern) for pattern in spec.load_patterns]
    yield from _fits_its_type(spec, curves)
    for number, (pattern, whole) in enumerate(zip(spec.load_patterns, curves, strict=True)):
        place = f"load_patterns.{number}"
        yield from _cold_start(spec, pattern, whole, place)
        if whole.unit == "users":
            own = tuple(entry.draft for entry in placed(spec) if entry.number == number)
            yield from _closed(spec, own, place, whole.peak)
        elif not pattern.steered and whole.peak >= OPEN_CEILING_PER_S:
            yield remark(
                "warning", place, "open-schedule-ceiling",
                f"{whole.peak:g} arrivals per second: an open schedule starts a user and a connection for "
                "each, which may be more than the load generator can do; with steered: true users take turns "
                "and keep their connections",
            )  # fmt: skip
        yield from _shape(spec, number, f"{place}.{pattern.shape}")


def _cold_start(spec: Spec, pattern: LoadPattern, whole: LoadCurve, place: str) -> Iterator[Remark]:
    if spec.test_type is TestType.SPIKE or pattern.begins > 0 or pattern.search:
        return
    first = next((s for s in whole.segments if s.start or s.end), None)
    if first and first.start == first.end >= HIGH_LEVEL:
        unit = "arrivals per second" if whole.unit == "rate_per_s" else "users"
        yield remark(
            "warning", f"{place}.stages.0" if pattern.stages else f"{place}.{pattern.shape}", "no-ramp",
            f"the load starts at {first.end:g} {unit} at once: connections, pools and compilers are "
            "cold; begin with a ramp",
        )  # fmt: skip


def _closed(spec: Spec, every: Sequence[Draft], place: str, users: float) -> Iterator[Remark]:
    if all(draft.think_time_s == 0 for draft in every):
        yield remark(
            "warning", place, "no-think-time",
            "users of the closed model never pause: each sends its next request the moment it has an answer, "
            "which no person does; give steps a think_time, or use the open model with rate_per_s",
            "OPEN-CLOSED",
        )  # fmt: skip
    if any(t.metric in TIME_METRICS and not t.abort for t in spec.thresholds):
        yield remark(
            "info", place, "closed-model-times",
            "a closed model sends less when the target slows down, so its response times flatter a slow "
            "target; the open model keeps asking",
            "OPEN-CLOSED",
        )  # fmt: skip
    if users < len(every):
        yield remark(
            "warning", place, "fewer-users-than-scenarios",
            f"{users:g} users cannot be split over {len(every)} scenarios: some get no load",
        )  # fmt: skip


def _fits_its_type(spec: Spec, curves: Sequence[LoadCurve]) -> Iterator[Remark]:
    """Whether the patterns together ask the question of the test type."""
    if spec.test_type is TestType.SOAK and whole_duration_s(spec) < _SOAK_S:
        yield remark(
            "info", "load_patterns.0", "short-soak",
            f"{format_duration(whole_duration_s(spec))} is short for a soak test: a leak shows over time",
        )  # fmt: skip
    searched = any(pattern.search for pattern in spec.load_patterns)
    if spec.test_type in _COMPARE_LEVELS and not searched and all(len(_levels(each)) < 2 for each in curves):
        yield remark(
            "warning", f"load_patterns.0.{spec.load_patterns[0].shape}", "one-level",
            f"a {spec.test_type.value} test compares levels of load, and this one has a single level",
        )  # fmt: skip


def _levels(whole: LoadCurve) -> set[float]:
    return {round(level, 9) for s in whole.segments for level in (s.start, s.end) if level > 0}


def _shape(spec: Spec, number: int, place: str) -> Iterator[Remark]:
    pattern = spec.load_patterns[number]
    if spike := pattern.spike:
        room_s = max(_RECOVERY_S, spike.hold / 2)
        if spike.after < room_s:
            yield remark(
                "warning", f"{place}.after", "no-recovery",
                f"{format_duration(spike.after)} after a peak of {format_duration(spike.hold)} are too short "
                "to see whether the target recovers: what has queued up must be worked off first; give it "
                f"{format_duration(room_s)}",
            )  # fmt: skip
    if pattern.steps:
        yield from _hold(spec, number, pattern.steps.hold, f"{place}.hold")
    if pattern.breakpoint:
        yield from _hold(spec, number, pattern.breakpoint.hold, f"{place}.hold")
        yield from _search(spec, place)
    if pattern.search:
        yield from _search(spec, place)
    if (wave := pattern.wave) and wave.duration < _PERIODS * wave.period:
        yield remark(
            "info", f"{place}.duration", "short-wave",
            f"{format_duration(wave.duration)} are less than {_PERIODS} periods of "
            f"{format_duration(wave.period)}: what comes back with the load cannot be told from what only "
            "happened once",
        )  # fmt: skip
    if (soak := pattern.soak) and soak.duration < _SOAK_S and spec.test_type is not TestType.SOAK:
        yield remark(
            "info", f"{place}.duration", "short-soak",
            f"{format_duration(soak.duration)} is short for a soak: a leak shows over time",
        )  # fmt: skip


def _hold(spec: Spec, number: int, hold_s: float, place: str) -> Iterator[Remark]:
    """Levels are compared by their percentiles, so each needs its samples. Those of users nobody knows."""
    levels = _levels(curve(spec.load_patterns[number]))
    if spec.load_patterns[number].model == "closed" or not levels:
        return
    goals = [threshold for threshold in spec.thresholds if threshold.metric is Metric.PERCENTILE]
    wanted = need(goals, flow_at(spec, {number: min(levels)}).samples_per_s, sharp=False)
    if wanted.seconds > hold_s * (1 + 1e-9):
        had = math.floor(wanted.samples * hold_s / wanted.seconds)
        yield remark(
            "warning", place, "short-hold",
            f"the lowest level gets about {had} samples in {format_duration(hold_s)}, and {wanted.line!r} "
            f"needs {wanted.samples} to say anything about it: hold each level for "
            f"{format_duration(math.ceil(wanted.seconds))}",
        )  # fmt: skip


def _search(spec: Spec, place: str) -> Iterator[Remark]:
    asked = any(threshold.metric is Metric.CAPACITY and not threshold.abort for threshold in spec.thresholds)
    if spec.test_type is not TestType.BREAKPOINT and not asked:  # of that type, a rule on thresholds asks
        yield remark(
            "warning", place, "search-without-capacity",
            "the levels beyond the break will break the thresholds, and nothing asks how much the target "
            "holds: set test_type: breakpoint, and add a threshold such as capacity >= 300/s, or >= 40 users",
        )  # fmt: skip
