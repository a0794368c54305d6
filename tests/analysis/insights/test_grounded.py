"""Whatever a run's results are, no statement of the rules holds a numeral that is no fact, or contradicts."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from perfpilot.analysis.words.grounding import ground
from perfpilot.domain.judgement import Answer
from perfpilot.domain.outcome import Verdict
from tests.analysis.insights.imagined import Imagined, every, imagined

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


@settings(max_examples=60, deadline=None, suppress_health_check=_SLOW)
@given(run=imagined())
def test_every_numeral_of_the_rules_is_a_fact(run: Imagined) -> None:
    insights, facts = run.written()
    lost = [(i.text, g.reasons) for i in every(insights) if (g := ground(i.text, i.facts, facts)).dropped]
    assert lost == []


@settings(max_examples=15, deadline=None, suppress_health_check=_SLOW)
@given(run=imagined())
def test_every_fact_of_a_full_run_grounds_its_own_words(run: Imagined) -> None:
    _, facts = run.written()
    assert [f.text for f in facts if ground(f"{f.text}.", [f.id], facts).dropped] == []
    assert len({fact.name for fact in facts}) == len(facts)
    assert len(facts) < 500


@settings(max_examples=40, deadline=None, suppress_health_check=_SLOW)
@given(run=imagined())
def test_readiness_never_contradicts_the_verdict(run: Imagined) -> None:
    insights, _ = run.written()
    summary, first = insights.readiness.summary, insights.readiness.items[0]
    if run.outcome.verdict is Verdict.GO:
        assert "GO" in summary and "NO_GO" not in summary
    else:
        assert summary.startswith(
            ("Not ready: the verdict is NO_GO", "Readiness is not shown: the verdict is")
        )
        assert first.answer is (Answer.NO if run.outcome.verdict is Verdict.NO_GO else Answer.UNDECIDED)
    ready = summary.startswith("Ready")
    assert ready == (
        run.outcome.verdict is Verdict.GO
        and all(item.answer is Answer.YES for item in insights.readiness.items)
    )


@settings(max_examples=40, deadline=None, suppress_health_check=_SLOW)
@given(run=imagined())
def test_statements_are_sentences_with_facts_that_exist(run: Imagined) -> None:
    insights, facts = run.written()
    ids = {fact.id for fact in facts}
    for insight in every(insights):
        assert set(insight.facts) <= ids
        assert insight.text.endswith(".") and insight.text[0].isascii()
        assert "None" not in insight.text and "nan" not in insight.text
