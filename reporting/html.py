"""The report for people: one HTML file with everything in it, that needs no network and runs no script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from perfpilot.domain.measure import LabelStats, PhaseStats
from perfpilot.domain.result import Charts, Result
from perfpilot.reporting import (
    capacity_shown,
    comparison_shown,
    figures,
    generator_shown,
    percentile_intervals,
    shown,
    soak_shown,
    trend_shown,
    what_ran,
)
from perfpilot.reporting.also_found import also_found
from perfpilot.reporting.charts.charts import Drawings, draw_charts
from perfpilot.reporting.course import course_rows
from perfpilot.reporting.headline import headline, limit_statement
from perfpilot.reporting.plain_text import clean, file_link

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Strip:
    """An endpoint's percentiles as places, in per cent of the width, on a logarithmic scale for all rows."""

    p50: float
    p95: float
    p99: float


def render_html(result: Result, charts: Charts | None) -> str:
    """The whole page. Blocking, takes a second or more: call it in a thread. Same input, same bytes.

    `charts` None or empty: the page has figures and no charts over time.
    """
    drawings = draw_charts(result, charts)
    attempt = shown.shown_attempt(result)
    phase = shown.shown_phase(attempt)
    rows = shown.endpoint_rows(phase) if phase else ()
    template = page_environment().get_template("report.html.j2")
    return template.render(
        result=result,
        run=result.run,
        headline=headline(result),
        also=also_found(result),
        limit_statement=limit_statement(result),
        findings=shown.limits(result),
        case_findings=shown.case_findings(result),
        attempt=attempt,
        phase=phase,
        rows=rows,
        strips=() if any(row.intervals for row in rows) else _strips(rows),  # no room for both
        intervals=percentile_intervals,
        capacity_words=capacity_shown,
        comparison_words=comparison_shown,
        changes=comparison_shown.shown_comparison(result.comparison),
        trend_words=trend_shown,
        soak_words=soak_shown,
        generator_words=generator_shown,
        with_apdex=any(row.apdex is not None for row in rows),
        causes=_causes(phase),
        load_rows=shown.load_rows(result),
        course=course_rows(result.alerts, result.steering),
        drawings=drawings,
        sections=_sections(result, drawings, phase),
        show=shown,
        ran=what_ran,
        fig=figures,
        anchors={fact.id: f"fact-{number}" for number, fact in enumerate(result.facts, start=1)},
    )


@cache
def page_environment() -> Environment:
    """What every page is made with: each string that a template shows is cleaned and escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    templates = files("perfpilot.reporting") / "templates"

    def inert(value: Any) -> Any:
        """Every string that is shown is cleaned, then escaped by Jinja; only our own SVG is markup."""
        if value is None:
            return figures.DASH
        return value if isinstance(value, Markup) else clean(value)

    environment = Environment(
        loader=FunctionLoader(lambda name: (templates / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = lambda chart: Markup(chart.svg)
    environment.filters["file_link"] = file_link
    return environment


def _sections(result: Result, drawings: Drawings, phase: PhaseStats | None) -> dict[str, str]:
    """Anchors and titles of the sections that have something to show, in the order of the page."""
    insights = result.insights
    roadmap = insights.optimization_roadmap
    candidates = (
        ("thresholds", "Thresholds", result.thresholds),
        ("limits", "What limited the system", result.scenarios or result.findings),
        ("summary", "Summary", insights.executive_summary or insights.recommendation),
        ("ran", "What was run", result.plan),
        ("load", "Load asked and reached", result.scenarios),
        ("endpoints", "Endpoints", phase),
        ("charts", "Over time", drawings.load or drawings.times),
        ("capacity", "Capacity", result.scenarios),
        ("comparison", "Comparison", result.scenarios),
        ("trend", "Trend", result.scenarios),
        ("soak", "Slow changes", result.scenarios),
        ("generator", "Was the load real?", result.scenarios),
        ("intended", "From the intended start", phase and phase.intended),
        ("resources", "Resources", drawings.resources or drawings.flat),
        ("cases", "Cases", result.cases or (phase and phase.cases)),
        ("analysis", "Technical analysis", insights.technical_analysis),
        ("risk", "Risk", insights.risk_assessment),
        ("readiness", "Ready for production?", insights.readiness.summary or insights.readiness.items),
        ("roadmap", "Roadmap", roadmap.weeks_0_2 or roadmap.months_1_3 or roadmap.months_3_plus),
        ("events", "Alerts and steering", result.alerts or result.steering),
        ("loops", "Loops taken", result.loops),
        ("repairs", "Repairs", result.repairs),
        ("review", "Review", result.review),
        ("connectivity", "Connectivity", result.connectivity),
        ("degradations", "Degradations", result.degradations),
        ("provenance", "Provenance", True),
        ("facts", "Facts", result.facts),
    )
    return {anchor: title for anchor, title, content in candidates if content}


def _strips(rows: tuple[LabelStats, ...]) -> tuple[Strip | None, ...]:
    """Places of p50, p95 and p99 of each row, between the lowest p50 and the highest p99 of all rows."""
    from math import log10

    timed = [
        tuple(log10(value) for value in (row.p50_ms, row.p95_ms, row.p99_ms) if value and value > 0)
        for row in rows
    ]
    low = min((logs[0] for logs in timed if len(logs) == 3), default=0.0)
    high = max((logs[2] for logs in timed if len(logs) == 3), default=0.0)
    span = max(high - low, 0.3)  # a factor of two at the least: nearly equal rows must not look far apart
    return tuple(
        Strip(*(round((value - low) / span * 100, 1) for value in logs)) if len(logs) == 3 else None
        for logs in timed
    )


def _causes(phase: PhaseStats | None) -> tuple[tuple[str, str, int, float, str], ...]:
    """Errors by endpoint and cause: label, code, count, share of the endpoint's samples, example."""
    if phase is None:
        return ()
    found = [
        (stats.label, cause.code, cause.count, cause.count / max(stats.count, 1), cause.example)
        for stats in (phase.labels or (phase.pooled,))
        for cause in stats.causes
    ]
    return tuple(sorted(found, key=lambda row: -row[2]))
