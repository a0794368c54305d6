"""Samplers that failed: counted for each component, with the last reason, never a reason to stop."""

from __future__ import annotations

import time

from perfpilot.domain.base import Frozen
from perfpilot.tools.probes.reasons import reason


class Failure(Frozen):
    """What went wrong with one component's sampler. Times are UTC epoch milliseconds."""

    component: str
    count: int
    first_ms: int
    last_ms: int
    detail: str  # of the last time


class Failures:
    """The failures of one monitor."""

    def __init__(self) -> None:
        self._by_component: dict[str, Failure] = {}

    def note(self, component: str, error: BaseException, timeout_s: float = 0.0) -> None:
        """Count one more."""
        now_ms = time.time_ns() // 1_000_000
        before = self._by_component.get(component)
        self._by_component[component] = Failure(
            component=component,
            count=before.count + 1 if before else 1,
            first_ms=before.first_ms if before else now_ms,
            last_ms=now_ms,
            detail=str(error) if isinstance(error, LookupError) and error.args else reason(error, timeout_s),
        )

    def all(self) -> tuple[Failure, ...]:
        """One entry a component, by name."""
        return tuple(self._by_component[name] for name in sorted(self._by_component))
