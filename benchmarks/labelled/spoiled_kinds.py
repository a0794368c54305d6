"""Runs whose evidence something outside of the target spoiled: the machine, the clock, the file, a signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.labelled.kinds import (
    LABELS,
    NO_GO,
    Labelled,
    Maker,
    Random,
    drifting,
    line,
    open_run,
)
from benchmarks.labelled.processes import Samples
from benchmarks.labelled.run_files import HEADER, START_MS, Left, Shares
from benchmarks.labelled.undecided import UNDECIDED, ended_as, no_go_if, until
from perfpilot.domain.load_outcome import Ended, LoadOutcome


def _neighbour(random: Random, met: bool) -> Labelled:
    target = drifting(random, 300)
    times = random.uniform(1.3, 3.0)
    shares = Shares(neighbours=random.uniform(0.3, 0.8))
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=no_go_if(not met),
        left=Left(shares=shares),
        change=lambda samples: replace(samples, elapsed_ms=(samples.elapsed_ms * times).astype(np.int64)),
    )  # fmt: skip


def _monitor_died(random: Random, met: bool) -> Labelled:
    target = drifting(random, 300)
    shares = Shares(until_s=random.uniform(20, 280))
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=no_go_if(not met),
        left=Left(shares=shares),
    )  # fmt: skip


def _monitor_died_with_errors(random: Random, met: bool) -> Labelled:
    """Nobody watched the host, but the target answered with errors of its own: that touches no answer."""
    target = drifting(random, 300, errors={name: 0.0 if met else 0.1 for name in LABELS})
    right = UNDECIDED if met else frozenset({NO_GO})
    left = Left(shares=Shares(until_s=100))
    lines = ["error_rate < 1%", "p95 < 30s"]
    return open_run(random, target, lines, met, seconds=300, right=right, left=left)


def _clock_step(random: Random, met: bool) -> Labelled:
    step_s = float(random.choice([-1, 1])) * random.uniform(1.5, 20)
    at_ms = int(random.integers(50_000, 250_000))
    outcome = LoadOutcome(attempt=1, ended=Ended.COMPLETED, started_ms=START_MS, clock_step_s=step_s)

    def stepped(samples: Samples) -> Samples:
        ends = samples.start_ms + samples.elapsed_ms
        start = np.where(samples.start_ms >= at_ms, samples.start_ms + round(1000 * step_s), samples.start_ms)
        over = (samples.start_ms < at_ms) & (ends >= at_ms)  # measured across the step
        elapsed = np.where(over, samples.elapsed_ms + max(round(1000 * step_s), 0), samples.elapsed_ms)
        return replace(samples, start_ms=start, elapsed_ms=elapsed)

    target = drifting(random, 300)
    return open_run(
        random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300, right=no_go_if(not met),
        left=Left(outcome), change=stepped,
    )  # fmt: skip


Spoil = Callable[[list[str], Random], Sequence[str | bytes]]


def _damaged(spoil: Spoil, *forms: str) -> Maker:
    def make(random: Random, met: bool) -> Labelled:
        target = drifting(random, 300)
        lines = [line(random, target, form, met, rate_per_s=50.0) if "{}" in form else form for form in forms]
        return open_run(
            random, target, lines, met, seconds=300, right=no_go_if(not met),
            spoil=lambda rows: spoil(rows, random),
        )  # fmt: skip

    return make


def _torn_rows(rows: list[str], random: Random) -> Sequence[str]:
    """Some rows lost their ends."""
    hit = set(random.choice(len(rows), int(random.integers(1, 60)), replace=False).tolist())
    return [row[: len(row) // 2].replace(",", " ") + "\n" if n in hit else row for n, row in enumerate(rows)]


def _hole(rows: list[str], random: Random) -> Sequence[str | bytes]:
    """A fifth of the file is empty blocks of the disk."""
    begin = int(random.uniform(0.2, 0.7) * len(rows))
    end = begin + len(rows) // 5
    return [*rows[:begin], bytes(sum(map(len, rows[begin:end])) - 1) + b"\n", *rows[end:]]


def _slow_rows_lost(rows: list[str], random: Random) -> Sequence[str]:
    """What is damaged are the slowest tenth: the rest looks better than the target is."""
    elapsed = np.array([int(row.split(",", 2)[1]) for row in rows])
    lost = elapsed >= np.quantile(elapsed, 0.9)
    return [row.replace(",", "", 3) if gone else row for row, gone in zip(rows, lost.tolist(), strict=True)]


def _second_header(rows: list[str], random: Random) -> Sequence[str]:
    at = int(random.integers(1, len(rows)))
    return [*rows[:at], f"{HEADER}\n", *rows[at:]]


def _killed(told: bool) -> Maker:
    """JMeter is killed; perfpilot saw that, or was killed as well."""

    def make(random: Random, met: bool) -> Labelled:
        seconds = random.uniform(5, 290)
        detail = "the load generator was killed by signal 9 before its plan ended"
        left = Left(ended_as(Ended.GENERATOR_DIED, detail) if told else None)
        target = drifting(random, 300)
        return open_run(
            random, target, [line(random, target, "p95 < {}ms", met)], met, seconds=300,
            right=no_go_if(not met), left=left, change=until(seconds),
        )  # fmt: skip

    return make


SPOILED: dict[str, Maker] = {
    "a neighbour": _neighbour,
    "monitor died": _monitor_died,
    "monitor died, 500s": _monitor_died_with_errors,
    "clock step": _clock_step,
    "torn rows, p95": _damaged(_torn_rows, "p95 < {}ms"),
    "hole, p95": _damaged(_hole, "p95 < {}ms"),
    "hole, throughput": _damaged(_hole, "throughput >= {}/s"),
    "hole, achieved load": _damaged(_hole, "throughput >= {}/s", "achieved_load >= 95%"),
    "slow rows lost": _damaged(_slow_rows_lost, "p99 < {}ms"),
    "second header": _damaged(_second_header, "p95 < {}ms"),
    "JMeter killed": _killed(True),
    "both killed": _killed(False),
}
"""By what is wrong with them."""
