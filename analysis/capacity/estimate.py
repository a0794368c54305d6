"""The highest arrival rate that meets the thresholds, with an interval, from levels that were judged.

The point lies between the highest level kept and the lowest lost: at what the target completed there, for
a saturated target completes what it can (the utilisation law: X = c/s with all slots busy; Lazowska et al.,
Quantitative System Performance, 1984, ch. 3), or lower, where a threshold crosses its limit first. In
between, one over the response time falls in a straight line as the load rises, as in the queue M/M/1
(R = S / (1 - U)); other figures rise in one.

The interval runs from the highest level kept to the lowest lost, each moved by what chance may have done to
it. Where arrivals or service times are random, a hold brings more or less work than its level says: by
sqrt((Ca^2 + Cs^2) / n) of it for n arrivals, with the squared coefficients of variation of the time between
arrivals and of the work of one (the two that also drive the waiting time in Kingman's formula, 1961). A level
near the limit may be kept or lost by that alone. Even arrivals of even work leave the bracket as it is.
`benchmarks/capacity_grid.py` measures how often the interval covers.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.analysis.capacity.bracket import CapacityBracket, bracket, merged
from perfpilot.analysis.figures import figure
from perfpilot.domain.capacity import Capacity, CapacityLevel, LevelThreshold
from perfpilot.domain.search import SearchOutcome

ENOUGH_LEVELS = 3
"""With two levels the answer is one of the two, whatever the target can do."""

_SELECTED = 1.5
"""The highest level kept is the luckiest of those that were tried: chance counts for more there."""


def ladder_capacity(levels: Sequence[CapacityLevel]) -> Capacity:
    """The capacity by the levels of a stepped load; without an estimate the bounds that were seen."""
    found = bracket(levels, isotonic=True)
    because = _not_estimated(levels, found)
    if because:
        low, high = low_end(found), high_end(found)
        return Capacity(
            estimated=False, low_per_s=low, high_per_s=high, because=because, levels=tuple(levels)
        )
    return _estimated(found, levels, "")


def searched_capacity(found: SearchOutcome, levels: Sequence[CapacityLevel] = ()) -> Capacity:
    """What a search that chose its levels while the load ran says about the highest arrival rate.

    `levels`: its steps with their figures. Without them its bracket is the interval.
    """
    kept, lost = found.highest_kept, found.lowest_lost
    limited = found.generator_limited
    if found.search.unit == "users":
        most = "no number of users was kept" if kept is None else f"{kept:.0f} users were kept"
        return Capacity(
            estimated=False,
            users_kept=None if kept is None or limited else round(kept),
            users_lost=None if lost is None else round(lost),
            because=limited or f"users were searched, not rates: {most}",
        )
    judged = bracket(levels or _of_steps(found), isotonic=False)
    low, high = low_end(judged), high_end(judged)
    if limited:
        return Capacity(estimated=False, low_per_s=low, because=limited, levels=tuple(levels))
    if low is None or high is None or not found.finished:
        return Capacity(
            estimated=False, low_per_s=low, high_per_s=high, because=found.because, levels=tuple(levels)
        )
    return _estimated(judged, levels, ", searched step by step")


def _of_steps(found: SearchOutcome) -> list[CapacityLevel]:
    """The bracket of a search of which nothing was counted."""
    ends = ((found.highest_kept, True), (found.lowest_lost, False))
    return [CapacityLevel(rate_per_s=rate, met=met, sure=True) for rate, met in ends if rate is not None]


def _estimated(found: CapacityBracket, levels: Sequence[CapacityLevel], how: str) -> Capacity:
    kept, lost = found.kept, found.lost
    assert kept is not None and lost is not None
    below, above = figure(kept.rate_per_s, "/s"), figure(lost.rate_per_s, "/s")
    return Capacity(
        estimated=True,
        rate_per_s=point(found),
        low_per_s=low_end(found),
        high_per_s=high_end(found),
        because=f"{below} met the thresholds and {above} did not{how}",
        levels=tuple(levels),
    )


def point(found: CapacityBracket) -> float | None:
    """The estimate; None without a bracket. Worse data never raises it: it is the least of what each kind of
    evidence allows, and not below the level that was kept."""
    kept, lost = found.kept, found.lost
    if kept is None or lost is None:
        return None
    allowed = [lost.rate_per_s]
    if lost.carried_per_s is not None:
        allowed.append(lost.carried_per_s)
    for before, after in _pairs(kept, lost):
        if before.met and after.met is False:
            allowed += _crossing(kept, before.value, lost, after.value, after)
    if len(allowed) == 1:
        return kept.rate_per_s  # nothing is known of how it was lost
    return max(kept.rate_per_s, min(allowed))


def low_end(found: CapacityBracket) -> float | None:
    """The highest rate that is met beyond chance; None: no level was kept, or none of those beyond doubt."""
    kept = found.safe
    if kept is None:
        return None
    end = kept.rate_per_s * max(1 - _SELECTED * kept.chance, 0.0)
    sure = found.surely_kept
    if kept.sure or sure is None:
        return end
    for before, after in _pairs(sure, kept):
        if after.met and not after.sure:
            end = min([end, *_crossing(sure, before.worst, kept, after.worst, after)])
    return end


def high_end(found: CapacityBracket) -> float | None:
    """The lowest rate that is not met beyond chance; None: no level was lost."""
    lost = found.lost
    return None if lost is None else lost.rate_per_s * (1 + lost.chance)


def _pairs(lower: CapacityLevel, upper: CapacityLevel) -> list[tuple[LevelThreshold, LevelThreshold]]:
    by_text = {line.text: line for line in lower.thresholds}
    return [(by_text[line.text], line) for line in upper.thresholds if line.text in by_text]


def _crossing(
    lower: CapacityLevel, good: float | None, upper: CapacityLevel, bad: float | None, line: LevelThreshold
) -> list[float]:
    """The rate at which a figure crosses its limit between two levels; nothing where one is not known."""
    if good is None or bad is None:
        return []
    before, limit, after = (_straight(value, line) for value in (good, line.limit, bad))
    far, near = abs(before - limit), abs(limit - after)
    share = far / (far + near) if far + near else 0.0
    return [lower.rate_per_s + share * (upper.rate_per_s - lower.rate_per_s)]


def _straight(value: float, line: LevelThreshold) -> float:
    """A figure on the scale on which it moves in a straight line with the load."""
    return 1.0 / max(value, 0.5) if line.unit == "ms" else value


def _not_estimated(levels: Sequence[CapacityLevel], found: CapacityBracket) -> str:
    """Why the levels of a ladder give no estimate; empty: they do."""
    rates = merged(levels)
    if len(rates) < ENOUGH_LEVELS:
        return _too_few(len(rates))
    decided = [level for level in rates if level.met is not None]
    if found.kept is None:
        if decided:
            return f"the lowest level that was decided, {_rate(decided[0])}, already failed"
        return f"the level of {_rate(rates[0])} was undecided: {rates[0].why}"
    if found.lost is None:
        undecided = [
            level for level in rates if level.met is None and level.rate_per_s > found.kept.rate_per_s
        ]
        if undecided:
            return f"the level of {_rate(undecided[0])} was undecided: {undecided[0].why}"
        return f"every level met the thresholds, up to {_rate(found.kept)}: the limit lies above"
    if found.safe is None:
        return f"the lowest level, {_rate(decided[0])}, was lost and higher ones were kept: hold it again"
    return ""


def _rate(level: CapacityLevel) -> str:
    return figure(level.rate_per_s, "/s")


def _too_few(levels: int) -> str:
    if levels == 0:
        return "no load level was judged by itself"
    if levels == 1:
        return "only one load level was held: it shows whether that level works, not where the limit is"
    return f"only {levels} load levels were held, {ENOUGH_LEVELS} are needed"
