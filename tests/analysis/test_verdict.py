"""The verdict over all attempts."""

from __future__ import annotations

import itertools

import pytest

from perfpilot.analysis.verdict import JudgedAttempt, Judgement, is_final, judge
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.measure import (
    Attempt,
    ErrorCause,
    FileHealth,
    GeneratorHealth,
    LabelStats,
    PhaseStats,
)
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.result import Repair

MET, BROKEN, UNDECIDED = Decision.MET, Decision.BROKEN, Decision.UNDECIDED
GO, NO_GO, INCONCLUSIVE = Verdict.GO, Verdict.NO_GO, Verdict.INCONCLUSIVE
_REPAIR = Repair(place="endpoints.0.path", before="/a", after="/b", proof="probe")


def _attempt(number: int = 1, **changes: object) -> Attempt:
    return Attempt(**{"number": number, "started_ms": 0, "ended": "completed", **changes})  # type: ignore[arg-type]


def _result(decision: Decision, text: str = "p95 < 400ms") -> ThresholdResult:
    return ThresholdResult(text=text, decision=decision, limit=400, unit="ms", reason="as measured")


def _judged(*decisions: Decision, number: int = 1, **changes: object) -> JudgedAttempt:
    return JudgedAttempt(_attempt(number, **changes), tuple(_result(d) for d in decisions))


def _verdict(*attempts: JudgedAttempt) -> Verdict:
    return judge(attempts).verdict


@pytest.mark.parametrize(
    ("decisions", "verdict"),
    [
        ((MET, MET), GO),
        ((MET, UNDECIDED), INCONCLUSIVE),
        ((MET, BROKEN), NO_GO),
        ((UNDECIDED, BROKEN), NO_GO),
        ((), INCONCLUSIVE),
    ],
)
def test_broken_beats_undecided_beats_met(decisions: tuple[Decision, ...], verdict: Verdict):
    assert _verdict(_judged(*decisions)) is verdict


def test_without_any_attempt_the_answer_is_inconclusive():
    assert judge([]) == Judgement(INCONCLUSIVE, ("no load was run",), 0, ())


def test_a_no_go_on_valid_data_is_final():
    judgement = judge([_judged(BROKEN), _judged(MET, number=2)])
    assert (judgement.verdict, judgement.decided_by) == (NO_GO, 1)
    assert judgement.reasons == (
        "p95 < 400ms: broken, as measured",
        "attempt 1 is final: a later attempt does not undo it",
    )


def test_an_attempt_that_is_not_valid_decides_nothing():
    assert _verdict(_judged(BROKEN, valid=False), _judged(MET, number=2)) is GO
    judgement = judge([_judged(MET, valid=False, invalid_because="the clock moved")])
    assert (judgement.verdict, judgement.reasons) == (
        INCONCLUSIVE,
        ("attempt 1 is not valid: the clock moved",),
    )


@pytest.mark.parametrize(
    ("text", "achieved", "verdict"),
    [
        ("achieved_load >= 95%", 0.6, GO),  # it was planned again for that very reason
        ("throughput >= 280/s", 0.6, GO),
        ("throughput >= 280/s", 1.0, NO_GO),
        ("p95 < 400ms", 0.6, NO_GO),
        ("error_rate < 1%", 0.6, NO_GO),
    ],
)
def test_only_a_short_load_is_not_held_against_an_attempt_that_was_planned_again(
    text: str, achieved: float, verdict: Verdict
):
    health = GeneratorHealth(limited=False, achieved_load=achieved)
    short = JudgedAttempt(_attempt(generator=health), (_result(BROKEN, text),))
    assert _verdict(short, _judged(MET, number=2)) is verdict
    assert _verdict(short) is NO_GO
    assert _verdict(short, _judged(MET, number=2, valid=False)) is NO_GO


def test_an_abort_on_valid_data_is_a_no_go():
    aborted = _judged(MET, ended="aborted", detail="abort if error_rate > 20% for 3s: true for 3 s")
    judgement = judge([aborted])
    assert judgement.verdict is NO_GO
    assert judgement.reasons[0].startswith("the load was aborted: abort if error_rate > 20%")
    assert _verdict(_judged(UNDECIDED, ended="aborted", valid=False)) is INCONCLUSIVE


def test_in_a_search_for_the_breaking_point_an_abort_is_where_it_ends():
    assert judge([_judged(MET, ended="aborted")], breakpoint_search=True).verdict is GO
    assert judge([_judged(BROKEN, ended="aborted")], breakpoint_search=True).verdict is NO_GO


@pytest.mark.parametrize("ended", ["generator_died", "stopped", "overdue", "not_started"])
def test_a_load_that_did_not_run_to_its_end_is_never_a_go(ended: str):
    assert _verdict(_judged(MET, ended=ended)) is INCONCLUSIVE
    assert _verdict(_judged(BROKEN, ended=ended)) is NO_GO


def test_rows_that_could_not_be_read_keep_a_go_back():
    files = FileHealth(rows=10, rejected=2, rejects=("line 7: empty line",))
    judgement = judge([_judged(MET, files=files)])
    assert judgement.verdict is INCONCLUSIVE
    assert judgement.reasons == (
        "2 rows of the result file could not be read, the first at line 7: empty line",
    )


