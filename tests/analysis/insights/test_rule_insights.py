"""The rule-based analyst: short on a healthy run, true to its facts on every run."""

from __future__ import annotations

import pytest

from perfpilot.analysis.capacity.estimate import ladder_capacity
from perfpilot.analysis.causes.causes import find_causes
from perfpilot.analysis.comparison.compare import compare_runs
from perfpilot.analysis.comparison.measured import Measured
from perfpilot.analysis.facts.facts import fact_table
from perfpilot.analysis.insights.rule_insights import recommendation_of, rule_insights
from perfpilot.analysis.words.grounding import ground
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.judgement import Decision, Fact, Insights
from perfpilot.domain.outcome import Outcome, Status, Verdict
from tests.analysis.insights.imagined import every
from tests.analysis.observed import NAMED_RUNS, Run, observe, threshold

GO = Outcome(status=Status.COMPLETED, verdict=Verdict.GO, reasons=("every threshold was met",))
NO_GO = Outcome(status=Status.COMPLETED, verdict=Verdict.NO_GO, reasons=("p95 < 400ms was broken",))
ALL_SLOW = {"checkout": 6.0, "home": 6.0, "search": 6.0}
BROKEN = threshold("p95 < 400ms", Decision.BROKEN, value=812.0)

RUNS = {
    **NAMED_RUNS,
    "full": Run(target_cpu=0.97, cpu_noise=0.02, slow=ALL_SLOW, thresholds=(BROKEN,)),
    "waiting": Run(target_cpu=0.15, slow=ALL_SLOW, achieved=0.8),
    "serialised": Run(target_cpu=0.15, slow={"home": 12.0}, rate=60.0, achieved=0.8),
    "hanging": Run(dead_from_s=40, dead_code="timeout"),
    "wrong path": Run(errors={"search": {"404": 1.0}}),
}


def written(
    run: Run, outcome: Outcome = GO, *, comparison: Comparison | None = None
) -> tuple[Insights, tuple[Fact, ...]]:
    seen = observe(run)
    capacity = ladder_capacity(())
    facts = fact_table(seen, comparison=comparison, capacity=capacity)
    findings = find_causes(seen, facts)
    insights = rule_insights(
        facts,
        findings,
        outcome=outcome,
        thresholds=seen.thresholds,
        capacity=capacity,
        comparison=comparison,
        soak=seen.soak,
        generator=seen.attempt.generator,
    )
    return insights, facts


@pytest.mark.parametrize("name", RUNS)
def test_every_statement_of_the_rules_passes_the_gate_for_models(name: str) -> None:
    insights, facts = written(RUNS[name])
    lost = [(i.text, g.reasons) for i in every(insights) if (g := ground(i.text, i.facts, facts)).dropped]
    assert lost == []


@pytest.mark.parametrize("name", RUNS)
def test_every_statement_cites_facts_that_exist_and_ends_like_a_sentence(name: str) -> None:
    insights, facts = written(RUNS[name])
    ids = {fact.id for fact in facts}
    for insight in every(insights):
        assert set(insight.facts) <= ids
        assert insight.source == "rules"
        assert insight.text.endswith(".") and insight.text[0].isupper()


def test_a_healthy_run_needs_few_words() -> None:
    insights, _ = written(Run(thresholds=(threshold("p95 < 400ms", value=212.0),)))
    assert len(insights.executive_summary) == 2
    assert len(insights.technical_analysis) == 1
    assert len(insights.risk_assessment) == 1
    road = insights.optimization_roadmap
    assert not road.weeks_0_2 + road.months_1_3 + road.months_3_plus
    assert insights.comparative_analysis == ()
    assert len(insights.capacity_planning) <= 3
    assert not any(item.gain for item in every(insights))


def test_a_broken_threshold_is_the_first_thing_said() -> None:
    insights, facts = written(RUNS["full"], NO_GO)
    first = insights.executive_summary[0]
    assert first.text == "The threshold p95 < 400ms was broken, at 812 ms."
    assert {f.name for f in facts if f.id in first.facts} == {
        "threshold.value(p95 < 400ms)",
        "threshold.limit(p95 < 400ms)",
    }


def test_every_finding_has_a_next_step_with_its_evidence() -> None:
    insights, _ = written(RUNS["full"], NO_GO)
    step = insights.optimization_roadmap.weeks_0_2[0]
    assert step.text.startswith("For CPU saturation (target): ")
    assert "to an estimated" in step.gain and step.assumption.startswith("The processor stays the limit")
    assert step.facts
    assert insights.optimization_roadmap.months_1_3 and insights.optimization_roadmap.months_3_plus


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (GO, "GO: every threshold was met"),
        (NO_GO, "NO_GO: p95 < 400ms was broken"),
        (Outcome(status=Status.COMPLETED, verdict=Verdict.INCONCLUSIVE), "INCONCLUSIVE"),
        (Outcome(status=Status.STOPPED, reasons=("stopped on request",)), "stopped: stopped on request"),
    ],
)
def test_the_recommendation_is_the_verdict_word_for_word(outcome: Outcome, line: str) -> None:
    assert recommendation_of(outcome) == line
    assert written(Run(), outcome)[0].recommendation == line


def test_a_threshold_that_was_not_decided_is_said_with_its_reason() -> None:
    open_question = threshold("p99 < 1s", Decision.UNDECIDED, limit=1000, samples=700).model_copy(
        update={"reason": "too few samples"}
    )
    inconclusive = Outcome(status=Status.COMPLETED, verdict=Verdict.INCONCLUSIVE)
    insights, _ = written(Run(thresholds=(open_question,)), inconclusive)
    assert (
        insights.executive_summary[0].text == "The threshold p99 < 1s could not be decided: too few samples."
    )


def test_what_moved_against_the_earlier_run_is_said_and_grounded() -> None:
    before, after = observe(seed=1), observe(seed=1, slow={"checkout": 1.3})
    earlier = Measured(before.attempt, before.plan, run_id="nightly")
    comparison = compare_runs([earlier], [Measured(after.attempt, after.plan)])
    insights, facts = written(Run(slow={"checkout": 1.3}), comparison=comparison)
    told = insights.comparative_analysis
    assert any(i.text.startswith("The p95 of checkout changed by +30 %, from ") for i in told)
    assert not any("regression" in i.text for i in told), "nothing is told without an interval"
    assert told[-1].text == "Compared with the earlier run: one run against one run."
    assert [i.text for i in told if ground(i.text, i.facts, facts).dropped] == []


def test_a_comparison_that_was_refused_gives_its_reason() -> None:
    refused = Comparison(baseline_run="nightly", because="the labels differ")
    insights, _ = written(Run(), comparison=refused)
    assert [i.text for i in insights.comparative_analysis] == [
        "No comparison with the earlier run: the labels differ."
    ]


def test_a_run_that_did_not_complete_claims_no_answer() -> None:
    stopped = Outcome(status=Status.STOPPED, reasons=("stopped on request",))
    assert written(Run(), stopped)[0].executive_summary[0].text == "The run did not complete: stopped."


def test_a_case_is_told_beside_the_load_and_never_as_what_limited_it() -> None:
    insights, _ = written(NAMED_RUNS["cases"])
    summary = " ".join(insight.text for insight in insights.executive_summary)
    assert "limited or broke" not in summary
    assert "Beside the load, 6 of 7 cases did not go as expected." in summary
    assert not any(insight.gain for insight in insights.optimization_roadmap.weeks_0_2)
    assert not any("cases" in insight.text for insight in written(Run())[0].executive_summary)
