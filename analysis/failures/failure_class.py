"""Classes of failure by who can do something about them, and what a failure is called in words of ours."""

from __future__ import annotations

from enum import StrEnum

from perfpilot.analysis.failures.error_causes import ASSERTION, cause_of, exception_name
from perfpilot.domain.plan_messages import (
    EXTRACTION_MESSAGE,
    LACKS_MESSAGE,
    STATUS_MESSAGE,
    TEXT_MESSAGE,
    TOO_SLOW_MESSAGE,
)


class FailureClass(StrEnum):
    """What kind of failure a sample met."""

    CONNECTION = "connection"  # refused, reset, no such host, no way to it
    PROTOCOL = "protocol"  # connected, but no TLS, or nothing that is a whole HTTP answer
    AUTH = "auth"  # 401, 403
    NOT_FOUND = "not_found"  # 404, 405, 410, 415: the request does not fit what the service offers
    RATE_LIMITED = "rate_limited"  # 429
    EXPECTATION = "expectation"  # an answer that a check of the test does not accept; any other 4xx
    TOO_SLOW = "too_slow"  # the answer was right, and later than `expect.within`
    EXTRACTION = "extraction"  # the answer was a success and an extractor found nothing in it
    TIME_OUT = "time_out"  # no connection, or no answer, in time
    SERVER_ERROR = "server_error"  # 5xx
    GENERATOR = "generator"  # JMeter itself: no free port, no file descriptor, no memory, no thread
    OTHER = "other"


NO_ANSWER = frozenset(
    {FailureClass.CONNECTION, FailureClass.PROTOCOL, FailureClass.TIME_OUT, FailureClass.GENERATOR}
)
"""Failures in which nobody answered."""

_STATUSES = {
    "401": FailureClass.AUTH,
    "403": FailureClass.AUTH,
    "404": FailureClass.NOT_FOUND,
    "405": FailureClass.NOT_FOUND,
    "410": FailureClass.NOT_FOUND,
    "415": FailureClass.NOT_FOUND,
    "429": FailureClass.RATE_LIMITED,
}
_CAUSES = {
    "connect": (FailureClass.CONNECTION, "no connection could be made"),
    "connection reset": (FailureClass.CONNECTION, "the connection was reset"),
    "unknown host": (FailureClass.CONNECTION, "the name of the host has no address"),
    "connection closed": (
        FailureClass.PROTOCOL,
        "the connection was closed before there was a whole answer",
    ),
    "bad answer": (FailureClass.PROTOCOL, "what came back was no valid HTTP answer"),
    "tls": (FailureClass.PROTOCOL, "TLS could not be agreed on"),
    "connect timeout": (FailureClass.TIME_OUT, "no connection in time"),
    "timeout": (FailureClass.TIME_OUT, "no answer in time"),
    "no free port": (FailureClass.GENERATOR, "the load generator had no free port"),
    "too many open files": (FailureClass.GENERATOR, "the load generator had no file descriptor left"),
    "out of memory": (FailureClass.GENERATOR, "the load generator ran out of memory"),
    "too many threads": (FailureClass.GENERATOR, "the load generator could start no further thread"),
}
_CHECKS = (STATUS_MESSAGE, TEXT_MESSAGE, LACKS_MESSAGE)


def failure_class(code: str, text: str = "") -> FailureClass:
    """The class of a failed sample from its response code and a message, as JMeter wrote them.

    The code comes first: checks run on a sample without an answer as well, so that a refused connection
    may carry the message of a check or of an extractor.
    """
    cause = cause_of(code, text)
    if cause == ASSERTION:
        if text.startswith(EXTRACTION_MESSAGE):
            return FailureClass.EXTRACTION
        return FailureClass.TOO_SLOW if text.startswith(TOO_SLOW_MESSAGE) else FailureClass.EXPECTATION
    return class_of_cause(cause)


def class_of_cause(cause: str) -> FailureClass:
    """The class of a failure from its cause alone, as `error_causes.cause_of` names it."""
    if cause == ASSERTION:
        return FailureClass.EXPECTATION
    if cause.isdigit():
        return _STATUSES.get(cause) or _of_other_status(cause)
    return _CAUSES[cause][0] if cause in _CAUSES else FailureClass.OTHER


def failure_words(code: str, text: str = "") -> str:
    """One failure in a few words, none of which the target could have chosen."""
    found = failure_class(code, text)
    if found is FailureClass.EXTRACTION:
        return f"status {code}, and {EXTRACTION_MESSAGE}{variable_of(text)}"
    if found is FailureClass.TOO_SLOW:
        return f"status {code}, later than expected"
    if cause_of(code, text) == ASSERTION:
        check = next(
            (words for words in _CHECKS if text.startswith(words)), "a check did not accept the answer"
        )
        return f"status {code}, but {check}"
    if code.isdigit():
        return f"status {code}"
    words = _CAUSES.get(cause_of(code, text), (found, ""))[1]
    name = _printable_name(exception_name(code))
    return f"{words} ({name})" if words and name else words or name or "no response code"


def variable_of(text: str) -> str:
    """The variable for which an extractor found nothing, from the message of a failure of that class."""
    return "".join(c for c in text.removeprefix(EXTRACTION_MESSAGE)[:80] if c.isalnum() or c in "_.-")


def _of_other_status(status: str) -> FailureClass:
    if status[0] == "4":
        return FailureClass.EXPECTATION
    return FailureClass.SERVER_ERROR if status[0] == "5" else FailureClass.OTHER


def _printable_name(name: str) -> str:
    """The name of a Java class; empty where it is something else."""
    return name[:80] if name.isascii() and name.replace("$", "").isidentifier() else ""
