"""What lies between the start of a test and its load, so that all scenarios begin together.

An open schedule counts from the start of the test (#6352), a thread group from its own start. Measured with
5.6.3 on two cores, groups begin 0.3 to 0.7 s after the test: what would be due before comes all at once, and
the curves of one plan would lie apart. Users who wait are started within the lead, not all at once: 500 of
them took a second of processor time, in which the first arrivals of an open schedule came 1.2 s late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perfpilot.domain.plan import Engine, Scenario

GROUPS_LATE_S = 0.5
"""Between the start of the test and that of its thread groups."""

STARTED_PER_S = 100
"""Waiting users that JMeter starts in a second: a tenth to a fifth of a core."""


@dataclass(frozen=True)
class Lead:
    """Seconds before the load. Nothing where only closed users run: their groups begin together anyway."""

    seconds: float = 0.0
    start_users_s: int = 0  # in which the users who wait are started

    @property
    def delay_s(self) -> int:
        """Delay of a thread group that begins with the load; JMeter takes whole seconds."""
        return int(self.seconds - GROUPS_LATE_S) if self.seconds else 0


def lead_for(scenarios: Iterable[Scenario]) -> Lead:
    """The lead of a plan with these scenarios."""
    by_clock = [s for s in scenarios if s.engine is not Engine.CLOSED_USERS]
    if not by_clock:
        return Lead()
    start_users_s = sum(s.users for s in by_clock if s.engine.steered) // STARTED_PER_S
    return Lead(1 + GROUPS_LATE_S + start_users_s, start_users_s)
