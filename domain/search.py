"""The search for the highest load that meets the thresholds, made while JMeter runs, step by step."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from perfpilot.domain.base import Frozen


class Search(Frozen):
    """What to look for. Levels are arrivals per second, or users, of all scenarios that are searched."""

    unit: Literal["rate_per_s", "users"]
    start: float
    end: float  # no level lies above
    precision: float  # share by which the lowest lost level may lie above the highest kept
    hold_s: float  # a level near the limit is looked at for so long, at least; on the way up for a part of it
    longest_s: float  # the search ends by then, with what it knows


class SearchPhase(StrEnum):
    """What a level is applied for."""

    CLIMB = "climb"  # upwards in large steps until a level is lost
    RECOVER = "recover"  # low, until the target is calm again; judges nothing
    PROBE = "probe"  # between the highest kept and the lowest lost level
    CONFIRM = "confirm"  # the answer, held once more


class SearchStep(Frozen):
    """One level that was applied. Written when it begins, and again with what it showed when it ends."""

    number: int
    phase: SearchPhase
    from_s: float  # since the load began
    level: float
    why: str
    to_s: float | None = None
    kept: bool | None = None  # None: not judged, or not yet
    lost: str = ""  # how it was not kept
    reached: float | None = None  # the level as read back from the results; users: None
    highest_kept: float | None = None  # after this step
    lowest_lost: float | None = None


class SearchOutcome(Frozen):
    """What a search knows at its end. `finished`: as precisely as was asked."""

    search: Search
    steps: tuple[SearchStep, ...] = ()
    highest_kept: float | None = None
    lowest_lost: float | None = None
    finished: bool = False
    because: str = ""  # why it ended
    generator_limited: str = ""  # why the load generator, not the target, was the limit; empty: it was not
