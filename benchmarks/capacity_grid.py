"""How far the estimate of the capacity is off, and how often its interval covers the truth.

    python -m benchmarks.capacity_grid                 # simulated: ladders and searches over a grid
    python -m benchmarks.capacity_grid --real 3        # and three searches of a real server over loopback

A target has c slots that take s seconds each. Under even arrivals and a fixed service time its capacity is
c/s. Where arrivals or service times are random it is the rate at which the p95 crosses its threshold, as an
offline sweep of the simulator finds it (200,000 samples a rate). Each target is looked at twice: by a ladder
of levels that do not know the capacity, and by the search. Prints each estimate with its interval, the
median error and the coverage beside the aims, and exits 1 where one is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

import numpy as np

from benchmarks.search_known_capacity import search_load as search_real
from perfpilot.analysis.capacity.estimate import ladder_capacity, searched_capacity
from perfpilot.analysis.capacity.judged import Around, judged
from perfpilot.analysis.capacity.level_counts import LevelCounts
from perfpilot.analysis.capacity.spans import level_spans
from perfpilot.domain.capacity import Capacity, CapacityLevel
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.search import Search, SearchOutcome
from perfpilot.domain.thresholds import Threshold, parse_threshold
from perfpilot.planning.load.searched import as_searched
from tests.analysis.search.queue_simulator import START_MS, QueueTarget, Sample, rows_of, search_load

MEDIAN_ERROR, COVERAGE = 0.05, 0.90
SLOTS = (1, 2, 4, 8, 16)
CAPACITIES = (12.0, 40.0, 100.0)  # c/s, per second
KINDS = (
    (True, "deterministic"),
    (True, "exponential"),
    (False, "deterministic"),
    (False, "exponential"),
)
TIMES = (8.0, 20.0)  # p95 allowed, in service times
HOLD_S = 60.0
STEP = 0.1  # of a ladder, by what was guessed of the capacity
_SWEEP = 200_000


@dataclass(frozen=True)
class Case:
    """A target, and what is asked of it."""

    slots: int
    per_s: float
    even: bool
    service: str
    times: float
    seed: int

    @property
    def service_s(self) -> float:
        """Service time."""
        return self.slots / self.per_s

    @property
    def line(self) -> str:
        """The threshold."""
        return f"p95 < {1000 * self.times * self.service_s:.0f}ms"

    @property
    def truth(self) -> float:
        """The highest rate that meets the threshold."""
        if self.even and self.service == "deterministic":
            return self.per_s
        return self.per_s * crossing(self.slots, self.even, self.service, self.times)

    def __str__(self) -> str:
        arrivals = "even" if self.even else "random"
        target = f"{self.slots:2} x {1000 * self.service_s:6.1f} ms"
        return f"{target}, {arrivals:6} {self.service:13} {self.line:>13}"


class Recorded(QueueTarget):
    """A target that remembers what was sent."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.log: list[Sample] = []

    def _send(self, now: float) -> Sample:
        sample = super()._send(now)
        self.log.append(sample)
        return sample


