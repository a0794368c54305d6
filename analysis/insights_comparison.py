"""This run against the earlier one, in words."""

from __future__ import annotations

from perfpilot.analysis.fact_book import FactBook
from perfpilot.analysis.figures import figure
from perfpilot.analysis.statement import judged, say, shown
from perfpilot.domain.judgement import Comparison, Insight

_NOTABLE = 5.0
_MOST_LABELS = 3
_METRICS = (("p95", "p95_ms"), ("p50", "p50_ms"), ("p99", "p99_ms"))


def comparative_analysis(book: FactBook, comparison: Comparison | None) -> tuple[Insight, ...]:
    """Nothing without a baseline; the reason where it was refused; else what moved, largest first."""
    if comparison is None or not (comparison.baseline_run or comparison.comparable):
        return ()
    if not comparison.comparable:
        return (say(f"No comparison with {_run(comparison)}: {comparison.because or 'no reason recorded'}."),)
    told = _pooled(book) + _labels(book)
    if not told:
        told = [say("No percentile moved notably against the earlier run.")]
    told.append(say(f"Compared with {_run(comparison)}: {comparison.because}."))
    return tuple(told)


def _run(comparison: Comparison) -> str:
    return f"run {comparison.baseline_run}" if comparison.baseline_run else "the earlier run"


def _pooled(book: FactBook) -> list[Insight]:
    return [said for metric, field in _METRICS for said in _moved(book, metric, field, "")]


def _labels(book: FactBook) -> list[Insight]:
    moved = book.about("change.p95")
    largest = sorted(moved, key=lambda label: (-abs(moved[label].value), label))[:_MOST_LABELS]
    return [said for label in largest for said in _moved(book, "p95", "p95_ms", label)]


def _moved(book: FactBook, metric: str, field: str, label: str) -> list[Insight]:
    change, before = book.get(f"change.{metric}", label), book.get(f"baseline.{metric}", label)
    now = judged(book, field, label)
    if change is None or before is None or now is None or abs(change.value) < _NOTABLE:
        return []
    way = "up" if change.value > 0 else "down"
    whose = f"of {label}" if label else "over all requests"
    by = figure(abs(change.value), "%")
    text = f"The {metric} {whose} is {way} {by}, from {shown(before)} to {shown(now)}."
    return [say(text, change, before, now)]
