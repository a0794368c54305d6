"""Running the load of an attempt: a thread sees to it, the event loop hears of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

from perfpilot.domain.load_outcome import LoadOutcome
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running.own_thread import in_own_thread
from perfpilot.tools.jmeter.running.supervise import Supervisor
from perfpilot.tools.jmeter.running.watch import Told
from perfpilot.tools.monitoring.sampler import Monitor

Hear = Callable[[Told], Awaitable[None]]


async def run_load(run: RunDirectory, prepared: Prepared, monitor: Monitor, hear: Hear) -> LoadOutcome:
    """Run the load to its end, or adopt the JMeter that an earlier perfpilot started for it.

    Called again for the same attempt it never starts a second load: a JMeter that still runs is watched
    on, one that has ended is judged by what it left. `hear` gets figures about once a second, alerts and
    steps of steering. A cancelled call ends JMeter before it returns.
    Raises NotReadyError where another run's load holds the target or this generator.
    """
    name = f"attempts/{prepared.attempt}/outcome.json"
    over = await asyncio.to_thread(run.read_or_none, name, LoadOutcome)
    if over:
        return over
    loop = asyncio.get_running_loop()
    news: asyncio.Queue[Told | None] = asyncio.Queue()  # None: no more

    def tell(told: Told) -> None:
        loop.call_soon_threadsafe(news.put_nowait, told)

    def work(cancelled: threading.Event) -> LoadOutcome:
        outcome = Supervisor(run, prepared, monitor, tell, cancelled).see_to_its_end()
        run.write(name, outcome)
        return outcome

    hearing = asyncio.create_task(_pass_on(news, hear))
    try:
        return await in_own_thread(work)
    finally:
        news.put_nowait(None)
        await hearing


async def _pass_on(news: asyncio.Queue[Told | None], hear: Hear) -> None:
    while (told := await news.get()) is not None:
        await hear(told)
