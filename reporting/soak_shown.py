"""What changed slowly while a load stood still, for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.domain.soak import SlowChange, Soak
from perfpilot.reporting import figures

_DAY_H = 24


@dataclass(frozen=True)
class SoakRow:
    """A slow change, in words for a table."""

    subject: str
    kind: str
    tone: str  # a class of the style sheet
    per_hour: str
    interval: str
    first: str
    last: str
    limit: str
    left: str


def soak_rows(soak: Soak) -> tuple[SoakRow, ...]:
    """A row for each change, those of the target first."""
    return tuple(_row(change) for change in soak.changes)


def quiet_words(soak: Soak) -> str:
    """How long was looked at how much, and why not at all or not at everything."""
    parts = []
    if soak.looked_at:
        series = "1 series was" if soak.looked_at == 1 else f"{soak.looked_at} series were"
        seen = f"{series} looked at over {figures.seconds(soak.hours * 3600)} of steady load"
        parts.append(seen if soak.changes else f"{seen}; none climbs")
    if soak.because:
        parts.append(soak.because)
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def told(change: SlowChange) -> str:
    """`resident memory of target: +42 MiB an hour (+38 MiB to +46 MiB), at its limit in 43 h`."""
    row = _row(change)
    left = f"; at its limit of {row.limit} in {row.left}" if change.hours_left is not None else ""
    return f"{row.subject}: {row.per_hour} an hour ({row.interval}){left}"


def hours(value: float) -> str:
    """A length of time: `40 min`, `9.5 h`, `12 days`."""
    if value < 1.5:
        return f"{60 * value:.0f} min"
    return f"{figures.digits(value, 2)} h" if value < 3 * _DAY_H else f"{value / _DAY_H:,.0f} days"


def _row(change: SlowChange) -> SoakRow:
    unit = change.unit
    low, high = figures.signed(change.low_per_hour, unit), figures.signed(change.high_per_hour, unit)
    return SoakRow(
        subject=change.subject,
        kind=change.kind if change.of_target else f"{change.kind}, not of the target",
        tone="bad" if change.of_target else "muted",
        per_hour=figures.signed(change.per_hour, unit),
        interval=f"{low} to {high}",
        first=figures.amount(change.first, unit),
        last=figures.amount(change.last, unit),
        limit=figures.amount(change.limit, unit),
        left=_left(change),
    )


def _left(change: SlowChange) -> str:
    if change.hours_left is None:
        return figures.DASH if change.limit is None else "further off than can be told"
    if change.hours_left == 0:
        return "passed already"
    if change.hours_low is None:
        return hours(change.hours_left)
    latest = f"to {hours(change.hours_high)}" if change.hours_high is not None else "or later"
    return f"{hours(change.hours_left)} ({hours(change.hours_low)} {latest})"
