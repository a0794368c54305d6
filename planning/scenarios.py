"""Scenarios: what runs side by side. One for each journey, or one for each endpoint where there are none."""

from __future__ import annotations

from perfpilot.domain.base import Frozen
from perfpilot.domain.plan import PlannedStep
from perfpilot.domain.spec import Journey, Spec, Step


class Draft(Frozen):
    """A scenario before it has a curve and a size."""

    name: str
    steps: tuple[PlannedStep, ...]
    weight: float  # share of the arrivals (open model) or of the users (closed model)
    login_first: bool = False  # each iteration begins with the login endpoint
    transaction: bool = False

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

    The endpoint that logs in is no scenario of its own: it runs before the load (`scope: run`) or first in
    every iteration that needs a token (`scope: iteration`).
    """
    if spec.journeys:
        return tuple(_from_journey(journey, spec) for journey in spec.journeys)
    auth = spec.environment.auth
    loaded = [endpoint for endpoint in spec.endpoints if not auth or endpoint.name != auth.login]
    return tuple(
        _from_journey(
            Journey.model_construct(
                name=endpoint.name,
                steps=(Step(endpoint=endpoint.name),),
                weight=endpoint.weight,
                transaction=False,
            ),
            spec,
        )
        for endpoint in loaded or spec.endpoints
    )


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


def _from_journey(journey: Journey, spec: Spec) -> Draft:
    auth = spec.environment.auth
    steps = journey.steps
    authenticated = {endpoint.name: endpoint.authenticated for endpoint in spec.endpoints}
    login_first = bool(
        auth
        and auth.scope == "iteration"
        and any(authenticated.get(s.endpoint) and s.endpoint != auth.login for s in steps)
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
    )
