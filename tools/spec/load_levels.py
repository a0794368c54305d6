"""Levels and durations of a load pattern: numbers that JMeter can follow, and a shape that they draw."""

from __future__ import annotations

import math
from collections.abc import Iterator

from perfpilot.domain.load_pattern import SHAPES, LoadPattern
from perfpilot.domain.units import format_duration
from perfpilot.planning.load.shapes import most_pieces, pieces
from perfpilot.planning.load.sketches import LEAST_HOLDS
from perfpilot.tools.spec.problems import Place

Found = tuple[Place, str]

LONGEST_S = 30 * 86400.0
HIGHEST = 1e6
MOST_PIECES = 500
"""Straight pieces of one pattern: each is a part of the plan, and of a drawing that somebody looks at."""

_LEVELS = ("level", "start", "end", "step", "base", "peak", "low", "high")
_MUST_LAST = ("duration", "hold", "period", "before", "after", "longest")
_MAY_BE_NOTHING = ("ramp",)
_FINER = {
    "stages": "fewer stages",
    "steps": "a larger step",
    "wave": "a longer period, or a shorter duration",
    "breakpoint": "a larger growth, or a start nearer to the end",
}


def level_problems(pattern: LoadPattern, place: Place) -> Iterator[Found]:
    """What is wrong with the numbers of one pattern, each with its mend."""
    found = [*_begins(pattern, place), *_of_interest(pattern, place), *_stages(pattern, place)]
    found += [*_numbers(pattern, place), *_whole_users(pattern, place)]
    yield from found or _drawn(pattern, place)


def _begins(pattern: LoadPattern, place: Place) -> Iterator[Found]:
    if text := _duration(pattern.begins, may_be_nothing=True):
        yield (*place, "begins"), text


def _of_interest(pattern: LoadPattern, place: Place) -> Iterator[Found]:
    if pattern.rate_per_s is not None and (text := _level(pattern.rate_per_s, "open") or _none(pattern)):
        yield (*place, "rate_per_s"), text
    if pattern.users is not None and (text := _level(pattern.users, "closed")):
        yield (*place, "users"), text
    if pattern.duration is not None and (text := _duration(pattern.duration)):
        yield (*place, "duration"), text


def _none(pattern: LoadPattern) -> str:
    return "asks for no load: give the rate of interest" if pattern.rate_per_s == 0 else ""


def _stages(pattern: LoadPattern, place: Place) -> Iterator[Found]:
    for index, stage in enumerate(pattern.stages):
        here = (*place, "stages", index)
        if text := _duration(stage.duration):
            yield (*here, "duration"), text
        for key, level in (("rate_per_s", stage.rate_per_s), ("users", stage.users)):
            if level is not None and (text := _level(level, pattern.model)):
                yield (*here, key), text
    if pattern.stages and not any(stage.rate_per_s or stage.users for stage in pattern.stages):
        yield (*place, "stages"), "ask for no load: every level is 0"


def _numbers(pattern: LoadPattern, place: Place) -> Iterator[Found]:
    """Every number of a named shape by itself."""
    for key, field, value in _fields(pattern):
        text = ""
        if field in _LEVELS:
            text = _level(value, pattern.model)
        elif field in _MUST_LAST or field in _MAY_BE_NOTHING:
            text = _duration(value, may_be_nothing=field in _MAY_BE_NOTHING)
        if text:
            yield (*place, key, field), text


def _whole_users(pattern: LoadPattern, place: Place) -> Iterator[Found]:
    if pattern.model == "open":
        return
    for key, field, value in _fields(pattern):
        if field in _LEVELS and math.isfinite(value) and not value.is_integer():
            near = f"{math.floor(value)} or {math.ceil(value)}"
            yield (*place, key, field), f"{value:g} is no number of users: write {near}"


def _drawn(pattern: LoadPattern, place: Place) -> Iterator[Found]:
    """The shape as a whole, once all of its numbers can be used."""
    here = (*place, pattern.shape)
    wrong = list(_together(pattern, here))
    if wrong or not pattern.shape:
        yield from wrong
    elif (count := most_pieces(pattern)) > MOST_PIECES:
        many = f"about {count:.0f}" if count < 1e6 else "over a million"
        yield (
            here,
            f"is drawn with {many} straight pieces, and {MOST_PIECES} are possible: give it "
            f"{_FINER.get(pattern.shape, 'fewer levels')}",
        )
    elif pattern.begins + sum(piece.duration_s for piece in pieces(pattern)) > LONGEST_S:
        yield here, "lasts longer than 30 days in all: shorten its parts"


def _together(pattern: LoadPattern, here: Place) -> Iterator[Found]:
    if (shape := pattern.constant or pattern.soak) and shape.level <= 0:
        yield (*here, "level"), "must be greater than 0: it asks for no load"
    if pattern.ramp and pattern.ramp.start == pattern.ramp.end == 0:
        yield (*here, "end"), "must be greater than 0: from 0 to 0 it asks for no load"
    if steps := pattern.steps:
        if steps.step <= 0:
            yield (*here, "step"), "must be greater than 0; steps go down where start is above end"
        if steps.start == steps.end == 0:
            yield (*here, "end"), "must be greater than 0: from 0 to 0 it asks for no load"
    if (spike := pattern.spike) and spike.peak <= spike.base:
        yield (*here, "peak"), f"must lie above the base, {spike.base:g}: else there is no spike"
    if wave := pattern.wave:
        if wave.high <= wave.low:
            yield (*here, "high"), f"must lie above low, {wave.low:g}: else write constant"
        if wave.period > wave.duration:
            yield (*here, "period"), "is longer than the duration: a wave needs one period at least"
    if search := pattern.breakpoint or pattern.search:
        if search.start <= 0:
            yield (*here, "start"), "must be greater than 0: no share of nothing leads upwards"
        if search.end <= search.start:
            yield (*here, "end"), f"must lie above start, {search.start:g}: the search goes upwards"
    if pattern.search and pattern.begins > 0:
        yield here, "begins with the load: leave out begins"
    if pattern.search and pattern.search.longest < LEAST_HOLDS * pattern.search.hold:
        yield (
            (*here, "longest"),
            f"leaves no time to search: {LEAST_HOLDS} holds at least, "
            f"{format_duration(LEAST_HOLDS * pattern.search.hold)}",
        )


def _fields(pattern: LoadPattern) -> Iterator[tuple[str, str, float]]:
    """Key, field and value of every number in a named shape."""
    for key in SHAPES:
        shape = getattr(pattern, key)
        if key != "stages" and shape is not None:
            for field in type(shape).model_fields:
                yield key, field, getattr(shape, field)


def _level(level: float, model: str) -> str:
    if 0 <= level <= HIGHEST:
        return ""
    return f"must lie between 0 and {HIGHEST:.0f} " + ("arrivals per second" if model == "open" else "users")


def _duration(seconds: float, *, may_be_nothing: bool = False) -> str:
    if may_be_nothing and not seconds >= 0:
        return "must be 0s or longer"
    if not may_be_nothing and not seconds > 0:
        return "must be longer than nothing, such as 30s"
    return "is longer than 30 days" if seconds > LONGEST_S else ""
