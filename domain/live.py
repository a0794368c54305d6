"""Figures while the load runs, for a screen, a log line, or LangGraph's custom stream."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen


class LiveLabel(Frozen):
    """One row of the live table: an endpoint over the whole run so far, its rate over the last seconds."""

    label: str
    count: int
    errors: int
    rate_per_s: float
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class LiveThreshold(Frozen):
    """A threshold with its value so far. `waiting`: not enough samples yet."""

    text: str
    value: float | None
    unit: str
    state: Literal["holding", "breached", "waiting"]


class LiveFigures(Frozen):
    """One tick of the live view. Times are seconds since the load began."""

    attempt: int
    t_s: float
    remaining_s: float
    asked_per_s: float  # samples per second asked now; 0 where only users are given
    reached_per_s: float  # samples per second over the last whole seconds
    users: int
    count: int
    errors: int
    labels: tuple[LiveLabel, ...] = ()
    thresholds: tuple[LiveThreshold, ...] = ()
    cpu_shares: dict[str, float] = {}  # component -> share of the host's cores: host, target, jmeter
    alerts: tuple[str, ...] = ()
    asked_is_all: bool = True  # false: users or conditions ask for more than the rates do
