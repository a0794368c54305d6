"""Scenarios: what runs side by side. One for each journey; where there are none, they are derived."""

from __future__ import annotations

from perfpilot.domain.base import Frozen
from perfpilot.domain.plan import Kind, PlannedStep
from perfpilot.domain.spec import Endpoint, Journey, Spec
from perfpilot.planning.chains import Chain, chains
from perfpilot.planning.variables import given_by_login


class Draft(Frozen):
    """A scenario before it has a curve and a size."""

    name: str
    steps: tuple[PlannedStep, ...]
    weight: float  # share of the arrivals (open model) or of the users (closed model)
    login_first: bool = False  # each iteration begins with the login endpoint
    transaction: bool = False
    kind: Kind = Kind.JOURNEY
    why: str = ""  # where it comes from, for people

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Endpoints in the order in which they are asked, the login not included."""
        return tuple(step.endpoint for step in self.steps)

    @property
    def requests(self) -> int:
        """Requests of one iteration at most, the login included."""
        return sum(step.repeat for step in self.steps) + int(self.login_first)

    @property
    def think_time_s(self) -> float:
        """Pauses of one iteration together."""
        return sum(step.think_time_s * step.repeat for step in self.steps)


def drafts(spec: Spec) -> tuple[Draft, ...]:
    """The scenarios of a description, in its order.

    Without journeys, endpoints that need values of each other are chained into one, and each of the others is
    one. The endpoint that logs in is no scenario of its own: it runs before the load (`scope: run`) or first
    in every iteration that needs a token (`scope: iteration`).
    """
    with_token = frozenset(endpoint.name for endpoint in spec.endpoints if spec.sends_token(endpoint))
    if spec.journeys:
        why = "a journey of the description"
        return tuple(_from_journey(journey, spec, with_token, why) for journey in spec.journeys)
    return tuple(
        _from_journey(
            Journey.model_construct(
                name=chain.name, steps=chain.steps, weight=chain.weight, transaction=False
            ),
            spec,
            with_token,
            f"asked in turn by one user: {chain.why}" if chain.links else "needs nothing of other endpoints",
        )
        for chain in derived(spec)
    )


def derived(spec: Spec) -> tuple[Chain, ...]:
    """The journeys that a description implies, where it has none of its own.

    The login is in none of them: before the load it hands over its token and nothing else.
    """
    auth = spec.environment.auth
    loaded = [endpoint for endpoint in spec.endpoints if not auth or endpoint.name != auth.login]
    asked = loaded or spec.endpoints
    return chains(asked, {e.name: known_from_the_start(spec, e) for e in asked})


def known_from_the_start(spec: Spec, endpoint: Endpoint) -> frozenset[str]:
    """Variables that have a value whenever an endpoint runs."""
    data = frozenset(spec.test_data.values)
    return data | given_by_login(spec) if spec.sends_token(endpoint) else data


def renewing_token(spec: Spec) -> Spec | None:
    """The same description with a login in every iteration; None where none comes before the load."""
    auth = spec.environment.auth
    if not auth or auth.scope == "iteration":
        return None
    environment = spec.environment.model_copy(update={"auth": auth.model_copy(update={"scope": "iteration"})})
    return spec.model_copy(update={"environment": environment})


def measured_labels(spec: Spec) -> frozenset[str]:
    """Labels that will have samples: endpoints that a scenario asks, and the login where iterations do it."""
    found: set[str] = set()
    for draft in drafts(spec):
        found.update(draft.endpoints)
        if draft.login_first and spec.environment.auth:
            found.add(spec.environment.auth.login)
    return frozenset(found)


def _from_journey(journey: Journey, spec: Spec, with_token: frozenset[str], why: str) -> Draft:
    auth = spec.environment.auth
    steps = journey.steps
    login_first = bool(
        auth and auth.scope == "iteration" and any(step.endpoint in with_token for step in steps)
    )
    if login_first and auth and len(steps) > 1 and steps[0].endpoint == auth.login:
        steps = steps[1:]  # the journey writes the login out itself: once is enough
    return Draft(
        name=journey.name,
        steps=tuple(
            PlannedStep(
                endpoint=step.endpoint,
                label=step.endpoint,
                think_time_s=step.think_time,
                repeat=step.repeat,
                only_if=step.only_if or "",
            )
            for step in steps
        ),
        weight=journey.weight,
        login_first=login_first,
        transaction=journey.transaction,
        why=why,
    )
