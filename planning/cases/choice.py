"""Which cases run, and what would have to be written to have the others."""

from __future__ import annotations

from collections.abc import Sequence

from perfpilot.domain.base import Frozen
from perfpilot.domain.plan import Kind, LeftOut
from perfpilot.domain.spec import Spec
from perfpilot.planning.cases.case import Case
from perfpilot.planning.cases.made import cases
from perfpilot.planning.cases.steps import Surroundings, case_steps, changes_data
from perfpilot.planning.scenarios import drafts

MOST_LISTED = 200
"""Entries of `Choice.left_out`: a description of a thousand endpoints would fill a plan with them."""


class Choice(Frozen):
    """The cases that run, in their order, and the others with the reason."""

    run: tuple[Case, ...]
    left_out: tuple[LeftOut, ...]


def choose(spec: Spec, proposals: Sequence[Case] = ()) -> Choice:
    """Choose among the cases of the rules and those that were proposed.

    Where `cases.most` does not reach for all, every endpoint gets its first ones. Edge cases come before
    failure conditions, and wrong passwords last. A journey that was proposed is a suggestion and never runs.
    """
    taken = {endpoint.name for endpoint in spec.endpoints} | {journey.name for journey in spec.journeys}
    around = Surroundings.of(spec, drafts(spec))
    left_out: list[tuple[Case, str]] = []
    open_to: list[Case] = []
    for case in (*cases(spec), *(_brought_about(around, each) for each in proposals)):
        if case.name in taken:
            left_out.append((case, "its name is taken already"))
            continue
        taken.add(case.name)
        why = _missing(around, case)
        if why:
            left_out.append((case, why))
        else:
            open_to.append(case)
    names = _fairly(open_to, spec.cases.most)
    left_out += [
        (case, f"the {spec.cases.most} requests of cases.most are used up: a higher number sends it")
        for case in open_to
        if case.name not in names
    ]
    run = sorted((case for case in open_to if case.name in names), key=lambda case: _place(spec, case))
    return Choice(run=tuple(run), left_out=_listed(left_out))


def at_the_login(spec: Spec, case: Case) -> bool:
    """Whether what a case sends is a login, most likely a wrong one."""
    auth = spec.environment.auth
    return auth is not None and case.steps[-1].endpoint == auth.login


def _brought_about(around: Surroundings, proposal: Case) -> Case:
    """A proposal of one request with the steps before it that give what it needs: a login, or a value."""
    own = proposal.steps[-1]
    if len(proposal.steps) > 1 or own.request is None:
        return proposal
    steps = case_steps(around, own.request, proposal.name)
    return proposal.model_copy(update={"steps": (*steps[:-1], own)}) if steps else proposal


def _missing(around: Surroundings, case: Case) -> str:
    """What the description lacks to have a case sent; empty where it lacks nothing."""
    if case.kind is Kind.JOURNEY:
        return "a suggestion: written under journeys, it becomes a part of the load"
    spec = around.spec
    writes = case.writes or changes_data(spec, around.declared, case.steps)
    lines = []
    if case.kind.value not in spec.cases.run:
        lines.append(f"cases.run: [{case.kind.value}]")
    if writes and not spec.cases.writes:
        lines.append("cases.writes: true")
    reason = "it may change data or lock an account: " if writes and not spec.cases.writes else ""
    return f"{reason}{' and '.join(lines)} {'send' if len(lines) > 1 else 'sends'} it" if lines else ""


def _fairly(open_to: Sequence[Case], most: int) -> frozenset[str]:
    """Names of those that run: the first of every endpoint and kind, then the second, while requests last."""
    groups: dict[tuple[str, Kind], list[Case]] = {}
    for case in open_to:
        groups.setdefault((case.steps[-1].endpoint, case.kind), []).append(case)
    found: set[str] = set()
    for number in range(max(map(len, groups.values()), default=0)):
        for group in groups.values():
            if number < len(group) and group[number].requests <= most:
                found.add(group[number].name)
                most -= group[number].requests
    return frozenset(found)


def _place(spec: Spec, case: Case) -> tuple[bool, bool]:
    return case.kind is Kind.FAILURE, case.kind is Kind.FAILURE and at_the_login(spec, case)


def _listed(left_out: Sequence[tuple[Case, str]]) -> tuple[LeftOut, ...]:
    """The first ones by name, and how many more there are of each kind."""
    listed = [LeftOut(name=case.name, kind=case.kind, why=why) for case, why in left_out[:MOST_LISTED]]
    for kind in Kind:
        more = sum(1 for case, _ in left_out[MOST_LISTED:] if case.kind is kind)
        if more:
            why = f"{more} more of its kind are left out for the same reasons"
            listed.append(LeftOut(name=f"{more} more", kind=kind, why=why))
    return tuple(listed)
