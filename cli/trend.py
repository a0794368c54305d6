"""show how a figure of a test moved over its runs, the newest last"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from perfpilot.cli.arguments import add_runs_directory, positive_integer

if TYPE_CHECKING:
    from perfpilot.analysis.trend.limits import Limits
    from perfpilot.domain.history import MetricPoint, PastRun
    from perfpilot.domain.trend import MetricTrend, Trend
    from perfpilot.tools.history.store import History

EXAMPLES = """\
examples:
  perfpilot trend checkout                          p95 of all endpoints over the last 50 runs
  perfpilot trend checkout --metric throughput
  perfpilot trend checkout --label search --last 200 --json

Only runs that can be compared are shown: completed, decided, not limited by the load generator, and under
the load of the newest of them. Metrics: p50, p90, p95, p99, p99.9, mean, max, error_rate, rate, throughput,
capacity.
"""

_STEPS = "▁▂▃▄▅▆▇█"
_WIDEST = 100


class Runs(NamedTuple):
    """The runs of the table, oldest first, and what was left out."""

    runs: tuple[PastRun, ...]
    points: tuple[MetricPoint, ...]
    other_load: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`trend TEST [--metric METRIC] [--label LABEL] [--last N] [--json]`."""
    parser.add_argument("test", metavar="TEST", help="name of the test")
    parser.add_argument("--metric", default="p95", metavar="METRIC", help="one of those below (default: p95)")
    parser.add_argument("--label", default="", metavar="LABEL", help="an endpoint (default: all pooled)")
    parser.add_argument(
        "--last", type=positive_integer, default=50, metavar="N", help="so many runs at most (default: 50)"
    )
    add_runs_directory(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the table, a line that draws it, and what is known of shifts and the newest run."""
    import asyncio

    from perfpilot.domain.errors import SpecError
    from perfpilot.domain.history import UNITS

    if options.metric not in UNITS:
        raise SpecError(f"--metric {options.metric} is not known", mend=f"one of {', '.join(UNITS)}")
    found = asyncio.run(_read(options))
    trend = _trend_of(options, found)
    if options.json:
        print(json.dumps(_as_json(options, found, trend), indent=2))
    else:
        _show(options, found, trend)
    return 0


async def _read(options: argparse.Namespace) -> Runs:
    from perfpilot.cli.past_runs import known_test
    from perfpilot.tools.history.completing import complete
    from perfpilot.tools.history.store import open_history

    async with open_history(options.runs_dir) as history:
        test, last = await known_test(history, options.test), options.last
        runs = await history.latest(test, limit=last, comparable=True)
        if await complete(history, options.runs_dir, runs):
            runs = await history.latest(test, limit=last, comparable=True)
        with_figures = [past for past in runs if past.complete]
        if not with_figures:
            return Runs((), (), 0)
        newest = with_figures[0]
        await _check_label(history, newest, options.label)
        same = await history.latest(test, limit=last, comparable=True, like=newest)
        points = await history.series(test, options.metric, options.label, limit=last, like=newest)
        under_it = {past.run_id for past in same}
        return Runs(same[::-1], points, sum(past.run_id not in under_it for past in with_figures))


async def _check_label(history: History, newest: PastRun, label: str) -> None:
    from perfpilot.domain.errors import SpecError

    labels = [figures.label for figures in (await history.with_figures([newest]))[0].labels]
    if label and labels and label not in labels:
        known = ", ".join(filter(None, labels))
        raise SpecError(f"--label {label}: the newest run has no such endpoint", mend=f"it has {known}")


def _limits(directory: Path) -> Limits:
    """What the thresholds of a run were; none where its result is gone."""
    from perfpilot.analysis.trend.limits import limits_of
    from perfpilot.domain.result import Result
    from perfpilot.domain.thresholds import parse_threshold
    from perfpilot.tools.history.run_directory import RunDirectory

    result = RunDirectory(directory).read_or_none("result.json", Result)
    return limits_of(parse_threshold(each.text) for each in result.thresholds) if result else {}


def _trend_of(options: argparse.Namespace, found: Runs) -> Trend:
    """The one place that knows the analysis of a series: shifts, slope, and the newest run against them."""
    from perfpilot.analysis.trend.trend import find_trend
    from perfpilot.domain.history import UNITS
    from perfpilot.domain.trend import MetricSeries

    metric, label = options.metric, options.label
    series = MetricSeries(metric=metric, label=label, unit=UNITS[metric], points=found.points)
    limits = _limits(options.runs_dir / found.runs[-1].run_id) if found.runs else {}
    return find_trend([series], limits)


def _as_json(options: argparse.Namespace, found: Runs, trend: Trend) -> dict[str, object]:
    from perfpilot.domain.history import UNITS

    verdicts = {past.run_id: past.verdict for past in found.runs}
    return {
        "test_name": options.test,
        "metric": options.metric,
        "label": options.label,
        "unit": UNITS[options.metric],
        "load": found.runs[-1].load if found.runs else "",
        "other_load": found.other_load,
        "runs": [{**point.model_dump(), "verdict": verdicts.get(point.run_id, "")} for point in found.points],
        "trend": trend.model_dump(mode="json"),
    }


def _show(options: argparse.Namespace, found: Runs, trend: Trend) -> None:
    from perfpilot.cli.columns import aligned, cleaned
    from perfpilot.domain.history import UNITS
    from perfpilot.reporting import figures

    if not found.runs:
        print(cleaned(f"{options.test}: no run has figures to compare; perfpilot runs shows how they ended"))
        return
    unit, load = UNITS[options.metric], found.runs[-1].load
    subject = f"{options.metric} of {options.label or 'all endpoints'}"
    print(
        cleaned(f"{options.test}: {subject}, {_counted(len(found.points))}{f' under {load}' if load else ''}")
    )
    if found.other_load:
        print(f"{found.other_load} of the last {options.last} under another load, left out")
    print()
    runs = {past.run_id: past for past in found.runs}
    rows, earlier = [["WHEN", "RUN", "VERDICT", options.metric.upper(), "CHANGE"]], 0.0
    for point in found.points:
        past = runs.get(point.run_id)
        moved = figures.change(point.value / earlier - 1) if earlier else figures.DASH
        rows.append(
            [figures.moment(point.started_ms), point.run_id, past.verdict if past else "",
             figures.in_unit(point.value, unit), moved]
        )  # fmt: skip
        earlier = point.value
    for line in aligned(rows):
        print(line)
    values = [point.value for point in found.points]
    if values:
        ends = [figures.in_unit(value, unit) for value in (min(values), max(values))]
        print(f"\n{sparkline(values[-_WIDEST:])}  {ends[0]} to {ends[1]}")
    for metric in trend.metrics:
        for line in _told(metric):
            print(cleaned(line))


def sparkline(values: list[float]) -> str:
    """One block a value, from the least to the greatest; all in the middle where they are equal."""
    low, high = min(values), max(values)
    if high == low:
        return _STEPS[3] * len(values)
    return "".join(_STEPS[round((value - low) / (high - low) * (len(_STEPS) - 1))] for value in values)


def _told(metric: MetricTrend) -> list[str]:
    """What the analysis of the series came to, a line each."""
    from perfpilot.reporting import figures
    from perfpilot.reporting.trend_shown import limit_words

    told = [
        f"since {figures.moment(shift.started_ms)} ({shift.run_id}): {figures.change(shift.change)}, "
        f"{figures.in_unit(shift.before, metric.unit)} to {figures.in_unit(shift.after, metric.unit)}"
        for shift in metric.shifts
    ]
    if metric.expected_low is not None and metric.expected_high is not None:
        expected = [figures.in_unit(v, metric.unit) for v in (metric.expected_low, metric.expected_high)]
        decision = metric.decision.value.replace("_", " ")
        told.append(f"newest run: {decision}; {expected[0]} to {expected[1]} were expected")
    if metric.slope_per_day is not None:
        meets = limit_words(metric)
        slope = f"slope: {figures.signed(metric.slope_per_day, metric.unit)} a day"
        told.append(f"{slope}; {meets}" if meets else slope)
    return [*told, metric.because] if metric.because else told


def _counted(runs: int) -> str:
    return "1 run" if runs == 1 else f"{runs} runs"
