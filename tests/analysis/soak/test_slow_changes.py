"""Leaks and degradation are found, and what only looks like them is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from perfpilot.analysis.comparison.windows import label_windows, read_windows
from perfpilot.analysis.counting.histogram import Histogram, bucket_of
from perfpilot.analysis.counting.time_blocks import PRECISION, TimeBlock
from perfpilot.analysis.soak.answers import label_times
from perfpilot.analysis.soak.slow_changes import find_slow_changes
from perfpilot.domain.measure import ResourceSeries
from perfpilot.domain.soak import Soak
from perfpilot.domain.time_windows import TimeWindows
from tests.analysis.soak.made_series import answers, plan, resource, steady, wandering

HOUR = 3600
MB = 1e6


def looked(*resources: ResourceSeries, seconds: int = HOUR, **more: object) -> Soak:
    given = {"series": answers(seconds), **more}
    return find_slow_changes(plan(seconds), steady(seconds), resources=resources, **given)  # type: ignore[arg-type]


def noise(seconds: int = HOUR, seed: int = 1, deviation: float = 0.005) -> np.ndarray:
    return wandering(np.random.default_rng(seed), seconds + 60, deviation)


def test_a_leak_is_told_with_its_interval_and_the_time_until_memory_ends() -> None:
    leak = resource("target", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.06 * h + noise()))
    left = resource("host", "memory_available_bytes", HOUR, lambda h: np.full_like(h, 300 * MB))
    found = looked(leak, left)
    change = next(change for change in found.changes if change.kind == "leak")
    assert (change.component, change.metric, change.unit) == ("target", "rss_bytes", "bytes")
    assert change.low_per_hour < 30 * MB < change.high_per_hour
    assert (change.first, change.last) == (
        pytest.approx(500 * MB, rel=0.02),
        pytest.approx(530 * MB, rel=0.02),
    )
    assert change.limit == pytest.approx(830 * MB, rel=0.02)
    assert change.hours_left == pytest.approx(10, rel=0.3)
    assert change.hours_low and change.hours_high and change.hours_low < 10 < change.hours_high
    assert found.hours == 1.0 and found.because == ""


HEALTHY: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "one size": lambda h: np.full_like(h, 500 * MB),
    "wandering": lambda h: 500 * MB * (1 + noise()),
    "wandering much": lambda h: 500 * MB * (1 + noise(deviation=0.03)),
    "caches that fill in five minutes": lambda h: 500 * MB * (1 + 0.3 * (1 - np.exp(-h * 12)) + noise()),
    "caches that fill in a quarter": lambda h: 500 * MB * (1 + 0.3 * (1 - np.exp(-h * 4)) + noise()),
    "a step": lambda h: 500 * MB * (1 + 0.2 * (h > 0.5) + noise()),
    "a collected heap": lambda h: 500 * MB * (1 + 0.5 * (h * 30 % 1)),
    "a heap that is seldom collected": lambda h: 500 * MB * (1 + 0.5 * (h * 6.5 % 1)),
    "memory given back": lambda h: 500 * MB * (1 - 0.1 * h + noise()),
    "some kilobytes": lambda h: 10 * MB + 1 * MB * h,
}


@pytest.mark.parametrize("name", HEALTHY)
def test_memory_that_does_not_leak_is_not_told_of(name: str) -> None:
    assert looked(resource("target", "rss_bytes", HOUR, HEALTHY[name])).changes == ()


def test_a_leak_is_seen_behind_caches_that_fill_and_under_a_collected_heap() -> None:
    warm = resource(
        "target",
        "rss_bytes",
        HOUR,
        lambda h: 500 * MB * (1 + 0.1 * (1 - np.exp(-h * 15)) + 0.08 * h + noise()),
    )
    heap = resource("target", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.4 * (h * 90 % 1) + 0.06 * h))
    for series in (warm, heap):
        assert [change.kind for change in looked(series).changes] == ["leak"]


@pytest.mark.parametrize("seed", range(10))
def test_a_faster_leak_is_found_where_a_slower_one_was(seed: int) -> None:
    wander = noise(seed=seed)
    found = []
    for speed in (0.02, 0.04, 0.08, 0.16):
        leak = resource("target", "rss_bytes", HOUR, lambda h, s=speed: 500 * MB * (1 + s * h + wander))  # type: ignore[misc]
        found.append(bool(looked(leak).changes))
    assert found == sorted(found) and found[-2:] == [True, True]


def test_more_processes_of_one_size_are_no_leak_of_memory() -> None:
    more = resource("target", "processes", HOUR, lambda h: 10 + np.floor(8 * h))
    rss = resource("target", "rss_bytes", HOUR, lambda h: 50 * MB * (10 + np.floor(8 * h)))
    assert [(c.kind, c.metric) for c in looked(more, rss).changes] == [("exhaustion", "processes")]


def test_a_restart_cuts_the_memory_of_the_target() -> None:
    saw = resource("target", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.3 * (h % 0.5)))
    whole, cut = looked(saw), looked(saw, restarts_s=(1860.0,))
    assert whole.changes == ()
    assert [change.kind for change in cut.changes] == ["leak"]


@pytest.mark.parametrize(
    ("component", "metric", "value", "kind", "limit", "hours"),
    [
        ("db", "connections_share", lambda h: 0.3 + 0.35 * h, "exhaustion", 100.0, 1.0),
        ("host", "disk_free_bytes", lambda h: 10e9 - 4e9 * h, "exhaustion", 0.0, 1.5),
        ("cache", "memory_bytes", lambda h: 100 * MB + 50 * MB * h, "leak", 400e6, 5.0),
        ("target", "open_files", lambda h: np.round(100 + 300 * h), "exhaustion", 1024.0, 2.08),
    ],
)
def test_a_bounded_resource_has_a_time_to_its_end(
    component: str,
    metric: str,
    value: Callable[[np.ndarray], np.ndarray],
    kind: str,
    limit: float,
    hours: float,
) -> None:
    bounds = {("cache", "memory_bytes"): 400e6, ("target", "open_files"): 1024.0}
    (change,) = looked(resource(component, metric, HOUR, value), bounds=bounds).changes
    assert (change.kind, change.component, change.limit) == (kind, component, limit)
    assert change.hours_left == pytest.approx(hours, rel=0.05, abs=0.05)


def test_a_number_of_connections_is_not_told_beside_its_share() -> None:
    share = resource("db", "connections_share", HOUR, lambda h: 0.3 + 0.3 * h)
    number = resource("db", "connections", HOUR, lambda h: 30 + 30 * h)
    assert [change.metric for change in looked(share, number).changes] == ["connections_share"]
    assert [change.metric for change in looked(number).changes] == ["connections"]


def test_answers_that_grow_slower_are_told_with_the_time_to_their_limit() -> None:
    slower = answers(HOUR, p95_ms=lambda h: 200 + 60 * h)
    found = looked(series=slower, limits={("p95", ""): 400.0})
    by_metric = {change.metric: change for change in found.changes}
    assert set(by_metric) == {"p50", "p95"}
    assert {change.kind for change in found.changes} == {"degradation"}
    assert by_metric["p95"].low_per_hour < 60 < by_metric["p95"].high_per_hour
    assert by_metric["p95"].hours_left == pytest.approx(140 / 60, rel=0.1)
    assert by_metric["p50"].hours_left is None


def test_failures_that_become_more_are_told() -> None:
    failing = answers(HOUR, error_share=lambda h: np.clip(0.03 * h, 0, 1))
    (change,) = looked(series=failing).changes
    assert (change.metric, change.unit) == ("error_rate", "%")
    assert change.low_per_hour < 3.0 < change.high_per_hour


def test_answers_of_one_label_are_told_by_its_name() -> None:
    def blocks(grows: float) -> tuple[TimeBlock, ...]:
        random = np.random.default_rng(3)
        made = []
        for number in range(57):
            histogram = Histogram(PRECISION)
            level = 100 * (1 + grows * number / 57)
            histogram.add(np.round(random.lognormal(np.log(level), 0.3, 600)).astype(np.int64))
            made.append(TimeBlock(64.0 * number, 64.0 * (number + 1), histogram))
        return tuple(made)

    found = looked(times={"checkout": blocks(0.4), "home": blocks(0.0)})
    assert {change.component for change in found.changes} == {"checkout"}
    assert found.looked_at == 7  # p50 and p95 of both labels and of all, failures


def test_answers_come_from_the_record_that_is_kept_of_a_run() -> None:
    random = np.random.default_rng(8)
    counts = np.zeros((57, 1024), np.int64)
    for number in range(57):
        times = np.round(random.lognormal(np.log(100 * (1 + 0.5 * number / 57)), 0.3, 600)).astype(np.int64)
        counts[number] = np.bincount(bucket_of(times, PRECISION), minlength=1024)
    kept = label_windows("checkout", counts, np.zeros(57, np.int64))
    record = TimeWindows(from_s=64.0, block_s=62.0, blocks=57, precision=PRECISION, labels=(kept,))
    found = looked(times=label_times(read_windows(record)))
    assert {(change.component, change.metric) for change in found.changes} == {
        (label, metric) for label in ("checkout", "") for metric in ("p50", "p95")
    }


def test_a_limited_generator_says_nothing_of_answers() -> None:
    slower = answers(HOUR, p95_ms=lambda h: 200 + 100 * h)
    found = looked(series=slower, generator_limited=True)
    assert found.changes == () and "load generator" in found.because


def test_a_load_in_steps_has_no_soak_analysis() -> None:
    leak = resource("target", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.2 * h))
    found = find_slow_changes(plan(HOUR, levels=(10.0, 20.0)), steady(HOUR), answers(HOUR), [leak])
    assert found.changes == () and found.looked_at == 0
    assert "stands still" in found.because


def test_a_foreign_load_must_have_stood_still() -> None:
    foreign = plan(HOUR).model_copy(update={"scenarios": ()})
    leak = resource("target", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.2 * h))
    still = answers(HOUR)
    moved = still.model_copy(
        update={"samples": tuple(s * (1 + (i > 2000)) for i, s in enumerate(still.samples))}
    )
    assert [c.kind for c in find_slow_changes(foreign, steady(HOUR), still, [leak]).changes] == ["leak"]
    assert "not known" in find_slow_changes(foreign, steady(HOUR), moved, [leak]).because


def test_without_a_steady_phase_there_is_nothing_to_look_at() -> None:
    assert find_slow_changes(plan(HOUR), None, answers(HOUR), []).because == "there is no steady phase"


def test_a_short_run_says_so_and_tells_only_what_is_beyond_doubt() -> None:
    seconds = 600
    slow = resource("target", "rss_bytes", seconds, lambda h: 500 * MB * (1 + 0.06 * h))
    fast = resource("target", "rss_bytes", seconds, lambda h: 500 * MB * (1 + 2.0 * h))
    quiet, alarmed = looked(slow, seconds=seconds), looked(fast, seconds=seconds)
    assert quiet.changes == () and quiet.because.startswith("too short to tell: 10 min of steady load")
    assert [change.kind for change in alarmed.changes] == ["leak"]
    assert alarmed.because == quiet.because


def test_what_the_load_generator_loses_is_no_matter_of_the_target() -> None:
    ours = resource("jmeter", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.2 * h))
    theirs = resource("db", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.1 * h))
    found = looked(ours, theirs).changes
    assert [(change.component, change.of_target) for change in found] == [("db", True), ("jmeter", False)]


def test_gaps_in_a_series_do_not_stop_it_but_half_a_series_does() -> None:
    whole = resource("target", "rss_bytes", HOUR, lambda h: 500 * MB * (1 + 0.1 * h))

    def without(share: int) -> ResourceSeries:
        keep = [i for i in range(len(whole.t_s)) if (i // 120) % share]
        return whole.model_copy(
            update={"t_s": tuple(whole.t_s[i] for i in keep), "values": tuple(whole.values[i] for i in keep)}
        )

    assert [change.kind for change in looked(without(5)).changes] == ["leak"]
    assert looked(without(2)).changes == ()
