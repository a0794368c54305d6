"""The verdict over all attempts: the one place where GO, NO_GO or INCONCLUSIVE is decided."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from perfpilot.analysis.failures.error_causes import is_http
from perfpilot.analysis.figures import figure
from perfpilot.analysis.generator.health import ENOUGH
from perfpilot.analysis.thresholds.aborts import line_that_fired
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.measure import Attempt
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.result import Repair
from perfpilot.domain.thresholds import Metric, parse_threshold

_DEVIATIONS = 3.0


class JudgedAttempt(NamedTuple):
    """An attempt and what became of the thresholds on its data, abort lines left out."""

    attempt: Attempt
    thresholds: tuple[ThresholdResult, ...]


class Judgement(NamedTuple):
    """The verdict, its reasons with the most important first, and the attempt that it rests on."""

    verdict: Verdict
    reasons: tuple[str, ...]
    decided_by: int  # number of the attempt; 0: none was valid
    thresholds: tuple[ThresholdResult, ...]  # of that attempt


def judge(
    attempts: Sequence[JudgedAttempt],
    repairs: Sequence[Repair] = (),
    *,
    breakpoint_search: bool = False,
) -> Judgement:
    """Any broken threshold on valid data: NO_GO. Else any undecided one, or anything that keeps the data from
    being whole: INCONCLUSIVE. Else GO. No threshold at all is INCONCLUSIVE, never GO.

    A NO_GO on a valid attempt is final, whatever later attempts say. One thing is not held against an earlier
    attempt: that its load fell short of the load asked, for which it was planned again, and a throughput
    below its limit in that same short load. An abort line that fired on valid data is a NO_GO, except in a
    search for the breaking point, and where a limited load generator may have made what fired it.

    A GO needs the load that was asked for: none where the generator was limited, or where the load fell short
    and no goal says how much of it is enough. Where a later attempt is not valid, a GO says so; where that
    one met nothing but failures in its first seconds, there is none.
    """
    valid = [judged for judged in attempts if judged.attempt.valid]
    for judged in valid:
        against = _against(judged, judged is valid[-1], breakpoint_search)
        if against:
            later = judged is not valid[-1]
            final = (
                [f"attempt {judged.attempt.number} is final: a later attempt does not undo it"]
                if later
                else []
            )
            return _judgement(Verdict.NO_GO, [*against, *final, *_repaired(repairs)], judged)
    if not valid:
        reasons = [f"attempt {j.attempt.number} is not valid: {j.attempt.invalid_because}" for j in attempts]
        return Judgement(Verdict.INCONCLUSIVE, tuple(reasons) or ("no load was run",), 0, ())
    last = valid[-1]
    behind = [judged.attempt for judged in attempts if judged.attempt.number > last.attempt.number]
    passed_over = [f"attempt {a.number} is not valid: {a.invalid_because}" for a in behind]
    open_points = _open_points(last, breakpoint_search)
    if open_points or any(attempt.ended == "early_failure" for attempt in behind):
        return _judgement(Verdict.INCONCLUSIVE, [*open_points, *passed_over, *_repaired(repairs)], last)
    marginal = [
        f"{r.text}: met, but its interval reaches across the limit" for r in last.thresholds if r.marginal
    ]
    count = len(last.thresholds)
    met = "the one threshold is met" if count == 1 else f"all {count} thresholds are met"
    return _judgement(Verdict.GO, [*_repaired(repairs), met, *marginal, *passed_over], last)


def is_final(judged: JudgedAttempt, *, breakpoint_search: bool = False) -> bool:
    """Whether this attempt is a NO_GO that no later attempt could undo."""
    return judged.attempt.valid and bool(_against(judged, False, breakpoint_search))


def _against(judged: JudgedAttempt, last: bool, breakpoint_search: bool) -> list[str]:
    attempt = judged.attempt
    reasons = []
    if attempt.ended == "aborted" and not breakpoint_search and not _aborted_by_generator(attempt):
        reasons.append(
            f"the load was aborted: {attempt.detail}" if attempt.detail else "the load was aborted"
        )
    for result in judged.thresholds:
        if result.decision is Decision.BROKEN and (last or not _short_load(result, attempt)):
            reasons.append(_line(result))
    return reasons


def _aborted_by_generator(attempt: Attempt) -> bool:
    """Whether the abort line that fired may have seen the load generator, and not the target.

    An error rate is the target's where it answered at least half of the failures itself.
    """
    line = line_that_fired(attempt.detail)
    if not attempt.generator.limited or line is None:
        return False
    whole = attempt.phase("all")
    if line.metric is not Metric.ERROR_RATE or whole is None:
        return line.metric is not Metric.ERROR_RATE
    answered = sum(cause.count for cause in whole.pooled.causes if is_http(cause.code))
    return 2 * answered < whole.pooled.errors


def _short_load(result: ThresholdResult, attempt: Attempt) -> bool:
    """Whether a broken line only says that the load was not the one asked."""
    metric = parse_threshold(result.text).metric
    if metric is Metric.ACHIEVED_LOAD:
        return True
    achieved = attempt.generator.achieved_load
    return metric is Metric.THROUGHPUT and achieved is not None and achieved < ENOUGH


def _open_points(judged: JudgedAttempt, breakpoint_search: bool) -> list[str]:
    attempt = judged.attempt
    points = []
    whole = ("completed", "searched", "aborted") if breakpoint_search else ("completed", "searched")
    if attempt.ended not in whole:
        how = attempt.ended.replace("_", " ")
        points.append(
            f"the load did not run to its end ({how})" + (f": {attempt.detail}" if attempt.detail else "")
        )
    if attempt.files.rejected:
        where = f", the first at {attempt.files.rejects[0]}" if attempt.files.rejects else ""
        points.append(f"{attempt.files.rejected:,} rows of the result file could not be read{where}")
    if attempt.files.extra_headers:
        points.append("the result file has a second header: samples of another load may be among its own")
    points += [_line(result) for result in judged.thresholds if result.decision is Decision.UNDECIDED]
    if not points and not breakpoint_search:
        points += _other_load(judged)
    if not judged.thresholds:
        points.append("no threshold was decided: nothing says what would be good enough")
    return points


def _other_load(judged: JudgedAttempt) -> list[str]:
    """Why goals that were met say nothing of the load asked for. Only what nothing else has told yet."""
    health = judged.attempt.generator
    if health.limited:
        why = health.reasons[0] if health.reasons else "the load was not the one asked for"
        return [f"the load generator was limited: {why}"]
    steady, reached = judged.attempt.phase("steady"), health.achieved_load
    named = any(parse_threshold(r.text).metric is Metric.ACHIEVED_LOAD for r in judged.thresholds)
    if named or reached is None or steady is None or not steady.pooled.count:
        return []
    chance = _DEVIATIONS * math.sqrt(reached / steady.pooled.count)  # of random arrivals
    if reached >= ENOUGH - chance:
        return []
    return [
        f"{figure(100 * reached, '%')} of the load asked was reached: what holds under it says nothing of "
        f"the load asked (a goal such as achieved_load >= {ENOUGH:.0%} says how much is enough)"
    ]


def _line(result: ThresholdResult) -> str:
    return f"{result.text}: {result.decision.value}" + (f", {result.reason}" if result.reason else "")


def _repaired(repairs: Sequence[Repair]) -> list[str]:
    if not repairs:
        return []
    places = ", ".join(dict.fromkeys(repair.place for repair in repairs))
    return [f"the description was repaired before the load ({places}): this speaks of the repaired one"]


def _judgement(verdict: Verdict, reasons: Sequence[str], judged: JudgedAttempt) -> Judgement:
    return Judgement(verdict, tuple(reasons), judged.attempt.number, judged.thresholds)
