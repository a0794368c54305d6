"""Failed samples by cause: a status, or a class of failure where JMeter wrote an exception."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from perfpilot.domain.measure import ErrorCause

ASSERTION = "assertion"

_PREFIX = "Non HTTP response code: "
# The one table of exceptions, with names as Java and Apache HttpClient 4 have them. The first that fits
# counts: `ConnectTimeoutException` is no time-out of an answer, the connection could not be made.
_CLASSES = (
    ("ConnectTimeoutException", "connect timeout"),
    ("HttpHostConnectException", "connect"),
    ("ConnectException", "connect"),
    ("NoRouteToHostException", "connect"),
    ("UnknownHostException", "unknown host"),
    ("TimeoutException", "timeout"),
    ("BindException", "no free port"),
    ("OutOfMemoryError", "out of memory"),
    ("NoHttpResponseException", "connection closed"),
    ("ConnectionClosedException", "connection closed"),
    ("TruncatedChunkException", "connection closed"),
    ("ClientProtocolException", "bad answer"),  # JMeter 5.6.3 leaves out why: its message is `null`
    ("MalformedChunkCodingException", "bad answer"),
    ("ZipException", "bad answer"),
    ("SocketException", "connection reset"),
    ("SSL", "tls"),
)
# What the message tells better than the exception: Java has no exceptions of their own for these.
_TEXTS = (
    ("Too many open files", "too many open files"),
    ("Cannot assign requested address", "no free port"),
    ("unable to create native thread", "too many threads"),
)


def cause_of(code: str, text: str = "") -> str:
    """The cause of a failed sample from its response code, as JMeter wrote it, and an example of its message.

    `assertion` where the status was a success and the answer was not what the test expects; the status
    itself (`503`) otherwise; `timeout`, `connect`, ... for exceptions, or the exception's own short name.
    """
    if code.isdigit():
        return ASSERTION if code[0] in "123" else code
    if not code.startswith(_PREFIX):
        return code or "no code"
    name = exception_name(code)
    told = next((cause for part, cause in _TEXTS if part in text), None)
    return told or next((cause for part, cause in _CLASSES if part in name), name)


def exception_name(code: str) -> str:
    """The short name of the exception in a response code (`NoHttpResponseException`); empty: none."""
    return code.removeprefix(_PREFIX).split("/")[0].rsplit(".", 1)[-1] if code.startswith(_PREFIX) else ""


def is_http(cause: str) -> bool:
    """Whether the target itself answered: a status, or an answer that failed an assertion."""
    return cause.isdigit() or cause == ASSERTION


def causes(failures: Mapping[str, int], examples: Iterable[tuple[str, str]]) -> tuple[ErrorCause, ...]:
    """Causes with their counts, most frequent first. `examples`: pairs of code and message.

    One message is known of each code: where one exception has several causes, the first is taken for all.
    """
    told: dict[str, str] = {}
    for code, text in examples:
        if text:
            told.setdefault(code, text)
    counts: dict[str, int] = {}
    for code, count in failures.items():
        cause = cause_of(code, told.get(code, ""))
        counts[cause] = counts.get(cause, 0) + count
    texts: dict[str, str] = {}
    for code, text in told.items():
        texts.setdefault(cause_of(code, text), text)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ErrorCause(code=cause, count=count, example=texts.get(cause, "")) for cause, count in ranked)
