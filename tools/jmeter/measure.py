"""Closing an attempt: the whole result file read once, its figures, its thresholds, its charts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from perfpilot.analysis.generator import generator_health
from perfpilot.analysis.measurement import Measurement
from perfpilot.analysis.reader import ResultReader
from perfpilot.analysis.rows import Rows, labelled
from perfpilot.analysis.thresholds import Evidence, decide, goals
from perfpilot.domain.labels import is_transaction
from perfpilot.domain.load_outcome import Ended, LoadOutcome, SmokeOutcome
from perfpilot.domain.measure import Attempt, FileHealth, GeneratorHealth, ResourceSeries, Series
from perfpilot.domain.plan import Plan
from perfpilot.domain.result import Charts, ClosedAttempt
from perfpilot.domain.search import SearchOutcome
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import Threshold
from perfpilot.planning.searched import as_searched
from perfpilot.tools.history.run_directory import RunDirectory
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

_BLOCK = 512 * 1024  # fits the processor's second-level cache, which beats larger blocks


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
    spec = prepared.spec
    found = run.read_or_none(search_file(prepared.attempt), SearchOutcome)
    plan = as_searched(prepared.plan, found) if found else prepared.plan
    reader = ResultReader()
    measurement: Measurement | None = None
    started_ms = outcome.started_ms
    last_ms = journeys = 0
    for rows in _rows(Path(prepared.directory) / "results.jtl", reader):
        if measurement is None:
            started_ms = started_ms or int(rows.start_ms.min())
            measurement = Measurement(plan, started_ms, reader.labels, reader.codes, spec.thresholds)
        measurement.add(rows)
        journeys += labelled(rows, reader.labels, is_transaction).size
        last_ms = max(last_ms, int((rows.start_ms + rows.elapsed_ms).max()))
    if measurement is None:
        return _empty(plan, spec, outcome, reader.health())
    resources = _resources(run, started_ms, plan)
    # An attempt that did not run to its end ended with its last sample: its rates are not diluted.
    until_s = None if outcome.ended is Ended.COMPLETED else (last_ms - started_ms) / 1000
    phases = measurement.phases(until_s)
    steady = next((phase for phase in phases if phase.phase == "steady"), None)
    series = measurement.series(until_s)
    health = generator_health(plan, steady, resources, series)
    valid, because = _validity(outcome)
    attempt = Attempt(
        number=outcome.attempt,
        started_ms=started_ms,
        ended=outcome.ended,
        detail=outcome.detail,
        phases=phases,
        generator=health,
        files=reader.health().model_copy(update={"journeys": journeys}),
        clock_step_s=outcome.clock_step_s,
        valid=valid,
        invalid_because=because,
    )
    cores = _cores(resources)
    evidence = Evidence(
        plan=plan,
        steady=steady,
        counters=measurement.counters,
        generator=health,
        resources=resources,
        valid=valid,
        invalid_because=because,
        cpu_scale={component: host_cores() / allowed for component, allowed in cores.items()},
    )
    return ClosedAttempt(
        attempt=attempt,
        plan=plan,
        thresholds=decide(_goals(spec), evidence),
        charts=Charts(
            series=series,
            resources=resources,
            steady_from_s=steady.from_s if steady else 0.0,
            steady_to_s=steady.to_s if steady else 0.0,
        ),
        restarts_s=read_restarts(run.path / "monitor.csv", started_ms, _end_ms(started_ms, plan)),
        host_cores=host_cores() if TARGET in cores else 0,
        target_cores=cores.get(TARGET, 0.0),
        busiest_neighbour=outcome.busiest_neighbour,
        search=found,
    )


def _rows(path: Path, reader: ResultReader) -> Iterator[Rows]:
    if path.is_file():
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
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
        return False, f"the wall clock moved by {outcome.clock_step_s:+.1f} s during the load"
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
