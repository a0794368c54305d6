"""Endpoint figures as CSV, of every attempt and phase. No cell can become a formula."""

from __future__ import annotations

import csv
import io

from perfpilot.domain.measure import LabelStats
from perfpilot.domain.result import Result
from perfpilot.reporting.plain_text import clean

_WITH_INTERVALS = (50, 90, 95, 99)

COLUMNS = (
    "attempt", "decides", "phase", "from_s", "to_s", "label", "samples", "errors", "error_rate", "rate_per_s",
    "mean_ms", "min_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "connect_ms",
    "latency_ms", "received_bytes", "apdex", "apdex_t_ms", "kind",
    *(f"p{percentile}_{end}_ms" for percentile in _WITH_INTERVALS for end in ("low", "high")),
)  # fmt: skip
POOLED = "(all endpoints)"

# OWASP, CSV Injection: these begin a formula in a spreadsheet; the wide forms do in some locales.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render_csv(result: Result) -> str:
    """One row for each attempt, phase and endpoint, the pooled figures last. Times in ms, shares 0..1.

    Journeys as wholes and cases stand between them, told by `kind`: no other row counts them.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for attempt in result.scenarios:
        decides = "yes" if attempt.number == result.decided_by else "no"
        for phase in attempt.phases:
            place = (attempt.number, decides, cell(phase.phase), _number(phase.from_s), _number(phase.to_s))
            for kind, rows in (
                ("endpoint", phase.labels), ("journey", phase.transactions), ("case", phase.cases)
            ):  # fmt: skip
                for stats in rows:
                    writer.writerow((*place, cell(stats.label), *_figures(stats), kind, *_intervals(stats)))
            writer.writerow((*place, POOLED, *_figures(phase.pooled), "all", *_intervals(phase.pooled)))
    return buffer.getvalue()


def cell(text: str) -> str:
    """Text for a cell: cleaned, and led by an apostrophe where a spreadsheet would take it for a formula."""
    shown = clean(text)
    return f"'{shown}" if text.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def _figures(stats: LabelStats) -> tuple[str, ...]:
    numbers = (
        stats.count, stats.errors, stats.error_rate, stats.rate_per_s, stats.mean_ms, stats.min_ms,
        stats.p50_ms, stats.p90_ms, stats.p95_ms, stats.p99_ms, stats.p999_ms, stats.max_ms, stats.connect_ms,
        stats.latency_ms, stats.received_bytes, stats.apdex, stats.apdex_t_ms,
    )  # fmt: skip
    return tuple(_number(number) for number in numbers)


def _intervals(stats: LabelStats) -> tuple[str, ...]:
    """Both ends of the interval (95 %) of each percentile that has one."""
    found = {one.percentile: (one.low_ms, one.high_ms) for one in stats.intervals}
    ends = (found.get(percentile, (None, None)) for percentile in _WITH_INTERVALS)
    return tuple(_number(end) for both in ends for end in both)


def _number(value: float | None) -> str:
    """Whole numbers whole, others with six digits; nothing where there is no figure."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
