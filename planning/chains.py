"""Journeys that a description implies: an endpoint that needs a value follows the one that gives it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from perfpilot.domain.base import Frozen
from perfpilot.domain.spec import Endpoint, Step
from perfpilot.planning.variables import needed

_MOST_TOLD = 3


class Link(Frozen):
    """One endpoint needs a value that another one gives."""

    needs: str
    variable: str
    gives: str


class Chain(Frozen):
    """Endpoints that one user asks in turn, in the order of need; the description's order where free."""

    endpoints: tuple[Endpoint, ...]
    links: tuple[Link, ...] = ()

    @property
    def name(self) -> str:
        """The name of the last endpoint, which is what the user was after."""
        return self.endpoints[-1].name

    @property
    def weight(self) -> float:
        """The largest weight of its endpoints, so that none gets less than its own weight asks for."""
        return max(endpoint.weight for endpoint in self.endpoints)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps. One that needs an uncertain value runs only where that value was found."""
        uncertain: list[str] = []
        steps = []
        for endpoint in self.endpoints:
            wanted = {link.variable for link in self.links if link.needs == endpoint.name}
            # The one that was found last depends on those before it.
            condition = next((name for name in reversed(uncertain) if name in wanted), None)
            steps.append(Step(endpoint=endpoint.name, only_if=condition))
            uncertain += [extract.name for extract in endpoint.extract if extract.optional or condition]
        return tuple(steps)

    @property
    def why(self) -> str:
        """What ties the endpoints together, for people."""
        told = [f"{link.needs} needs {link.variable} of {link.gives}" for link in self.links[:_MOST_TOLD]]
        more = len(self.links) - len(told)
        return ", ".join(told) + (f" and {more} more" if more else "")


def chains(endpoints: Sequence[Endpoint], known: Mapping[str, frozenset[str]]) -> tuple[Chain, ...]:
    """All endpoints in chains, a chain of one where nothing ties it to another.

    `known` has, by endpoint, the variables that have a value from the start. A value comes from the first
    endpoint that can give it. Whoever needs what nobody gives, or what only comes after itself, stays alone.
    Chains stand in the order of their first endpoints in the description.
    """
    order, links = _in_order_of_need(endpoints, known)
    group = {endpoint.name: endpoint.name for endpoint in endpoints}
    for link in links:
        _join(group, link.needs, link.gives)
    members: dict[str, list[Endpoint]] = {}
    for endpoint in order:
        members.setdefault(_root(group, endpoint.name), []).append(endpoint)
    own: dict[str, list[Link]] = {}
    for link in links:
        own.setdefault(_root(group, link.needs), []).append(link)
    return tuple(
        Chain(endpoints=tuple(members[root]), links=tuple(own.get(root, ())))
        for root in dict.fromkeys(_root(group, endpoint.name) for endpoint in endpoints)
    )


def _in_order_of_need(
    endpoints: Sequence[Endpoint], known: Mapping[str, frozenset[str]]
) -> tuple[list[Endpoint], list[Link]]:
    """Kahn's algorithm (doi:10.1145/368996.369025), where free in the description's order.

    Those that nobody can give all they need stand at the end.
    """
    wanted = [needed(endpoint) - known[endpoint.name] for endpoint in endpoints]
    missing = [set(names) for names in wanted]
    waiting: dict[str, list[int]] = {}
    for index, names in enumerate(missing):
        for name in names:
            waiting.setdefault(name, []).append(index)
    ready = [index for index, names in enumerate(missing) if not names]
    givers: dict[str, str] = {}
    placed: list[int] = []
    links: list[Link] = []
    while ready:
        index = heapq.heappop(ready)
        placed.append(index)
        endpoint = endpoints[index]
        links += [Link(needs=endpoint.name, variable=v, gives=givers[v]) for v in sorted(wanted[index])]
        for variable in _new(endpoint, givers):
            givers[variable] = endpoint.name
            for waiter in waiting.get(variable, ()):
                missing[waiter].discard(variable)
                if not missing[waiter]:
                    heapq.heappush(ready, waiter)
    stuck = sorted(set(range(len(endpoints))) - set(placed))
    return [endpoints[index] for index in (*placed, *stuck)], links


def _new(endpoint: Endpoint, givers: Mapping[str, str]) -> Iterable[str]:
    return dict.fromkeys(extract.name for extract in endpoint.extract if extract.name not in givers)


def _root(group: dict[str, str], name: str) -> str:
    while group[name] != name:
        group[name] = group[group[name]]
        name = group[name]
    return name


def _join(group: dict[str, str], one: str, other: str) -> None:
    group[_root(group, one)] = _root(group, other)
