"""Intervals of percentiles for a reader: beside each figure that has one, and once why others have none."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.domain.measure import LabelStats
from perfpilot.reporting import figures
from perfpilot.reporting.grouped import grouped

MEANING = (
    "Intervals (95 %) speak of chance within this run; the shorter the phase, the wider they are made, and "
    "they know nothing of what was too rare to be seen."
)


def interval_words(stats: LabelStats, percentile: float) -> str:
    """`78 to 91`, in ms; empty where the percentile has no interval."""
    for one in stats.intervals:
        if one.percentile == percentile:
            return f"{figures.in_unit(one.low_ms, '')} to {figures.in_unit(one.high_ms, '')}"
    return ""


def interval_notes(rows: Sequence[LabelStats], pooled: LabelStats) -> tuple[str, ...]:
    """What intervals mean, and why some are missing: each reason once, with the endpoints it holds for."""
    notes = [f"{MEANING}"] if any(row.intervals for row in rows) else []
    missing = [("all endpoints" if row is pooled else row.label, row.no_interval) for row in rows]
    if missing and all(reason == missing[0][1] for _, reason in missing):
        reason = missing[0][1]
        return (*notes, f"No percentile has an interval: {reason}.") if reason else tuple(notes)
    return (*notes, *(f"{said}." for said in grouped(missing, most=4)))
