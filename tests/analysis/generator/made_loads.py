"""Loads made of simulated requests, measured as `close_attempt` measures them."""

from __future__ import annotations

from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.generator.arrivals import StartCounts
from perfpilot.analysis.generator.at_work import UsersAtWork
from perfpilot.analysis.generator.gc_log import GcLog
from perfpilot.analysis.generator.health import generator_health
from perfpilot.analysis.generator.lateness import Lateness, lateness
from perfpilot.analysis.rows import Rows
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import GeneratorHealth, PhaseStats, ResourceSeries
from perfpilot.domain.plan import Engine, Plan
from tests.analysis.generator.stalling import Times, rows_of
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario, step
from tests.analysis.result_files import START_MS

LABELS = ["home"]


def plan(
    duration_s: float = 600.0,
    *,
    rate: float = 0.0,
    users: int = 10,
    engine: Engine = Engine.STEERED_RATE,
    pause_s: float = 0.0,
    even: bool = True,
    warm_up_s: float = 10.0,
) -> Plan:
    """One request at a rate, or by users who pause."""
    level, unit = (rate, "rate_per_s") if rate else (users, "users")
    made = scenario("main", step("home", think_time_s=pause_s), rate=rate, users=0 if rate else users)
    curve = LoadCurve.model_validate(
        {"unit": unit, "segments": (Segment(duration_s=duration_s, start=level, end=level),)}
    )
    update = {"curve": curve, "users": users, "engine": engine, "even_arrivals": even}
    return plan_of(made.model_copy(update=update), duration_s=duration_s, warm_up_s=warm_up_s)


class Measured:
    """A load that ran."""

    def __init__(self, of_plan: Plan, times: Times, users: int = 1) -> None:
        self.plan = of_plan
        self.rows: Rows = rows_of(times, START_MS, users=users)
        self.measurement = Measurement(of_plan, START_MS, LABELS, ["200"])
        self.work = UsersAtWork(of_plan, START_MS, LABELS)
        self.starts = StartCounts(of_plan, START_MS, LABELS)
        for part in (self.measurement, self.work, self.starts):
            part.add(self.rows)

    @property
    def steady(self) -> PhaseStats:
        """The steady phase."""
        return next(phase for phase in self.measurement.phases() if phase.phase == "steady")

    @property
    def late(self) -> tuple[Lateness, ...]:
        """How late requests were."""
        return lateness(self.starts)

    def health(
        self, gc_log: GcLog | None = None, resources: tuple[ResourceSeries, ...] = ()
    ) -> GeneratorHealth:
        """The generator's health, with all that is known."""
        series = self.measurement.series()
        return generator_health(
            self.plan, self.steady, resources, series, work=self.work, late=self.late, gc_log=gc_log
        )
