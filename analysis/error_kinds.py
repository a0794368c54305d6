"""What kind of failure a response code means, whether JMeter wrote a status or the name of an exception."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.domain.measure import LabelStats


class ErrorKind(StrEnum):
    """Failures that call for different people: the service, its limits, the network, the test."""

    SERVER_ERROR = "server_error"  # 5xx
    ASSERTION = "assertion"  # the status was a success, the answer was not what the test expects
    RATE_LIMITED = "rate_limited"  # 429
    UNFIT_REQUEST = "unfit_request"  # 401, 404, 405, 415: the request does not fit the service
    CLIENT_ERROR = "client_error"  # other 4xx
    CONNECTION = "connection"  # refused, reset, or closed without an answer
    TIMEOUT = "timeout"  # no answer in time
    OTHER = "other"


UNFIT_STATUSES = frozenset({"401", "404", "405", "415"})

# JMeter writes `Non HTTP response code: <class>` for exceptions; names as Java and HttpClient 4 have them.
_TIMEOUT_WORDS = ("timeout", "timedout", "timed out")
_CONNECTION_WORDS = ("connect", "socketexception", "nohttpresponse", "reset", "refused", "connectionclosed")


def error_kind(code: str) -> ErrorKind:
    """The kind of a failed sample, from its code or a class such as `timeout`, `connect`, `assertion`."""
    text = code.strip().lower()
    if text.isdigit() and len(text) == 3:
        return _status_kind(text)
    if "assert" in text:
        return ErrorKind.ASSERTION
    # First: a `ConnectTimeoutException` is no refusal, nobody answered.
    if any(word in text for word in _TIMEOUT_WORDS):
        return ErrorKind.TIMEOUT
    if any(word in text for word in _CONNECTION_WORDS):
        return ErrorKind.CONNECTION
    return ErrorKind.OTHER


def error_key(code: str) -> str:
    """A short name for facts: the status itself (`503`), or the kind for everything else."""
    text = code.strip()
    kind = error_kind(text)
    return text if text.isdigit() and kind is not ErrorKind.ASSERTION else kind.value


def errors_by_key(stats: LabelStats) -> dict[str, int]:
    """Failed samples of a label by `error_key`, most frequent first, then by name."""
    counts: dict[str, int] = {}
    for cause in stats.causes:
        counts[error_key(cause.code)] = counts.get(error_key(cause.code), 0) + cause.count
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _status_kind(status: str) -> ErrorKind:
    if status == "429":
        return ErrorKind.RATE_LIMITED
    if status in UNFIT_STATUSES:
        return ErrorKind.UNFIT_REQUEST
    if status[0] == "5":
        return ErrorKind.SERVER_ERROR
    # A failed sample with a status of success: an assertion or an expectation failed.
    return ErrorKind.CLIENT_ERROR if status[0] == "4" else ErrorKind.ASSERTION
