"""Capacity, comparison, trend and slow changes in compact Markdown."""

from __future__ import annotations

from perfpilot.domain.comparison import Comparison
from perfpilot.domain.result import Result
from perfpilot.reporting import capacity_shown, comparison_shown, figures, soak_shown, trend_shown
from perfpilot.reporting.markdown_text import bullets, table, titled, words

_SHOWN_ROWS = 30


def outlook(result: Result) -> str:
    """Each part that has something to say, in the order of the HTML report."""
    blocks = (_capacity(result), comparison_block(result.comparison), _trend(result), _soak(result))
    return "\n\n".join(block for block in blocks if block)


def _capacity(result: Result) -> str:
    capacity = result.capacity
    if not capacity_shown.short_answer(capacity):
        return ""
    levels = [
        (row.mark, row.asked, row.carried, row.in_flight, row.p95, row.errors, words(row.why))
        for row in capacity_shown.level_rows(capacity)
    ]
    head = " |>asked /s|>carried /s|>under way|>p95 ms|>errors|why"
    costs = ""
    if capacity.scaling:
        steps = [
            f"{row.rate}: {row.instances} instances"
            + (f", {words(row.cost)} an hour" if capacity.scaling.cost_per_hour is not None else "")
            for row in capacity_shown.scaling_rows(capacity.scaling)
        ]
        costs = f"Estimated for other loads: {'; '.join(steps)}."
    return titled(
        "Capacity",
        words(capacity_shown.answer(capacity)),
        words(capacity_shown.head_room_words(capacity)),
        table(head, levels[:_SHOWN_ROWS]) if len(levels) > 1 else "",
        words(capacity_shown.bound_words(capacity)),
        costs,
    )


def comparison_block(comparison: Comparison, kept_in: str = "result.json") -> str:
    """The changes as a table, or nothing where there are none. `kept_in`: the file that holds them all."""
    if not comparison.changes:
        return ""
    shown = comparison_shown.shown_comparison(comparison, kept_in)
    rows = [
        (
            row.mark, words(row.metric), words(row.label) or "all endpoints", words(row.before),
            words(row.now), row.change, row.interval or figures.DASH, row.visible, row.decision,
        )
        for row in shown.told[:_SHOWN_ROWS]
    ]  # fmt: skip
    left = len(shown.told) + len(shown.rest) - len(rows)
    head = " |metric|endpoint|>before|>now|>change|>interval|>smallest visible|decision"
    return titled(
        "Comparison",
        f"{words(comparison_shown.against_words(comparison))} **{comparison_shown.counted(comparison)}.**",
        table(head, rows) if rows else "",
        f"{left} more by endpoint in {kept_in}." if left else "",
        bullets(words(line) for line in shown.open_questions),
    )


def _trend(result: Result) -> str:
    rows = [
        (
            words(row.subject), words(row.newest), words(row.expected), row.decision,
            "; ".join(map(words, filter(None, (*row.shifts, row.limit)))),
        )
        for row in trend_shown.trend_rows(result.trend)
    ]  # fmt: skip
    if not rows:
        return ""
    head = "figure|>this run|>expected|decision|since when, and where it leads"
    return titled("Trend", table(head, rows[:_SHOWN_ROWS]), words(trend_shown.quiet_words(result.trend)))


def _soak(result: Result) -> str:
    lines = [words(soak_shown.told(change)) for change in result.soak.changes if change.of_target]
    if not lines:
        return ""
    return titled("Slow changes", bullets(lines), words(soak_shown.quiet_words(result.soak)))
