"""Facts that are derived from others by plain arithmetic: slowdown, work in progress, outage, estimates."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.row import Row
from perfpilot.analysis.facts.signals import errors_between, growth, outage, within
from perfpilot.analysis.facts.unloaded import Slowdown, slowdown
from perfpilot.analysis.failures.error_kinds import ErrorKind, error_kind
from perfpilot.analysis.observations import Observations

RESTART_WINDOW_S = 15.0
"""Failures this long after a restart are counted with it."""

_OUTAGE_SECONDS = 5
_ORDINALS = ("first", "next", "third", "fourth", "fifth")


def signal_rows(seen: Observations) -> list[Row]:
    """Derived facts, each computed from what the table already holds or from the per-second series."""
    return [
        *_slowdown_rows(seen),
        *_growth_rows(seen),
        *_target_rows(seen),
        *_outage_rows(seen),
        *_restart_rows(seen),
    ]


def target_share(seen: Observations) -> float | None:
    """Mean share of the cores that the target may use, in the judged phase; None if not monitored."""
    values = _target_values(seen)
    if not values:
        return None
    mean = float(np.mean(values))
    if seen.target_host_cores and seen.target_cores:
        return mean * seen.target_host_cores / seen.target_cores
    return mean


def _slowdown_rows(seen: Observations) -> list[Row]:
    found = slowdown(seen)
    if found is None:
        return []
    source = f"by the {found.source}"
    rows = [
        Row("unloaded.p50_ms", found.unloaded_ms, "ms", f"response time without load, {source}"),
        Row("signal.slowdown", found.pooled, "times", "p50 under load over the one without load"),
    ]
    for label in sorted(found.by_label):
        rows.append(
            Row(
                fact_name("unloaded.p50_ms", label),
                found.unloaded_by_label[label],
                "ms",
                f"response time of {label} without load, {source}",
            )
        )
        words = f"p50 of {label} under load over the one without load"
        rows.append(Row(fact_name("signal.slowdown", label), found.by_label[label], "times", words))
    return rows + _work_rows(seen, found)


def _work_rows(seen: Observations, found: Slowdown) -> list[Row]:
    """Little's law twice: requests in flight, and of them those being worked on (the rest wait)."""
    phase = seen.judged
    if phase is None:
        return []
    rows = []
    for stats in sorted(phase.labels, key=lambda s: s.label):
        quiet = found.unloaded_by_label.get(stats.label)
        if quiet is None or stats.mean_ms is None:
            continue
        worked = stats.rate_per_s * quiet / 1000
        flying = stats.rate_per_s * stats.mean_ms / 1000
        words = f"requests of {stats.label} worked on at once, rate by response time without load"
        rows.append(Row(fact_name("signal.worked_on", stats.label), worked, "", words))
        words = f"requests of {stats.label} in flight, rate by response time"
        rows.append(Row(fact_name("signal.in_flight", stats.label), flying, "", words))
    return rows


def _growth_rows(seen: Observations) -> list[Row]:
    moved = growth(seen)
    if moved is None:
        return []
    words = "of the last third of the phase over the first third"
    return [
        Row("signal.response_growth", moved.response, "times", f"p50 {words}"),
        Row("signal.throughput_growth", moved.throughput, "times", f"throughput {words}"),
    ]


def _target_values(seen: Observations) -> list[float]:
    phase, series = seen.judged, seen.resource("target", "cpu_share")
    return within(series, phase) if phase is not None and series is not None else []


def _target_rows(seen: Observations) -> list[Row]:
    share, values = target_share(seen), _target_values(seen)
    if share is None:
        return []
    rows = [Row("signal.target_cpu", share * 100, "%", "CPU share of the target, of the cores it may use")]
    phase, cores = seen.judged, seen.target_host_cores
    rate = phase.pooled.rate_per_s if phase is not None else 0.0
    if cores:
        used = [value * cores for value in values]
        rows.append(Row("signal.target_cores_used", float(np.mean(used)), "", "cores that the target used"))
        rows.append(
            Row("signal.target_cores_spread", float(np.std(used)), "", "standard deviation of the cores used")
        )
        if rate > 0:
            cost = 1000 * float(np.mean(used)) / rate
            rows.append(Row("cost.cpu_ms", cost, "ms", "CPU time of the target for each sample"))
    if rate > 0 and share >= 0.2:
        # Utilisation law, X_max = X / U (Denning and Buzen 1978); below a fifth it extrapolates too far.
        words = "estimated rate at full CPU of the target"
        rows.append(Row("estimate.cpu_bound_per_s", rate / share, "/s", words))
    return rows


def _outage_rows(seen: Observations) -> list[Row]:
    found = outage(seen.series)
    if found is None or found.seconds < _OUTAGE_SECONDS:
        return []
    rows = [
        Row("outage.from_s", found.from_s, "s", "only failures from this second of the load to its end"),
        Row("outage.duration_s", float(found.seconds), "s", "length of the outage at the end of the load"),
        Row("outage.errors", found.errors, "samples", "failed samples in the outage"),
    ]
    whole = seen.attempt.phase("all")
    if whole is not None:
        for kind in (ErrorKind.CONNECTION, ErrorKind.TIMEOUT):
            hit = [s for s in whole.labels if any(error_kind(c.code) is kind for c in s.causes)]
            count = sum(c.count for s in hit for c in s.causes if error_kind(c.code) is kind)
            words = f"samples that failed by {kind.value} over the whole load"
            rows.append(Row(f"outage.{kind.value}", count, "samples", words))
            words = f"labels with failures by {kind.value}"
            rows.append(Row(f"outage.{kind.value}_labels", len(hit), "", words))
        rows.append(Row("outage.labels", len(whole.labels), "", "labels under load"))
    return rows


def _restart_rows(seen: Observations) -> list[Row]:
    rows = []
    for number, at_s in enumerate(sorted(seen.restarts), start=1):
        which = _ORDINALS[number - 1] if number <= len(_ORDINALS) else "further"
        words = f"moment of the {which} target restart after the start of the load"
        rows.append(Row(fact_name("restart.at_s", str(number)), at_s, "s", words))
        failed = errors_between(seen.series, at_s - 2, at_s + RESTART_WINDOW_S)
        words = f"failed samples around the {which} target restart"
        rows.append(Row(fact_name("restart.errors", str(number)), failed, "samples", words))
    return rows
