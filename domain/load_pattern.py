"""How load arrives, as an engineer writes it: a shape by name, stages of one's own, or only a level."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from perfpilot.domain.base import Strict
from perfpilot.domain.units import Duration, Rate, Share

Level = Annotated[Rate, Field(description="Arrivals per second (open model) or concurrent users (closed)")]


class Stage(Strict):
    """A piece of the load curve: the level is held for the duration, or reached in a straight line."""

    duration: Duration
    rate_per_s: Rate | None = Field(default=None, description="Arrivals per second (open model)")
    users: int | None = Field(default=None, ge=0, description="Concurrent users (closed model)")
    ramp: bool = False


class Constant(Strict):
    """One level, reached in a ramp that comes on top of the duration."""

    level: Level
    duration: Duration
    ramp: Duration = 0.0


class Ramp(Strict):
    """A straight line."""

    start: Level = 0.0
    end: Level
    duration: Duration


class Steps(Strict):
    """Levels `start`, `start + step`, ... up to `end`, which is always the last; each is held."""

    start: Level
    end: Level
    step: Level
    hold: Duration
    ramp: Duration = Field(default=0.0, description="Up to the first level, and from one to the next")


class Spike(Strict):
    """A calm base, a sudden peak, and the base again, to see whether the target recovers."""

    base: Level
    peak: Level
    before: Duration
    hold: Duration
    after: Duration
    ramp: Duration = Field(default=0.0, description="Up to the peak, and down again")


class Wave(Strict):
    """A sine between `low` and `high`, beginning at `low`; a period is drawn with 16 straight lines."""

    low: Level
    high: Level
    period: Duration
    duration: Duration


class Soak(Strict):
    """One level for a long time: what leaks, drifts and fills shows."""

    level: Level
    duration: Duration
    ramp: Duration = 300.0


class Breakpoint(Strict):
    """Levels that grow by a share from `start` until one lies at or above `end`: where does it break?"""

    start: Level
    end: Level
    growth: float = Field(default=0.25, gt=0, le=4, description="0.25: each level is 25 % above the last")
    hold: Duration = 60.0
    ramp: Duration = 5.0


class SearchLoad(Strict):
    """The highest level that meets the thresholds, searched for while JMeter runs: large steps up until one
    is lost, a pause in which the target recovers, then ever smaller steps around the limit."""

    start: Level
    end: Level = Field(description="No level lies above")
    precision: Share = Field(default=0.05, gt=0, le=0.5, description="How closely the limit is to be known")
    hold: Duration = Field(default=8.0, description="A level is looked at for so long, at least")
    longest: Duration = Field(default=600.0, description="The search ends by then, with what it knows")


SHAPES = ("constant", "ramp", "steps", "spike", "wave", "soak", "breakpoint", "search", "stages")
"""Keys of a load pattern that draw a curve; `rate_per_s` or `users` alone leave the drawing to perfpilot."""


class LoadPattern(Strict):
    """How load arrives. One arrival is one user who runs one journey (or one endpoint) once.

    Exactly one of `SHAPES`, or a level of interest (`rate_per_s` or `users`) around which the curve of the
    test type is drawn and sized.
    """

    model: Literal["open", "closed"] = "open"
    stages: tuple[Stage, ...] = ()
    constant: Constant | None = None
    ramp: Ramp | None = None
    steps: Steps | None = None
    spike: Spike | None = None
    wave: Wave | None = None
    soak: Soak | None = None
    breakpoint: Breakpoint | None = None
    search: SearchLoad | None = None
    rate_per_s: Rate | None = Field(default=None, description="The level of interest (open model)")
    users: int | None = Field(default=None, ge=1, description="The level of interest (closed model)")
    duration: Duration | None = Field(default=None, description="With a level of interest: how long at most")
    arrivals: Literal["random", "even"] = "random"
    steered: bool = Field(
        default=False,
        description="open: a fixed number of paced users who take turns at the rate; closed: users wait "
        "behind a gate that is moved while the test runs",
    )
    journeys: tuple[str, ...] = Field(
        default=(),
        description="Journeys (or endpoints, where there are none) that arrive like this; empty: all that no "
        "other pattern names",
    )
    begins: Duration = Field(default=0.0, description="How long after the first pattern this one begins")

    @model_validator(mode="before")
    @classmethod
    def _users_alone_are_the_closed_model(cls, data: Any) -> Any:
        if isinstance(data, dict) and "model" not in data and data.get("users") is not None:
            return {**data, "model": "closed"}
        return data

    @model_validator(mode="before")
    @classmethod
    def _a_search_is_steered(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("search") is not None:
            return {**data, "steered": True}
        return data

    @model_validator(mode="after")
    def _one_way_to_draw(self) -> LoadPattern:
        wanted, other = ("rate_per_s", "users") if self.model == "open" else ("users", "rate_per_s")
        drawn = [key for key in SHAPES if getattr(self, key)]
        if getattr(self, other) is not None:
            raise ValueError(f"the {self.model} model takes {wanted}, not {other}")
        level = getattr(self, wanted)
        if len(drawn) + (level is not None) != 1:
            found = " and ".join([*drawn, *([wanted] if level is not None else [])]) or "none of them"
            raise ValueError(
                f"draw the load in exactly one way ({', '.join(SHAPES)}), or give {wanted} alone; "
                f"this has {found}"
            )
        if self.duration is not None and drawn:
            raise ValueError(f"duration belongs into {drawn[0]}")
        for index, stage in enumerate(self.stages):
            if getattr(stage, wanted) is None or getattr(stage, other) is not None:
                raise ValueError(f"stage {index + 1}: the {self.model} model takes {wanted}, not {other}")
            if stage.duration <= 0:
                raise ValueError(f"stage {index + 1}: its duration must be longer than nothing")
        return self

    @property
    def shape(self) -> str:
        """The key that draws the curve; empty where only a level is given."""
        return next((key for key in SHAPES if getattr(self, key)), "")
