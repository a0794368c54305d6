"""What kind of failure a response code means, whether JMeter wrote a status or the name of an exception."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.analysis.failures.error_causes import ASSERTION
from perfpilot.analysis.failures.failure_class import FailureClass, class_of_cause
from perfpilot.domain.measure import LabelStats


class ErrorKind(StrEnum):
    """Failures that call for different people: the service, its limits, the network, the test."""

    SERVER_ERROR = "server_error"  # 5xx
    ASSERTION = "assertion"  # the status was a success, the answer was not what the test expects
    RATE_LIMITED = "rate_limited"  # 429
    UNFIT_REQUEST = "unfit_request"  # 401, 403, 404, 405, 410, 415: the request does not fit the service
    CLIENT_ERROR = "client_error"  # other 4xx
    CONNECTION = "connection"  # not made, reset, or closed without an answer
    TIMEOUT = "timeout"  # no answer in time
    OTHER = "other"


_BY_CLASS = {
    FailureClass.SERVER_ERROR: ErrorKind.SERVER_ERROR,
    FailureClass.RATE_LIMITED: ErrorKind.RATE_LIMITED,
    FailureClass.AUTH: ErrorKind.UNFIT_REQUEST,
    FailureClass.NOT_FOUND: ErrorKind.UNFIT_REQUEST,
    FailureClass.EXPECTATION: ErrorKind.CLIENT_ERROR,
    FailureClass.CONNECTION: ErrorKind.CONNECTION,
    FailureClass.TIME_OUT: ErrorKind.TIMEOUT,
}
# Where the class is not enough: nobody took the connection; the target hung up.
_BY_CAUSE = {
    ASSERTION: ErrorKind.ASSERTION,
    "connect timeout": ErrorKind.CONNECTION,
    "connection closed": ErrorKind.CONNECTION,
    "tls": ErrorKind.CONNECTION,
}


def error_kind(cause: str) -> ErrorKind:
    """The kind of a failed sample from its cause, as `error_causes.cause_of` names it."""
    return _BY_CAUSE.get(cause) or _BY_CLASS.get(class_of_cause(cause), ErrorKind.OTHER)


def error_key(cause: str) -> str:
    """A short name for facts: the status itself (`503`), or the kind for everything else."""
    return cause if cause.isdigit() else error_kind(cause).value


def errors_by_key(stats: LabelStats) -> dict[str, int]:
    """Failed samples of a label by `error_key`, most frequent first, then by name."""
    counts: dict[str, int] = {}
    for cause in stats.causes:
        counts[error_key(cause.code)] = counts.get(error_key(cause.code), 0) + cause.count
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
