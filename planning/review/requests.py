"""Rules of the review about requests and their data: whether they exercise what real ones would."""

from __future__ import annotations

from collections.abc import Iterator

from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Endpoint, Method, Spec
from perfpilot.planning.review.remarks import remark
from perfpilot.planning.scenarios import Draft, derived, drafts, measured_labels
from perfpilot.planning.variables import REFERENCE, needed

_WRITES = (Method.POST, Method.PUT, Method.PATCH)
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"})
"""Headers that carry a secret, in small letters."""


def request_remarks(spec: Spec) -> Iterator[Remark]:
    """Remarks on endpoints, journeys, headers and test data."""
    auth = spec.environment.auth
    measured = measured_labels(spec)
    yield from _headers(spec.environment.headers, "environment.headers")
    for endpoint in spec.endpoints:
        place = f"endpoints.{endpoint.name}"
        is_login = auth is not None and endpoint.name == auth.login
        yield from _headers(endpoint.headers, f"{place}.headers")
        if endpoint.name not in measured and not is_login:
            yield remark("info", place, "unused", f"no journey asks {endpoint.name!r}: it gets no load")
        elif endpoint.method in _WRITES and not is_login and not _varies(endpoint):
            yield remark(
                "warning", f"{place}.body", "constant-writes",
                f"every {endpoint.method.value} of {endpoint.name!r} sends the same data: a cache, a unique "
                "key or one locked row can then decide the figures; use ${variables} from test_data",
            )  # fmt: skip
    yield from _journeys(spec)
    lengths = {name: len(rows) for name, rows in spec.test_data.values.items()}
    if len(set(lengths.values())) > 1:
        yield remark(
            "warning", "test_data.values", "uneven-columns",
            "the variables have different numbers of values ("
            + ", ".join(f"{name} {count}" for name, count in lengths.items())
            + "): which value meets which is left to chance",
        )  # fmt: skip


def _varies(endpoint: Endpoint) -> bool:
    sent = (endpoint.path, endpoint.query, endpoint.body, endpoint.form)
    return bool(REFERENCE.search(str(sent)))


def _journeys(spec: Spec) -> Iterator[Remark]:
    for journey, draft in zip(spec.journeys, drafts(spec) if spec.journeys else (), strict=True):
        left_out = len(journey.steps) - len(draft.steps)  # a login that every iteration begins with anyway
        yield from _uncertain_values(spec, draft, left_out, f"journeys.{draft.name}")
    for chain in () if spec.journeys else derived(spec):
        if chain.links:
            yield remark(
                "info", f"endpoints.{chain.name}", "derived-journey",
                f"{', '.join(endpoint.name for endpoint in chain.endpoints)} run as one journey, "
                f"{chain.name!r}, with weight {chain.weight:g}: {chain.why}; "
                "write journeys to have it otherwise",
            )  # fmt: skip


def _uncertain_values(spec: Spec, draft: Draft, first: int, place: str) -> Iterator[Remark]:
    """Steps that send a value which an earlier step may not have found."""
    declared = {endpoint.name: endpoint for endpoint in spec.endpoints}
    condition: dict[str, str] = {}  # of an uncertain variable: the condition under which it was looked for
    for number, step in enumerate(draft.steps, start=first):
        sure = {step.only_if}
        while known := {condition.get(name, "") for name in sure} - sure - {""}:
            sure |= known
        endpoint = declared[step.endpoint]
        for name in sorted((needed(endpoint) & set(condition)) - sure):
            yield remark(
                "warning", f"{place}.steps.{number}", "uncertain-value",
                f"{step.endpoint!r} sends ${{{name}}}, which an earlier step may not have found: it would be "
                f"sent all the same; give this step only_if: {name}",
            )  # fmt: skip
        for extract in endpoint.extract:
            if extract.optional or step.only_if:
                condition[extract.name] = step.only_if
            else:
                condition.pop(extract.name, None)


def _headers(headers: dict[str, str], place: str) -> Iterator[Remark]:
    for name, value in headers.items():
        if name.lower() in SECRET_HEADERS and value and "${" not in value:
            yield remark(
                "warning", f"{place}.{name}", "secret-in-plain-text",
                f"the header {name} holds its value in plain text: write a reference such as "
                "${env:PERFPILOT_SECRET_TOKEN}",
            )  # fmt: skip
