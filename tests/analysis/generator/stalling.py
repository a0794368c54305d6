"""A made-up target that answers in 10 ms and stands still for 5 s in each minute, and who asks it."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

import numpy as np

from perfpilot.analysis.rows import IntColumn, Rows

SERVICE_MS = 10.0
STALL_MS = 5000.0
EVERY_MS = 60_000.0

Times = list[tuple[float, float]]
"""Start and response time of each request, in ms since the load began."""

Answer = Callable[[float], float]
"""When a request that was sent at a moment is answered."""


def stalls(sent_ms: float) -> float:
    """A stall begins 30 s after the beginning of each minute."""
    since = (sent_ms - 30_000) % EVERY_MS
    stalled = sent_ms >= 30_000 and since < STALL_MS
    return sent_ms + SERVICE_MS + (STALL_MS - since if stalled else 0.0)


def steady(sent_ms: float) -> float:
    """Answers in 10 ms."""
    return sent_ms + SERVICE_MS


def slow(response_ms: float) -> Answer:
    """Answers in a time that never changes."""
    return lambda sent_ms: sent_ms + response_ms


def paced(
    rate_per_s: float,
    duration_s: float,
    users: int,
    answer: Answer = stalls,
    *,
    look_ms: float = 5.0,
    paused: tuple[tuple[float, float], ...] = (),
    catch_up_ms: float = 300.0,
) -> Times:
    """Users who share a clock, as `tools/jmeter/jmx/pacing` has it: they look for their turn every few ms.

    `paused`: stretches in ms in which the generator itself stands still. `catch_up_ms`: what of the past may
    still be sent; infinite for an open schedule.
    """
    chance = random.Random(1)
    step, last = 1000 / rate_per_s, 0.0
    free = [0.0] * users
    heapq.heapify(free)
    sent: Times = []
    while True:
        at = max(heapq.heappop(free), last + step) + chance.random() * look_ms
        at = next((end for begin, end in paused if begin <= at < end), at)
        if at >= duration_s * 1000:
            return sent
        last = max(last + step, at - catch_up_ms)
        end = answer(at)
        sent.append((at, end - at))
        heapq.heappush(free, end)


def closed(duration_s: float, users: int, answer: Answer = stalls, *, pause_ms: float = 90.0) -> Times:
    """Users who pause between their requests."""
    chance = random.Random(2)
    sent: Times = []
    for _ in range(users):
        at = chance.random() * (pause_ms + SERVICE_MS)
        while at < duration_s * 1000:
            end = answer(at)
            sent.append((at, end - at))
            at = end + pause_ms
    return sorted(sent)


def truth(rate_per_s: float, duration_s: float, answer: Answer = stalls) -> np.ndarray:
    """Response times in ms of requests that are sent when they are due, whatever became of earlier ones."""
    due = (np.arange(int(rate_per_s * duration_s)) + 1) * 1000 / rate_per_s
    return np.array([answer(float(at)) - at for at in due])


def rows_of(times: Times, start_ms: int, label: int = 0, users: int = 1) -> Rows:
    """The samples in the order in which they ended, as JMeter writes them."""
    ordered = sorted(times, key=lambda one: one[0] + one[1])
    start = np.array([int(at) for at, _ in ordered], np.int64)
    end = np.array([int(at + took) for at, took in ordered], np.int64)
    same: Callable[[int], IntColumn] = lambda value: np.full(len(start), value, np.int64)  # noqa: E731
    return Rows(
        start_ms=start + start_ms,
        elapsed_ms=end - start,
        label=same(label),
        code=same(0),
        success=np.ones(len(start), np.bool_),
        received_bytes=same(1),
        connect_ms=same(0),
        latency_ms=same(1),
        users=same(users),
    )
