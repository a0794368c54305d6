"""What a search asked for lately: its level moves in steps, the load reached is a mean over seconds."""

from __future__ import annotations

from collections import deque


class AskedLately:
    """Remembers the levels of the last seconds. `window_s`: of how many a mean may be wanted."""

    def __init__(self, window_s: float) -> None:
        self._kept_s = 2 * window_s + 5
        self._levels: deque[tuple[float, float]] = deque()  # from when, and what

    def mean(self, t_s: float, now_per_s: float, begin_s: float, end_s: float) -> float:
        """Mean level between two moments, `now_per_s` being the level from `t_s` on."""
        if not self._levels or self._levels[-1][1] != now_per_s:
            self._levels.append((t_s, now_per_s))
        while len(self._levels) > 1 and self._levels[1][0] < t_s - self._kept_s:
            self._levels.popleft()
        if end_s <= begin_s:
            return now_per_s
        total = 0.0
        ends = [*(begin for begin, _ in list(self._levels)[1:]), max(t_s, end_s)]
        for (begin, level), end in zip(self._levels, ends, strict=True):
            total += level * max(min(end, end_s) - max(begin, begin_s), 0.0)
        return total / (end_s - begin_s)
