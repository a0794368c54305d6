"""A comparison for a reader: what became worse, a row for each change, and places for a forest plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.reporting import figures
from perfpilot.reporting.grouped import grouped

_MARKS = {
    ChangeDecision.REGRESSION: ("✗", "bad"),
    ChangeDecision.IMPROVEMENT: ("✓", "good"),
    ChangeDecision.NO_CHANGE: ("=", "muted"),
    ChangeDecision.UNDECIDED: ("?", "unsure"),
}
_STANDS_OUT = (ChangeDecision.REGRESSION, ChangeDecision.IMPROVEMENT)
_WIDEST = math.log(3)  # a change of more than three times is cut at the edge
_NARROWEST = math.log(1.02)
_MOST_VISIBLE = 10.0
_LESS, _MORE = (0.05, 0.1, 0.2, 0.3, 0.5), (0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class ChangeRow:
    """One change, in words for a table, and its places in the plot."""

    mark: str
    tone: str  # a class of the style sheet
    metric: str
    label: str
    before: str
    now: str
    change: str
    interval: str
    visible: str
    decision: str
    place: float  # of the change, in per cent of the width of the plot
    from_place: float | None  # of its interval; None: it has none
    width: float
    cut: bool  # part of it lies beyond the edge


@dataclass(frozen=True)
class Forest:
    """The scale that all rows share, logarithmic in after / before. Places in per cent of the width."""

    floor_from: float
    floor_width: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class ShownComparison:
    """The rows that are worth a look first, and the rest."""

    forest: Forest
    told: tuple[ChangeRow, ...]
    rest: tuple[ChangeRow, ...]
    open_questions: tuple[str, ...]  # why rows are undecided, each reason once


def shown_comparison(comparison: Comparison, kept_in: str = "result.json") -> ShownComparison:
    """First what stands out, by endpoint too, then the pooled figures; the rest apart.

    `kept_in`: the file that holds what is not shown.
    """
    reach = _reach(comparison)
    first = sorted(
        (c for c in comparison.changes if c.decision in _STANDS_OUT or not c.label),
        key=lambda c: (c.decision not in _STANDS_OUT, c.decision is not ChangeDecision.REGRESSION),
    )
    rest = [c for c in comparison.changes if c not in first]
    return ShownComparison(
        forest=_forest(comparison.floor, reach),
        told=tuple(_row(change, reach) for change in first),
        rest=tuple(_row(change, reach) for change in rest),
        open_questions=grouped(
            (
                (subject(change), change.because)
                for change in comparison.changes
                if change.decision is ChangeDecision.UNDECIDED
            ),
            most=4,
            kept_in=kept_in,
        ),
    )


def against_words(comparison: Comparison) -> str:
    """What was compared with what; or why nothing was."""
    names = comparison.baseline_runs or ((comparison.baseline_run,) if comparison.baseline_run else ())
    if comparison.against == "benchmark":
        against = f"Against {comparison.baseline_run}"
    elif len(names) > 1:
        against = f"Against {len(names)} runs, the newest {names[0]}"
    elif names:
        against = f"Against run {names[0]}"
    else:
        reason = f": {comparison.because}" if comparison.because else ""
        return f"Not compared with an earlier run{reason}."
    if not comparison.comparable:
        against += ", which can't be compared"
    return f"{against}: {comparison.because}." if comparison.because else f"{against}."


def subject(change: MetricChange) -> str:
    """`p95 of checkout`, `throughput of all endpoints`."""
    return f"{change.metric.replace('_', ' ')} of {change.label or 'all endpoints'}"


def counted(comparison: Comparison) -> str:
    """`2 regressions, 1 improvement, 5 without change, 3 undecided`."""
    names = {
        ChangeDecision.REGRESSION: ("regression", "regressions"),
        ChangeDecision.IMPROVEMENT: ("improvement", "improvements"),
        ChangeDecision.NO_CHANGE: ("without change", "without change"),
        ChangeDecision.UNDECIDED: ("undecided", "undecided"),
    }
    counts = [(sum(c.decision is one for c in comparison.changes), words) for one, words in names.items()]
    return ", ".join(f"{count} {words[count > 1]}" for count, words in counts if count)


def change_words(change: MetricChange) -> str:
    """`p95 of checkout: +20 % (+12.1 % to +28.4 %), 288 ms to 346 ms`."""
    interval = interval_words(change)
    before, after = (figures.in_unit(value, change.unit) for value in (change.before, change.after))
    between = f" ({interval})" if interval else ""
    return f"{subject(change)}: {figures.change(change.change)}{between}, {before} to {after}"


def interval_words(change: MetricChange) -> str:
    """The interval of the change: `+12.1 % to +28.4 %`; empty where it has none."""
    if change.low is None or change.high is None:
        return ""
    return f"{figures.change(change.low)} to {figures.change(change.high)}"


def visible_words(change: MetricChange, significant: int = 3) -> str:
    """The smallest visible change. Beyond ten times as much the exact figure means nothing to anybody."""
    beyond = change.visible is not None and change.visible > _MOST_VISIBLE
    return f"over {figures.share(_MOST_VISIBLE)}" if beyond else figures.share(change.visible, significant)


def decided(comparison: Comparison, decision: ChangeDecision) -> tuple[MetricChange, ...]:
    """The changes that came to that, the largest first."""
    found = (change for change in comparison.changes if change.decision is decision)
    return tuple(sorted(found, key=lambda change: -abs(change.change)))


def slower_words(comparison: Comparison) -> str:
    """How often a request took longer than one before, over all endpoints; empty where it is not known."""
    known = [c.slower for c in comparison.changes if not c.label and c.slower is not None]
    if not known:
        return ""
    share = figures.share(known[0], 2)
    return f"A request took longer than one before in {share} of all pairs; 50 %: no difference."


def _reach(comparison: Comparison) -> float:
    """How far the plot goes to either side: as far as intervals do, but those of error rates, which jump."""
    ends = [
        abs(_log(end))
        for change in comparison.changes
        if change.metric != "error_rate"
        for end in (change.low, change.high)
        if end is not None
    ]
    return min(max([_NARROWEST, 2 * math.log1p(comparison.floor), *ends]) * 1.05, _WIDEST)


def _forest(floor: float, reach: float) -> Forest:
    low, high = _place(-floor, reach), _place(floor, reach)
    less = max((share for share in _LESS if -math.log1p(-share) <= reach * 0.95), default=None)
    more = max((share for share in _MORE if math.log1p(share) <= reach * 0.95), default=None)
    ticks = [(50.0, "0")]
    if less is not None:
        ticks.insert(0, (_place(-less, reach), f"−{100 * less:.0f} %"))
    if more is not None:
        ticks.append((_place(more, reach), f"+{100 * more:.0f} %"))
    return Forest(low, round(high - low, 1), tuple(ticks))


def _row(change: MetricChange, reach: float) -> ChangeRow:
    mark, tone = _MARKS[change.decision]
    low, high = change.low, change.high
    known = low is not None and high is not None
    begin = _place(low, reach) if low is not None else None
    end = _place(high, reach) if high is not None else None
    ends: Sequence[float] = [e for e in (low, high, change.change) if e is not None]
    return ChangeRow(
        mark=mark,
        tone=tone,
        metric=change.metric.replace("_", " "),
        label=change.label,
        before=figures.in_unit(change.before, change.unit),
        now=figures.in_unit(change.after, change.unit),
        change=figures.change(change.change),
        interval=interval_words(change),
        visible=visible_words(change, 2),
        decision=change.decision.value.replace("_", " "),
        place=_place(change.change, reach),
        from_place=begin if known else None,
        width=round(end - begin, 1) if begin is not None and end is not None else 0.0,
        cut=any(abs(_log(e)) > reach for e in ends),
    )


def _place(change: float, reach: float) -> float:
    inside = min(max(_log(change), -reach), reach)
    return round(50 + 50 * inside / reach, 1)


def _log(change: float) -> float:
    return math.log1p(max(change, -0.999999))
