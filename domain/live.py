"""Figures while the load runs, for a screen, a log line, or LangGraph's custom stream."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen
from perfpilot.domain.judgement import Severity


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


class LiveAlert(Frozen):
    """An alert that is on, or that just ended."""

    name: str  # of its rule: `error burst`, or the line as written
    severity: Severity
    text: str  # with the value that raised it
    since_s: float  # since the load began


class LiveGenerator(Frozen):
    """Whether the load is real, as far as that can be told while it runs."""

    cpu_share: float | None = None  # of all cores of the host, used by JMeter
    behind: float | None = None  # share of the load asked that was not sent over the last seconds
    concerns: tuple[str, ...] = ()  # why the load generator may be the limit; empty: it looks well


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
    memory_share: float | None = None  # of the host's memory, in use
    memory_bytes: dict[str, float] = {}  # component -> resident memory of its processes: target, jmeter
    alerts: tuple[LiveAlert, ...] = ()  # those that are on, the most severe first
    generator: LiveGenerator = LiveGenerator()
    steering: str = ""  # what a search or a back-off is doing: `probing 47.2/s: held 45/s, lost 52/s`
    asked_is_all: bool = True  # false: users or conditions ask for more than the rates do
