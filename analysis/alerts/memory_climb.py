"""Memory that climbs under a steady load: the figure of a leak, told while there is still time.

Readings become one minimum for each 10 s, which the peaks of a collected heap do not lift. Over the last one
to five minutes of them, the slope is Theil and Sen's median of all pairwise slopes (Sen 1968), and Kendall's
tau says whether nearly every later minimum is higher. Growth that flattens out (a warm-up), that began with
more load, or that is small is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.alerts.looks import Look
from perfpilot.analysis.alerts.metrics import ASKED, key_of
from perfpilot.analysis.statistics.robust_slope import kendall_tau, theil_sen
from perfpilot.domain.alerts import shown
from perfpilot.domain.judgement import Severity

_SLOT_S = 10.0
_SETTLED_S = 20.0  # after the load began or rose
_SLOTS = (6, 30)  # a minute at the least, five at the most
_LONG_SLOTS = 18
_FAST_PER_MIN = 0.10
_SLOW_PER_MIN = 0.02  # believed after three minutes
_LEAST_BYTES = 16e6  # grown within the window
_TAU = 0.8
_STILL_GROWS = 0.85  # slope of the second half / slope of the first; a warm-up's falls
_EXHAUSTED_IN_S = 600.0
_MORE_LOAD = 1.1


class Climb(NamedTuple):
    """How memory grew over the window."""

    now_bytes: float
    bytes_per_s: float
    per_min: float  # share of the size now
    steady: bool  # nearly every later minimum is higher, and the growth does not flatten out
    grown_bytes: float
    length: int  # slots

    @property
    def certain(self) -> bool:
        """Whether it climbs without a break, by an amount that matters."""
        return self.steady and self.grown_bytes >= _LEAST_BYTES

    @property
    def fast(self) -> bool:
        """Whether it climbs so fast that a window of this length shows it beyond doubt."""
        return self.per_min >= (_SLOW_PER_MIN if self.length >= _LONG_SLOTS else _FAST_PER_MIN)


class MemoryClimbing:
    """Resident memory of a component while the load asked for does not rise."""

    severity = Severity.MEDIUM
    hold_s = 0.0

    def __init__(self, component: str = "target") -> None:
        self.name = f"memory climbing ({component})"
        self._component = component
        self._minima: deque[float] = deque(maxlen=_SLOTS[1])
        self._slot = -1
        self._lowest = float("inf")
        self._asked: float | None = None
        self._settled_s = _SETTLED_S
        self._last: Look | None = None

    def look(self, t_s: float, metrics: Mapping[str, float]) -> Look | None:
        """Judged anew every ten seconds; None before there is a minute to judge."""
        size = metrics.get(key_of("rss_bytes", self._component))
        self._see_load(t_s, metrics.get(ASKED))
        if size is None or t_s < self._settled_s:
            return self._last
        slot = int((t_s - self._settled_s) // _SLOT_S)
        if slot != self._slot:
            if self._slot >= 0:
                self._minima.append(self._lowest)
                self._last = self._judged(metrics.get("memory_available_bytes(host)"))
            self._slot, self._lowest = slot, float("inf")
        self._lowest = min(self._lowest, size)
        return self._last

    def _see_load(self, t_s: float, asked: float | None) -> None:
        """More load takes more memory: the window begins anew behind the rise."""
        if asked is None:
            return
        if self._asked is not None and asked > self._asked * _MORE_LOAD and t_s > _SETTLED_S:
            self._minima.clear()
            self._slot, self._lowest, self._settled_s = -1, float("inf"), t_s + _SETTLED_S
            self._asked = asked
        elif self._asked is None or t_s <= _SETTLED_S:
            self._asked = asked

    def _judged(self, available: float | None) -> Look | None:
        if len(self._minima) < _SLOTS[0]:
            return None
        climb = climb_of(tuple(self._minima))
        left_s = available / climb.bytes_per_s if available is not None and climb.bytes_per_s > 0 else None
        ends = left_s is not None and left_s < _EXHAUSTED_IN_S
        bad = climb.certain and (climb.fast or ends)
        calm = climb.per_min < _SLOW_PER_MIN / 2 or not climb.steady
        text = (
            f"{self.name}: {shown(climb.bytes_per_s * 60, 'bytes')} more each minute "
            f"({climb.per_min:.0%}), {shown(climb.now_bytes, 'bytes')} now"
        )
        if ends and left_s is not None:
            text += f"; this machine has none left in {max(left_s / 60, 0.1):.1f} min"
        return Look(bad, calm and not bad, text)


def climb_of(minima: tuple[float, ...]) -> Climb:
    """How a series of minima, one each 10 s, grew. At least four values."""
    values = np.array(minima)
    half = len(values) // 2
    slope, tau = _slope(values)
    first, second = _slope(values[: half + 1])[0], _slope(values[-half - 1 :])[0]
    now = float(values[-1])
    return Climb(
        now_bytes=now,
        bytes_per_s=slope / _SLOT_S,
        per_min=slope / _SLOT_S * 60 / max(now, 1.0),
        steady=tau >= _TAU and second >= _STILL_GROWS * first,
        grown_bytes=now - float(values[0]),
        length=len(values),
    )


def _slope(values: np.ndarray) -> tuple[float, float]:
    """Theil and Sen's slope per slot, and Kendall's tau against time."""
    return theil_sen(np.arange(len(values), dtype=np.float64), values), kendall_tau(values)
