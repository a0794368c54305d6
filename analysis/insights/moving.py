"""Sentences on what moves: over a run, and from run to run."""

from __future__ import annotations

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.trend.facts import spoken_of, stands_out
from perfpilot.analysis.words.statement import say, shown
from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.judgement import Fact, Insight
from perfpilot.domain.soak import AROUND, SlowChange, Soak
from perfpilot.domain.trend import MetricTrend, Trend

_MOST = 4


def slow_changes(book: FactBook, soak: Soak | None) -> list[Insight]:
    """What climbs or runs out while the load stands still; not what only the load generator loses."""
    told = [change for change in (soak.changes if soak else ()) if endangers(change)]
    return [_slow(book, change) for change in told[:_MOST]]


def endangers(change: SlowChange) -> bool:
    """Whether the target can come to harm by it: it is its own, or a resource of its machine ends."""
    return change.of_target or (change.kind == "exhaustion" and change.component in AROUND)


def hours_left(book: FactBook, change: SlowChange) -> tuple[str, list[Fact]]:
    """`after an estimated 5 h (between 4 h and 7 h)` with its facts; nothing where it is not known."""
    left, low, high = (_of_change(book, change, name) for name in ("hours_left", "hours_low", "hours_high"))
    if left is None:
        return "", []
    text = f"after an estimated {shown(left)}"
    if low is not None and high is not None:
        return f"{text} (between {shown(low)} and {shown(high)})", [left, low, high]
    return (f"{text} ({shown(low)} at least)", [left, low]) if low is not None else (text, [left])


def _slow(book: FactBook, change: SlowChange) -> Insight:
    pace, first, last = (_of_change(book, change, name) for name in ("per_hour", "first", "last"))
    if pace is None or first is None or last is None:
        return say(f"The {change.subject} moved while the load stood still.")
    text = (
        f"While the load stood still the {change.subject} moved by {shown(pace)} each hour, "
        f"from {shown(first)} to {shown(last)}"
    )
    left, facts = hours_left(book, change)
    if left:
        text += f"; if it goes on, it meets its limit {left}"
    return say(f"{text}.", pace, first, last, *facts)


def _of_change(book: FactBook, change: SlowChange, figure: str) -> Fact | None:
    return book.get(f"soak.{change.metric}.{figure}", change.component or "pooled")


def over_runs(book: FactBook, trend: Trend | None) -> list[Insight]:
    """When a limit will be met if runs go on as they did, and a newest run that stands out for worse."""
    told = []
    for one in spoken_of(trend) if trend else ():
        limit = until_limit(book, one)
        if limit is not None:
            told.append(limit)
        elif stands_out(one) and one.decision is ChangeDecision.REGRESSION:
            told += _stands_out(book, one)
    return told[:_MOST]


def until_limit(book: FactBook, one: MetricTrend) -> Insight | None:
    """The days until a metric meets its limit at the slope of its runs; None where that is not told."""
    days, limit, slope = (_of_trend(book, one, name) for name in ("days_to_limit", "limit", "slope_per_day"))
    if days is None or limit is None or slope is None:
        return None
    low, high = _of_trend(book, one, "days_low"), _of_trend(book, one, "days_high")
    text = (
        f"The {metric_words(one.metric, one.label)} moves by {shown(slope)} a day from run to run; "
        f"it would meet its limit of {shown(limit)} in {shown(days)}"
    )
    if low is not None and high is not None:
        text += f" (between {shown(low)} and {shown(high)})"
    return say(f"{text}.", slope, limit, days, low, high)


def _stands_out(book: FactBook, one: MetricTrend) -> list[Insight]:
    newest, low, high = (_of_trend(book, one, name) for name in ("newest", "expected_low", "expected_high"))
    if newest is None or low is None or high is None:
        return []
    text = (
        f"The {metric_words(one.metric, one.label)} is {shown(newest)} in this run; by the runs before it "
        f"was to lie between {shown(low)} and {shown(high)}."
    )
    return [say(text, newest, low, high)]


def _of_trend(book: FactBook, one: MetricTrend, figure: str) -> Fact | None:
    return book.get(f"trend.{one.metric}.{figure}", one.label)


def metric_words(metric: str, label: str) -> str:
    """`p95 of checkout`, `error rate over all requests`."""
    named = {"error_rate": "error rate", "max": "slowest response time"}.get(metric, metric)
    if metric == "capacity":
        return named
    return f"{named} of {label}" if label else f"{named} over all requests"
