"""The monitor: takes a reading of everything each second and appends it to `monitor.csv`."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from perfpilot.tools.monitoring.failures import Failure, Failures
from perfpilot.tools.monitoring.local import LocalSamplers
from perfpilot.tools.monitoring.neighbours import Neighbour
from perfpilot.tools.monitoring.newest import Newest
from perfpilot.tools.monitoring.reading import RemoteSampler, Restart
from perfpilot.tools.monitoring.record import Line, Record

PERIOD_S = 1.0
_RECORD = "monitor.csv"
T = TypeVar("T")


class Monitor:
    """Watches this machine and the servers that the target depends on, until `stop`.

    `ports`: component -> TCP port whose listener on this machine is watched, such as `{"target": 8080,
    "db": 5432}`; leave out what runs elsewhere. Everything listed here is no neighbour. `remote`: samplers
    that ask a server. One sampler that fails is counted in `failures`; the others go on.
    """

    def __init__(
        self,
        *,
        ports: Mapping[str, int] | None = None,
        remote: Sequence[RemoteSampler] = (),
        period_s: float = PERIOD_S,
    ) -> None:
        self._ports = dict(ports or {})
        self._remote = tuple(remote)
        self._period_s = period_s
        self._pids: dict[str, int] = {}
        self._failures = Failures()
        self._newest = Newest()
        self._local: LocalSamplers | None = None
        self._record: Record | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    async def start(self, path: Path) -> None:
        """Begin to append to the file at `path` (made with its folder where missing). Raises OSError.

        Everything of this machine is read in one thread of the monitor's own, so that a full default pool
        (slow name look-ups, for one) can't silence it.
        """
        if self._tasks:
            raise RuntimeError("this monitor runs already")
        self._stopping.clear()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="perfpilot-monitor")
        try:
            self._record = await self._in_thread(lambda: Record(path))
            local = self._local = await self._in_thread(
                lambda: LocalSamplers(self._ports, self._failures, path.parent)
            )
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self._tasks = [asyncio.create_task(self._every_period(lambda: self._read_local(local)))]
        for sampler in self._remote:
            work = _bound(self._read_remote, sampler)
            self._tasks.append(asyncio.create_task(self._every_period(work)))

    def set_process(self, component: str, pid: int) -> None:
        """Watch the process that has `pid` now as `component` from the next tick on. Does not block."""
        self._pids[component] = pid

    def latest(self) -> dict[str, float]:
        """Newest CPU share of all cores (0..1) of each component that has one not older than 5 s."""
        return self._newest.of("cpu_share")

    def readings(self) -> dict[str, float]:
        """Newest value of every metric that has one not older than 5 s, by `metric(component)`.

        Beside what is recorded: `cpu(component)`, the share of the cores that a component may use.
        """
        return self._newest.all()

    def ages(self) -> dict[str, float]:
        """Seconds since the last reading of each component that ever had one. `up` 0 alone is none."""
        return self._newest.ages()

    @property
    def restarts(self) -> tuple[Restart, ...]:
        """Every time the listener of a watched port became another process. They stand in the file too."""
        return self._local.restarts() if self._local else ()

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Samplers that failed, and the file itself under `monitor.csv`."""
        return self._failures.all()

    def busiest_neighbour(self, since_ms: int = 0, until_ms: int | None = None) -> Neighbour | None:
        """The process outside the test that used most processor time between two moments."""
        return self._local.neighbours.busiest(since_ms, until_ms) if self._local else None

    async def stop(self) -> None:
        """Finish the readings under way, hang up, close the file. May be repeated."""
        self._stopping.set()
        tasks, self._tasks = self._tasks, []
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
            for sampler in self._remote:
                await self._close(sampler)
            await self._close_record()

    async def _read_local(self, local: LocalSamplers) -> None:
        pids, self._pids = self._pids, {}

        def read() -> list[Line]:
            for component, pid in pids.items():
                local.set_process(component, pid)
            return local.read()

        await self._keep(await self._in_thread(read))

    async def _read_remote(self, sampler: RemoteSampler) -> None:
        name = sampler.component
        try:
            reading = {"up": 1.0, **await sampler.sample()}
        except Exception as error:  # whatever one sampler meets must not silence the others
            self._failures.note(name, error)
            reading = {"up": 0.0}
        now_ms = time.time_ns() // 1_000_000
        # `up` of a component whose process is watched too says whether that process lives.
        metric = "answers" if name in self._ports else "up"
        reading[metric] = reading.pop("up")
        await self._keep([Line(now_ms, name, metric, value) for metric, value in reading.items()])

    async def _keep(self, lines: Iterable[Line]) -> None:
        lines = [line for line in lines if math.isfinite(line.value)]
        self._newest.note(lines)
        record = self._record
        if record is None:
            return
        try:
            await self._in_thread(lambda: record.append(lines))
        except OSError as error:  # a full disk: the load goes on, and so does the live view
            self._failures.note(_RECORD, error)

    async def _every_period(self, work: Callable[[], Awaitable[None]]) -> None:
        begin_s, tick = time.monotonic(), 0
        while not self._stopping.is_set():
            try:
                await work()
            except Exception as error:  # a fault of ours; noted, because a dead monitor spoils the run
                self._failures.note("monitor", error)
            # Ticks that a slow reading overran are left out, so that the rhythm stays.
            tick = max(tick + 1, math.ceil((time.monotonic() - begin_s) / self._period_s))
            await self._pause(begin_s + tick * self._period_s - time.monotonic())

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), max(seconds, 0.0))
        except TimeoutError:
            pass

    async def _close(self, sampler: RemoteSampler) -> None:
        try:
            await sampler.close()
        except Exception as error:  # a server that is gone can't be bidden farewell
            self._failures.note(sampler.component, error)

    async def _close_record(self) -> None:
        record, self._record = self._record, None
        thread, self._thread = self._thread, None
        if thread is not None:
            if record is not None:
                await asyncio.get_running_loop().run_in_executor(thread, record.close)
            thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _bound(
    read: Callable[[RemoteSampler], Awaitable[None]], sampler: RemoteSampler
) -> Callable[[], Awaitable[None]]:
    return lambda: read(sampler)
