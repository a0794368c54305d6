"""This run, or its repetitions, against earlier ones or a table of figures: same load first, then changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfpilot.analysis.comparison.assumed import ERROR_NOISE, allowance, assumed_shift
from perfpilot.analysis.comparison.decisions import Shift, decide_rows
from perfpilot.analysis.comparison.measured import Measured, load_varies, not_comparable, not_usable
from perfpilot.analysis.comparison.metrics import METRICS, Compared, value_of
from perfpilot.analysis.comparison.repeated import enough_runs, repeated_shift
from perfpilot.analysis.comparison.sides import Reading, Run, ready, slower
from perfpilot.analysis.figures import figure
from perfpilot.domain.benchmark import Benchmark
from perfpilot.domain.comparison import CHANGE_METRICS, ChangeDecision, Comparison, MetricChange

FLOOR = 0.05

_LEAST_SAMPLES = 100


def compare_runs(
    before: Sequence[Measured],
    after: Sequence[Measured],
    *,
    floor: float = FLOOR,
    noise: float | None = None,
) -> Comparison:
    """Changes of every metric in the steady phase, pooled (label "") and by label, with what they are worth.

    `before` is the baseline, newest run first; `after` this run, or its repetitions. `floor`: changes within
    are of no practical matter. `noise`: standard deviation of response times between runs of one build, where
    history tells (`repeated.run_noise`); it is assumed otherwise, and used only where the runs at hand are
    too few to show it. Error rates are in percent; `change` is after / before - 1. What was zero has no
    relative change: new errors are named in `because` and have no row.
    """
    usable_after, left_out_after = _usable(after, "run")
    usable_before, left_out = _usable(before, "baseline")
    left_out += left_out_after
    if usable_before and usable_after:
        problems = [(run, not_comparable(run, usable_after[0])) for run in usable_before]
        problems += [(run, not_comparable(usable_before[0], run)) for run in usable_after[1:]]
        refused = {id(run): problem for run, problem in problems if problem}
        usable_before = [run for run in usable_before if id(run) not in refused]
        usable_after = [run for run in usable_after if id(run) not in refused]
        left_out += refused.values()
    used = usable_before or list(before)
    made = Comparison(
        against="runs" if len(before) > 1 else "run",
        baseline_run=used[0].run_id if used else "",
        baseline_runs=tuple(run.run_id for run in used),
        runs=_repetitions(usable_after),
        floor=floor,
    )
    if not usable_before or not usable_after:
        because = left_out[0] if left_out else "there is no earlier run of this test to compare with"
        return made.model_copy(update={"because": because})
    old, new = [ready(run) for run in usable_before], [ready(run) for run in usable_after]
    repeated = enough_runs(len(old), len(new))
    rows = decide_rows(list(_shifts(old, new, noise)), floor, beyond_floor=not repeated)
    notes = [*(f"left out: {problem}" for problem in left_out), *_new_errors(old, new)]
    return made.model_copy(
        update={
            "comparable": True,
            "because": "; ".join([f"{_side(new)} against {_side(old)}", *notes]),
            "method": _method(len(old), len(new), repeated=repeated, noise=noise),
            "changes": tuple(_in_order([*rows, *_without_errors(old, new)], new[0])),
        }
    )


def compare_with_table(
    benchmark: Sequence[Benchmark],
    after: Sequence[Measured],
    *,
    source: str = "",
    floor: float = FLOOR,
    noise: float | None = None,
) -> Comparison:
    """The figures of this run, or of its repetitions, against a table that is taken as exact."""
    usable, left_out = _usable(after, "run")
    made = Comparison(
        against="benchmark",
        baseline_run=source or "the benchmark table",
        runs=_repetitions(usable),
        floor=floor,
    )
    if not usable:
        return made.model_copy(update={"because": left_out[0] if left_out else "nothing was measured"})
    new = [ready(run) for run in usable]
    shifts: list[Shift] = []
    notes = [f"left out: {problem}" for problem in left_out]
    for line in benchmark:
        metric = METRICS[line.metric]
        readings = _readings(new, line.label, metric)
        if readings is None:
            notes.append(f"{line.text}: this run has no such figure above 0")
        else:
            shifts.append(assumed_shift(metric, line.label, line.in_unit, readings, noise=noise))
    against = f"figures of a table, taken as exact, against {_runs(len(new))}"
    return made.model_copy(
        update={
            "comparable": bool(shifts),
            "because": "; ".join(notes),
            "method": f"{against}; {_assumed(noise)}",
            "changes": decide_rows(shifts, floor, beyond_floor=True),
        }
    )


def _repetitions(runs: Sequence[Measured]) -> tuple[str, ...]:
    return tuple(run.run_id for run in runs) if len(runs) > 1 else ()


def _usable(side: Sequence[Measured], name: str) -> tuple[list[Measured], list[str]]:
    problems = [(run, not_usable(run, name)) for run in side]
    return [run for run, problem in problems if not problem], [problem for _, problem in problems if problem]


def _labels(new: Run) -> list[str]:
    steady = new.measured.steady
    return ["", *sorted(stats.label for stats in steady.labels)] if steady else []


def _shifts(old: Sequence[Run], new: Sequence[Run], noise: float | None) -> Iterator[Shift]:
    varies = load_varies(new[0].measured)
    for label in _labels(new[0]):
        share = slower(old, new, label)
        for metric in (METRICS[name] for name in CHANGE_METRICS):
            was, now = _readings(old, label, metric), _readings(new, label, metric)
            if was is None or now is None:
                continue
            longer = share if metric.time else None
            if enough_runs(len(old), len(new)):
                sides = [reading.value for reading in was], [reading.value for reading in now]
                yield repeated_shift(metric, label, *sides, slower=longer)
            else:
                yield assumed_shift(metric, label, was, now, noise=noise, varies=varies, slower=longer)


def _readings(runs: Sequence[Run], label: str, metric: Compared) -> list[Reading] | None:
    """A metric of each run; None where one has no such figure, or one of 0, which has no logarithm."""
    found = [reading for run in runs if (reading := run.reading(label, metric)) and reading.value > 0]
    return found if len(found) == len(runs) else None


def _without_errors(old: Sequence[Run], new: Sequence[Run]) -> Iterator[MetricChange]:
    """Rows of figures that are 0 now: there is a change, and no logarithm of it."""
    for label in _labels(new[0]):
        for metric in (METRICS["error_rate"], METRICS["throughput"]):
            was, now = ([_value(run, label, metric) for run in side] for side in (old, new))
            if None in was or None in now or any(now) or _fewest(label, old, new) < _LEAST_SAMPLES:
                continue
            before = sum(value for value in was if value) / len(was)
            yield MetricChange(
                metric=metric.name,
                label=label,
                before=before,
                after=0.0,
                unit=metric.unit,
                change=-1.0 if before else 0.0,
                decision=_of_nothing(metric.name, before),
                because="none failed now" if metric.name == "error_rate" else "no success is left",
            )


def _of_nothing(metric: str, before: float) -> ChangeDecision:
    if not before:
        return ChangeDecision.NO_CHANGE
    # A few failures may have stayed away by chance; that every success did is none.
    return ChangeDecision.UNDECIDED if metric == "error_rate" else ChangeDecision.REGRESSION


def _new_errors(old: Sequence[Run], new: Sequence[Run]) -> Iterator[str]:
    for label in _labels(new[0]):
        was, now = ([_value(run, label, METRICS["error_rate"]) or 0.0 for run in side] for side in (old, new))
        if any(now) and not any(was):
            share = figure(sum(now) / len(now), "%")
            yield f"errors of {label or 'all labels'} are new: {share} where there were none"
        elif any(now) and (0.0 in was or 0.0 in now):
            before, after = (figure(sum(side) / len(side), "%") for side in (was, now))
            whose = label or "all labels"
            yield f"errors of {whose} came in some runs only: {before} before, {after} now"


def _value(run: Run, label: str, metric: Compared) -> float | None:
    stats = run.stats(label)
    return value_of(stats, metric) if stats else None


def _fewest(label: str, *sides: Sequence[Run]) -> int:
    return min(stats.count if (stats := run.stats(label)) else 0 for side in sides for run in side)


def _in_order(rows: Sequence[MetricChange], new: Run) -> list[MetricChange]:
    labels = {label: number for number, label in enumerate(_labels(new))}
    metrics = {name: number for number, name in enumerate(CHANGE_METRICS)}
    return sorted(rows, key=lambda row: (labels[row.label], metrics[row.metric]))


def _side(runs: Sequence[Run]) -> str:
    return "one run" if len(runs) == 1 else "several runs"


def _runs(number: int) -> str:
    return "one run" if number == 1 else f"{number} runs"


def _method(before: int, after: int, *, repeated: bool, noise: float | None) -> str:
    if not repeated:
        return (
            f"chance within each run from its blocks of time; {_assumed(noise)}; "
            "a change is told only where its whole 90 % interval lies beyond the floor"
        )
    how = "Welch's test" if min(before, after) >= 3 else "a prediction interval"
    return f"{how} on the logarithms of the runs' figures, 90 % intervals; the run is the unit of replication"


def _assumed(noise: float | None) -> str:
    share = figure(100 * allowance(METRICS["p95"], noise), "%")
    how = "assumed" if noise is None else "measured over earlier runs"
    errors = figure(100 * ERROR_NOISE, "%")
    return f"noise between runs of {share} ({how}; of error rates {errors})"
