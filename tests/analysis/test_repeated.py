"""Several runs of one test: the worst of them decides, and changes are decided once, by all of them."""

from __future__ import annotations

import pytest

from perfpilot.analysis.repeated import judge_repeated
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.result import Result
from tests.reporting.sample_results import go_result, run_info

CHANGE = "change(p95, baseline) <= 10%"


def _line(text: str, decision: Decision) -> ThresholdResult:
    return ThresholdResult(text=text, decision=decision, limit=1.0, unit="ms", reason="because")


def _run(number: int, *lines: ThresholdResult, verdict: Verdict, **changes: object) -> Result:
    outcome = Outcome(status=Status.COMPLETED, verdict=verdict, reasons=(f"why {verdict.value}",))
    update = {"run": run_info(id=f"run-{number}"), "thresholds": lines, "outcome": outcome, **changes}
    return go_result().model_copy(update=update)


def _comparison(low: float, high: float) -> Comparison:
    row = MetricChange(
        metric="p95", label="", before=100, after=100 * (1 + low), unit="ms", change=(low + high) / 2,
        low=low, high=high, visible=0.1, decision=ChangeDecision.UNDECIDED,
    )  # fmt: skip
    return Comparison(against="runs", comparable=True, changes=(row,))


MET, BROKEN, OPEN = (_line("p95 < 400ms", decision) for decision in Decision)


@pytest.mark.parametrize(
    ("runs", "expected", "said"),
    [
        ([(MET, Verdict.GO)] * 3, Verdict.GO, "run run-0: why GO"),
        ([(MET, Verdict.GO), (BROKEN, Verdict.NO_GO)], Verdict.NO_GO, "run run-1: why NO_GO"),
        ([(MET, Verdict.GO), (OPEN, Verdict.INCONCLUSIVE)], Verdict.INCONCLUSIVE, "run run-1"),
        ([(OPEN, Verdict.INCONCLUSIVE), (BROKEN, Verdict.NO_GO)], Verdict.NO_GO, "run run-1"),
    ],
)  # fmt: skip
def test_no_run_is_outvoted(
    runs: list[tuple[ThresholdResult, Verdict]], expected: Verdict, said: str
) -> None:
    made = [_run(number, line, verdict=verdict) for number, (line, verdict) in enumerate(runs)]
    outcome = judge_repeated(made, Comparison())
    assert outcome.verdict is expected
    assert outcome.reasons[0].startswith(said)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.02, 0.05, Verdict.GO),
        (0.12, 0.2, Verdict.NO_GO),
        (0.05, 0.15, Verdict.INCONCLUSIVE),
    ],
)
def test_a_line_on_changes_is_decided_by_all_runs_together(
    low: float, high: float, expected: Verdict
) -> None:
    lines = (MET, _line(CHANGE, Decision.UNDECIDED))
    made = [_run(number, *lines, verdict=Verdict.INCONCLUSIVE) for number in range(3)]
    outcome = judge_repeated(made, _comparison(low, high))
    assert outcome.verdict is expected
    assert outcome.reasons[0].startswith(CHANGE) is (expected is not Verdict.GO)


def test_a_change_that_is_undecided_is_no_reason_for_a_no_go() -> None:
    lines = (BROKEN, _line(CHANGE, Decision.UNDECIDED))
    outcome = judge_repeated([_run(0, *lines, verdict=Verdict.NO_GO)], _comparison(0.05, 0.15))
    assert outcome.verdict is Verdict.NO_GO
    assert not any(reason.startswith(CHANGE) for reason in outcome.reasons)


def test_a_run_that_did_not_complete_gives_the_series_its_status() -> None:
    stopped = _run(1, MET, verdict=Verdict.GO, outcome=Outcome(status=Status.STOPPED, reasons=("by hand",)))
    outcome = judge_repeated([_run(0, MET, verdict=Verdict.GO), stopped], Comparison())
    assert outcome.status is Status.STOPPED
    assert outcome.reasons == ("run run-1 ended the series: stopped", "by hand")


def test_a_series_that_broke_off_keeps_the_no_go_of_an_earlier_run() -> None:
    refused = _run(2, MET, verdict=Verdict.GO, outcome=Outcome(status=Status.REFUSED, reasons=("no more",)))
    made = [_run(0, BROKEN, verdict=Verdict.NO_GO), _run(1, MET, verdict=Verdict.GO), refused]
    outcome = judge_repeated(made, Comparison())
    assert (outcome.status, outcome.verdict) == (Status.REFUSED, Verdict.NO_GO)
    assert outcome.reasons == ("run run-2 ended the series: refused", "run run-0: why NO_GO", "no more")