def test_a_go_on_a_repaired_description_says_so_first():
    judgement = judge([_judged(MET)], [_REPAIR])
    assert judgement.verdict is GO
    assert judgement.reasons[0].startswith("the description was repaired before the load (endpoints.0.path)")
    assert judge([_judged(BROKEN)], [_REPAIR]).reasons[0] == "p95 < 400ms: broken, as measured"


def test_a_further_attempt_never_makes_a_no_go_better():
    states = [MET, BROKEN, UNDECIDED]
    for first, second, valid in itertools.product(states, states, (True, False)):
        before = _verdict(_judged(first))
        after = _verdict(_judged(first), _judged(second, number=2, valid=valid))
        assert before is not NO_GO or after is NO_GO


@pytest.mark.parametrize(
    ("judged", "final"),
    [
        (_judged(BROKEN), True),
        (_judged(UNDECIDED), False),
        (_judged(BROKEN, valid=False), False),
        (_judged(MET, ended="aborted"), True),
        (JudgedAttempt(_attempt(), (_result(BROKEN, "achieved_load >= 95%"),)), False),
    ],
)
def test_only_what_a_later_attempt_could_not_undo_is_final(judged: JudgedAttempt, final: bool):
    assert is_final(judged) is final
    assert (judge([judged, _judged(MET, number=2)]).verdict is NO_GO) is final


def _loaded(achieved: float | None, *texts: str, count: int = 10_000, limited: bool = False) -> JudgedAttempt:
    """A completed attempt whose goals are all met, under a share of the load asked."""
    pooled = LabelStats(label="", count=count, errors=0, rate_per_s=count / 100)
    steady = PhaseStats(phase="steady", from_s=0, to_s=100, pooled=pooled, labels=())
    health = GeneratorHealth(
        limited=limited, reasons=("JMeter used 96 %",) if limited else (), achieved_load=achieved
    )
    results = tuple(_result(MET, text) for text in texts or ("p95 < 400ms",))
    return JudgedAttempt(_attempt(generator=health, phases=(steady,)), results)


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (_loaded(1.0), GO),
        (_loaded(None), GO),  # a file of another's load: what was asked is not known
        (_loaded(0.60), INCONCLUSIVE),
        (_loaded(0.93, count=100_000), INCONCLUSIVE),
        (_loaded(0.93, count=1000), GO),  # random arrivals alone vary by more
        (_loaded(0.60, "p95 < 400ms", "achieved_load >= 50%"), GO),  # so much is enough
        (_loaded(1.0, "error_rate < 1%", limited=True), INCONCLUSIVE),
    ],
)
def test_a_go_needs_the_load_that_was_asked_for(judged: JudgedAttempt, verdict: Verdict):
    judgement = judge([judged])
    assert judgement.verdict is verdict
    if verdict is INCONCLUSIVE:
        limited = judged.attempt.generator.limited
        assert judgement.reasons[0].startswith(
            "the load generator was limited: JMeter used 96 %" if limited else ("60 %", "93 %")
        )
    assert judge([judged], breakpoint_search=True).verdict is GO


def _aborted(line: str, *causes: ErrorCause, limited: bool = True) -> JudgedAttempt:
    failed = sum(cause.count for cause in causes)
    pooled = LabelStats(label="", count=1000, errors=failed, rate_per_s=10, causes=causes)
    whole = PhaseStats(phase="all", from_s=0, to_s=100, pooled=pooled, labels=())
    health = GeneratorHealth(limited=limited, reasons=("JMeter used 96 %",) if limited else ())
    detail = f"{line}: true for 10 s until second 60 of the load"
    return _judged(UNDECIDED, ended="aborted", detail=detail, generator=health, phases=(whole,))


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (_aborted("abort if p95 > 2s for 10s", limited=False), NO_GO),
        (_aborted("abort if p95 > 2s for 10s"), INCONCLUSIVE),
        (_aborted("abort if error_rate > 20% for 10s", ErrorCause(code="503", count=300)), NO_GO),
        (_aborted("abort if error_rate > 20% for 10s", ErrorCause(code="timeout", count=300)), INCONCLUSIVE),
        (_aborted("nobody answered any more"), NO_GO),  # no line fired: the target is gone
    ],
)
def test_an_abort_that_a_limited_generator_may_have_made_is_no_no_go(judged: JudgedAttempt, verdict: Verdict):
    judgement = judge([judged])
    assert judgement.verdict is verdict
    assert is_final(judged) is (verdict is NO_GO)
    assert judged.attempt.detail in judgement.reasons[0]


def test_a_go_of_an_earlier_attempt_says_that_the_later_one_decided_nothing():
    spoiled = _judged(UNDECIDED, number=2, valid=False, invalid_because="a neighbour")
    judgement = judge([_judged(MET), spoiled])
    assert (judgement.verdict, judgement.decided_by) == (GO, 1)
    assert judgement.reasons[-1] == "attempt 2 is not valid: a neighbour"


def test_a_later_attempt_that_met_failures_alone_takes_a_go_back():
    failed = _judged(UNDECIDED, number=2, valid=False, invalid_because="only 404", ended="early_failure")
    judgement = judge([_judged(MET), failed])
    assert (judgement.verdict, judgement.reasons) == (INCONCLUSIVE, ("attempt 2 is not valid: only 404",))
    assert judge([_judged(MET), failed, _judged(MET, number=3)]).verdict is GO
