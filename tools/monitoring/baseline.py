"""How busy this machine is before any load."""

from __future__ import annotations

import asyncio
import time

from perfpilot.domain.base import Frozen
from perfpilot.tools.monitoring.failures import Failures
from perfpilot.tools.monitoring.local import LocalSamplers
from perfpilot.tools.monitoring.neighbours import Neighbour
from perfpilot.tools.monitoring.record import Line


class Baseline(Frozen):
    """The machine at rest. Shares are of all its cores, 0..1; None: too short to tell."""

    seconds: float
    cpu_share: float | None = None
    cpu_share_max: float | None = None  # of the busiest second
    neighbours_cpu_share: float | None = None
    memory_share: float | None = None
    load_1m: float | None = None
    busiest: Neighbour | None = None

    def __str__(self) -> str:
        if self.cpu_share is None:
            return f"no baseline in {self.seconds:g} s"
        words = (
            f"{self.cpu_share:.0%} of the processor in use before the load, at most {self.cpu_share_max:.0%}"
        )
        return (
            f"{words}; the busiest: {self.busiest} with {self.busiest.cpu_share:.0%}"
            if self.busiest
            else words
        )


async def quiet_baseline(seconds: float = 5.0, *, ports: dict[str, int] | None = None) -> Baseline:
    """Watch the machine for `seconds`, at least 1, while nothing is sent. `ports` as for `Monitor`.

    The share of neighbours needs two looks at the process table, so it is None below some 3 s.
    """
    begin_s = time.monotonic()
    local = await asyncio.to_thread(LocalSamplers, ports or {}, Failures())
    lines = await asyncio.to_thread(local.read)
    until_s = begin_s + max(seconds, 1.0)
    while (left_s := until_s - time.monotonic()) > 0.05:
        await asyncio.sleep(min(1.0, left_s))
        lines += await asyncio.to_thread(local.read)
    return _summed_up(lines, time.monotonic() - begin_s, local.neighbours.busiest())


def _summed_up(lines: list[Line], seconds: float, busiest: Neighbour | None) -> Baseline:
    shares = _values(lines, "host", "cpu_share")
    return Baseline(
        seconds=round(seconds, 3),
        cpu_share=_mean(shares),
        cpu_share_max=max(shares, default=None),
        neighbours_cpu_share=_mean(_values(lines, "neighbours", "cpu_share")),
        memory_share=_mean(_values(lines, "host", "memory_share")),
        load_1m=_mean(_values(lines, "host", "load_1m")[-1:]),
        busiest=busiest,
    )


def _values(lines: list[Line], component: str, metric: str) -> list[float]:
    return [line.value for line in lines if (line.component, line.metric) == (component, metric)]


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
