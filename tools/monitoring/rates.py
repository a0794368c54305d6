"""Rates from counters that only grow, over the monotonic time between two looks."""

from __future__ import annotations

import time
from collections.abc import Mapping


class Rates:
    """Remembers the last look. A counter that fell (a restart, a wrap) gives no rate for that look."""

    def __init__(self) -> None:
        self._at_s = 0.0
        self._last: Mapping[str, float] = {}

    def of(self, counters: Mapping[str, float]) -> dict[str, float]:
        """Counter name -> growth per second since the last look; empty at the first."""
        now_s = time.monotonic()
        elapsed_s, last = now_s - self._at_s, self._last
        self._at_s, self._last = now_s, dict(counters)
        if not last or elapsed_s <= 0:
            return {}
        return {
            name: (value - last[name]) / elapsed_s
            for name, value in counters.items()
            if name in last and value >= last[name]
        }
