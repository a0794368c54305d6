"""A load curve in words: `ramps 0 to 50/s in 30s, holds 50/s for 5m`."""

from __future__ import annotations

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.units import format_duration

MOST_PIECES = 12
"""More pieces than a reader would follow are told by their bounds."""


def in_words(curve: LoadCurve) -> str:
    """The pieces of a curve, in order."""
    pieces = [segment for segment in curve.segments if segment.duration_s > 0]
    if len(pieces) <= MOST_PIECES:
        return ", ".join(_piece(segment, curve.unit) for segment in pieces)
    levels = [level for segment in pieces for level in (segment.start, segment.end)]
    between = f"between {_number(min(levels))} and {_level(max(levels), curve.unit)}"
    return f"moves {between} in {len(pieces)} straight pieces, {_duration(curve.duration_s)} in all"


def _piece(segment: Segment, unit: str) -> str:
    duration = _duration(segment.duration_s)
    if segment.start == segment.end == 0:
        return f"waits {duration}"
    if segment.start == segment.end:
        return f"holds {_level(segment.end, unit)} for {duration}"
    verb = "ramps" if segment.start < segment.end else "falls"
    return f"{verb} {_number(segment.start)} to {_level(segment.end, unit)} in {duration}"


def _level(level: float, unit: str) -> str:
    if unit == "rate_per_s":
        return f"{_number(level)}/s"
    return f"{_number(level)} user{'' if level == 1 else 's'}"


def _number(level: float) -> str:
    return f"{level:.6g}"


def _duration(seconds: float) -> str:
    return format_duration(round(seconds, 3))
