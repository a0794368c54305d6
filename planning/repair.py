"""Repairs of a description that one safe request can prove, for the way back from execution to validation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlencode, urlsplit

from perfpilot.domain.base import Frozen
from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.spec import Endpoint, Method, Spec
from perfpilot.planning.scenarios import renewing_token

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Candidate(Frozen):
    """A repaired description and the request that proves it: an answer without the trouble's status.

    `path` is asked below `environment.base_url`, so the host is always the one that was granted. It is empty
    where the login itself is the proof: no endpoint that carries the token can be asked safely.
    """

    spec: Spec
    place: str
    before: str
    after: str
    method: Literal["GET", "HEAD"]
    path: str
    with_token: bool = False  # send the token, or Basic authentication, with the proof


def repair_candidates(trouble: Trouble, spec: Spec) -> tuple[Candidate, ...]:
    """What could be wrong, the likeliest first. Empty: no safe request can prove a repair.

    Never a change of host, never towards a method that changes anything on the target.
    """
    if trouble.reason is Reason.TOKEN_EXPIRED:
        return tuple(_login_again(spec))
    endpoint = next((e for e in spec.endpoints if e.name == trouble.subject), None)
    if endpoint is None:
        return ()
    if trouble.reason is Reason.ENDPOINT_NOT_FOUND:
        return tuple(_other_paths(endpoint, spec))
    if trouble.reason is Reason.METHOD_NOT_ALLOWED:
        return tuple(_safe_method(endpoint, spec))
    if trouble.reason in (Reason.UNAUTHORIZED, Reason.FORBIDDEN):
        return tuple(_with_token(endpoint, spec))
    return ()


def why_not_repaired(reason: Reason) -> str:
    """Why nothing was repaired, to follow the sentence that says what was seen.

    A check is never changed to what the target answers: it says what the engineer wants, and a test that
    takes what it gets tests nothing.
    """
    if reason is Reason.EXPECTATION_FAILED:
        return "the check or the answer is wrong: a check is never repaired to fit the answer"
    if reason is Reason.EXTRACTION_FAILED:
        return "no request can prove what should have been extracted"
    if reason is Reason.GENERATOR_FAILED:
        return "the load generator is not fit for a load: perfpilot doctor checks its limits"
    if reason.target_gone:
        return "the target is not fit for a load, and no repair of the description mends that"
    return "no repair could be proven by a safe request"


def _other_paths(endpoint: Endpoint, spec: Spec) -> Iterator[Candidate]:
    path, mark, query = endpoint.path.partition("?")
    for other in dict.fromkeys(_path_variants(path, endpoint, spec)):
        repaired = other + mark + query
        proof = _concrete(repaired, endpoint, spec)
        if other == path or proof is None:
            continue
        yield Candidate(
            spec=_with_endpoint(spec, endpoint, path=repaired),
            place=f"endpoints.{endpoint.name}.path",
            before=endpoint.path,
            after=repaired,
            method="HEAD" if endpoint.method is Method.HEAD else "GET",
            path=proof,
            with_token=_sends_token(endpoint, spec),
        )


def _path_variants(path: str, endpoint: Endpoint, spec: Spec) -> Iterator[str]:
    collapsed = re.sub(r"/{2,}", "/", path)
    yield collapsed
    yield collapsed.rstrip("/") or "/" if collapsed.endswith("/") else collapsed + "/"
    prefix = urlsplit(spec.environment.base_url).path.rstrip("/")
    if prefix and (collapsed + "/").startswith(prefix + "/"):
        yield collapsed.removeprefix(prefix) or "/"  # base_url has it already
    others = Counter(_first_part(other.path) for other in spec.endpoints if other.name != endpoint.name)
    del others[""]
    for first, _ in others.most_common(2):
        if not (collapsed + "/").startswith(first + "/"):
            yield first + collapsed  # /products where all the others are /api/...


def _first_part(path: str) -> str:
    parts = path.partition("?")[0].split("/")
    return f"/{parts[1]}" if len(parts) > 2 and parts[1] and "$" not in parts[1] else ""


def _safe_method(endpoint: Endpoint, spec: Spec) -> Iterator[Candidate]:
    auth = spec.environment.auth
    proof = _concrete(endpoint.path, endpoint, spec)
    if proof is None or (auth and endpoint.name == auth.login):
        return
    after = Method.HEAD if endpoint.method is Method.GET else Method.GET
    yield Candidate(
        spec=_with_endpoint(spec, endpoint, method=after, body=None, form={}, files=()),
        place=f"endpoints.{endpoint.name}.method",
        before=endpoint.method.value,
        after=after.value,
        method="HEAD" if after is Method.HEAD else "GET",
        path=proof,
        with_token=_sends_token(endpoint, spec),
    )


def _with_token(endpoint: Endpoint, spec: Spec) -> Iterator[Candidate]:
    auth = spec.environment.auth
    proof = _concrete(endpoint.path, endpoint, spec)
    # Only a safe endpoint answers a safe request as it answers the real one.
    if endpoint.authenticated or proof is None or endpoint.method not in (Method.GET, Method.HEAD):
        return
    if not (auth or spec.environment.basic_auth) or (auth and endpoint.name == auth.login):
        return
    yield Candidate(
        spec=_with_endpoint(spec, endpoint, authenticated=True),
        place=f"endpoints.{endpoint.name}.authenticated",
        before="false",
        after="true",
        method="HEAD" if endpoint.method is Method.HEAD else "GET",
        path=proof,
        with_token=True,
    )


def _login_again(spec: Spec) -> Iterator[Candidate]:
    renewing = renewing_token(spec)
    if renewing is None:
        return
    safe = (
        proof
        for endpoint in spec.endpoints
        if endpoint.method is Method.GET and _sends_token(endpoint, spec)
        if (proof := _concrete(endpoint.path, endpoint, spec))
    )
    yield Candidate(
        spec=renewing,
        place="environment.auth.scope",
        before="run",
        after="iteration",
        method="GET",
        path=next(safe, ""),
        with_token=True,
    )


def _with_endpoint(spec: Spec, endpoint: Endpoint, **changes: object) -> Spec:
    repaired = endpoint.model_copy(update=changes)
    return spec.model_copy(
        update={"endpoints": tuple(repaired if e.name == endpoint.name else e for e in spec.endpoints)}
    )


def _sends_token(endpoint: Endpoint, spec: Spec) -> bool:
    """Whether the endpoint says who asks: by a token, or by HTTP Basic authentication."""
    return spec.sends_token(endpoint) or spec.sends_basic_auth(endpoint)


def _concrete(path: str, endpoint: Endpoint, spec: Spec) -> str | None:
    """Path and query with the first value of every variable; None where one comes from an earlier answer.

    A path that begins with two slashes could be read as another host: no proof is worth that.
    """
    values = spec.test_data.values
    texts = (path, *endpoint.query.values())
    if any(name not in values for text in texts for name in _VARIABLE.findall(text)):
        return None

    def filled(text: str) -> str:
        return _VARIABLE.sub(lambda match: values[match[1]][0], text)

    concrete = filled(path)
    if endpoint.query:
        pairs = [(name, filled(value)) for name, value in endpoint.query.items()]
        concrete += ("&" if "?" in concrete else "?") + urlencode(pairs)
    return None if concrete.startswith("//") else concrete
