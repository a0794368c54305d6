"""What set-up found: whether the environment can be reached, and how it was before any load."""

from __future__ import annotations

from perfpilot.domain.base import Frozen
from perfpilot.domain.result import Connectivity


class Quiet(Frozen):
    """The host of the load generator before any load. Shares are of all its cores."""

    seconds: float = 0.0
    cpu_share: float = 0.0
    neighbours_share: float = 0.0  # processes that are neither perfpilot, nor JMeter, nor the target
    busiest: str = ""  # the busiest of them: pid and name


class Readiness(Frozen):
    """Written by `setup`, read by planning (to size users) and by the analysis (to know a neighbour)."""

    connectivity: tuple[Connectivity, ...] = ()
    quiet: Quiet = Quiet()
    response_s: float | None = None  # of one request to the target without load
