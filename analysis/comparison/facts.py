"""Facts of a comparison: what was, how far it moved, its interval, and what would have been seen."""

from __future__ import annotations

from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.row import Row
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange

_METRIC_WORDS = {"error_rate": "error rate", "max": "slowest response time"}
_MOST_BY_LABEL = 12
_TOLD = (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)


def comparison_rows(comparison: Comparison) -> list[Row]:
    """Facts of every change over all samples, and of those by label that were told or are largest."""
    rows: list[Row] = []
    for change in spoken_of(comparison):
        words = _METRIC_WORDS.get(change.metric, change.metric)
        whose = f" of {change.label}" if change.label else ""

        def name(area: str, change: MetricChange = change) -> str:
            return fact_name(f"{area}.{change.metric}", change.label)

        rows.append(Row(name("baseline"), change.before, change.unit, f"{words}{whose} in the baseline"))
        rows.append(Row(name("now"), change.after, change.unit, f"{words}{whose} beside the baseline, now"))
        moved = "change against the baseline"
        rows.append(Row(name("change"), 100 * change.change, "%", f"{words}{whose}, its {moved}"))
        if change.low is not None and change.high is not None:
            rows.append(
                Row(name("change_low"), 100 * change.low, "%", f"{words}{whose}, low end of its {moved}")
            )
            rows.append(
                Row(name("change_high"), 100 * change.high, "%", f"{words}{whose}, high end of its {moved}")
            )
        if change.visible is not None:
            text = f"{words}{whose}, smallest change that would have been seen"
            rows.append(Row(name("visible"), 100 * change.visible, "%", text))
    return rows


def spoken_of(comparison: Comparison) -> tuple[MetricChange, ...]:
    """The changes that have facts, in the order of the comparison."""
    by_label = [change for change in comparison.changes if change.label]
    ordered = sorted(by_label, key=lambda c: (c.decision not in _TOLD, -abs(c.change), c.label, c.metric))
    chosen = {(change.metric, change.label) for change in ordered[:_MOST_BY_LABEL]}
    return tuple(c for c in comparison.changes if not c.label or (c.metric, c.label) in chosen)
