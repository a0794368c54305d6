"""The outcome of several runs of one test. The run is the unit: none of them is outvoted by the others."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.analysis.thresholds.uncounted import decide_change
from perfpilot.analysis.verdict import JudgedAttempt, judge
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.result import Result
from perfpilot.domain.thresholds import Metric, parse_threshold

_WORST = (Verdict.NO_GO, Verdict.INCONCLUSIVE, Verdict.GO)


def judge_repeated(results: Sequence[Result], comparison: Comparison) -> Outcome:
    """NO_GO where any run was one; else INCONCLUSIVE where any was; else GO.

    `change` lines are taken out of the runs and decided once, by the comparison of all of them: a run alone
    sees only large changes. A run that did not complete ends the series, and its status is that of all; what
    an earlier one broke stays broken.
    """
    broken_off = next((r for r in results if r.outcome.status is not Status.COMPLETED), None)
    if broken_off:
        return _broken_off(broken_off, results[: results.index(broken_off)])
    answers = [_without_changes(result) for result in results]
    changes = _changes(results, comparison)
    reasons: list[str] = []
    verdicts = [verdict for verdict, _ in answers]
    for line in changes:
        if line.decision is not Decision.MET:
            verdicts.append(Verdict.NO_GO if line.decision is Decision.BROKEN else Verdict.INCONCLUSIVE)
            reasons.append(f"{line.text}: {line.decision.value}, {line.reason}")
    worst = next((verdict for verdict in _WORST if verdict in verdicts), Verdict.INCONCLUSIVE)
    reasons = [reason for reason in reasons if _weighs(reason, worst)]
    for result, (verdict, why) in zip(results, answers, strict=True):
        if verdict is worst:
            reasons.append(f"run {result.run.id}: {why}")
    return Outcome(status=Status.COMPLETED, verdict=worst, reasons=tuple(reasons) or ("no run was made",))


def _broken_off(last: Result, earlier: Sequence[Result]) -> Outcome:
    lost = [
        f"run {result.run.id}: {why}"
        for result, (verdict, why) in zip(earlier, map(_without_changes, earlier), strict=True)
        if verdict is Verdict.NO_GO
    ]
    first = f"run {last.run.id} ended the series: {last.outcome.status.value}"
    return Outcome(
        status=last.outcome.status,
        verdict=Verdict.NO_GO if lost else last.outcome.verdict,
        reasons=(first, *lost, *last.outcome.reasons),
    )


def _weighs(reason: str, worst: Verdict) -> bool:
    """An undecided line is no reason for a NO_GO."""
    return worst is not Verdict.NO_GO or f": {Decision.BROKEN.value}, " in reason


def _without_changes(result: Result) -> tuple[Verdict, str]:
    """A run's verdict without its `change` lines, and the first reason."""
    lines = tuple(line for line in result.thresholds if not _is_change(line))
    attempt = result.deciding_attempt()
    if len(lines) == len(result.thresholds) or attempt is None:
        return result.outcome.verdict or Verdict.INCONCLUSIVE, result.outcome.reasons[0]
    if not lines:
        return Verdict.GO, "it has lines on changes only"
    judged = judge([JudgedAttempt(attempt, lines)], result.repairs)
    return judged.verdict, judged.reasons[0]


def _changes(results: Sequence[Result], comparison: Comparison) -> list[ThresholdResult]:
    if not results:
        return []
    limited = next((r.generator for r in results if r.generator.limited), None)
    why = f"the load generator was limited: {'; '.join(limited.reasons)}" if limited else ""
    lines = [parse_threshold(line.text) for line in results[-1].thresholds if _is_change(line)]
    return [decide_change(line, comparison, why) for line in lines]


def _is_change(line: ThresholdResult) -> bool:
    return parse_threshold(line.text).metric is Metric.CHANGE
