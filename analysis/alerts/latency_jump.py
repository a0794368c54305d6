"""A latency jump: response times far above the calm level that this very run showed before.

The level of a series is the median of its p95 over the last two minutes of calm, the last ten seconds left
out, so that a slow beginning does not count against itself. A jump is three times that level, 100 ms more,
and half as much again as nearly every calm reading: natural growth along a ramp by some milliseconds, a
restless series, and one pause of the target's runtime (shorter than `hold_s`) are none.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from statistics import median

from perfpilot.analysis.alerts.looks import Look
from perfpilot.analysis.alerts.metrics import RECENT, key_of, subjects
from perfpilot.analysis.counting.recent_times import LEAST
from perfpilot.domain.alerts import shown
from perfpilot.domain.judgement import Severity

_TIMES = 3.0
_MORE_MS = 100.0
_ABOVE_HIGH = 1.5
_CALM_TIMES = 2.0
_CALM_MORE_MS = 60.0
_REMEMBERED = 120  # calm readings, one a second
_DELAY_S = 10.0
_LEAST_READINGS = 10
_BEGIN_S = 10.0  # what comes before warms up
_NAMED = 3


class LatencyJump:
    """Looks at the load as a whole and at each endpoint with samples enough; one alert for all of them."""

    name = "latency jump"
    severity = Severity.MEDIUM
    hold_s = 6.0  # longer than the window: one pause of the target is in each p95 for as long as that

    def __init__(self) -> None:
        self._levels: dict[str, _CalmLevel] = {}

    def look(self, t_s: float, metrics: Mapping[str, float]) -> Look | None:
        """Every p95 against its own calm level; None before there is one."""
        jumped: list[tuple[float, str]] = []
        looked, calm = False, True
        for label in ("", *subjects(metrics, "p95")):
            value = metrics.get(key_of("p95", label))
            if value is None or t_s < _BEGIN_S or metrics.get(key_of(RECENT, label), 0) < LEAST["p95"]:
                continue
            level = self._levels.setdefault(label, _CalmLevel())
            usual = level.before(t_s)
            if usual is not None:
                looked = True
                calm = calm and (value < _CALM_TIMES * usual.middle or value < usual.middle + _CALM_MORE_MS)
                if usual.is_exceeded_by(value):
                    jumped.append((value / usual.middle, _words(label, value, usual.middle)))
            if usual is None or not usual.is_exceeded_by(value):
                level.add(t_s, value)
        if not looked:
            return None
        worst = [words for _, words in sorted(jumped, reverse=True)[:_NAMED]]
        return Look(bool(jumped), calm, f"{self.name}: {', '.join(worst)}")


class _Usual:
    """A calm level: its middle, and what 95 % of its readings do not exceed, in ms."""

    def __init__(self, readings: list[float]) -> None:
        self.middle = max(median(readings), 1.0)
        self.high = sorted(readings)[math.ceil(0.95 * len(readings)) - 1]

    def is_exceeded_by(self, value: float) -> bool:
        return value >= max(_TIMES * self.middle, self.middle + _MORE_MS, _ABOVE_HIGH * self.high)


class _CalmLevel:
    """Readings of one series that were no jump."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED + round(_DELAY_S))

    def add(self, t_s: float, value: float) -> None:
        self._readings.append((t_s, value))

    def before(self, t_s: float) -> _Usual | None:
        old = [value for at_s, value in self._readings if at_s <= t_s - _DELAY_S]
        return _Usual(old[-_REMEMBERED:]) if len(old) >= _LEAST_READINGS else None


def _words(label: str, value: float, usual: float) -> str:
    times = f"{value / usual:.1f}" if value < 10 * usual else f"{value / usual:.0f}"
    return f"{key_of('p95', label)} {shown(value, 'ms')}, {times} times the {shown(usual, 'ms')} before"