@cache
def crossing(slots: int, even: bool, service: str, times: float) -> float:
    """The share of c/s at which the p95 of a long simulation crosses its limit."""
    low, high = 0.2, 1.05
    for _ in range(9):
        share = (low + high) / 2
        target = QueueTarget(slots, float(slots), service, users=10**9, even=even, seed=99)
        taken = target.run(0, _SWEEP / share, share)[_SWEEP // 20 :]
        p95 = np.quantile([end - begin for begin, end, _ in taken], 0.95)
        low, high = (share, high) if p95 < times * slots else (low, share)
    return (low + high) / 2


def cases(seeds: Sequence[int]) -> Iterator[Case]:
    """The grid."""
    for seed in seeds:
        for slots in SLOTS:
            for per_s in CAPACITIES:
                for even, service in KINDS:
                    times = TIMES[(slots.bit_length() + int(per_s) + seed) % 2]
                    yield Case(slots, per_s, even, service, times, seed)


def by_ladder(case: Case, hold_s: float = HOLD_S) -> Capacity:
    """A ladder of equal steps, whose top was guessed a third to a half above what the target can do."""
    guess = case.per_s * random.Random(f"{case}{case.seed}").uniform(0.85, 1.2)
    levels = [guess * STEP * step for step in range(2, 17)]
    levels = [level for level in levels if level < 1.5 * case.per_s]
    target = Recorded(case.slots, case.service_s, case.service, users=10**6, even=case.even, seed=case.seed)
    for number, level in enumerate(levels):
        target.run(number * hold_s, (number + 1) * hold_s, level)
    segments = tuple(Segment(duration_s=hold_s, start=level, end=level) for level in levels)
    plan = _plan(segments, case.even)
    return ladder_capacity(_levels(plan, None, [parse_threshold(case.line)], target.log))


def by_search(case: Case) -> Capacity:
    """A search that begins well below and may go far above."""
    start = case.per_s * random.Random(f"{case}{case.seed}").uniform(0.05, 0.4)
    search = Search(
        unit="rate_per_s", start=start, end=case.per_s * 6, precision=0.05, hold_s=8.0, longest_s=600.0
    )
    target = Recorded(case.slots, case.service_s, case.service, even=case.even, seed=case.seed)
    found = search_load(target, search, [case.line]).outcome
    segments = (Segment(duration_s=search.longest_s, start=search.end, end=search.end),)
    plan = as_searched(_plan(segments, case.even, searched=True), found)
    return searched_capacity(found, _levels(plan, found, [parse_threshold(case.line)], target.log))


def _levels(
    plan: Plan, found: SearchOutcome | None, lines: Sequence[Threshold], log: Sequence[Sample]
) -> tuple[CapacityLevel, ...]:
    counts = LevelCounts(level_spans(plan, found), lines, START_MS, ["home"])
    counts.add(rows_of(log))
    return judged(counts.levels(), Around(plan, lines))


def _plan(segments: tuple[Segment, ...], even: bool, *, searched: bool = False) -> Plan:
    curve = LoadCurve(unit="rate_per_s", segments=segments)
    scenario = Scenario(
        name="visit",
        engine=Engine.STEERED_RATE if searched else Engine.OPEN_SCHEDULE,
        curve=curve,
        steps=(PlannedStep(endpoint="home", label="home"),),
        users=1000,
        even_arrivals=even,
        searched=searched,
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=curve.duration_s,
        warm_up_s=0.0,
        peak_rate_per_s=curve.peak,
        users=1000,
        expected_samples=curve.area,
        connect_timeout_s=3,
        response_timeout_s=60,
    )


@dataclass(frozen=True)
class Answer:
    """An estimate beside the truth."""

    name: str
    truth: float
    capacity: Capacity

    @property
    def error(self) -> float:
        """Share by which the estimate is off; infinite where there is none."""
        rate = self.capacity.rate_per_s
        return float("inf") if rate is None else abs(rate / self.truth - 1)

    @property
    def covers(self) -> bool:
        """Whether the truth lies in the interval."""
        low, high = self.capacity.low_per_s, self.capacity.high_per_s
        return (
            low is not None
            and high is not None
            and low <= self.truth * 1.0001
            and self.truth <= high * 1.0001
        )

    @property
    def width(self) -> float:
        """Of the interval, by the truth."""
        low, high = self.capacity.low_per_s, self.capacity.high_per_s
        return float("inf") if low is None or high is None else (high - low) / self.truth

    def __str__(self) -> str:
        if not self.capacity.estimated:
            return f"{self.name}: {self.truth:7.2f}/s  not estimated: {self.capacity.because}"
        rate, low, high = self.capacity.rate_per_s, self.capacity.low_per_s, self.capacity.high_per_s
        off, mark = 100 * (rate / self.truth - 1), "" if self.covers else "  NOT COVERED"
        return (
            f"{self.name}: {self.truth:7.2f}/s  found {rate:7.2f}/s ({off:+5.1f} %) "
            f"in {low:.2f} .. {high:.2f}{mark}"
        )


def by_real_search(slots: int, per_s: float) -> Answer:
    """A search of a real server with a real client over loopback; the levels are those it judged itself."""
    service_ms = 1000 * slots / per_s
    command = [sys.executable, "-m", "benchmarks.known_capacity"]
    command += ["--slots", str(slots), "--service-ms", str(service_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().removeprefix("listening on "))
        search = Search(
            unit="rate_per_s", start=per_s / 5, end=per_s * 5, precision=0.05, hold_s=8.0, longest_s=300.0
        )
        outcome, _ = asyncio.run(search_real(port, search, ["p95 < 1s"]))
    finally:
        process.terminate()
        process.communicate()
    return Answer(f"real   {slots:2} x {service_ms:6.1f} ms", per_s, searched_capacity(outcome))


def _summary(how: str, answers: Sequence[Answer]) -> bool:
    """Print the figures of one way to look, beside the aims; whether both are reached."""
    found = [answer for answer in answers if answer.capacity.estimated]
    if not found:
        print(f"{how}: nothing estimated  MISSED")
        return False
    error = median(answer.error for answer in answers)
    worst = float(np.quantile([answer.error for answer in found], 0.9))
    covered = sum(answer.covers for answer in found) / len(found)
    good = error <= MEDIAN_ERROR and covered >= COVERAGE
    print(
        f"{how}: {len(found)} of {len(answers)} estimated; median error {100 * error:.1f} % "
        f"(aim {100 * MEDIAN_ERROR:.0f} %), 9 in 10 within {100 * worst:.1f} %; "
        f"covered {100 * covered:.1f} % (aim {100 * COVERAGE:.0f} %), "
        f"width {100 * median(answer.width for answer in found):.0f} %" + ("" if good else "  MISSED")
    )
    return good


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 1 where an aim is missed. Targets without an estimate count as errors without end."""
    parser = argparse.ArgumentParser(description="Capacity over a grid of targets of known capacity.")
    parser.add_argument("--seeds", type=int, default=1, help="times that the grid is gone through")
    parser.add_argument("--real", type=int, default=0, metavar="N", help="and so many real servers")
    given = parser.parse_args(arguments)
    answers: dict[str, list[Answer]] = {}
    for case in cases(range(1, given.seeds + 1)):
        kind = f"{'even' if case.even else 'random'} {case.service}"
        for how, look in (("ladder", by_ladder), ("search", by_search)):
            answer = Answer(f"{how} {case}", case.truth, look(case))
            answers.setdefault(f"  {how}, {kind}", []).append(answer)
            answers.setdefault(how, []).append(answer)
            print(answer, flush=True)
    for number in range(given.real):
        slots, per_s = SLOTS[number % len(SLOTS)], CAPACITIES[number % len(CAPACITIES)]
        answer = by_real_search(slots, per_s)
        answers.setdefault("real", []).append(answer)
        print(answer, flush=True)
    reached = {how: _summary(how, some) for how, some in sorted(answers.items())}
    return int(not all(good for how, good in reached.items() if not how.startswith(" ")))


if __name__ == "__main__":
    sys.exit(main())
