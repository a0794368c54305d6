"""What samplers have in common: a reading is metric -> value, and there are two ways to take one."""

from __future__ import annotations

from typing import Protocol

from perfpilot.domain.base import Frozen

Reading = dict[str, float]
"""Metric name -> value. Shares are 0..1, `_bytes` bytes, `_per_s` per second, `_s` seconds, others counts."""


class LocalSampler(Protocol):
    """Reads this machine. `read` may block for some milliseconds: the monitor calls it in a thread."""

    @property
    def component(self) -> str:
        """Whose figures these are: `host`, `target`, `jmeter`, `perfpilot`, `neighbours`, a server's name."""

    def read(self) -> Reading:
        """The figures since the last reading; the first one may be empty because rates need two."""


class RemoteSampler(Protocol):
    """Asks a server over the network, within a time-out of its own."""

    @property
    def component(self) -> str:
        """The server's name in the spec."""

    async def sample(self) -> Reading:
        """The figures now. Raises whatever went wrong; the next call connects again."""

    async def close(self) -> None:
        """Let go of the connection."""


class Restart(Frozen):
    """The listener of a port became another process. `gone_ms`: when the old one was missed first."""

    component: str
    time_ms: int
    gone_ms: int
    before_pid: int
    after_pid: int
