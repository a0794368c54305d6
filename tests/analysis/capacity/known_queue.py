"""Levels of a ladder against a simulated queue, counted and judged as a real attempt is."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.analysis.capacity.judged import Around, judged
from perfpilot.analysis.capacity.level_counts import LevelCounts
from perfpilot.analysis.capacity.spans import level_spans
from perfpilot.domain.capacity import CapacityLevel
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import ResourceSeries
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.search.queue_simulator import START_MS, QueueTarget, Sample, rows_of


def ladder_plan(levels: Sequence[float], hold_s: float = 30.0, *, even: bool = True) -> Plan:
    """Holds one after the other."""
    segments = tuple(Segment(duration_s=hold_s, start=level, end=level) for level in levels)
    curve = LoadCurve(unit="rate_per_s", segments=segments)
    scenario = Scenario(
        name="visit",
        engine=Engine.OPEN_SCHEDULE,
        curve=curve,
        steps=(PlannedStep(endpoint="home", label="home"),),
        users=1000,
        even_arrivals=even,
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=curve.duration_s,
        warm_up_s=0,
        peak_rate_per_s=curve.peak,
        users=1000,
        expected_samples=curve.area,
        connect_timeout_s=3,
        response_timeout_s=60,
    )


def samples_of(target: QueueTarget, levels: Sequence[float], hold_s: float = 30.0) -> list[Sample]:
    """What an open schedule meets: nobody waits to send."""
    return [
        sample
        for number, level in enumerate(levels)
        for sample in target.run(number * hold_s, (number + 1) * hold_s, level)
    ]


def judged_levels(
    plan: Plan,
    samples: Sequence[Sample],
    lines: Sequence[str] = (),
    *,
    pieces: int = 1,
    resources: Sequence[ResourceSeries] = (),
    ended_s: float = 1e9,
    aborted: bool = False,
) -> tuple[CapacityLevel, ...]:
    """The levels, from samples taken in so many pieces."""
    thresholds = [parse_threshold(line) for line in lines]
    counts = LevelCounts(level_spans(plan), thresholds, START_MS, ["home"])
    for piece in range(pieces):
        counts.add(rows_of(samples[piece::pieces]))
    around = Around(plan, thresholds, resources, ended_s=ended_s, aborted=aborted)
    return judged(counts.levels(), around)
