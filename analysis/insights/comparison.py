"""This run against the earlier ones, in words: what was decided, how sure, and what could have been seen."""

from __future__ import annotations

from perfpilot.analysis.comparison.facts import spoken_of
from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.figures import figure
from perfpilot.analysis.insights.moving import metric_words
from perfpilot.analysis.insights.reasons import because
from perfpilot.analysis.words.statement import judged, say, shown
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.judgement import Fact, Insight

_NOTABLE = 5.0
_MOST = 6
_MOST_LABELS = 2
_ANY = ("p95", "error_rate", "throughput", "p50", "p99")
_TOLD = (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)
_WORDS = {ChangeDecision.REGRESSION: "A regression", ChangeDecision.IMPROVEMENT: "An improvement"}


def comparative_analysis(book: FactBook, comparison: Comparison | None) -> tuple[Insight, ...]:
    """Nothing without a baseline; the reason where it was refused; else decisions, and what they can tell."""
    if comparison is None or not (comparison.baseline_run or comparison.comparable):
        return ()
    against = _against(comparison)
    if not comparison.comparable:
        return (because(f"No comparison with {against}", comparison.because or "no reason recorded", book),)
    changes = spoken_of(comparison)
    decided = sorted((c for c in changes if c.decision in _TOLD), key=_importance)[:_MOST]
    told = [said for change in decided for said in _moved(book, change)]
    told += _undecided(book, changes, {(c.metric, c.label) for c in decided})
    if not told:
        told = [say(f"Nothing moved notably against {against}.")]
    told += _visible(book, changes)
    rates = list(book.about(f"{book.phase}.error_rate").values())
    pooled = judged(book, "error_rate")
    told.append(because(f"Compared with {against}", comparison.because, book, pooled, *rates))
    return tuple(told)


def regressions(comparison: Comparison | None) -> list[MetricChange]:
    """Changes for worse that were told, of all samples first and the largest before smaller ones."""
    if comparison is None or not comparison.comparable:
        return []
    worse = [c for c in spoken_of(comparison) if c.decision is ChangeDecision.REGRESSION]
    return sorted(worse, key=_importance)


def figures_of(book: FactBook, change: MetricChange) -> tuple[str, list[Fact]]:
    """`by +30 % (between +21 % and +38 %), from 212 ms to 276 ms`, and the facts of it."""
    moved, before, now, low, high = (
        book.get(f"{area}.{change.metric}", change.label)
        for area in ("change", "baseline", "now", "change_low", "change_high")
    )
    if moved is None or before is None or now is None:
        return "", []
    text = f"by {_signed(moved)}"
    facts = [moved, before, now]
    if low is not None and high is not None:
        text += f" (between {_signed(low)} and {_signed(high)})"
        facts += [low, high]
    return f"{text}, from {shown(before)} to {shown(now)}", facts


def _against(comparison: Comparison) -> str:
    if comparison.against == "benchmark":
        return "the benchmark"
    return "the earlier runs" if comparison.against == "runs" else "the earlier run"


def _importance(change: MetricChange) -> tuple[bool, bool, float, str, str]:
    worse = change.decision is ChangeDecision.REGRESSION
    return (not worse, bool(change.label), -abs(change.change), change.metric, change.label)


def _moved(book: FactBook, change: MetricChange) -> list[Insight]:
    text, facts = figures_of(book, change)
    if not text:
        return []
    head = _WORDS.get(change.decision)
    whose = metric_words(change.metric, change.label)
    if head is None:
        chance = "that may be chance" if change.low is not None else "whether by chance is not known"
        return [say(f"The {whose} changed {text}; {chance}.", *facts)]
    return [say(f"{head}: the {whose} changed {text}.", *facts)]


def _undecided(
    book: FactBook, changes: tuple[MetricChange, ...], told: set[tuple[str, str]]
) -> list[Insight]:
    """Large changes that the data do not settle: of all samples, and the p95 of a few labels."""
    open_ones = [
        change
        for change in changes
        if (change.metric, change.label) not in told
        and change.metric in (("p95",) if change.label else _ANY)
        and change.decision is ChangeDecision.UNDECIDED
        and abs(100 * change.change) >= _NOTABLE
    ]
    pooled = [change for change in open_ones if not change.label]
    by_label = sorted((c for c in open_ones if c.label), key=_importance)[:_MOST_LABELS]
    return [said for change in (*pooled, *by_label) for said in _moved(book, change)]


def _visible(book: FactBook, changes: tuple[MetricChange, ...]) -> list[Insight]:
    pooled = [change.metric for change in changes if not change.label]
    for metric in _ANY[:1]:
        seen = book.get(f"visible.{metric}")
        if metric in pooled and seen is not None:
            whose = metric_words(metric, "")
            return [
                say(f"The smallest change of the {whose} that would have been seen is {shown(seen)}.", seen)
            ]
    return []


def _signed(fact: Fact) -> str:
    text = figure(fact.value, fact.unit)
    return text if fact.value < 0 else f"+{text}"
