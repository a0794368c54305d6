"""What was run, in words: scenarios with the load that each had, cases, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.load_outcome import CaseOutcome, Met
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.reporting import figures

_ENGINES = {
    Engine.OPEN_SCHEDULE: "{arrivals} arrivals, a new user for each",
    Engine.STEERED_RATE: "paced users who take turns",
    Engine.CLOSED_USERS: "users who begin again when they are done",
    Engine.STEERED_USERS: "users behind a gate",
}
_USERS = {
    Engine.OPEN_SCHEDULE: "{users} at most",
    Engine.STEERED_RATE: "{users}",
    Engine.CLOSED_USERS: "{users}",
    Engine.STEERED_USERS: "{users} at most",
}
_MOST_PIECES = 5
_LEAST_LEVELS = 3


@dataclass(frozen=True)
class ScenarioRow:
    """A scenario of the load, in words for a table."""

    name: str
    arrives: str
    load: str
    users: str
    steps: str
    why: str


@dataclass(frozen=True)
class CaseRow:
    """A case that was sent, in words for a table."""

    name: str
    shows: str
    endpoint: str
    answer: str
    expected: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class LeftOutRow:
    """Scenarios that were left out for one and the same reason."""

    why: str
    names: tuple[str, ...]


def left_out_rows(plan: Plan) -> tuple[LeftOutRow, ...]:
    """What was thought of and did not run, by reason, in the order of the plan."""
    by_reason: dict[str, list[str]] = {}
    for entry in plan.left_out:
        by_reason.setdefault(entry.why, []).append(entry.name)
    return tuple(LeftOutRow(why, tuple(names)) for why, names in by_reason.items())


def scenario_rows(plan: Plan) -> tuple[ScenarioRow, ...]:
    """The measured scenarios of a load in the order of the plan; they ran side by side."""
    return tuple(_scenario(scenario, plan) for scenario in plan.scenarios if scenario.measured)


def case_rows(cases: Sequence[CaseOutcome], *, ok: bool) -> tuple[CaseRow, ...]:
    """The cases that went as expected, or those that did not, in the order in which they were sent."""
    return tuple(_case(case) for case in cases if case.ok is ok)


def cases_sentence(cases: Sequence[CaseOutcome]) -> str:
    """How many cases were sent and how they went: `12 cases were sent; 10 went as expected.`"""
    sent = [case for case in cases if case.met is not Met.NOT_SENT]
    good = sum(case.ok for case in sent)
    said = "1 case was sent" if len(sent) == 1 else f"{len(sent)} cases were sent"
    went = "all went as expected" if good == len(sent) > 1 else f"{good} went as expected"
    left = len(cases) - len(sent)
    return f"{said}; {went}" + (f"; {left} could not be sent." if left else ".")


def order_words(plan: Plan) -> str:
    """What ran when, as a sentence."""
    many = sum(scenario.measured for scenario in plan.scenarios)
    said = "One scenario made the load" if many == 1 else f"{many} scenarios made the load, side by side"
    beside = len(plan.scenarios) - many
    if beside:
        said += ", with one case beside it" if beside == 1 else f", with {beside} cases beside it"
    if not plan.before:
        return f"{said}."
    one = len(plan.before) == 1
    cases = "one case was" if one else f"{len(plan.before)} cases, one after the other, were"
    return f"{said}. Before it, {cases} sent with one user."


def curve_words(curve: LoadCurve) -> str:
    """A load curve in short: `0 to 300/s in 10 s, 300/s for 50 s`, or `5 levels from 50/s to 250/s`."""
    pieces = [segment for segment in curve.segments if segment.duration_s > 0]
    wait_s = 0.0
    while pieces and pieces[0].start == pieces[0].end == 0:
        wait_s += pieces.pop(0).duration_s
    begins = f"after {figures.seconds(wait_s)}: " if wait_s else ""
    if not pieces:
        return "nothing"
    levels = _levels(pieces)
    if levels:
        return f"{begins}{_levels_words(levels, curve)}"
    if len(pieces) <= _MOST_PIECES:
        return begins + ", ".join(_piece(piece, curve) for piece in pieces)
    ends = [level for piece in pieces for level in (piece.start, piece.end)]
    length = figures.seconds(sum(piece.duration_s for piece in pieces))
    low, high = _level(min(ends), curve), _level(max(ends), curve)
    return f"{begins}between {low} and {high}, {length} in all"


def _scenario(scenario: Scenario, plan: Plan) -> ScenarioRow:
    arrivals = "evenly spaced" if scenario.even_arrivals else "random"
    return ScenarioRow(
        name=scenario.name,
        arrives=_ENGINES[scenario.engine].format(arrivals=arrivals),
        load=curve_words(scenario.curve),
        users=_USERS[scenario.engine].format(users=figures.count(scenario.users)),
        steps=" → ".join([*([plan.login or "login"] if scenario.login_first else []), *_steps(scenario)]),
        why=scenario.why,
    )


def _steps(scenario: Scenario) -> list[str]:
    return [_step(step) for step in scenario.steps]


def _step(step: PlannedStep) -> str:
    times = f" × {step.repeat}" if step.repeat > 1 else ""
    return step.endpoint + times + (f" (if {step.only_if} was found)" if step.only_if else "")


def _case(case: CaseOutcome) -> CaseRow:
    answered = case.code.isdigit()
    return CaseRow(
        name=case.name,
        shows=case.why,
        endpoint=case.endpoint,
        answer=f"{case.code} in {figures.ms(case.elapsed_ms)}" if answered else figures.DASH,
        expected=case.expected,
        ok=case.ok,
        detail=case.detail,
    )


def _levels(pieces: Sequence[Segment]) -> list[Segment]:
    """The holds of a curve that only climbs from one to the next; empty where it does anything else."""
    holds = [piece for piece in pieces if piece.start == piece.end]
    rises = all(before.end < after.end for before, after in pairwise(holds))
    climbs = all(piece.start <= piece.end for piece in pieces)
    ends_held = pieces[-1].start == pieces[-1].end
    return holds if len(holds) >= _LEAST_LEVELS and rises and climbs and ends_held else []


def _levels_words(levels: Sequence[Segment], curve: LoadCurve) -> str:
    low, high = _level(levels[0].end, curve), _level(levels[-1].end, curve)
    lengths = {round(level.duration_s, 3) for level in levels}
    each = f", {figures.seconds(lengths.pop())} each" if len(lengths) == 1 else ""
    return f"{len(levels)} levels from {low} to {high}{each}"


def _piece(piece: Segment, curve: LoadCurve) -> str:
    length = figures.seconds(piece.duration_s)
    if piece.start == piece.end:
        return f"{_level(piece.end, curve)} for {length}"
    return f"{figures.in_unit(piece.start, '', 4)} to {_level(piece.end, curve)} in {length}"


def _level(level: float, curve: LoadCurve) -> str:
    if curve.unit == "rate_per_s":
        return figures.in_unit(level, "/s", 4)
    return f"{figures.count(level)} user{'' if level == 1 else 's'}"
