"""The checklist of a release: each answer comes from the facts, the sum never says more than the verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from perfpilot.domain.capacity import Capacity, HeadRoom
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.judgement import Answer, Decision, ReadinessItem
from perfpilot.domain.measure import GeneratorHealth
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.soak import SlowChange, Soak
from tests.analysis.insights.imagined import Imagined, outcome_of
from tests.analysis.observed import NAMED_RUNS, Run, case, observe, threshold

GO = outcome_of(Verdict.GO)
MET = (threshold("p95 < 400ms", value=212.0),)
LEAK = SlowChange(
    kind="leak", component="target", metric="rss_bytes", unit="bytes", per_hour=3e7, low_per_hour=2e7,
    high_per_hour=4e7, first=1e9, last=1.03e9, limit=2e9, hours_left=32.0, hours_low=24.0, hours_high=50.0,
)  # fmt: skip
CALM = Soak(hours=2.0, looked_at=9)


def change(decision: ChangeDecision, metric: str = "p95", label: str = "", by: float = 0.2) -> MetricChange:
    unit = "%" if metric == "error_rate" else "ms"
    return MetricChange(
        metric=metric, label=label, before=100.0, after=100.0 * (1 + by), unit=unit, change=by,
        low=by - 0.05, high=by + 0.05, visible=0.1, decision=decision,
    )  # fmt: skip


def against(*changes: MetricChange) -> Comparison:
    return Comparison(against="run", baseline_run="a", comparable=True, changes=changes)


def room(share: float, low: float | None, high: float | None) -> Capacity:
    head = HeadRoom(expected_per_s=100.0, share=share, low=low, high=high)
    return Capacity(estimated=True, rate_per_s=100 * (1 + share), head_room=head)


def healthy(**parts: Any) -> Imagined:
    run = parts.pop("run", Run(thresholds=MET))
    soak, generator = parts.pop("soak", CALM), parts.pop("generator", None)
    seen = replace(observe(run), soak=soak)
    if generator is not None:
        seen = replace(seen, attempt=seen.attempt.model_copy(update={"generator": generator}))
    return Imagined(seen=seen, outcome=parts.pop("outcome", GO), **parts)


def item(run: Imagined, question: str) -> ReadinessItem:
    items = run.written()[0].readiness.items
    return next(one for one in items if one.question.startswith(question))


@pytest.mark.parametrize(
    ("question", "parts", "answer", "words"),
    [
        ("thresholds", {}, Answer.YES, "Every threshold was met"),
        (
            "thresholds",
            {"run": Run(thresholds=(MET[0].model_copy(update={"marginal": True}),))},
            Answer.NO,
            "p95 < 400ms was met, but close",
        ),
        (
            "thresholds",
            {"run": Run(thresholds=(threshold("p95 < 400ms", value=390.0),))},
            Answer.NO,
            "p95 < 400ms was met, but close",
        ),
        (
            "thresholds",
            {
                "run": Run(thresholds=(threshold("p95 < 400ms", Decision.BROKEN, value=812.0),)),
                "outcome": outcome_of(Verdict.NO_GO),
            },
            Answer.NO,
            "p95 < 400ms was broken.",
        ),
        ("thresholds", {"outcome": outcome_of(Verdict.INCONCLUSIVE)}, Answer.UNDECIDED, "do not decide"),
        ("head room", {}, Answer.NOT_TESTED, "gives no expected load"),
        ("head room", {"expected_per_s": 50.0}, Answer.NOT_TESTED, "gives no expected load"),
        (
            "head room",
            {"expected_per_s": 50.0, "capacity": Capacity(estimated=False, low_per_s=90.0)},
            Answer.YES,
            "is 80 % at least",
        ),
        (
            "head room",
            {"expected_per_s": 50.0, "capacity": Capacity(estimated=False)},
            Answer.NOT_TESTED,
            "was not estimated",
        ),
        ("head room", {"capacity": room(0.5, 0.4, 0.6)}, Answer.YES, "is 50 %, between 40 % and 60 %"),
        ("head room", {"capacity": room(0.1, 0.0, 0.2)}, Answer.NO, "a head room of 30 % is wanted"),
        ("head room", {"capacity": room(0.35, 0.2, 0.5)}, Answer.UNDECIDED, "is 35 %"),
        ("failures", {}, Answer.YES, "error rate over all requests was"),
        ("failures", {"run": NAMED_RUNS["down"]}, Answer.NO, "Found: "),
        ("failures", {"run": Run(errors={"home": {"500": 0.1}})}, Answer.NO, ""),
        ("no climb", {}, Answer.YES, "Nothing that was watched climbed"),
        ("no climb", {"soak": Soak(because="too short")}, Answer.NOT_TESTED, "too short"),
        ("no climb", {"soak": Soak()}, Answer.NOT_TESTED, "could not be told"),
        (
            "no climb",
            {"soak": CALM.model_copy(update={"changes": (LEAK,)})},
            Answer.NO,
            "meets its limit after an estimated 32 h (between 24 h and 50 h)",
        ),
        (
            "no climb",
            {"soak": CALM.model_copy(update={"changes": (LEAK.model_copy(update={"component": "jmeter"}),)})},
            Answer.YES,
            "",
        ),
        ("no slower", {}, Answer.NOT_TESTED, "nothing to compare with"),
        (
            "no slower",
            {"comparison": Comparison(baseline_run="a", because="the labels differ")},
            Answer.NOT_TESTED,
            "the labels differ",
        ),
        (
            "no slower",
            {"comparison": against(change(ChangeDecision.REGRESSION, label="home"))},
            Answer.NO,
            "The p95 of home changed by +20 % (between +15 % and +25 %), from 100 ms to 120 ms.",
        ),
        (
            "no slower",
            {
                "comparison": against(
                    change(ChangeDecision.NO_CHANGE, by=0.01),
                    change(ChangeDecision.IMPROVEMENT, "error_rate", by=-0.5),
                )
            },
            Answer.YES,
            "",
        ),
        (
            "no slower",
            {"comparison": against(change(ChangeDecision.NO_CHANGE, by=0.01))},  # errors have no row: new
            Answer.UNDECIDED,
            "",
        ),
        (
            "no slower",
            {
                "comparison": against(
                    change(ChangeDecision.UNDECIDED), change(ChangeDecision.NO_CHANGE, "p50")
                )
            },
            Answer.UNDECIDED,
            "",
        ),
        ("the load", {}, Answer.YES, "achieved load was 100 %"),
        ("the load", {"generator": GeneratorHealth(limited=False, achieved_load=0.8)}, Answer.NO, "80 %"),
        ("the load", {"generator": GeneratorHealth(limited=False)}, Answer.NOT_TESTED, "not known"),
        (
            "the load",
            {"generator": GeneratorHealth(limited=True, reasons=("its processor was full",))},
            Answer.NO,
            "its processor was full",
        ),
        ("unusual", {}, Answer.NOT_TESTED, "No cases"),
        ("unusual", {"run": NAMED_RUNS["cases"]}, Answer.NO, "Of 7 cases sent, 6 did not"),
        (
            "unusual",
            {"run": Run(cases=(case("search empty q", "search"),))},
            Answer.YES,
            "All cases went as expected",
        ),
    ],
)
def test_each_point_is_answered_from_the_facts(
    question: str, parts: dict[str, Any], answer: Answer, words: str
) -> None:
    found = item(healthy(**parts), question)
    assert found.answer is answer, found.text
    assert words in found.text


@pytest.mark.parametrize(
    ("verdict", "summary"),
    [
        (Verdict.NO_GO, "Not ready: the verdict is NO_GO"),
        (Verdict.INCONCLUSIVE, "Readiness is not shown: the verdict is INCONCLUSIVE"),
        (
            Verdict.GO,
            "The verdict is GO, as far as was tested; not shown: head room over the expected load; ",
        ),
    ],
)
def test_the_sum_follows_the_verdict(verdict: Verdict, summary: str) -> None:
    assert healthy(outcome=outcome_of(verdict)).written()[0].readiness.summary.startswith(summary)


def test_only_a_go_with_every_point_shown_is_ready() -> None:
    full = healthy(
        run=Run(thresholds=MET, cases=(case("search empty q", "search"),)),
        capacity=room(0.5, 0.4, 0.6),
        comparison=against(
            change(ChangeDecision.NO_CHANGE, by=0.0), change(ChangeDecision.NO_CHANGE, "error_rate", by=0.0)
        ),
    )
    assert full.written()[0].readiness.summary.startswith("Ready, as far as a test can tell")
    leaking = replace(full, seen=replace(full.seen, soak=CALM.model_copy(update={"changes": (LEAK,)})))
    assert leaking.written()[0].readiness.summary == "The verdict is GO, with a no to: no climb over the run."


def test_a_run_that_did_not_complete_has_no_checklist() -> None:
    stopped = healthy(outcome=Outcome(status=Status.STOPPED)).written()[0].readiness
    assert stopped.items == ()
    assert stopped.summary == "Readiness is not shown: the run did not complete."
