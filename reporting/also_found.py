"""What a run found beside its verdict, a sentence each: capacity, regressions, shifts, slow changes."""

from __future__ import annotations

from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.result import Result
from perfpilot.reporting import capacity_shown, comparison_shown, figures, soak_shown, trend_shown


def also_found(result: Result) -> tuple[str, ...]:
    """At most one sentence of each kind, and none where there is nothing to tell. Nothing is judged here."""
    found = (_capacity(result), _comparison(result), _trend(result), _soak(result))
    return tuple(sentence for sentence in found if sentence)


def _capacity(result: Result) -> str:
    capacity = result.capacity
    if not capacity.estimated and capacity.users_kept is None:
        return ""
    said = f"Capacity: {capacity_shown.short_answer(capacity)}."
    room = capacity_shown.head_room_words(capacity)
    return f"{said} {room}" if room else said


def _comparison(result: Result) -> str:
    worse = comparison_shown.decided(result.comparison, ChangeDecision.REGRESSION)
    if not worse or not result.comparison.comparable:
        return ""
    more = f", and {len(worse) - 1} more" if len(worse) > 1 else ""
    return f"Worse than the baseline: {comparison_shown.change_words(worse[0])}{more}."


def _trend(result: Result) -> str:
    worse = [m for m in trend_shown.moved(result.trend) if m.decision is ChangeDecision.REGRESSION]
    near = [m for m in trend_shown.moved(result.trend) if m.days_to_limit is not None]
    if not worse and not near:
        return ""
    more = f", and {len(worse) - 1} more" if len(worse) > 1 else ""
    runs = figures.count(result.trend.runs)
    if worse:
        return f"Over {runs} runs: {trend_shown.told(worse[0])}{more}."
    return f"Over {runs} runs: {trend_shown.subject(near[0])} {trend_shown.limit_words(near[0])}."


def _soak(result: Result) -> str:
    own = [change for change in result.soak.changes if change.of_target]
    if not own:
        return ""
    more = f", and {len(own) - 1} more" if len(own) > 1 else ""
    return f"Changes slowly: {soak_shown.told(own[0])}{more}."
