"""From changes with their chance to decisions: how many looks were taken counts, and how small is practical.

Two questions are asked of each row. Is there a change at all? One-sided tests against none, at a rate of
false discoveries of 1 % (Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x) in two
families, the rows over all samples and those by label, and each direction by itself: where nothing changed,
1 % is the chance of any false alarm of a family. And is it of practical matter? Where runs were repeated, the
best estimate must lie beyond the floor; one run against one, whose noise is assumed and not measured, must
lie beyond it with the whole interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perfpilot.analysis.comparison.metrics import Compared
from perfpilot.analysis.statistics.power import FOUND, Bar, chance_found, found_effect
from perfpilot.analysis.statistics.student_t import t_quantile, t_two_sided
from perfpilot.domain.comparison import ChangeDecision, MetricChange

FALSE_ALARMS = 0.01
BOUND = 0.95
"""Confidence of each end of an interval by itself: 90 % between the two."""

_MOST_RUNS = 20
_KNOWN = 10_000


@dataclass(frozen=True)
class Shift:
    """A change of one metric, as the logarithm of after / before, and how much of it may be chance."""

    metric: Compared
    label: str
    before: float
    after: float
    error: float | None = None  # standard error of the logarithm; None: not known, see `because`
    freedom: float = math.inf
    of_one_run: float = 0.0  # variance of the logarithm of a single run's figure
    slower: float | None = None
    because: str = ""

    @property
    def log(self) -> float:
        """The logarithm; both figures must be above 0."""
        return math.log(self.after / self.before)

    @property
    def degrees(self) -> float:
        """Degrees of freedom in quarters, rounded down, at least one: the fewer, the wider."""
        return max(math.floor(4 * min(self.freedom, _KNOWN)) / 4, 1.0)


def decide_rows(shifts: Sequence[Shift], floor: float, *, beyond_floor: bool) -> tuple[MetricChange, ...]:
    """A row for each change, in the order given. `beyond_floor`: with the whole interval."""
    tested = [shift for shift in shifts if shift.error is not None]
    families = [[s for s in tested if not s.label], [s for s in tested if s.label]]
    proven: dict[int, int] = {}
    levels: dict[int, float] = {}
    for family in families:
        for way in (1, -1):
            chances = {id(shift): _chance(shift, way) for shift in family}
            proven.update(dict.fromkeys(_discoveries(chances), way))
        for shift in family:
            levels[id(shift)] = _level(shift, family)
    return tuple(
        _row(shift, floor, beyond_floor, proven.get(id(shift), 0), levels.get(id(shift), FALSE_ALARMS))
        for shift in shifts
    )


def _chance(shift: Shift, way: int) -> float:
    """How likely a change as large in this direction would be if there were none."""
    beyond = way * shift.log / _error(shift)
    outside = t_two_sided(beyond, shift.degrees) / 2
    return outside if beyond > 0 else 1 - outside


def _discoveries(chances: Mapping[int, float]) -> list[int]:
    ordered = sorted(chances, key=chances.__getitem__)
    kept = [n for n, key in enumerate(ordered, 1) if chances[key] <= FALSE_ALARMS * n / len(ordered)]
    return ordered[: kept[-1]] if kept else []


def _level(shift: Shift, family: Sequence[Shift]) -> float:
    """What a row must reach if only its label moves: its times move together, the noisier ones unseen."""
    together = [s for s in family if s.metric.time and s.label == shift.label and _error(s) <= _error(shift)]
    return FALSE_ALARMS * (len(together) if shift.metric.time else 1) / len(family)


def _row(shift: Shift, floor: float, beyond_floor: bool, proven: int, level: float) -> MetricChange:
    change = shift.after / shift.before - 1 if shift.before else 0.0
    made = MetricChange(
        metric=shift.metric.name,
        label=shift.label,
        before=shift.before,
        after=shift.after,
        unit=shift.metric.unit,
        change=change,
        slower=shift.slower,
        because=shift.because,
    )
    if shift.error is None:
        return made
    reach = t_quantile(BOUND, shift.degrees) * _error(shift)
    low, high = math.expm1(shift.log - reach), math.expm1(shift.log + reach)
    decision = _decision(shift, (low, change, high), floor, beyond_floor, proven)
    because = _what_would_tell(shift, floor, level) if decision is ChangeDecision.UNDECIDED else ""
    return made.model_copy(
        update={
            "low": low,
            "high": high,
            "visible": _visible(shift, floor, beyond_floor, level),
            "decision": decision,
            "because": because,
        }
    )


def _decision(
    shift: Shift, seen: tuple[float, float, float], floor: float, beyond_floor: bool, proven: int
) -> ChangeDecision:
    low, change, high = seen
    nearest = (low if change > 0 else high) if beyond_floor else change
    if proven and change * nearest > 0 and abs(nearest) > floor:
        worse = (proven > 0) is shift.metric.more_is_worse
        return ChangeDecision.REGRESSION if worse else ChangeDecision.IMPROVEMENT
    if -floor <= low and high <= floor:
        return ChangeDecision.NO_CHANGE
    return ChangeDecision.UNDECIDED


def _visible(shift: Shift, floor: float, beyond_floor: bool, level: float) -> float:
    """The change for worse that would have been found nine times in ten, as a positive share."""
    error, degrees = _error(shift), shift.degrees
    practical = math.log1p(floor) if shift.metric.more_is_worse else -math.log1p(-floor)
    practice = Bar(practical, t_quantile(BOUND, degrees) if beyond_floor else 0.0)
    needed = found_effect((practice, Bar(0.0, t_quantile(1 - level, degrees))), error, degrees)
    return math.expm1(needed) if shift.metric.more_is_worse else -math.expm1(-needed)


def _what_would_tell(shift: Shift, floor: float, level: float) -> str:
    for runs in range(3, _MOST_RUNS + 1):
        error, degrees = math.sqrt(2 * shift.of_one_run / runs), 2 * runs - 2
        if abs(shift.log) > math.log1p(floor):
            bars = (Bar(math.log1p(floor), 0.0), Bar(0.0, t_quantile(1 - level, degrees)))
            told = chance_found(abs(shift.log), bars, error, degrees) >= FOUND
        else:
            told = abs(shift.log) + t_quantile(BOUND, degrees) * error <= -math.log1p(-floor)
        if told:
            return f"it may be chance; about {runs} runs on each side would tell"
    return f"it may be chance; {_MOST_RUNS} runs on each side would hardly tell"


def _error(shift: Shift) -> float:
    return max(shift.error or 0.0, 1e-9)
