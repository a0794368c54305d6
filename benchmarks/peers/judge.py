"""The criteria: what was asked for against what the target saw. Pure functions of a record."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from peers.cases import Case
from peers.journeys import Journey
from peers.recorded import Recorded

EVEN_SECOND = 0.05
STAGE_TOTAL = 0.02
MIX = 0.02
USERS = 0.02
THINK = 0.02
WARM_UP_S = 5
_EDGE_S = 1
_BAND = 0.99
_SURE = 2.576  # standard errors, 99 %


class Verdict(StrEnum):
    """Whether a criterion is met; `UNDECIDED` where more than the limit was seen, but chance can do that."""

    PASS = "pass"
    FAIL = "FAIL"
    UNDECIDED = "undecided"
    SHOWN = ""


@dataclass(frozen=True)
class Finding:
    """One criterion of one run: what was seen, in words, and whether it is met."""

    criterion: str
    seen: str
    verdict: Verdict


def judge(case: Case, record: Recorded, *, begins_s: float | None, processes: int) -> list[Finding]:
    """All criteria of a case.

    `begins_s`: when the load begins by the plan, in the record's time; None: with the first arrival, and
    where several processes make the load, for each journey with its own.
    """
    findings = [_answered(record)]
    if case.model == "open":
        arrivals = [_counted(case, record, journey, begins_s, processes) for journey in case.journeys]
        together = np.sort(np.concatenate(arrivals))
        findings.append(_even_seconds(case, together) if case.even else _random_seconds(case, together))
        findings += _stage_totals(case, together)
        findings.append(_mix(case, [len(each) for each in arrivals]))
        if not case.even:
            findings.append(_dispersion(case, together))
    else:
        findings.append(_users(case, record))
    findings.append(_think_times(case, record))
    return findings


def _counted(
    case: Case, record: Recorded, journey: Journey, begins_s: float | None, processes: int
) -> np.ndarray:
    """Arrivals of a journey in the time of the load."""
    own = record.arrivals(journey)
    if begins_s is not None:
        return own - begins_s
    if processes > 1 and len(own):
        own = own - own[0]
    # Half an interval earlier than the first arrival: arrivals on the dot stay inside their second.
    return own + 0.5 / case.stages[0].level


def _settled_s(case: Case) -> float:
    """Until when a pause that begins is surely seen to its end."""
    longest_s = max(step.think_s for journey in case.journeys for step in journey.steps)
    return case.duration_s - 2 * _EDGE_S - 1.5 * longest_s


def _answered(record: Recorded) -> Finding:
    seen = f"{record.failed} of {len(record.at_s)}"
    return Finding("requests refused: none", seen, _met(record.failed == 0))


def _seconds(case: Case, arrivals: np.ndarray) -> list[tuple[float, int]]:
    """Level asked and arrivals seen, for each full second after warm-up and away from the edges of stages."""
    counts = np.bincount(np.maximum(arrivals, 0).astype(int), minlength=case.duration_s)
    found: list[tuple[float, int]] = []
    begin = 0
    for stage in case.stages:
        first = max(begin + _EDGE_S, WARM_UP_S)
        found += [(stage.level, int(counts[s])) for s in range(first, begin + stage.duration_s - _EDGE_S)]
        begin += stage.duration_s
    return found


def _even_seconds(case: Case, arrivals: np.ndarray) -> Finding:
    off = [seen / asked - 1 for asked, seen in _seconds(case, arrivals)]
    inside = sum(_within(each, EVEN_SECOND) for each in off)
    worst = max(off, key=abs)
    return Finding(
        f"seconds within {EVEN_SECOND:.0%}",
        f"{inside} of {len(off)}, worst {worst:+.1%}",
        _met(inside == len(off)),
    )


def _random_seconds(case: Case, arrivals: np.ndarray) -> Finding:
    found = _seconds(case, arrivals)
    outside, chance = 0, 0.0
    for asked, seen in found:
        low, high, probability = poisson_band(asked)
        outside += not low <= seen <= high
        chance = max(chance, probability)
    allowed = binomial_quantile(len(found), chance)
    return Finding(
        f"seconds in the {_BAND:.0%} Poisson band",
        f"{len(found) - outside} of {len(found)} (chance: {allowed} out)",
        _met(outside <= allowed),
    )


def _dispersion(case: Case, arrivals: np.ndarray) -> Finding:
    """Variance of the counts by their mean: 1 for random arrivals, 0 for even ones."""
    off = [(seen - asked) ** 2 / asked for asked, seen in _seconds(case, arrivals)]
    return Finding("variance by mean (random: 1)", f"{sum(off) / len(off):.2f}", Verdict.SHOWN)


def _stage_totals(case: Case, arrivals: np.ndarray) -> list[Finding]:
    findings = []
    begin = 0
    for number, stage in enumerate(case.stages, start=1):
        end = begin + stage.duration_s
        # What comes before the first stage counts to it, and what comes after the last to that.
        from_s = -math.inf if number == 1 else begin
        to_s = math.inf if number == len(case.stages) else end
        seen = int(((arrivals >= from_s) & (arrivals < to_s)).sum())
        asked = stage.level * stage.duration_s
        off = seen / asked - 1
        findings.append(
            Finding(
                f"total of stage {number} within {STAGE_TOTAL:.0%}",
                f"{seen} of {asked:.0f}, {off:+.1%}",
                _met(_within(off, STAGE_TOTAL)),
            )
        )
        begin = end
    return findings


def _mix(case: Case, counts: list[int]) -> Finding:
    shares = [count / sum(counts) for count in counts]
    off = [share / case.share(j) - 1 for share, j in zip(shares, case.journeys, strict=True)]
    worst = max(off, key=abs)
    return Finding(
        f"mix: each share within {MIX:.0%}",
        f"{'/'.join(f'{100 * share:.1f}' for share in shares)}, worst {worst:+.1%}",
        _met(_within(worst, MIX)),
    )


def _users(case: Case, record: Recorded) -> Finding:
    users = record.users_in(WARM_UP_S, int(_settled_s(case)))
    off = users / case.peak - 1
    worst = off[np.abs(off).argmax()]
    return Finding(
        f"users in each second within {USERS:.0%}",
        f"{users.min()} to {users.max()} of {case.peak:.0f}, worst {worst:+.1%}",
        _met(_within(float(worst), USERS)),
    )


def _think_times(case: Case, record: Recorded) -> Finding:
    """All pauses together, and the worst step where they are constant.

    Uniform pauses from half to one and a half have a standard deviation of the mean by the root of 12.
    """
    pauses = [p for p in record.pauses(case.journeys, WARM_UP_S, _settled_s(case)) if len(p.seen_s)]
    asked = sum(p.asked_s * len(p.seen_s) for p in pauses)
    off = sum(float(p.seen_s.sum()) for p in pauses) / asked - 1
    count = sum(len(p.seen_s) for p in pauses)
    if case.even:
        worst = max(pauses, key=lambda p: abs(p.seen_s.mean() / p.asked_s - 1))
        worst_off = float(worst.seen_s.mean() / worst.asked_s - 1)
        seen = f"{off:+.1%} over {count}, worst step {worst_off:+.1%}"
        verdict = _met(_within(worst_off, THINK))
    else:
        error = math.sqrt(sum((p.asked_s**2 / 12) * len(p.seen_s) for p in pauses)) / asked
        seen = f"{off:+.1%} over {count} (one s.e. {error:.1%})"
        verdict = _met(_within(off, THINK), unless_chance=_within(off, THINK + _SURE * error))
    return Finding(f"think times within {THINK:.0%}", seen, verdict)


def _within(off: float, limit: float) -> bool:
    return abs(off) <= limit + 1e-9  # 57 of 60 is 5 % off, whatever binary fractions make of it


def _met(met: bool, *, unless_chance: bool = False) -> Verdict:
    if met:
        return Verdict.PASS
    return Verdict.UNDECIDED if unless_chance else Verdict.FAIL


def poisson_band(mean: float) -> tuple[int, int, float]:
    """The central band that holds a Poisson count with 99 %, and the probability to lie outside of it."""
    tail = (1 - _BAND) / 2
    count, term = 0, math.exp(-mean)
    below, low, outside = 0.0, -1, 0.0
    while True:
        if low < 0 and below + term > tail:
            low, outside = count, below
        below += term
        if below >= 1 - tail:
            return low, count, outside + 1 - below
        count += 1
        term *= mean / count


def binomial_quantile(trials: int, probability: float) -> int:
    """The least count that is not exceeded with 99 %."""
    total = 0.0
    for count in range(trials + 1):
        total += math.comb(trials, count) * probability**count * (1 - probability) ** (trials - count)
        if total >= _BAND:
            return count
    return trials
