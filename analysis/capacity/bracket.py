"""The two levels between which the capacity lies, and how far chance may have moved either.

Levels are merged by rate and put in order. In a ladder a level that was lost below others that were kept is
a disturbance: what was kept is made to fall with the rate by isotonic regression (pool adjacent violators;
Barlow et al., Statistical Inference under Order Restrictions, 1972), and a level counts as kept where at
least half of its pool was. The interval does not take that luck for granted: its low end lies below the
disturbance. A search looked again where it doubted: there a level kept above a lost one was luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfpilot.domain.capacity import CapacityLevel


@dataclass(frozen=True)
class CapacityBracket:
    """`kept`: the highest level that met the thresholds; `lost`: the lowest above it that did not.

    `safe`: the highest level kept below all that were lost, which is `kept` but for a disturbance;
    `surely_kept`: the highest of those whose figures chance within the hold can't have moved across a limit.
    """

    kept: CapacityLevel | None = None
    lost: CapacityLevel | None = None
    safe: CapacityLevel | None = None
    surely_kept: CapacityLevel | None = None


def bracket(levels: Sequence[CapacityLevel], *, isotonic: bool) -> CapacityBracket:
    """The bracket of all levels that were decided. Undecided ones are no evidence either way."""
    known = [level for level in merged(levels) if level.met is not None]
    least_lost = next((level for level in known if not level.met), None)
    safe = known[: known.index(least_lost)] if least_lost else known
    count = _kept_by_pools(known) if isotonic else len(safe)
    kept = next((level for level in reversed(known[:count]) if level.met), None)
    above = known[known.index(kept) + 1 :] if kept else known
    lost = next((level for level in above if not level.met), None)
    sure = [level for level in safe if level.sure]
    return CapacityBracket(kept, lost, safe[-1] if safe else None, sure[-1] if sure else None)


def merged(levels: Sequence[CapacityLevel]) -> list[CapacityLevel]:
    """One level for each rate, lowest first: lost as soon as one was, undecided if no one was decided.

    The figures are those of the longest hold of that outcome.
    """
    by_rate: dict[float, list[CapacityLevel]] = {}
    for level in levels:
        by_rate.setdefault(level.rate_per_s, []).append(level)
    found = []
    for rate in sorted(by_rate):
        held = by_rate[rate]
        outcome = next((o for o in (False, True) if any(level.met is o for level in held)), None)
        found.append(max((level for level in held if level.met is outcome), key=lambda level: level.seconds))
    return found


def _kept_by_pools(levels: Sequence[CapacityLevel]) -> int:
    """How many of the levels, from the lowest on, count as kept."""
    pools: list[tuple[float, float, int]] = []  # seconds kept, seconds, levels
    for level in levels:
        weight = level.seconds or 1.0
        pool = (weight if level.met else 0.0, weight, 1)
        while pools and pools[-1][0] * pool[1] < pool[0] * pools[-1][1]:
            before = pools.pop()
            pool = (before[0] + pool[0], before[1] + pool[1], before[2] + pool[2])
        pools.append(pool)
    return sum(count for kept, whole, count in pools if 2 * kept >= whole)
