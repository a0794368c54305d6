"""The wall clock against the monotonic one. JMeter schedules and stamps by the wall clock; we must notice."""

from __future__ import annotations

import time


class WallClock:
    """Notices when somebody sets the wall clock."""

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()
        self.step_s = 0.0

    def look(self) -> None:
        """Compare; `step_s` keeps the largest step so far, with its sign."""
        step_s = (time.time() - time.monotonic()) - self._offset_s
        if abs(step_s) > abs(self.step_s):
            self.step_s = round(step_s, 3)
