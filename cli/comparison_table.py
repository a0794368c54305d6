"""A comparison as a table: a line for each metric and endpoint, how it was made, and what it came to."""

from __future__ import annotations

from perfpilot.cli.columns import aligned, cleaned
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.reporting import figures
from perfpilot.reporting.comparison_shown import visible_words

_HEAD = ["LABEL", "METRIC", "BEFORE", "AFTER", "CHANGE", "INTERVAL", "VISIBLE", "DECISION"]


def comparison_lines(comparison: Comparison) -> list[str]:
    """The table, or one line that says why there is none."""
    if not comparison.comparable:
        return [cleaned(f"not comparable: {comparison.because}")]
    lines = aligned([_HEAD, *map(_row, comparison.changes)])
    for text in filter(None, (comparison.method, comparison.because)):
        lines += ["", cleaned(text)]
    return [*lines, "", _said(comparison)]


def _row(change: MetricChange) -> list[str]:
    interval = figures.DASH
    if change.low is not None and change.high is not None:
        interval = f"{figures.change(change.low)} to {figures.change(change.high)}"
    return [
        change.label or "(all)", change.metric, figures.in_unit(change.before, change.unit),
        figures.in_unit(change.after, change.unit), figures.change(change.change), interval,
        visible_words(change), change.decision.value.replace("_", " "),
    ]  # fmt: skip


def _said(comparison: Comparison) -> str:
    counts = {
        decision: sum(change.decision is decision for change in comparison.changes)
        for decision in ChangeDecision
    }
    told = [f"{count} {decision.value.replace('_', ' ')}" for decision, count in counts.items() if count]
    return ", ".join(told) or "the two sides have no figure in common"
