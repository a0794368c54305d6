"""Who may send load where, and how much: the operator's policy, and the envelope granted to one run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from perfpilot.domain.base import Frozen, Strict
from perfpilot.domain.units import Duration, Rate


class Policy(Strict):
    """The operator's file (`PERFPILOT_POLICY`). No spec, context or model can widen it.

    Without a file these defaults hold: loopback without asking, private addresses after a person
    has approved, modest limits, no environment names.
    """

    version: Literal[1] = 1
    allowed_hosts: tuple[str, ...] = Field(
        default=(), description="Host names, addresses or networks (10.0.0.0/8) that may be tested"
    )
    approval: Literal["never", "off_loopback", "always"] = Field(
        default="off_loopback", description="When a person must approve a run before anything is sent"
    )
    max_rate_per_s: Rate = 2000.0
    max_users: int = 2000
    max_requests: int = 5_000_000
    max_duration: Duration = 4 * 3600.0
    environment_names: tuple[str, ...] = Field(
        default=("PERFPILOT_SECRET_*",), description="Variables that a spec may read, * at the end allowed"
    )
    data_roots: tuple[str, ...] = Field(
        default=(), description="Directories below which a test may name files to upload"
    )
    webhook_hosts: tuple[str, ...] = Field(default=(), description="Hosts that may be notified")


class Envelope(Frozen):
    """What one run may do, over all its attempts. Enforced in code and again inside the plan."""

    hosts: tuple[str, ...]  # host:port, resolved once
    addresses: tuple[str, ...]  # the same as `host address` pairs, pinned for JMeter's JVM
    peak_rate_per_s: float
    users: int
    requests: int
    wall_time_s: float
    around_s: float = 0.0  # of the wall time: for what surrounds the loads, and no part of theirs
    needs_approval: bool
    why: str  # one sentence for the person who is asked
