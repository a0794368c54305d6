"""Alerts begin when they must, stay calm when they must, and say each trouble once."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping

import pytest

from perfpilot.analysis.alerts.alerts import Alerts
from perfpilot.analysis.alerts.memory_climb import climb_of
from perfpilot.analysis.alerts.metrics import alert_metrics
from perfpilot.analysis.counting.recent_times import Recent, RecentFigures
from perfpilot.domain.alerts import parse_alert
from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveAlert, LiveFigures, LiveGenerator

Figures = Mapping[str, float]
MB = 1e6


def fed(
    figures: Callable[[float], Figures], seconds: float = 60, alerts: Alerts | None = None
) -> list[tuple[float, str, LiveAlert]]:
    """What is told, once a second: when, `begun` or `ended`, and the alert."""
    alerts = alerts or Alerts()
    told = []
    for t_s in range(1, int(seconds) + 1):
        changes = alerts.feed(float(t_s), figures(float(t_s)))
        told += [(float(t_s), "begun", alert) for alert in changes.begun]
        told += [(float(t_s), "ended", alert) for alert in changes.ended]
    return told


def spans(told: list[tuple[float, str, LiveAlert]]) -> list[tuple[str, str, float]]:
    return [(alert.name, state, t_s) for t_s, state, alert in told]


def during(begin: float, end: float, bad: Figures, calm: Figures) -> Callable[[float], Figures]:
    return lambda t_s: bad if begin <= t_s < end else calm


LEVELS = [
    # metric, value that raises, value that does not, name, seconds until it is told
    ("error_burst", 0.3, 0.09, "error burst", 0),
    ("generator_concerns", 1, 0, "generator limited", 5),
    ("cpu_share(jmeter)", 0.85, 0.75, "generator saturated", 5),
    ("cpu_share(host)", 0.97, 0.94, "host saturated", 5),
    ("cpu(target)", 0.95, 0.89, "target saturated", 10),
    ("behind", 0.3, 0.15, "load falls short", 5),
    ("connections_share(db)", 0.95, 0.85, "connections nearly used up (db)", 5),
    ("disk_free_bytes(host)", 5e8, 2e9, "disk nearly full", 2),
    ("age_s(target)", 10, 4, "monitor lost (target)", 1),
    ("age_s(monitor)", 12, 0, "monitor lost", 1),
]


@pytest.mark.parametrize(("metric", "bad", "calm", "name", "after_s"), LEVELS, ids=[row[3] for row in LEVELS])
def test_a_built_in_rule_is_told_after_its_time_and_ends_when_it_is_calm(
    metric: str, bad: float, calm: float, name: str, after_s: float
) -> None:
    low = {"disk_free_bytes(host)": 2e12}.get(metric, 0.0)
    told = fed(during(10, 40, {metric: bad}, {metric: low}))
    assert spans(told) == [(name, "begun", 10 + after_s), (name, "ended", 43)]
    assert told[0][2].text.startswith(f"{name}: ") and "{" not in told[0][2].text
    assert fed(lambda t_s: {metric: calm}) == []
    assert fed(during(10, 10 + after_s, {metric: bad}, {metric: low})) == []  # a second less than it takes


def test_a_target_that_answers_nothing_any_more_is_silent_and_one_that_was_always_slow_is_not() -> None:
    silent = fed(
        lambda t_s: {"asked": 20.0, "recent_samples": 100.0 if t_s < 20 or t_s >= 30 else 0.0},
    )
    assert spans(silent) == [("target silent", "begun", 21), ("target silent", "ended", 33)]
    assert fed(lambda t_s: {"asked": 0.5, "recent_samples": float(t_s % 5 == 0)}) == []
    over = fed(lambda t_s: {"asked": 20.0 if t_s < 20 else 0.0, "recent_samples": 100.0 if t_s < 20 else 0.0})
    assert over == [], "the plan is over"


def test_a_large_disk_is_not_nearly_full_at_five_per_cent_and_a_middling_one_is() -> None:
    for free, share, full in (
        (100e9, 0.04, False),
        (8e9, 0.04, True),
        (8e9, 0.06, False),
        (0.9e9, 0.5, True),
    ):
        told = fed(lambda t_s: {"disk_free_bytes(host)": free, "disk_free_share(host)": share}, 5)  # noqa: B023
        assert bool(told) is full
    assert "900 MB (50.0%)" in told[0][2].text


def test_a_metric_that_is_absent_neither_begins_nor_ends_an_alert() -> None:
    def figures(t_s: float) -> Figures:
        return {"error_burst": 0.5} if t_s in (10, 11, 12) else {} if t_s < 30 else {"error_burst": 0.0}

    assert spans(fed(figures)) == [("error burst", "begun", 10), ("error burst", "ended", 33)]
    apart = fed(lambda t_s: {"behind": 0.5} if t_s in (10, 20, 30, 40) else {})
    assert apart == []  # four moments with gaps between are not five seconds


def test_one_good_second_begins_the_time_anew() -> None:
    told = fed(lambda t_s: {"behind": 0.0 if t_s % 5 == 0 else 0.5})
    assert told == []


def test_between_the_two_limits_an_alert_stays_as_it_is() -> None:
    told = fed(lambda t_s: {"error_burst": 0.2 if t_s < 20 else 0.07})
    assert [state for _, state, _ in told] == ["begun"]


def test_a_flapping_metric_is_told_four_times_and_then_only_when_it_is_calm() -> None:
    def figures(t_s: float) -> Figures:
        return {"error_burst": 0.5 if t_s < 300 and t_s % 12 < 5 else 0.0}

    told = fed(figures, 400)
    states = [state for _, state, _ in told]
    assert states == ["begun", "ended"] * 4
    assert "comes and goes" in told[6][2].text and "comes and goes" not in told[4][2].text
    last_bad = max(t_s for t_s in range(300) if t_s % 12 < 5)
    assert told[-1][0] == last_bad + 1 + 30
    again = fed(lambda t_s: figures(t_s) if t_s < 400 else {"error_burst": 0.5}, 410)
    assert again[-1][1] == "begun" and "comes and goes" not in again[-1][2].text


def test_an_alert_is_on_for_five_seconds_at_the_least() -> None:
    alerts = Alerts([parse_alert("users > 10")])
    told = fed(lambda t_s: {"users": 11.0 if t_s == 10 else 0.0}, 30, alerts)
    assert spans(told) == [("users > 10", "begun", 10), ("users > 10", "ended", 15)]


def test_alerts_that_are_on_stand_with_the_most_severe_first() -> None:
    alerts = Alerts([parse_alert("critical if users > 10"), parse_alert("info if users > 5")])
    fed(lambda t_s: {"users": 11.0, "cpu_share(host)": 0.99, "error_burst": 0.5}, 10, alerts)
    assert [(alert.severity, alert.name) for alert in alerts.active()] == [
        (Severity.CRITICAL, "critical if users > 10"), (Severity.HIGH, "error burst"),
        (Severity.MEDIUM, "host saturated"), (Severity.INFO, "info if users > 5"),
    ]  # fmt: skip


def test_an_own_line_is_told_with_its_value_and_one_without_figures_is_named_at_the_end() -> None:
    alerts = Alerts([parse_alert("memory(target) > 2GB for 3s"), parse_alert("clients(cache) > 5")])
    told = fed(lambda t_s: {"memory(target)": 2.5e9}, 5, alerts)
    assert [(t_s, alert.text) for t_s, _, alert in told] == [(4, "memory(target) > 2GB for 3s: 2.5 GB")]
    assert alerts.unseen() == ("clients(cache) > 5",)


def test_a_limited_generator_is_told_with_the_reasons() -> None:
    alerts = Alerts()
    for t_s in range(10):
        changes = alerts.feed(t_s, {"generator_concerns": 2}, ("its heap is full", "it is late"))
        if changes.begun:
            break
    assert changes.begun[0].text == "generator limited: its heap is full; it is late"


# Latency ---------------------------------------------------------------------------------------------------


def p95(value: float, label: str = "", samples: float = 100) -> Figures:
    subject = f"({label})" if label else ""
    return {f"p95{subject}": value, f"recent_samples{subject}": samples}


def noisy(middle: float, sigma: float = 0.3, seed: int = 1) -> Callable[[float], float]:
    chance = random.Random(seed)
    values = [middle * math.exp(chance.gauss(0, sigma)) for _ in range(2000)]
    return lambda t_s: values[int(t_s)]


def test_a_latency_jump_is_told_against_the_runs_own_calm_level() -> None:
    usual = noisy(40)
    told = fed(lambda t_s: p95(usual(t_s) if not 60 <= t_s < 90 else 900.0), 120)
    assert [(name, state) for name, state, _ in spans(told)] == [
        ("latency jump", s) for s in ("begun", "ended")
    ]
    assert told[0][0] == 66 and told[1][0] == 93
    assert "p95 900 ms" in told[0][2].text and "times the" in told[0][2].text


def test_a_jump_of_one_endpoint_is_told_once_with_its_name() -> None:
    def figures(t_s: float) -> Figures:
        rest = {**p95(50), **p95(40, "search"), **p95(10, "few", samples=5)}
        return {**rest, **p95(30 if t_s < 50 else 700, "checkout"), **p95(10 if t_s < 50 else 999, "few", 5)}

    told = fed(figures, 80)
    assert [alert.text for _, _, alert in told] == [
        "latency jump: p95(checkout) 700 ms, 23 times the 30 ms before"
    ]


CALM_LATENCIES: list[tuple[str, Callable[[float], float]]] = [
    ("a ramp's growth by some milliseconds", lambda t_s: 5 + t_s / 6),
    ("a slow climb along a long ramp", lambda t_s: 40 + 1.5 * t_s),
    ("noise", noisy(60, 0.4)),
    ("strong noise around a high level", noisy(800, 0.35, seed=2)),
    ("a jump in the first seconds", lambda t_s: 900.0 if t_s < 12 else 30.0),
    ("one pause of the runtime", lambda t_s: 700.0 if 60 <= t_s < 66 else 20.0),
    ("a slow beginning", lambda t_s: 20 + 2000 * math.exp(-t_s / 5)),
    ("few milliseconds many times over", lambda t_s: 2.0 if t_s < 60 else 40.0),
    ("two thirds more", lambda t_s: 480.0 if t_s < 60 else 800.0),
    (
        "little above what was usual now and then",
        lambda t_s: 350.0 if t_s > 200 else 290.0 if int(t_s) % 20 < 2 else 100.0,
    ),
    ("a restless series", lambda t_s: 300.0 if int(t_s) % 20 < 4 else 50.0),
]


JUMPS: list[tuple[str, Callable[[float], float], list[float]]] = [
    # what, its p95, when it begins (and ends)
    ("doubling every five seconds", lambda t_s: 40 * 2 ** min(max(t_s - 60, 0) / 5, 5), [76]),
    ("doubling every three seconds, soon", lambda t_s: 40 * 2 ** min(max(t_s - 20, 0) / 3, 5), [35]),
    ("back to a few milliseconds more", lambda t_s: {1: 700.0, 2: 70.0}.get(int(t_s // 60), 20.0), [66, 123]),
    ("behind a slow beginning", lambda t_s: 3000.0 if t_s < 10 else 30.0 if t_s < 60 else 700.0, [66]),
    ("back to what is still less than twice", lambda t_s: {1: 1800.0, 2: 900.0}.get(int(t_s // 60), 500.0),
     [66, 123]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "value", "told"), JUMPS, ids=[what for what, _, _ in JUMPS])
def test_a_latency_jump_is_told_of(what: str, value: Callable[[float], float], told: list[float]) -> None:
    assert [t_s for t_s, _, _ in fed(lambda t_s: p95(value(t_s)), 180)] == told


@pytest.mark.parametrize(("what", "value"), CALM_LATENCIES, ids=[what for what, _ in CALM_LATENCIES])
def test_no_latency_jump_is_told_of(what: str, value: Callable[[float], float]) -> None:
    assert fed(lambda t_s: p95(value(t_s)), 300) == []


def test_latencies_of_too_few_requests_are_no_jump() -> None:
    assert fed(lambda t_s: p95(20 if t_s < 60 else 2000, samples=10), 120) == []


# Memory ----------------------------------------------------------------------------------------------------


def memory(size: float, asked: float = 50, available: float = 1e12) -> Figures:
    return {"rss_bytes(target)": size, "asked": asked, "memory_available_bytes(host)": available}


CLIMBS: list[tuple[str, Callable[[float], Figures], float]] = [
    ("a fast leak", lambda t_s: memory(200 * MB + 1 * MB * t_s), 100),
    ("a fast leak with noise", lambda t_s: memory(200 * MB + 1 * MB * t_s + noisy(5 * MB)(t_s)), 160),
    ("a slow leak", lambda t_s: memory(500 * MB + 0.4 * MB * t_s), 230),
    (
        "a leak below a collected heap",
        lambda t_s: memory(300 * MB + 0.8 * MB * t_s + 4 * MB * (t_s % 9)),
        160,
    ),
    (
        "a slow leak with little memory left",
        lambda t_s: memory(4e9 + MB * t_s, available=4e8 - MB * t_s),
        110,
    ),
]


@pytest.mark.parametrize(("what", "figures", "by_s"), CLIMBS, ids=[what for what, _, _ in CLIMBS])
def test_memory_that_climbs_is_told(what: str, figures: Callable[[float], Figures], by_s: float) -> None:
    told = fed(figures, 400)
    assert [(state, alert.name) for _, state, alert in told] == [("begun", "memory climbing (target)")]
    assert 60 <= told[0][0] <= by_s
    assert ("none left in" in told[0][2].text) is ("little" in what)


def warm_up(tau_s: float) -> Callable[[float], Figures]:
    return lambda t_s: memory(300 * MB - 200 * MB * math.exp(-t_s / tau_s))


STEADY: list[tuple[str, Callable[[float], Figures]]] = [
    ("a warm-up of half a minute", warm_up(30)),
    ("a warm-up of a minute", warm_up(60)),
    ("a warm-up of two minutes", warm_up(120)),
    ("noise", lambda t_s: memory(300 * MB + noisy(30 * MB, 0.5)(t_s))),
    ("a collected heap", lambda t_s: memory(300 * MB + 4 * MB * (t_s % 40))),
    ("growth with the load", lambda t_s: memory(100 * MB + MB * min(t_s, 200), asked=min(t_s, 200) / 4)),
    ("one step", lambda t_s: memory(200 * MB if t_s < 100 else 400 * MB)),
    ("growth by a few megabytes", lambda t_s: memory(30 * MB + 0.02 * MB * t_s)),
    ("one per cent a minute", lambda t_s: memory(1000 * MB + 0.16 * MB * t_s)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "figures"), STEADY, ids=[what for what, _ in STEADY])
def test_memory_that_does_not_climb_is_not_told_of(what: str, figures: Callable[[float], Figures]) -> None:
    assert fed(figures, 600) == []


def test_a_climb_that_stops_ends_the_alert() -> None:
    told = fed(lambda t_s: memory(200 * MB + MB * min(t_s, 200)), 600)
    assert [state for _, state, _ in told] == ["begun", "ended"]


def test_the_slope_is_that_of_most_pairs() -> None:
    climb = climb_of((100.0, 110.0, 120.0, 500.0, 140.0, 150.0, 160.0))
    assert climb.bytes_per_s == pytest.approx(1.0) and climb.grown_bytes == 60


# Figures ---------------------------------------------------------------------------------------------------

NONE = Recent(0, 0, None, None, None, None, None)


def figures_of(**keys: object) -> LiveFigures:
    plain: dict[str, object] = dict(
        attempt=1,
        t_s=30.0,
        remaining_s=30.0,
        asked_per_s=50.0,
        reached_per_s=49.0,
        users=7,
        count=100,
        errors=0,
    )
    return LiveFigures.model_validate(plain | keys)


def test_what_is_not_known_has_no_figure() -> None:
    metrics = alert_metrics(figures_of(), RecentFigures(NONE, {}))
    assert metrics == {
        "users": 7,
        "generator_concerns": 0,
        "asked": 50,
        "recent_samples": 0,
        "age_s(monitor)": 0,
    }


def test_figures_have_the_names_that_lines_use() -> None:
    recent = Recent(100, 20, 16.0, 0.2, 10.0, 20.0, 30.0)
    metrics = alert_metrics(
        figures_of(generator=LiveGenerator(behind=0.25, concerns=("late",))),
        RecentFigures(recent, {"checkout": recent}),
        {"rss_bytes(target)": 1e8, "memory_bytes(cache)": 2e8, "rss_bytes(db)": 3e8, "memory_bytes(db)": 1.0},
        {"target": 1.0, "host": 9.0},
    )
    expected = {
        "error_rate": 0.2, "error_burst": 0.2, "p95(checkout)": 20, "p99": 30, "throughput(checkout)": 16,
        "behind": 0.25, "generator_concerns": 1, "memory(target)": 1e8, "memory(cache)": 2e8,
        "memory(db)": 3e8, "age_s(target)": 1, "age_s(host)": 9, "age_s(monitor)": 0,
    }  # fmt: skip
    assert {name: metrics[name] for name in expected} == expected


def test_few_failures_are_no_burst_and_a_load_that_begins_is_not_behind() -> None:
    recent = RecentFigures(Recent(10, 4, 1.0, 0.4, 1.0, 1.0, 1.0), {})
    metrics = alert_metrics(figures_of(t_s=3.0, generator=LiveGenerator(behind=0.9)), recent)
    assert metrics["error_burst"] == 0 and metrics["error_rate"] == 0.4 and "behind" not in metrics


def test_a_load_that_is_over_neither_lacks_throughput_nor_falls_behind() -> None:
    recent = Recent(10, 0, 0.5, 0.0, 1.0, 1.0, 1.0)
    over = figures_of(remaining_s=0.0, generator=LiveGenerator(behind=0.9))
    metrics = alert_metrics(over, RecentFigures(recent, {"pay": recent}))
    assert not {"behind", "throughput", "throughput(pay)"} & set(metrics) and metrics["error_rate(pay)"] == 0


def test_a_monitor_that_fell_silent_as_a_whole_is_told_once() -> None:
    alerts = Alerts()

    def ages() -> Iterator[dict[str, float]]:
        for t_s in range(30):
            yield {"host": max(t_s - 10.0, 0), "target": max(t_s - 10.3, 0), "perfpilot": max(t_s - 10.0, 0)}

    recent, told = RecentFigures(NONE, {}), []
    for t_s, age in enumerate(ages()):
        told += alerts.feed(t_s, alert_metrics(figures_of(), recent, {}, age)).begun
    assert [alert.name for alert in told] == ["monitor lost"]
