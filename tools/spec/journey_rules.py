"""Rules for journeys: conditions on values that can be there, and values that can be had at all."""

from __future__ import annotations

from collections.abc import Iterator

from perfpilot.domain.spec import Spec
from perfpilot.planning.scenarios import derived, drafts, known_from_the_start
from perfpilot.planning.variables import given_by_login, needed
from perfpilot.tools.spec.problems import Place, did_you_mean

Found = tuple[Place, str]


def journey_problems(spec: Spec) -> Iterator[Found]:
    """Steps whose condition nothing can fulfil, and endpoints that wait for each other."""
    if spec.journeys:
        yield from _conditions(spec)
    else:
        yield from _circles(spec)


def _conditions(spec: Spec) -> Iterator[Found]:
    declared = {endpoint.name: endpoint for endpoint in spec.endpoints}
    for index, (journey, draft) in enumerate(zip(spec.journeys, drafts(spec), strict=True)):
        found = set(given_by_login(spec)) if draft.login_first else set()
        for number, step in enumerate(journey.steps):
            if step.only_if and step.only_if not in found:
                yield (
                    ("journeys", index, "steps", number, "only_if"),
                    f"no earlier step of this journey extracts {step.only_if!r}; "
                    f"{did_you_mean(step.only_if, found)}",
                )
            if step.endpoint in declared:
                found |= {extract.name for extract in declared[step.endpoint].extract}


def _circles(spec: Spec) -> Iterator[Found]:
    """Endpoints that wait for a value that only comes after themselves."""
    waiting = {
        chain.name: needed(chain.endpoints[0]) - known_from_the_start(spec, chain.endpoints[0])
        for chain in derived(spec)
        if not chain.links
    }
    givers: dict[str, list[str]] = {}
    for endpoint in spec.endpoints:
        for extract in endpoint.extract:
            givers.setdefault(extract.name, []).append(endpoint.name)
    for index, endpoint in enumerate(spec.endpoints):
        for variable in sorted(waiting.get(endpoint.name, ())):
            others = givers.get(variable, [])
            if others and all(waiting.get(other) for other in others):
                yield (
                    ("endpoints", index),
                    f"waits for {variable} of {others[0]!r}, which itself waits for a value: give one of "
                    "them in test_data.values, or let an endpoint extract it that needs nothing",
                )
