"""Closing an attempt: the whole result file read once, its figures, its thresholds, its charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from perfpilot.analysis.attempt_samples import AttemptSamples, Beside
from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.generator.gc_log import read_gc_log
from perfpilot.analysis.reading.reader import PIECE, ResultReader
from perfpilot.analysis.rows import Rows
from perfpilot.analysis.steady_state import find_steady_state, longer_warm_up
from perfpilot.analysis.thresholds.thresholds import Evidence, decide, goals
from perfpilot.domain.load_outcome import Ended, LoadOutcome, SmokeOutcome
from perfpilot.domain.measure import (
    Attempt,
    FileHealth,
    GeneratorHealth,
    ResourceSeries,
    Series,
    SteadyState,
)
from perfpilot.domain.plan import Plan
from perfpilot.domain.result import Charts, ClosedAttempt
from perfpilot.domain.search import SearchOutcome
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import Threshold
from perfpilot.planning.load.searched import as_searched
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.jvm import GC_LOG
from perfpilot.tools.jmeter.prepare import Prepared, remove_private
from perfpilot.tools.jmeter.running.cause_of_death import cause_of_death
from perfpilot.tools.jmeter.running.ending import ending_of
from perfpilot.tools.jmeter.running.log import read_log
from perfpilot.tools.jmeter.running.steer import search_file
from perfpilot.tools.jmeter.running.watch import load_start_ms
from perfpilot.tools.monitoring.cores import host_cores
from perfpilot.tools.monitoring.for_run import TARGET
from perfpilot.tools.monitoring.read import read_monitor, read_restarts

CLOCK_STEP_LIMIT_S = 1.0
"""A larger step of the wall clock leaves the attempt undecided: its times can't be trusted."""


def close_attempt(run: RunDirectory, number: int) -> ClosedAttempt:
    """Compute the figures of an attempt and write `closed.json`. Blocks; memory does not grow with rows.

    A missing metric is never guessed: what was not measured stays empty and its thresholds undecided.
    """
    directory = run.attempt(number)
    remove_private(directory)
    prepared = run.read(f"attempts/{number}/prepared.json", Prepared)
    outcome = run.read_or_none(f"attempts/{number}/outcome.json", LoadOutcome) or _left_behind(run, prepared)
    smoke = run.read_or_none(f"attempts/{number}/smoke.json", SmokeOutcome)
    closed = _measure(run, prepared, outcome)
    if smoke:
        closed = closed.model_copy(update={"unloaded_ms": smoke.unloaded_ms, "cases": smoke.cases})
    run.write(f"attempts/{number}/closed.json", closed)
    return closed


def _measure(run: RunDirectory, prepared: Prepared, outcome: LoadOutcome) -> ClosedAttempt:
    spec, directory = prepared.spec, Path(prepared.directory)
    found = run.read_or_none(search_file(prepared.attempt), SearchOutcome)
    plan = as_searched(prepared.plan, found) if found else prepared.plan
    reader = ResultReader()
    samples: AttemptSamples | None = None
    started_ms = outcome.started_ms
    for rows in _rows(directory, reader):
        if samples is None:
            started_ms = started_ms or int(rows.start_ms.min())
            samples = AttemptSamples(plan, started_ms, reader.labels, reader.codes, spec.thresholds, found)
        samples.add(rows)
    files = reader.health()
    if samples is None:
        return _empty(plan, spec, outcome, files)
    resources = _resources(run, started_ms, plan)
    cores = _cores(resources)
    beside = Beside(
        # An attempt that did not run to its end ended with its last sample: its rates are not diluted.
        until_s=None if outcome.ended is Ended.COMPLETED else (samples.last_ms - started_ms) / 1000,
        resources=resources,
        gc_log=read_gc_log(path.read_bytes() for path in sorted(directory.glob(f"{GC_LOG}*"))),
        damaged=bool(files.rejected),
        aborted=outcome.ended is Ended.ABORTED,
        cpu_scale={component: host_cores() / allowed for component, allowed in cores.items()},
    )
    figures = samples.figures(beside, partial(_again, directory))
    valid, because = _validity(outcome)
    attempt = Attempt(
        number=outcome.attempt,
        started_ms=started_ms,
        ended=outcome.ended,
        detail=outcome.detail,
        phases=figures.phases,
        generator=figures.generator,
        steady=_steady_state(figures.series, plan),
        files=files.model_copy(update={"journeys": samples.journeys}),
        clock_step_s=outcome.clock_step_s,
        valid=valid,
        invalid_because=because,
    )
    steady = figures.steady
    evidence = Evidence(
        plan=plan,
        steady=steady,
        counters=figures.counters,
        generator=figures.generator,
        resources=resources,
        valid=valid,
        invalid_because=because,
        cpu_scale=beside.cpu_scale,
        unread=files.rejected,
    )
    return ClosedAttempt(
        attempt=attempt,
        plan=plan,
        thresholds=decide(_goals(spec), evidence),
        charts=Charts(
            series=figures.series,
            resources=resources,
            steady_from_s=steady.from_s if steady else 0.0,
            steady_to_s=steady.to_s if steady else 0.0,
        ),
        restarts_s=read_restarts(run.path / "monitor.csv", started_ms, _end_ms(started_ms, plan)),
        host_cores=host_cores() if TARGET in cores else 0,
        target_cores=cores.get(TARGET, 0.0),
        busiest_neighbour=outcome.busiest_neighbour,
        search=found,
        levels=figures.levels,
        windows=figures.windows,
    )


