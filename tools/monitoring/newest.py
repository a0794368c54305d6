"""The newest reading of every metric, for the live view and for alerts."""

from __future__ import annotations

import time
from collections.abc import Iterable

from perfpilot.tools.monitoring.cores import host_cores
from perfpilot.tools.monitoring.record import RESTARTED, Line

STALE_S = 5.0
_ALIVE = ("up", "answers")


class Newest:
    """Remembers one value a metric, and when each component was last read.

    The live view reads it in another thread than the one that notes: what was noted is never changed, but
    replaced as a whole.
    """

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], tuple[float, float]] = {}  # component, metric -> when, value
        self._read_s: dict[str, float] = {}

    def note(self, lines: Iterable[Line]) -> None:
        """Take new figures in."""
        now_s = time.monotonic()
        found = [line for line in lines if line.metric != RESTARTED]
        values = {(line.component, line.metric): (now_s, line.value) for line in found}
        # `up` 0 stands alone: there was nothing to read.
        read_s = {line.component: now_s for line in found if line.metric not in _ALIVE}
        self._values = {**self._values, **values}
        self._read_s = {**self._read_s, **read_s}

    def of(self, metric: str) -> dict[str, float]:
        """Component -> its newest value of a metric, if that is not stale."""
        return {component: value for (component, name), value in self._fresh() if name == metric}

    def all(self) -> dict[str, float]:
        """Every value that is not stale by `metric(component)`, and `cpu(component)`."""
        values = {f"{metric}({component})": value for (component, metric), value in self._fresh()}
        for component, share in self.of("cpu_share").items():
            allowed = values.get(f"cores_allowed({component})") or host_cores()
            values[f"cpu({component})"] = min(share * host_cores() / allowed, 1.0)
        return values

    def ages(self) -> dict[str, float]:
        """Seconds since the last reading of each component that ever had one."""
        now_s = time.monotonic()
        return {component: now_s - at_s for component, at_s in self._read_s.items()}

    def _fresh(self) -> list[tuple[tuple[str, str], float]]:
        oldest_s = time.monotonic() - STALE_S
        return [(key, value) for key, (at_s, value) in self._values.items() if at_s >= oldest_s]
