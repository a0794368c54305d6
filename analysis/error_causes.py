"""Failed samples by cause: a status, or a class of failure where JMeter wrote an exception."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from perfpilot.domain.measure import ErrorCause

ASSERTION = "assertion"

_PREFIX = "Non HTTP response code: "
# Names as Java and Apache HttpClient 4 have them. The first that fits counts: nobody answered a
# `ConnectTimeoutException`, but it is the connection that could not be made.
_CLASSES = (
    ("ConnectTimeoutException", "connect"),
    ("HttpHostConnectException", "connect"),
    ("ConnectException", "connect"),
    ("NoRouteToHostException", "connect"),
    ("UnknownHostException", "unknown host"),
    ("TimeoutException", "timeout"),
    ("BindException", "no free port"),
    ("NoHttpResponseException", "connection closed"),
    ("ConnectionClosedException", "connection closed"),
    ("SocketException", "connection reset"),
    ("SSL", "tls"),
)


def cause_of(code: str) -> str:
    """The cause of a failed sample from its response code, as JMeter wrote it.

    `assertion` where the status was a success and the answer was not what the test expects; the status
    itself (`503`) otherwise; `timeout`, `connect`, ... for exceptions, or the exception's own short name.
    """
    if code.isdigit():
        return ASSERTION if code[0] in "123" else code
    if not code.startswith(_PREFIX):
        return code or "no code"
    name = code.removeprefix(_PREFIX).split("/")[0].rsplit(".", 1)[-1]
    return next((cause for part, cause in _CLASSES if part in name), name)


def is_http(cause: str) -> bool:
    """Whether the target itself answered: a status, or an answer that failed an assertion."""
    return cause.isdigit() or cause == ASSERTION


def causes(failures: Mapping[str, int], examples: Iterable[tuple[str, str]]) -> tuple[ErrorCause, ...]:
    """Causes with their counts, most frequent first. `examples`: pairs of code and message."""
    counts: dict[str, int] = {}
    for code, count in failures.items():
        counts[cause_of(code)] = counts.get(cause_of(code), 0) + count
    texts: dict[str, str] = {}
    for code, text in examples:
        if text:
            texts.setdefault(cause_of(code), text)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ErrorCause(code=cause, count=count, example=texts.get(cause, "")) for cause, count in ranked)