def _steady_state(series: Series, plan: Plan) -> SteadyState:
    """As found, beside the plan's phases; a warm-up that was longer than the plan's is said."""
    found = find_steady_state(series)
    note = longer_warm_up(found, plan.warm_up_s)
    return found.model_copy(update={"because": note}) if note else found


def _again(directory: Path) -> tuple[Sequence[str], Iterator[Rows]]:
    reader = ResultReader()
    return reader.labels, _rows(directory, reader)


def _rows(directory: Path, reader: ResultReader) -> Iterator[Rows]:
    path = directory / "results.jtl"
    if path.is_file():
        with path.open("rb") as file:
            while block := file.read(PIECE):
                yield from _some(reader.feed(block))
    yield from _some(reader.finish())


def _some(rows: Rows) -> Iterator[Rows]:
    if len(rows.start_ms):
        yield rows


def _goals(spec: Spec) -> tuple[Threshold, ...]:
    return goals(spec.thresholds, breakpoint_search=spec.searches)


def _empty(plan: Plan, spec: Spec, outcome: LoadOutcome, files: FileHealth) -> ClosedAttempt:
    """An attempt without a sample decides nothing: every threshold is undecided, never met."""
    because = outcome.detail or "no sample was measured"
    health = GeneratorHealth(limited=False)
    attempt = Attempt(
        number=outcome.attempt,
        started_ms=outcome.started_ms,
        ended=outcome.ended,
        detail=outcome.detail,
        files=files,
        valid=False,
        invalid_because=because,
    )
    counters = Measurement(plan, 0, [], [], spec.thresholds).counters
    evidence = Evidence(
        plan=plan, steady=None, counters=counters, generator=health, valid=False, invalid_because=because
    )
    decided = decide(_goals(spec), evidence)
    return ClosedAttempt(
        attempt=attempt, plan=plan, thresholds=decided, charts=Charts(series=Series(start_ms=0))
    )


def _validity(outcome: LoadOutcome) -> tuple[bool, str]:
    if outcome.ended is Ended.EARLY_FAILURE:
        return False, f"the first seconds showed that the rest would be a waste: {outcome.detail}"
    if outcome.ended in (Ended.GENERATOR_DIED, Ended.NOT_STARTED):
        return False, outcome.detail or "the load generator died"
    if abs(outcome.clock_step_s) > CLOCK_STEP_LIMIT_S:
        moved = f"the wall clock moved by {outcome.clock_step_s:+.1f} s during the load"
        return False, f"{moved}: keep time synchronisation from stepping meanwhile, then run the test again"
    return True, ""


def _left_behind(run: RunDirectory, prepared: Prepared) -> LoadOutcome:
    """How an attempt ended that nobody saw end: from why it was told to, or from what JMeter wrote."""
    directory, number = Path(prepared.directory), prepared.attempt
    log = read_log(directory)
    ending = ending_of(run, number)
    if ending:
        return ending.model_copy(update={"started_ms": load_start_ms(prepared, log)})
    whole = log.ended and not log.results_lost
    ended = Ended.COMPLETED if whole else Ended.GENERATOR_DIED
    detail = "" if whole else f"the load ended while nobody watched: {cause_of_death(log, None)}"
    if not (directory / "results.jtl").is_file():
        ended, detail = Ended.NOT_STARTED, "the load was never started"
    return LoadOutcome(attempt=number, ended=ended, detail=detail, started_ms=load_start_ms(prepared, log))


def _resources(run: RunDirectory, started_ms: int, plan: Plan) -> tuple[ResourceSeries, ...]:
    return read_monitor(run.path / "monitor.csv", started_ms, _end_ms(started_ms, plan))


def _cores(resources: tuple[ResourceSeries, ...]) -> dict[str, float]:
    """Cores that each watched process may use: the last value that was seen."""
    return {s.component: s.values[-1] for s in resources if s.metric == "cores_allowed" and s.values}


def _end_ms(started_ms: int, plan: Plan) -> int:
    return started_ms + int((plan.duration_s + plan.response_timeout_s) * 1000)
