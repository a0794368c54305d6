"""Closing a result file that JMeter wrote elsewhere, into the same figures as an attempt of our own.

Two passes, both streaming. The first one over the file tells labels, length and steady state, and keeps the
rows in a temporary file (`RowSpool`); the second one counts those by the phases that follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import NamedTuple

from perfpilot.analysis.attempt_samples import AttemptSamples, Beside
from perfpilot.analysis.rows import Rows
from perfpilot.analysis.steady_state import find_steady_state
from perfpilot.analysis.thresholds.thresholds import Evidence, decide, goals
from perfpilot.domain.errors import ResultFileError, SpecError
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.labels import TRANSACTION_PREFIX
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.measure import Attempt, PhaseStats, Series, SteadyState
from perfpilot.domain.plan import Plan
from perfpilot.domain.result import Charts, ClosedAttempt
from perfpilot.domain.result_file import ResultFile
from perfpilot.domain.spec import Notifications, Spec
from perfpilot.domain.thresholds import COUNTED_METRICS, Metric, Threshold, parse_threshold
from perfpilot.planning.defaults import ACHIEVED_LOAD, ERROR_RATE, with_defaults
from perfpilot.planning.described import described_plan
from perfpilot.tools.jmeter.row_spool import RowSpool
from perfpilot.tools.jmeter.survey import Survey, pieces, reader_of, some_of, survey, unasked_plan

CUT_OFF = "cut_off"
"""How a load ended whose file breaks off inside a line."""


@dataclass(frozen=True)
class Asked:
    """What a file is held against. Without a description and thresholds only its errors are judged."""

    name: str = ""  # of the test; empty: the description's, or the file's
    spec: Spec | None = None
    thresholds: tuple[Threshold, ...] = ()  # beside those of the description

    @property
    def limits(self) -> tuple[Threshold, ...]:
        """All thresholds, with those that every analysis has."""
        described = with_defaults(self.spec)[0].thresholds if self.spec else ()
        given = (*described, *self.thresholds)
        if not given:
            return (parse_threshold(ERROR_RATE), parse_threshold(ACHIEVED_LOAD))
        if any(t.metric is Metric.ERROR_RATE and not t.abort for t in given):
            return given
        return (*given, parse_threshold(ERROR_RATE))


class ClosedFile(NamedTuple):
    """A file with its figures, and the description as it was applied, if there is one."""

    file: ResultFile
    closed: ClosedAttempt
    spec: Spec | None


def close_file(path: Path, asked: Asked) -> ClosedFile:
    """Read a result file and compute what `close_attempt` computes for a load of our own.

    Blocks; memory does not grow with the file. Raises ResultFileError where it can't be read, or changes
    while it is read; SpecError where a threshold names a label that the file does not have.
    """
    with RowSpool() as spool:
        return _close(path, asked, spool)


def _close(path: Path, asked: Asked, spool: RowSpool) -> ClosedFile:
    found = survey(path, spool)
    limits = asked.limits
    if found.health.rows:
        _check_labels(limits, found)
    plan, why_not = None, "there is no description"
    if asked.spec and found.measured:
        plan, why_not = described_plan(with_defaults(asked.spec)[0], found.length_s, found.measured)
    file = ResultFile(
        path=str(path.resolve()),
        bytes=found.stat.st_size,
        sha256=found.sha256,
        name=asked.name or (asked.spec.test_name if asked.spec else "") or path.name.partition(".")[0],
        first_ms=found.first_ms,
        last_ms=found.last_ms,
        described=plan is not None,
        described_because="" if plan else why_not,
        notes=found.notes,
    )
    goals_of_it = goals(limits, breakpoint_search=bool(asked.spec and asked.spec.searches))
    closed = _closed(found, spool, plan, goals_of_it, _nobody_asked(asked, why_not))
    return ClosedFile(file, closed, _effective(asked, limits))


def _effective(asked: Asked, limits: tuple[Threshold, ...]) -> Spec | None:
    """The description with all thresholds. It notifies nobody: no load was sent that anybody waits for."""
    if asked.spec is None:
        return None
    changes = {"thresholds": limits, "notifications": Notifications()}
    return with_defaults(asked.spec)[0].model_copy(update=changes)


def _nobody_asked(asked: Asked, why_not: str) -> str:
    """Why `achieved_load` is not decided."""
    if asked.spec:
        return f"what load was asked is not known: {why_not}"
    if asked.thresholds:
        return "what load was asked is not known: a description tells it (--spec SPEC)"
    return (
        "what load was asked is not known, and nothing says which response times and throughput are good "
        "enough: give limits (--threshold LINE) or a description (--spec SPEC)"
    )


def _check_labels(thresholds: Sequence[Threshold], found: Survey) -> None:
    """Raises SpecError where a threshold names a label without samples: it could never be decided."""
    known = found.measured
    for threshold in thresholds:
        label = threshold.label
        if not label or threshold.metric not in COUNTED_METRICS or label in known:
            continue
        if f"{TRANSACTION_PREFIX}{label}" in found.counts:
            problem = f"{threshold.text}: {label} is a transaction, and thresholds count single requests"
            raise SpecError(problem, mend=f"name one of its requests: {some_of(iter(known))}")
        nearest = get_close_matches(label, known, n=1, cutoff=0.0)
        problem = f"{threshold.text}: {found.path.name} has no label {label!r}"
        raise SpecError(problem, mend=f"nearest: {nearest[0]}" if nearest else "leave the label out")


def _closed(
    found: Survey, spool: RowSpool, described: Plan | None, limits: tuple[Threshold, ...], nobody_asked: str
) -> ClosedAttempt:
    """The second pass. The phases are the description's where it fits, else those that were found."""
    # A sample that began first may have ended late, and stand far behind in the file.
    steady = _later(find_steady_state(found.series), (found.series.start_ms - found.first_ms) / 1000)
    plan = described
    if plan is None and steady.found:
        plan = unasked_plan(steady.from_s, steady.to_s, found.length_s)
    elif plan is None:
        plan = unasked_plan(0.0, max(found.length_s, 1e-3))
    samples = _counted(found, spool, plan, limits)
    beside = Beside(until_s=min(plan.duration_s, found.length_s), damaged=bool(found.health.rejected))
    figures = samples.figures(beside, partial(_again, found, spool))
    counted, phases = figures.steady, figures.phases
    if described is None and not steady.found:
        phases = tuple(phase for phase in phases if phase.phase != "steady")
    valid, because = (True, "") if found.measured else (False, "the file holds no sample")
    evidence = Evidence(
        plan=plan,
        steady=counted,
        counters=figures.counters,
        generator=figures.generator,
        valid=valid,
        invalid_because=because,
        unread=found.health.rejected,
    )
    results = tuple(
        _told(result, described is not None, steady, nobody_asked) for result in decide(limits, evidence)
    )
    attempt = Attempt(
        number=1,
        started_ms=found.first_ms,
        ended=CUT_OFF if found.health.torn_tail else Ended.COMPLETED.value,
        detail="the file breaks off inside a line" if found.health.torn_tail else "",
        phases=phases if found.measured else (),
        generator=figures.generator,
        steady=steady,
        files=found.health.model_copy(update={"journeys": samples.journeys}),
        valid=valid,
        invalid_because=because,
    )
    shown = counted if counted and counted in phases else None
    return ClosedAttempt(
        attempt=attempt,
        plan=plan,
        thresholds=results,
        charts=_charts(figures.series, shown),
        levels=figures.levels if described else (),
        windows=figures.windows if shown else None,
    )


