"""Shapes of load by name, drawn as straight pieces."""

from __future__ import annotations

from perfpilot.domain.load import Segment
from perfpilot.domain.load_pattern import LoadPattern


def pieces(pattern: LoadPattern) -> tuple[Segment, ...]:
    """The pieces of a pattern, without the wait before it begins.

    A ramp starts at the level before it, the first one at 0.
    """
    level = 0.0
    segments = []
    for stage in pattern.stages:
        end = float((stage.rate_per_s if pattern.model == "open" else stage.users) or 0.0)
        start = level if stage.ramp else end
        segments.append(Segment(duration_s=stage.duration, start=start, end=end))
        level = end
    return tuple(segments)
