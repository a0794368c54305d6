"""Was the load real: the figures of the load generator, and what users would have felt who did not wait."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.domain.measure import GeneratorHealth, IntendedTimes, LabelStats, LoadWindow, PhaseStats
from perfpilot.reporting import figures

_MOST_WINDOWS = 60
_NOTABLE = 0.01


@dataclass(frozen=True)
class WindowRow:
    """Little's law in one window, in words for a table."""

    tone: str
    window: str
    users: str
    explained: str
    reached: str


@dataclass(frozen=True)
class IntendedRow:
    """Service time beside response time from the intended start, in ms."""

    label: str
    service: tuple[str, ...]  # p50, p95, p99
    intended: tuple[str, ...]
    longer: tuple[bool, ...]  # by 1 % and 1 ms at least
    late: str
    worst: str


def health_pairs(health: GeneratorHealth) -> tuple[tuple[str, str], ...]:
    """Names and figures of what is known; what nobody measured is left out."""
    held = sum(window.ok for window in health.windows)
    pairs = (
        ("processor share of JMeter", figures.share(health.cpu_share)),
        ("requests in flight (throughput × response time)", figures.digits(health.in_flight_mean)),
        ("windows in which Little's law held", f"{held} of {len(health.windows)}" if _law(health) else ""),
        ("one in 20 requests later than its schedule by", figures.ms(health.late_p95_ms)),
        ("the latest request, by", figures.ms(health.late_worst_ms)),
        ("time that JMeter's collector stood still", figures.share(health.gc_share)),
        ("its longest pause", figures.ms(health.gc_longest_ms)),
        ("peak of JMeter's heap after a collection", figures.share(health.heap_share)),
        ("threads at the peak", figures.count(health.threads_peak)),
        ("sockets at the peak", figures.count(health.sockets_peak)),
    )
    return tuple((name, value) for name, value in pairs if value not in ("", figures.DASH))


def window_rows(health: GeneratorHealth) -> tuple[WindowRow, ...]:
    """The windows; of more than 60 those that are off, and as many of the others as find room."""
    windows = list(health.windows)
    if len(windows) > _MOST_WINDOWS:
        kept = sorted(windows, key=lambda window: window.ok)[:_MOST_WINDOWS]
        windows = sorted(kept, key=lambda window: window.from_s)
    return tuple(_window_row(window) for window in windows)


def intended_rows(phase: PhaseStats) -> tuple[IntendedRow, ...]:
    """A row for each label that has both, all endpoints together first."""
    stats = {"": phase.pooled} | {one.label: one for one in phase.labels}
    return tuple(_intended_row(one, stats[one.label]) for one in phase.intended if one.label in stats)


def intended_words(phase: PhaseStats) -> str:
    """How much waiting users hid, as sentences; empty where nothing is known."""
    if not phase.intended:
        because = phase.intended_because
        return f"{because[:1].upper()}{because[1:]}." if because else ""
    pooled, own = phase.intended[0], phase.pooled
    how = {
        "schedule": "the moments that the plan gave",
        "pace": "an estimate from the usual distance between the requests of a user",
    }[pooled.method]
    begin = f"Counted from the moment at which each request should have been sent ({how})"
    if pooled.p99_ms is None or own.p99_ms is None:
        return f"{begin}."
    if not _longer(own.p99_ms, pooled.p99_ms):
        return f"{begin}, the p99 is the same {figures.ms(pooled.p99_ms)}: nothing was hidden by waiting."
    return (
        f"{begin}, the p99 is {figures.ms(pooled.p99_ms)}, not {figures.ms(own.p99_ms)}: users who waited "
        "sent nothing meanwhile, and the measured times leave that out."
    )


def _law(health: GeneratorHealth) -> bool:
    return any(window.users is not None for window in health.windows)


def _window_row(window: LoadWindow) -> WindowRow:
    return WindowRow(
        tone="" if window.ok else "bad",
        window=f"{window.from_s:,.0f} to {window.to_s:,.0f} s",
        users=figures.digits(window.users),
        explained=figures.digits(window.explained),
        reached=figures.share(window.reached),
    )


def _intended_row(one: IntendedTimes, stats: LabelStats) -> IntendedRow:
    own, from_start = (stats.p50_ms, stats.p95_ms, stats.p99_ms), (one.p50_ms, one.p95_ms, one.p99_ms)
    return IntendedRow(
        label=one.label,
        service=tuple(figures.digits(value) for value in own),
        intended=tuple(figures.digits(value) for value in from_start),
        longer=tuple(_longer(a, b) for a, b in zip(own, from_start, strict=True)),
        late=figures.share(one.late_share),
        worst=figures.ms(one.worst_late_ms) if one.worst_late_ms else figures.DASH,
    )


def _longer(service_ms: float | None, intended_ms: float | None) -> bool:
    if service_ms is None or intended_ms is None:
        return False
    return intended_ms - service_ms >= max(1.0, _NOTABLE * service_ms)
