"""Runs whose load generator was the limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.labelled.kinds import (
    LABELS,
    NO_GO,
    Labelled,
    Maker,
    Random,
    closed_run,
    drifting,
    line,
    open_run,
)
from benchmarks.labelled.processes import Samples
from benchmarks.labelled.run_files import START_MS, Left, Shares
from benchmarks.labelled.undecided import FORMS, UNDECIDED, no_go_if

_OWN_FAILURE = 2  # of `CODES`


def _busy_generator(random: Random, met: bool) -> Labelled:
    """JMeter has no processor left: a fifth of the load is missing, and requests wait inside it."""
    target = drifting(random, 300)
    waits = random.uniform(1.2, 3.0)

    def starved(samples: Samples) -> Samples:
        kept = samples.pick(random.random(len(samples)) < 0.8)
        return replace(kept, elapsed_ms=(kept.elapsed_ms * waits).astype(np.int64))

    form = str(random.choice(FORMS))
    lines = [line(random, target, form, met), "throughput >= 45/s"]
    busy = Left(shares=Shares(jmeter=random.uniform(0.82, 0.97), target=0.02))
    return open_run(random, target, lines, met, seconds=300, right=UNDECIDED, left=busy, change=starved)


def _busy_generator_with_errors(random: Random, met: bool) -> Labelled:
    """The same, and the target answers one request in ten with a 500: that no generator makes."""
    share = 0.0 if met else 0.1
    target = drifting(random, 300, errors={name: share for name in LABELS})
    right = UNDECIDED if met else frozenset({NO_GO})
    busy = Left(shares=Shares(jmeter=0.9, target=0.02))
    return open_run(
        random, target, ["error_rate < 1%", "p95 < 30s"], met, seconds=300, right=right, left=busy,
        change=lambda samples: samples.pick(random.random(len(samples)) < 0.8),
    )  # fmt: skip


def _busy_generator_and_errors_alone(random: Random, met: bool) -> Labelled:
    """No request of the load that was reached failed; at the load asked, one in twenty might."""
    target = drifting(random, 300, errors={})
    busy = Left(shares=Shares(jmeter=0.9, target=0.02))
    return open_run(
        random, target, ["error_rate < 1%"], met, seconds=300, right=UNDECIDED, left=busy,
        change=lambda samples: samples.pick(random.random(len(samples)) < 0.8),
    )  # fmt: skip


def _load_fell_short(random: Random, met: bool) -> Labelled:
    """A part of the load is missing and nothing tells why; no goal says how much of it is enough."""
    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=no_go_if(not met),
        change=lambda samples: samples.pick(random.random(len(samples)) < random.uniform(0.3, 0.85)),
    )  # fmt: skip


def _users_wait_inside(random: Random, met: bool) -> Labelled:
    """Little's law does not hold: users spend a third of their time neither answered nor in a pause."""
    return closed_run(random, met, waits=random.uniform(0.3, 0.8), right=UNDECIDED)


def _late(random: Random, met: bool) -> Labelled:
    """JMeter stands still for five seconds of each forty and sends what it owes behind that."""

    def held(samples: Samples) -> Samples:
        inside = samples.start_ms % 40_000
        late = np.where(inside < 5000, 5000 - inside, 0)
        return replace(samples, start_ms=samples.start_ms + late)

    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, even=True,
        right=UNDECIDED, change=held,
    )  # fmt: skip


def _collector(random: Random, met: bool) -> Labelled:
    """JMeter's collector stands still for 1.2 s of each ten: whoever waits, waits for that."""

    def paused(samples: Samples) -> Samples:
        ends = samples.start_ms + samples.elapsed_ms
        within = ends % 10_000
        return replace(samples, elapsed_ms=samples.elapsed_ms + np.where(within < 1200, 1200 - within, 0))

    pauses = "".join(
        f"[{START_MS + 10_000 * n + 1200}ms] GC({n}) Pause Full (G1 Compaction Pause) "
        "250M->240M(256M) 1200.000ms\n"
        for n in range(30)
    )
    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=UNDECIDED,
        left=Left(gc_log=f"[{START_MS - 500}ms] Using G1\n{pauses}"), change=paused,
    )  # fmt: skip


def _own_failures(random: Random, met: bool) -> Labelled:
    """JMeter has no port left for one request in fifty, and those are answered at once."""

    def unsent(samples: Samples) -> Samples:
        lost = random.random(len(samples)) < random.uniform(0.01, 0.2)
        elapsed = np.where(lost, 1, samples.elapsed_ms)
        return replace(samples, elapsed_ms=elapsed, code=np.where(lost, _OWN_FAILURE, samples.code))

    target = drifting(random, 300)
    lines = [line(random, target, "p95 < {}ms", met), "error_rate < 0.5%"]
    return open_run(random, target, lines, met, seconds=300, right=UNDECIDED, change=unsent)


LIMITED: dict[str, Maker] = {
    "no processor left": _busy_generator,
    "no processor left, 500s": _busy_generator_with_errors,
    "no processor left, errors alone": _busy_generator_and_errors_alone,
    "the load fell short": _load_fell_short,
    "users wait inside": _users_wait_inside,
    "behind the schedule": _late,
    "collecting garbage": _collector,
    "no ports left": _own_failures,
}
"""By what is wrong with them."""
