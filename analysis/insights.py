"""The rule-based analyst: the same typed words that a model may write, from the same facts."""

from __future__ import annotations

from perfpilot.analysis.fact_book import FactBook
from perfpilot.analysis.insights_capacity import capacity_planning
from perfpilot.analysis.insights_comparison import comparative_analysis
from perfpilot.analysis.insights_risk import risk_assessment
from perfpilot.analysis.insights_roadmap import optimization_roadmap
from perfpilot.analysis.insights_summary import executive_summary
from perfpilot.analysis.insights_technical import technical_analysis
from perfpilot.domain.judgement import Capacity, Comparison, Fact, Finding, Insights, ThresholdResult
from perfpilot.domain.outcome import Outcome


def rule_insights(
    facts: tuple[Fact, ...],
    findings: tuple[Finding, ...],
    *,
    outcome: Outcome,
    thresholds: tuple[ThresholdResult, ...] = (),
    capacity: Capacity | None = None,
    comparison: Comparison | None = None,
) -> Insights:
    """All sections, each statement with the ids of its facts. Short where nothing is wrong."""
    book = FactBook(facts)
    return Insights(
        executive_summary=executive_summary(book, findings, outcome, thresholds),
        technical_analysis=technical_analysis(book, findings),
        risk_assessment=risk_assessment(book, findings, outcome, thresholds),
        optimization_roadmap=optimization_roadmap(book, findings),
        capacity_planning=capacity_planning(book, capacity),
        comparative_analysis=comparative_analysis(book, comparison),
        recommendation=recommendation_of(outcome),
    )


def recommendation_of(outcome: Outcome) -> str:
    """The verdict and its first reason, word for word. A model's words get the same line."""
    answer = outcome.verdict.value if outcome.verdict else outcome.status.value
    return f"{answer}: {outcome.reasons[0]}" if outcome.reasons else answer
