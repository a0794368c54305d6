"""A model proposes more cases and journeys; each passes the guard, or is refused with a reason."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Described

from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.plan import Kind, LeftOut, PlannedStep
from perfpilot.domain.spec import Endpoint, Expect, Spec
from perfpilot.planning.cases.case import Case, Proposed
from perfpilot.planning.cases.fields import Field, fields, with_value
from perfpilot.prompts import load
from perfpilot.tools.model.fence import fence
from perfpilot.tools.model.gateway import ModelGateway
from perfpilot.tools.model.guard import without_addresses, without_verdicts
from perfpilot.tools.model.review import digest

MOST = 10
"""Of cases, and of journeys: what comes after that is refused."""

_DIGEST_LIMIT = 24_000
_WHY_LIMIT = 200
_VALUE_LIMIT = 4_000
# A value may be odd, but it may not lead the target elsewhere, nor be an attack on it.
_FORBIDDEN_VALUE = re.compile(
    r"\$\{|://|\\\\|\.\./|<\s*script|\b(?:drop|truncate|delete|alter|insert|update|exec|union|shutdown)\b[\s\S]*"
    r"\b(?:table|from|into|database|select|set)\b|[;|&`]\s*(?:rm|curl|wget|sh|bash|nc)\b|\$\(",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9 _.-]+")


class ChangeSaid(BaseModel):
    """Another value in one of the listed places."""

    place: str
    value: str | int | float | bool | None = None


class CaseSaid(BaseModel):
    """One case. There is no room for a host, a header, a credential, a limit or a status."""

    endpoint: str
    kind: Literal["edge", "failure"]
    why: str
    changes: list[ChangeSaid] = Described(default=[], max_length=8)


class JourneySaid(BaseModel):
    """An order of requests."""

    steps: list[str] = Described(min_length=2, max_length=12)
    why: str


class Proposals(BaseModel):
    """What a model is asked for."""

    cases: list[CaseSaid] = []
    journeys: list[JourneySaid] = []


class _Refused(Exception):
    """Why a proposal does not pass."""


async def proposed(gateway: ModelGateway, spec: Spec, known: Sequence[Case]) -> Proposed:
    """Cases of a model beside those of the rules (`known`). Raises ModelError where no usable answer came.

    Journeys are never run: they are listed among the refused, as a suggestion for the description.
    """
    prompt = await asyncio.to_thread(load, "plan", "cases")
    shown = json.dumps(_shown(spec), ensure_ascii=False, indent=1)
    said = await gateway.ask(prompt.fill(spec=fence("description", shown, _DIGEST_LIMIT)), Proposals)
    return await asyncio.to_thread(guarded, said, spec, known)


def guarded(said: Proposals, spec: Spec, known: Sequence[Case]) -> Proposed:
    """Every proposal through the guard: declared endpoints and places, harmless values, nothing twice."""
    cases: list[Case] = []
    refused: list[LeftOut] = []
    taken = [case.steps[-1].request for case in known]
    for number, one in enumerate(said.cases, start=1):
        name = f"model {number} {_plain(one.endpoint)}"[:60].strip()
        kind = Kind(one.kind)
        try:
            if number > MOST:
                raise _Refused(f"a model may propose {MOST} cases")
            request = _request(one, spec)
            if request in taken:
                raise _Refused("the rules have this case already")
            taken.append(request)
            cases.append(_case(name, kind, _why(one.why), request))
        except _Refused as why:
            refused.append(LeftOut(name=name, kind=kind, why=f"proposed by the model, refused: {why}"))
    journeys = [_journey(number, one, spec) for number, one in enumerate(said.journeys[:MOST], start=1)]
    return Proposed(cases=tuple(cases), refused=(*refused, *journeys))


def _shown(spec: Spec) -> dict[str, Any]:
    """The digest of the review, and the places that a case may change: their names, never their values."""
    named = {endpoint.name: list(_places(endpoint, spec)) for endpoint in spec.endpoints}
    return {**digest(spec), "places": named}


def _request(one: CaseSaid, spec: Spec) -> Endpoint:
    try:
        request = spec.endpoint(one.endpoint)
    except KeyError:
        raise _Refused("no such endpoint is declared") from None
    auth = spec.environment.auth
    if auth and request.name == auth.login:
        raise _Refused("the login is not a model's to change")
    if not one.changes:
        raise _Refused("it changes nothing")
    here = _places(request, spec)
    for change in one.changes:
        if change.place not in here:
            raise _Refused("it changes a place that the request does not have")
        request = with_value(request, here[change.place], _value(change.value))
    expect = Expect(status=("4xx",) if one.kind == "failure" else ("2xx", "3xx", "4xx"))
    return request.model_copy(update={"expect": expect, "extract": ()})


def _places(endpoint: Endpoint, spec: Spec) -> dict[str, Field]:
    """Places that a model may change, by the name that it is told; secrets are none of them."""
    found: dict[str, Field] = {}
    for field in fields(endpoint, spec.test_data.values):
        if not field.secret:
            found.setdefault(f"{field.where.value}.{field.name}", field)
    return found


def _value(value: str | int | float | bool | None) -> str | int | float | bool | None:
    if isinstance(value, float) and not abs(value) < 1e300:
        raise _Refused("a value is no finite number")
    text = str(value)
    if len(text) > _VALUE_LIMIT or _CONTROL.search(text):
        raise _Refused(f"a value is longer than {_VALUE_LIMIT} characters or holds control characters")
    if _FORBIDDEN_VALUE.search(text) or without_addresses(text, _VALUE_LIMIT) != " ".join(text.split()):
        raise _Refused("a value holds an address, a reference or an attack")
    return value


def _case(name: str, kind: Kind, why: str, request: Endpoint) -> Case:
    step = PlannedStep(endpoint=request.name, label=CASE_PREFIX + name, request=request)
    return Case(name=name, kind=kind, why=why, steps=(step,), writes=not request.method.safe, source="model")


def _journey(number: int, one: JourneySaid, spec: Spec) -> LeftOut:
    declared = {endpoint.name for endpoint in spec.endpoints}
    why = "proposed by the model, refused: it names a request that is not declared"
    if all(step in declared for step in one.steps):
        why = f"suggested by the model: add the journey {' > '.join(one.steps)} ({_why(one.why)})"
    return LeftOut(name=f"model journey {number}", kind=Kind.JOURNEY, why=why)


def _why(text: str) -> str:
    said = without_verdicts(without_addresses(text, _WHY_LIMIT), _WHY_LIMIT)
    return said or "the model gave no reason that can be shown"


def _plain(text: str) -> str:
    return _NOT_IN_NAMES.sub("", text)[:40]
