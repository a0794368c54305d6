"""Rules of the review about the load: how it arrives, how long, and whether it looks like users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfpilot.domain.load_pattern import LoadPattern
from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Spec, TestType
from perfpilot.domain.thresholds import TIME_METRICS
from perfpilot.domain.units import format_duration
from perfpilot.planning.curves import curve
from perfpilot.planning.placement import placed
from perfpilot.planning.remarks import remark
from perfpilot.planning.scenarios import Draft

HIGH_LEVEL = 50.0
"""Arrivals per second, or users, from which a cold start shows in the figures."""

_SOAK_S = 30 * 60.0


def load_remarks(spec: Spec) -> Iterator[Remark]:
    """Remarks on the load patterns."""
    for number, pattern in enumerate(spec.load_patterns):
        place = f"load_patterns.{number}"
        whole = curve(pattern)
        first = next((s for s in whole.segments if s.start or s.end), None)
        if (
            spec.test_type is not TestType.SPIKE
            and first
            and first.start == first.end >= HIGH_LEVEL
            and pattern.begins <= 0
        ):
            unit = "arrivals per second" if whole.unit == "rate_per_s" else "users"
            at = f"{place}.stages.0" if pattern.stages else f"{place}.{pattern.shape}"
            yield remark(
                "warning", at, "no-ramp",
                f"the load starts at {first.end:g} {unit} at once: connections, pools and compilers are "
                "cold; begin with a ramp",
            )  # fmt: skip
        if whole.unit == "users":
            own = tuple(entry.draft for entry in placed(spec) if entry.number == number)
            yield from _closed(spec, own, place, whole.peak)
        yield from _fits_its_type(spec, pattern, place)


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


def _fits_its_type(spec: Spec, pattern: LoadPattern, place: str) -> Iterator[Remark]:
    whole = curve(pattern)
    levels = {round(level, 9) for s in whole.segments for level in (s.start, s.end) if level > 0}
    if spec.test_type is TestType.SOAK and whole.duration_s < _SOAK_S:
        yield remark(
            "info", place, "short-soak",
            f"{format_duration(whole.duration_s)} is short for a soak test: a leak shows over time",
        )  # fmt: skip
    wants_steps = (TestType.SPIKE, TestType.STRESS, TestType.SCALABILITY, TestType.BREAKPOINT)
    if spec.test_type in wants_steps and len(levels) < 2:
        yield remark(
            "warning", f"{place}.stages", "one-level",
            f"a {spec.test_type.value} test compares levels of load, and this one has a single level",
        )  # fmt: skip
