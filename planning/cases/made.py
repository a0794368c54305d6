"""All cases that the rules make from a description. Equal input, equal cases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfpilot.domain.plan import Kind
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.planning.cases.case import Case
from perfpilot.planning.cases.edge import edge_ideas
from perfpilot.planning.cases.failure import failure_ideas
from perfpilot.planning.cases.idea import Idea
from perfpilot.planning.cases.steps import Surroundings, case_steps, changes_data
from perfpilot.planning.scenarios import Draft, drafts

_LONGEST_NAME = 64
_ANY_REFERENCE = re.compile(r"\$\{(?:env:)?[A-Za-z_][A-Za-z0-9_]{0,127}\}")


def cases(spec: Spec) -> tuple[Case, ...]:
    """Edge cases, then failure conditions, each in the order of the endpoints; those of the login come last.

    There are cases for the endpoints that a journey asks, and for the login. Names are unique, also among
    journeys and endpoints, and fit for labels.
    """
    every = drafts(spec)
    around = Surroundings.of(spec, every)
    taken = {draft.name for draft in every} | {endpoint.name for endpoint in spec.endpoints}
    found: list[Case] = []
    for kind in (Kind.EDGE, Kind.FAILURE):
        for endpoint in _asked(spec, every):
            for idea in _ideas(kind, endpoint, spec):
                name = _name(endpoint.name, idea.name, taken)
                case = _case(around, endpoint, idea, kind, name)
                if case is not None:
                    found.append(case)
                    taken.add(name)
    return tuple(found)


def _asked(spec: Spec, every: Sequence[Draft]) -> list[Endpoint]:
    """Endpoints in the description's order, the login last: wrong passwords could lock an account."""
    auth = spec.environment.auth
    login = auth.login if auth else ""
    used = {name for draft in every for name in draft.endpoints}
    return [
        *(e for e in spec.endpoints if e.name in used and e.name != login),
        *(e for e in spec.endpoints if e.name == login),
    ]


def _ideas(kind: Kind, endpoint: Endpoint, spec: Spec) -> Iterator[Idea]:
    if kind is Kind.EDGE:
        return edge_ideas(endpoint, spec.test_data.values)
    return failure_ideas(endpoint, spec)


def _case(around: Surroundings, endpoint: Endpoint, idea: Idea, kind: Kind, name: str) -> Case | None:
    if _same(idea.request, endpoint) or _new_reference(endpoint, idea.request):
        return None
    steps = case_steps(around, idea.request, name)
    if steps is None:
        return None
    auth = around.spec.environment.auth
    at_login = auth is not None and endpoint.name == auth.login
    return Case(
        name=name,
        kind=kind,
        why=idea.why,
        steps=steps,
        writes=idea.writes or at_login or changes_data(around.spec, around.declared, steps),
    )


def _same(request: Endpoint, endpoint: Endpoint) -> bool:
    """Whether nothing is sent otherwise: an empty value was empty before."""
    return request.model_copy(update={"expect": endpoint.expect, "extract": endpoint.extract}) == endpoint


def _new_reference(endpoint: Endpoint, request: Endpoint) -> bool:
    """Whether values that now stand side by side make a reference that nobody wrote."""
    return not _references(request) <= _references(endpoint)


def _references(endpoint: Endpoint) -> set[str]:
    sent = str((endpoint.path, endpoint.query, endpoint.headers, endpoint.body, endpoint.form))
    found = set(_ANY_REFERENCE.findall(sent))
    return found | {"${"} if "${" in _ANY_REFERENCE.sub("", sent) else found


def _name(endpoint: str, idea: str, taken: set[str]) -> str:
    """`search empty q`, cut to what a name may have, and numbered where it is taken."""
    for number in range(1, len(taken) + 2):
        end = f" {idea}" if number == 1 else f" {idea} {number}"
        name = endpoint[: max(1, _LONGEST_NAME - len(end))].rstrip() + end
        if name not in taken:
            return name
    raise AssertionError("more numbers than names are taken")
