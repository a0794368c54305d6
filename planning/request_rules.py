"""Rules of the review about requests and their data: whether they exercise what real ones would."""

from __future__ import annotations

from collections.abc import Iterator

from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Endpoint, Method, Spec
from perfpilot.planning.remarks import remark
from perfpilot.planning.scenarios import measured_labels

_WRITES = (Method.POST, Method.PUT, Method.PATCH)
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"})


def request_remarks(spec: Spec) -> Iterator[Remark]:
    """Remarks on endpoints, headers and test data."""
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
    lengths = {name: len(rows) for name, rows in spec.test_data.values.items()}
    if len(set(lengths.values())) > 1:
        yield remark(
            "warning", "test_data.values", "uneven-columns",
            "the variables have different numbers of values ("
            + ", ".join(f"{name} {count}" for name, count in lengths.items())
            + "): which value meets which is left to chance",
        )  # fmt: skip


def _varies(endpoint: Endpoint) -> bool:
    return "${" in endpoint.path or "${" in str(endpoint.body)


def _headers(headers: dict[str, str], place: str) -> Iterator[Remark]:
    for name, value in headers.items():
        if name.lower() in _SECRET_HEADERS and value and "${" not in value:
            yield remark(
                "warning", f"{place}.{name}", "secret-in-plain-text",
                f"the header {name} holds its value in plain text: write a reference such as "
                "${env:PERFPILOT_SECRET_TOKEN}",
            )  # fmt: skip
