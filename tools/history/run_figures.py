"""What the history keeps of a result, and the other way round for runs whose files are gone."""

from __future__ import annotations

from collections.abc import Iterable

from perfpilot.domain.history import (
    LabelFigures,
    PastFigures,
    PastRun,
    RunFigures,
    Source,
    figures_of_phase,
)
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.measure import Attempt, GeneratorHealth, LabelStats, PhaseStats
from perfpilot.domain.plan import Plan
from perfpilot.domain.result import Result


def past_run(result: Result, headline: str) -> PastRun:
    """The row of a run."""
    return PastRun(
        run_id=result.run.id,
        test_name=result.run.test_name,
        started_ms=result.run.started_ms,
        status=result.outcome.status.value,
        verdict=result.outcome.verdict.value if result.outcome.verdict else "",
        decided_by=result.decided_by,
        headline=headline,
    )


def figures_of(result: Result, source: Source = "run") -> RunFigures:
    """Figures of the steady phase of the attempt that decided; no labels where none did."""
    attempt = result.deciding_attempt()
    steady = attempt.phase("steady") if attempt else None
    return RunFigures(
        source="file" if result.file else source,
        test_type=result.run.test_type,
        environment=result.run.environment,
        base_url=result.run.base_url,
        load=load_in_words(result.plan, steady.from_s, steady.to_s) if result.plan and steady else "",
        limited=bool(attempt and attempt.generator.limited),
        capacity_per_s=result.capacity.rate_per_s if result.capacity.estimated else None,
        labels=figures_of_phase(steady) if steady else (),
    )


def load_in_words(plan: Plan, from_s: float, to_s: float) -> str:
    """The load that a plan offers between two moments, such as `300/s` or `20 users, 50 users at the peak`.

    Runs under the same words are under the same load. Empty: the plan does not say.
    """
    if plan.search:
        return "a search"
    measured = [scenario for scenario in plan.scenarios if scenario.measured]
    by_rate = [s for s in measured if s.curve.unit == "rate_per_s"]
    by_users = [s for s in measured if s.curve.unit == "users"]
    rate = _in_words([(s.curve, s.certain_requests) for s in by_rate], from_s, to_s, "/s")
    users = _in_words([(s.curve, 1) for s in by_users], from_s, to_s, " users")
    return " and ".join(filter(None, (rate, users)))


def attempt_of(past: PastFigures) -> Attempt | None:
    """An attempt with the figures that the history kept, for a run without files; None: it kept none."""
    pooled = next((figures for figures in past.labels if not figures.label), None)
    if pooled is None or pooled.rate_per_s <= 0:
        return None
    steady = PhaseStats(
        phase="steady",
        from_s=0.0,
        to_s=pooled.count / pooled.rate_per_s,
        pooled=_stats(pooled),
        labels=tuple(_stats(figures) for figures in past.labels if figures.label),
    )
    return Attempt(
        number=past.run.decided_by,
        started_ms=past.run.started_ms,
        ended="completed",
        phases=(steady,),
        generator=GeneratorHealth(limited=past.run.limited),
    )


def _stats(figures: LabelFigures) -> LabelStats:
    return LabelStats.model_validate(figures.model_dump())


def _in_words(curves: Iterable[tuple[LoadCurve, int]], from_s: float, to_s: float, unit: str) -> str:
    """Mean of the level, and its peak where it is another. Four digits: no load is steadier than that."""
    weighted = list(curves)
    if not weighted or to_s <= from_s:
        return ""
    mean = sum(curve.area_between(from_s, to_s) * weight for curve, weight in weighted) / (to_s - from_s)
    moments = {from_s, *(t for curve, _ in weighted for t in _corners(curve) if from_s <= t < to_s)}
    peak = max(sum(curve.level_at(t) * weight for curve, weight in weighted) for t in moments)
    if mean <= 0:
        return ""
    text = f"{mean:.4g}{unit}"
    return text if peak <= mean * 1.001 else f"{text}, {peak:.4g}{unit} at the peak"


def _corners(curve: LoadCurve) -> Iterable[float]:
    at_s = 0.0
    for segment in curve.segments:
        yield at_s
        at_s += segment.duration_s
