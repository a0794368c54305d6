"""The steps of a case: the request in question, and before it what brings about the values that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.plan import PlannedStep
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.planning.scenarios import Draft
from perfpilot.planning.variables import given_by_login, needed


@dataclass(frozen=True)
class Surroundings:
    """What the cases of a description can lean on."""

    spec: Spec
    declared: Mapping[str, Endpoint]  # by name
    before: Mapping[
        str, tuple[PlannedStep, ...]
    ]  # steps before an endpoint, in the journey that asks it first

    @classmethod
    def of(cls, spec: Spec, every: Sequence[Draft]) -> Surroundings:
        """`every`: `drafts(spec)`."""
        before: dict[str, tuple[PlannedStep, ...]] = {}
        for draft in every:
            for index, step in enumerate(draft.steps):
                if step.endpoint not in before:
                    before[step.endpoint] = draft.steps[:index]
        return cls(spec, {endpoint.name: endpoint for endpoint in spec.endpoints}, before)


def case_steps(around: Surroundings, request: Endpoint, name: str) -> tuple[PlannedStep, ...] | None:
    """The steps of a case that sends `request`, in the journey that asks for its endpoint first.

    None where no journey gives the values that it needs. A user who logs in by himself does so first, where
    the token is sent.
    """
    spec, declared = around.spec, around.declared
    before = around.before.get(request.name, ())
    wanted = set(needed(request)) - set(spec.test_data.values)
    kept: list[PlannedStep] = []
    for step in reversed(before):
        endpoint = declared[step.endpoint]
        gives = {extract.name for extract in endpoint.extract}
        if gives & wanted or _gives_a_session(spec, endpoint):
            kept.insert(0, step)
            wanted -= gives
            wanted |= needed(endpoint) - set(spec.test_data.values)
            wanted |= {step.only_if} - {""}
    login = _login_first(spec, request, [declared[step.endpoint] for step in kept], wanted)
    if login is None:
        return None
    label = CASE_PREFIX + name
    steps = [
        PlannedStep(endpoint=step.endpoint, label=f"{label} / {step.endpoint}", only_if=step.only_if)
        for step in (*login, *kept)
    ]
    last = PlannedStep(
        endpoint=request.name, label=label, request=request, only_if=_condition(declared, kept, request)
    )
    return (*steps, last)


def changes_data(spec: Spec, declared: Mapping[str, Endpoint], steps: Sequence[PlannedStep]) -> bool:
    """Whether a step may change data. A login as it is described is none: every run logs in anyway."""
    auth = spec.environment.auth
    for step in steps:
        plain_login = auth is not None and step.endpoint == auth.login and step.request is None
        endpoint = step.request or declared[step.endpoint]
        if not endpoint.method.safe and not plain_login:
            return True
    return False


def _gives_a_session(spec: Spec, endpoint: Endpoint) -> bool:
    """A step that sends a secret logs somebody in: what follows may need its cookie."""
    sent = str((endpoint.query, endpoint.body, endpoint.form))
    return spec.environment.cookies and "${env:" in sent and not endpoint.method.safe


def _login_first(
    spec: Spec, request: Endpoint, before: Sequence[Endpoint], wanted: set[str]
) -> tuple[PlannedStep, ...] | None:
    """The login of `scope: iteration`, where a step needs it; None where values are missing all the same."""
    auth = spec.environment.auth
    if auth is None or auth.scope != "iteration" or request.name == auth.login:
        return None if wanted else ()
    if wanted - given_by_login(spec):
        return None
    logged_in = any(endpoint.name == auth.login for endpoint in before)
    if logged_in or not (wanted or any(endpoint.authenticated for endpoint in (*before, request))):
        return ()
    return (PlannedStep(endpoint=auth.login, label=auth.login),)


def _condition(declared: Mapping[str, Endpoint], before: Sequence[PlannedStep], request: Endpoint) -> str:
    """The variable without which the request would send nothing that was found."""
    wanted = needed(request)
    uncertain = [
        extract.name
        for step in before
        for extract in declared[step.endpoint].extract
        if extract.name in wanted and (extract.optional or step.only_if)
    ]
    return uncertain[-1] if uncertain else ""
