"""What kind of failure a response code means, whether JMeter wrote a status or the name of an exception."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.analysis.early import UNFIT
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


_BY_CAUSE = {
    "assertion": ErrorKind.ASSERTION,
    "timeout": ErrorKind.TIMEOUT,
    "connect": ErrorKind.CONNECTION,
    "connection closed": ErrorKind.CONNECTION,
    "connection reset": ErrorKind.CONNECTION,
    "unknown host": ErrorKind.CONNECTION,
    "tls": ErrorKind.CONNECTION,
}


def error_kind(cause: str) -> ErrorKind:
    """The kind of a failed sample from its cause, as `error_causes.cause_of` names it."""
    return _status_kind(cause) if cause.isdigit() else _BY_CAUSE.get(cause, ErrorKind.OTHER)


def error_key(cause: str) -> str:
    """A short name for facts: the status itself (`503`), or the kind for everything else."""
    return cause if cause.isdigit() else error_kind(cause).value


def errors_by_key(stats: LabelStats) -> dict[str, int]:
    """Failed samples of a label by `error_key`, most frequent first, then by name."""
    counts: dict[str, int] = {}
    for cause in stats.causes:
        counts[error_key(cause.code)] = counts.get(error_key(cause.code), 0) + cause.count
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _status_kind(status: str) -> ErrorKind:
    if status == "429":
        return ErrorKind.RATE_LIMITED
    if status in UNFIT:
        return ErrorKind.UNFIT_REQUEST
    if status[0] == "5":
        return ErrorKind.SERVER_ERROR
    return ErrorKind.CLIENT_ERROR