def _later(steady: SteadyState, by_s: float) -> SteadyState:
    """The same stretch, counted from an earlier moment."""
    if not by_s or not steady.found:
        return steady
    moved = {name: getattr(steady, name) + by_s for name in ("from_s", "to_s", "ramp_s")}
    return steady.model_copy(update=moved)


def _charts(series: Series, steady: PhaseStats | None) -> Charts:
    if steady is None:
        return Charts(series=series)
    return Charts(series=series, steady_from_s=steady.from_s, steady_to_s=steady.to_s)


def _counted(found: Survey, spool: RowSpool, plan: Plan, limits: tuple[Threshold, ...]) -> AttemptSamples:
    samples = AttemptSamples(plan, found.first_ms, found.names, found.codes, limits, ours=False)
    for rows in _read(found, spool):
        samples.add(rows)
    now = found.path.stat()
    if (now.st_size, now.st_mtime_ns) != (found.stat.st_size, found.stat.st_mtime_ns):
        problem = f"{found.path} changed while it was read"
        raise ResultFileError(problem, mend="wait for the end of the load, then analyse it")
    return samples


def _again(found: Survey, spool: RowSpool) -> tuple[Sequence[str], Iterator[Rows]]:
    return found.names, _read(found, spool)


def _read(found: Survey, spool: RowSpool) -> Iterator[Rows]:
    """The rows once more; their labels and codes have the same numbers in either way."""
    if spool.whole:
        return spool.rows()
    read = pieces(found.path, reader_of(found.format), found.stat.st_size)
    return (rows for _, rows in read if rows.size)


def _told(
    result: ThresholdResult, described: bool, steady: SteadyState, nobody_asked: str
) -> ThresholdResult:
    """The result, undecided where the file can't tell it.

    Where no steady state was found errors are counted over the whole load: they are a matter of counts.
    """
    threshold = parse_threshold(result.text)
    if result.decision is Decision.UNDECIDED and threshold.metric is Metric.ACHIEVED_LOAD and not described:
        return result.model_copy(update={"reason": nobody_asked})
    if described or steady.found or threshold.metric not in COUNTED_METRICS or not result.samples:
        return result
    if threshold.metric is Metric.ERROR_RATE:
        whole = "counted over the whole load, which had no steady state"
        reason = f"{result.reason}; {whole}" if result.reason else whole
        return result.model_copy(update={"reason": reason})
    undecided = {"decision": Decision.UNDECIDED, "reason": steady.because, "marginal": False}
    return result.model_copy(update=undecided)
