"""The loads that every tool is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from peers.journeys import JOURNEYS, Journey, equally_weighted, paused_between
from perfpilot.planning.load.sizing import users_for
from perfpilot.planning.plan import EXPECTED_RESPONSE_S

RESPONSE_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Stage:
    """A level, held: arrivals per second (open) or users (closed)."""

    level: float
    duration_s: int


@dataclass(frozen=True)
class Case:
    """One load: how users arrive, and what they do.

    With `even` arrivals think times are constant, else uniform from half to one and a half.
    """

    key: str
    title: str
    model: Literal["open", "closed"]
    even: bool
    stages: tuple[Stage, ...]
    journeys: tuple[Journey, ...]

    @property
    def duration_s(self) -> int:
        """Length of the load."""
        return sum(stage.duration_s for stage in self.stages)

    @property
    def peak(self) -> float:
        """The highest level."""
        return max(stage.level for stage in self.stages)

    def share(self, journey: Journey) -> float:
        """The share of a journey among arrivals or users."""
        return journey.weight / sum(each.weight for each in self.journeys)

    def users_for(self, journey: Journey) -> int:
        """Users for a journey's highest arrival rate, for tools that must be told: as we size paced users."""
        rate = self.peak * self.share(journey)
        return users_for(rate, len(journey.steps), EXPECTED_RESPONSE_S, journey.think_s)

    def users_of(self, journey: Journey) -> int:
        """A journey's users in the closed model."""
        return round(self.peak * self.share(journey))


def cases(scale: float) -> tuple[Case, ...]:
    """All four, their durations scaled from 30 s each."""
    equal = equally_weighted(JOURNEYS)
    whole, half = round(30 * scale), round(15 * scale)
    thinking = paused_between(equal, 1.0)
    return (
        Case("A", "open, even, 60/s", "open", True, (Stage(60, whole),), equal),
        Case("B", "open, random, 40/s then 80/s", "open", False, (Stage(40, half), Stage(80, half)), equal),
        Case("C", "closed, 200 users who think", "closed", False, (Stage(200, whole),), thinking),
        Case("D", "open, even, 60/s, mix 50/20/15/10/5", "open", True, (Stage(60, whole),), JOURNEYS),
    )
