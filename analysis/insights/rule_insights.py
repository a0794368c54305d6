"""The rule-based analyst: the same typed words that a model may write, from the same facts."""

from __future__ import annotations

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.insights.capacity import capacity_planning
from perfpilot.analysis.insights.comparison import comparative_analysis
from perfpilot.analysis.insights.readiness import production_readiness
from perfpilot.analysis.insights.results import Results
from perfpilot.analysis.insights.risk import risk_assessment
from perfpilot.analysis.insights.roadmap import optimization_roadmap
from perfpilot.analysis.insights.summary import executive_summary
from perfpilot.analysis.insights.technical import technical_analysis
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.judgement import Fact, Finding, Insights, ThresholdResult
from perfpilot.domain.measure import GeneratorHealth
from perfpilot.domain.outcome import Outcome
from perfpilot.domain.soak import Soak
from perfpilot.domain.trend import Trend


def rule_insights(
    facts: tuple[Fact, ...],
    findings: tuple[Finding, ...],
    *,
    outcome: Outcome,
    thresholds: tuple[ThresholdResult, ...] = (),
    capacity: Capacity | None = None,
    comparison: Comparison | None = None,
    trend: Trend | None = None,
    soak: Soak | None = None,
    generator: GeneratorHealth | None = None,
) -> Insights:
    """All sections, each statement with the ids of its facts. Short where nothing is wrong.

    `facts` must hold those of the results that are given here (`facts.fact_table`).
    """
    book = FactBook(facts)
    results = Results(outcome, thresholds, capacity, comparison, trend, soak, generator)
    return Insights(
        executive_summary=executive_summary(book, findings, outcome, thresholds),
        technical_analysis=technical_analysis(book, findings),
        risk_assessment=risk_assessment(book, findings, results),
        readiness=production_readiness(book, findings, results),
        optimization_roadmap=optimization_roadmap(book, findings, results),
        capacity_planning=capacity_planning(book, capacity, trend),
        comparative_analysis=comparative_analysis(book, comparison),
        recommendation=recommendation_of(outcome),
    )


def recommendation_of(outcome: Outcome) -> str:
    """The verdict and its first reason, word for word. A model's words get the same line."""
    answer = outcome.verdict.value if outcome.verdict else outcome.status.value
    return f"{answer}: {outcome.reasons[0]}" if outcome.reasons else answer
