"""The search for the highest load against a real server of known capacity, without JMeter.

    python -m benchmarks.search_known_capacity --slots 4 --service-ms 50 --start 8 --end 400

The load generator is an asyncio client: a fixed number of users who take turns at the rate that the search
asks for. Samples are handed over every half second, a second late at most. Prints each step, what was found
against the truth, and the requests against those of a plain ladder (levels of 10 % to 110 %, 60 s each).
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.analysis.search.load_search import LoadSearch
from perfpilot.domain.search import Search, SearchOutcome, SearchStep
from perfpilot.domain.thresholds import parse_threshold

TICK_S = 0.5
_CATCH_UP_S = 0.3
_LADDER = 6.6 * 60  # requests of the plain ladder, by the capacity
_GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class PacedUsers:
    """Users with a connection each, who share one clock: late ones catch up 0.3 s worth at most."""

    def __init__(self, port: int, users: int) -> None:
        self.level = 0.0
        self.sent = 0
        self.samples: list[tuple[int, int, bool]] = []  # epoch ms, elapsed ms, success
        self._port = port
        self._users = users
        self._clock = time.monotonic()
        self._over = False

    async def run(self) -> None:
        """Send until `stop`."""
        free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        for _ in range(self._users):
            free.put_nowait(await asyncio.open_connection("127.0.0.1", self._port))
        pending: set[asyncio.Task[None]] = set()
        while not self._over:
            now = time.monotonic()
            if self.level <= 0:
                self._clock = now
                await asyncio.sleep(0.02)
                continue
            due = self._clock + 1 / self.level
            if due > now:
                await asyncio.sleep(min(due - now, 0.05))
                continue
            try:
                user = free.get_nowait()
            except asyncio.QueueEmpty:
                await asyncio.sleep(0.002)
                continue
            self._clock = max(due, now - _CATCH_UP_S)
            task = asyncio.create_task(self._ask(user, free))
            pending.add(task)
            task.add_done_callback(pending.discard)
        await asyncio.gather(*pending)
        while not free.empty():
            free.get_nowait()[1].close()

    def stop(self) -> None:
        """Send no more."""
        self._over = True

    async def _ask(
        self,
        user: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]],
    ) -> None:
        reader, writer = user
        start_ms, begun = round(time.time() * 1000), time.monotonic()
        self.sent += 1
        writer.write(_GET)
        good = b" 200 " in await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(5)
        self.samples.append((start_ms, round((time.monotonic() - begun) * 1000), good))
        free.put_nowait(user)


async def search_load(
    port: int, search: Search, thresholds: Sequence[str] = (), *, users: int = 100
) -> tuple[SearchOutcome, int]:
    """Run a search against the server on that port: its outcome, and the requests sent."""
    load = PacedUsers(port, users)
    running = asyncio.create_task(load.run())
    begun = time.monotonic()
    loop = LoadSearch(
        search,
        start_ms=round(time.time() * 1000),
        labels=["home"],
        measured=lambda label: True,
        requests_per_arrival=1.0,
        thresholds=[parse_threshold(line) for line in thresholds],
    )
    late: list[tuple[int, int, bool]] = []
    while True:
        loop.add(_rows(late))
        late, load.samples = load.samples, []  # read one tick late
        tick = loop.tick(time.monotonic() - begun)
        for step in tick.ended:
            print(_line(step), flush=True)
        load.level = tick.level
        if tick.outcome:
            load.stop()
            await running
            return tick.outcome, load.sent
        await asyncio.sleep(TICK_S)


def _rows(samples: Sequence[tuple[int, int, bool]]) -> Rows:
    none = np.zeros(len(samples), np.int64)
    start = np.array([sample[0] for sample in samples], np.int64)
    elapsed = np.array([sample[1] for sample in samples], np.int64)
    good = np.array([sample[2] for sample in samples], np.bool_)
    return Rows(start, elapsed, none, none, good, none, none, none, none)


def _line(step: SearchStep) -> str:
    verdict = {True: "kept", False: "lost", None: "-"}[step.kept]
    reached = "" if step.reached is None else f"{step.reached:.1f}/s"
    times = f"{step.from_s:6.1f} to {step.to_s or 0:6.1f} s"
    return f"{step.number:3} {step.phase:8} {times} {step.level:8.2f}/s {reached:>9} {verdict:5} {step.lost}"


def _main(given: argparse.Namespace) -> None:
    command = [sys.executable, "-m", "benchmarks.known_capacity"]
    command += ["--slots", str(given.slots), "--service-ms", str(given.service_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().removeprefix("listening on "))
        search = Search(
            unit="rate_per_s",
            start=given.start,
            end=given.end,
            precision=given.precision,
            hold_s=given.hold,
            longest_s=600,
        )
        outcome, sent = asyncio.run(search_load(port, search, given.threshold, users=given.users))
    finally:
        process.terminate()
        process.communicate()
    truth = given.slots / given.service_ms * 1000
    found = outcome.highest_kept or 0.0
    print(f"{outcome.because}{'; ' + outcome.generator_limited if outcome.generator_limited else ''}")
    print(f"found {found:.2f}/s of {truth:.2f}/s: {100 * (found / truth - 1):+.1f} %")
    print(f"{sent} requests, {100 * sent / (_LADDER * truth):.0f} % of a ladder's")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The search against a server of known capacity.")
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--service-ms", type=float, default=50.0)
    parser.add_argument("--start", type=float, default=8.0)
    parser.add_argument("--end", type=float, default=400.0)
    parser.add_argument("--precision", type=float, default=0.05)
    parser.add_argument("--hold", type=float, default=8.0)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--threshold", action="append", default=[])
    _main(parser.parse_args())
