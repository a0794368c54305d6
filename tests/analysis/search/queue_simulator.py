"""A target of c slots with a FIFO queue and paced users in front of it, simulated arrival by arrival.

The users are those of a steered rate: a fixed number who share one clock, of which late ones catch up 0.3 s
worth. When all of them wait for answers, the rate sent falls to what the target completes.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.analysis.search.load_search import LoadSearch
from perfpilot.domain.search import Search, SearchOutcome, SearchStep
from perfpilot.domain.thresholds import parse_threshold

START_MS = 1_750_000_000_000
TICK_S = 0.5
REACTION_S = 0.5
READ_DELAY_S = 0.8
CATCH_UP_S = 0.3
Sample = tuple[float, float, bool]
"""Begin and end in seconds since the load began, and success."""


@dataclass
class QueueTarget:
    """c slots that take `service_s` each: c / service_s a second under even arrivals."""

    slots: int
    service_s: float
    service: str = "deterministic"  # or exponential, lognormal
    users: int = 400
    even: bool = True
    seed: int = 1
    jitter_s: float = 0.0  # users look at the clock so late, at most
    broken: Callable[[float, float], bool] = lambda start_s, waited_s: False
    sent: int = 0
    _clock: float = 0.0
    _free: list[float] = field(default_factory=list)
    _busy: list[float] = field(default_factory=list)
    _next: float | None = None

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._free = [0.0] * self.slots
        self._gap = 1.0

    @property
    def capacity(self) -> float:
        return self.slots / self.service_s

    def run(self, from_s: float, to_s: float, level: float) -> list[Sample]:
        """The samples that begin in a stretch of time at one level."""
        samples: list[Sample] = []
        if level <= 0:
            self._clock = to_s
            return samples
        while True:
            due = self._clock + self._gap / level
            now = max(due, from_s)
            while self._busy and self._busy[0] <= now:
                heapq.heappop(self._busy)
            if len(self._busy) >= self.users:
                now = self._busy[0]
            if now >= to_s:
                return samples
            self._clock = due if not self.even else max(due, now - CATCH_UP_S)
            self._gap = 1.0 if self.even else self._random.expovariate(1.0)
            samples.append(self._send(now))

    def run_users(self, from_s: float, to_s: float, users: int) -> list[Sample]:
        """The samples that so many users without think time begin in a stretch of time."""
        samples: list[Sample] = []
        while True:
            while len(self._busy) > users:
                heapq.heappop(self._busy)
            now = max(heapq.heappop(self._busy), from_s) if len(self._busy) >= users else from_s
            if now >= to_s:
                heapq.heappush(self._busy, now)
                return samples
            samples.append(self._send(now))

    def _send(self, now: float) -> Sample:
        now += self._random.random() * self.jitter_s
        begin = max(now, heapq.heappop(self._free))
        failed = self.broken(now, begin - now)
        end = now + 0.001 if failed else begin + self._service()
        heapq.heappush(self._free, begin if failed else end)
        heapq.heappush(self._busy, end)
        self.sent += 1
        return now, end, not failed

    def _service(self) -> float:
        if self.service == "exponential":
            return self._random.expovariate(1 / self.service_s)
        if self.service == "lognormal":
            sigma = 0.5
            return self.service_s * self._random.lognormvariate(-sigma * sigma / 2, sigma)
        return self.service_s


@dataclass(frozen=True)
class Searched:
    """A search against a simulated target."""

    outcome: SearchOutcome
    steps: tuple[SearchStep, ...]  # as handed out by the ticks
    sent: int
    highest_level: float
    lowest_level: float
    ended_s: float

    @property
    def found(self) -> float:
        return self.outcome.highest_kept or 0.0


def search_load(
    target: QueueTarget,
    search: Search,
    thresholds: Sequence[str] = (),
    *,
    earlier: Sequence[SearchStep] = (),
    begin_s: float = 0.0,
    generator: Callable[[float], Sequence[str]] = lambda level: (),
    sends: Callable[[float], float] = lambda level: level,
    stop_s: float = 1e9,
    per_arrival: float = 1.0,
) -> Searched:
    """Run a search: rows in ticks of half a second, read late; the load follows half a second later.

    `per_arrival`: samples of one arrival. `sends`: what the load generator sends of a level. `generator`:
    what it says of itself.
    """
    loop = LoadSearch(
        search,
        start_ms=START_MS,
        labels=["home"],
        measured=lambda label: True,
        requests_per_arrival=per_arrival,
        thresholds=[parse_threshold(line) for line in thresholds],
        earlier=earlier,
    )
    target._clock = begin_s
    now, applied, flying = begin_s, 0.0, []
    ended: list[SearchStep] = []
    levels: list[float] = []
    while now < begin_s + search.longest_s * 2 + 60:
        known = now - READ_DELAY_S
        loop.add(rows_of([sample for sample in flying if sample[1] <= known]))
        flying = [sample for sample in flying if sample[1] > known]
        tick = loop.tick(now, generator=generator(applied))
        ended.extend(tick.ended)
        levels.append(tick.level)
        outcome = tick.outcome or (loop.outcome("stopped") if now >= stop_s else None)
        if outcome:
            positive = [level for level in levels if level > 0]
            return Searched(outcome, tuple(ended), target.sent, max(levels), min(positive, default=0), now)
        run = target.run
        if search.unit == "users":
            run = lambda a, b, level: target.run_users(a, b, int(level)) if level else []  # noqa: E731
        flying += run(now, now + REACTION_S, per_arrival * sends(applied))
        flying += run(now + REACTION_S, now + TICK_S, per_arrival * sends(tick.level))
        now, applied = now + TICK_S, tick.level
    raise AssertionError("the search never ended")


def rows_of(samples: Sequence[Sample]) -> Rows:
    """Samples as the reader makes them."""
    count = len(samples)
    start = np.array([START_MS + round(begin * 1000) for begin, _, _ in samples], np.int64)
    elapsed = np.array([round((end - begin) * 1000) for begin, end, _ in samples], np.int64)
    good = np.array([success for _, _, success in samples], np.bool_)
    none = np.zeros(count, np.int64)
    return Rows(start, elapsed, none, none, good, none, none, none, none)
