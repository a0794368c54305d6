"""The switchable faults: what each one changes in the service, and by how much.

A fault is nothing but numbers that other parts are started with, so nothing the service says (header, body,
metric, log line) can name it: whoever analyses the service has to find it by its effects.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

NAMES = ("cpu", "lock", "slow_query", "pool", "errors")
SEVERITIES = ("low", "medium", "high")

HEALTHY_CONNECTIONS = 16
_BLOCK = bytes(16 * 1024)


@dataclass(frozen=True)
class Conditions:
    """What the service runs under; the defaults are a healthy service.

    `burn_s`: processor seconds that every API request costs beside its work.
    `exclusive_s`: how long cart and checkout hold one global lock, idle.
    `view_rows`: rows that every search scans for each of its matches; 0 means search uses its index.
    `connections`, `connection_held_s`: size of the connection pool, and how long each use lasts on top.
    `error_share`: part of the checkouts that answer 500.
    """

    burn_s: float = 0.0
    exclusive_s: float = 0.0
    view_rows: int = 0
    connections: int = HEALTHY_CONNECTIONS
    connection_held_s: float = 0.0
    error_share: float = 0.0


# On one core, capacity is about: cpu 180, 90, 35 requests/s; lock 65, 30, 12 carts and checkouts/s;
# pool 200, 80, 30 requests/s that use the database.
_CONDITIONS: dict[tuple[str, str], Conditions] = {
    ("cpu", "low"): Conditions(burn_s=0.005),
    ("cpu", "medium"): Conditions(burn_s=0.010),
    ("cpu", "high"): Conditions(burn_s=0.028),
    ("lock", "low"): Conditions(exclusive_s=0.015),
    ("lock", "medium"): Conditions(exclusive_s=0.032),
    ("lock", "high"): Conditions(exclusive_s=0.080),
    ("slow_query", "low"): Conditions(view_rows=600),
    ("slow_query", "medium"): Conditions(view_rows=1500),
    ("slow_query", "high"): Conditions(view_rows=5000),
    ("pool", "low"): Conditions(connections=4, connection_held_s=0.020),
    ("pool", "medium"): Conditions(connections=2, connection_held_s=0.025),
    ("pool", "high"): Conditions(connections=2, connection_held_s=0.065),
    ("errors", "low"): Conditions(error_share=0.02),
    ("errors", "medium"): Conditions(error_share=0.10),
    ("errors", "high"): Conditions(error_share=0.40),
}


def conditions_of(fault: str | None, severity: str) -> Conditions:
    """The conditions of a fault at a severity (None: healthy). Raises `ValueError` for unknown names."""
    if severity not in SEVERITIES:
        raise ValueError(f"unknown severity {severity!r}: use one of {', '.join(SEVERITIES)}")
    if fault is None:
        return Conditions()
    if fault not in NAMES:
        raise ValueError(f"unknown fault {fault!r}: use one of {', '.join(NAMES)}")
    return _CONDITIONS[fault, severity]


class Faults:
    """Applies the conditions where the endpoints ask for it; all of it does nothing on a healthy service."""

    def __init__(self, conditions: Conditions, seed: int) -> None:
        self.conditions = conditions
        self._exclusive = threading.Lock()
        self._random = random.Random(seed)

    def burn(self) -> None:
        """Use up processor time of this thread (its own time, whatever else runs on the machine)."""
        if not self.conditions.burn_s:
            return
        until = time.thread_time() + self.conditions.burn_s
        while time.thread_time() < until:
            hashlib.sha256(_BLOCK)  # releases the GIL, so other requests are scheduled fairly

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """One request at a time, each for `exclusive_s`, with every resource idle meanwhile."""
        if not self.conditions.exclusive_s:
            yield
            return
        with self._exclusive:
            time.sleep(self.conditions.exclusive_s)
            yield

    def fails(self) -> bool:
        """Whether this checkout is one of those that break."""
        return self._random.random() < self.conditions.error_share
