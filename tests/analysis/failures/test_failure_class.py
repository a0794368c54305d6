"""Classes of failure, from what a JMeter 5.6.3 wrote on Java 17 when it met them (tests/tools/jmeter/jmx/
test_real_failures.py produces most of them anew)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.failures.error_causes import cause_of, causes
from perfpilot.analysis.failures.error_kinds import ErrorKind, error_kind
from perfpilot.analysis.failures.failure_class import FailureClass, failure_class, failure_words
from perfpilot.analysis.reading.reader import ResultReader
from tests.analysis.result_files import file, line

CODE = "Non HTTP response code: "
TEXT = "Non HTTP response message: "
HTTP = "org.apache.http."
CONNECT_FAILED = "Connect to 127.0.0.1:1 [/127.0.0.1] failed: "

SEEN = [
    # who failed, exception, message, class
    ("nobody listens", f"{HTTP}conn.HttpHostConnectException", CONNECT_FAILED + "Connection refused",
     FailureClass.CONNECTION),
    ("reset before or in an answer, or in a TLS handshake", "java.net.SocketException", "Connection reset",
     FailureClass.CONNECTION),
    ("reset after a TLS 1.2 handshake", "java.net.SocketException", "Connection reset by peer",
     FailureClass.CONNECTION),
    ("closed after a TLS 1.3 handshake", "java.net.SocketException", "Broken pipe", FailureClass.CONNECTION),
    ("a name that the hosts file lacks", "java.net.UnknownHostException",
     "Unable to resolve host nowhere.test in hosts file /run/hosts", FailureClass.CONNECTION),
    ("a redirect to a name without an address", "java.net.UnknownHostException",
     "elsewhere.test: Name or service not known", FailureClass.CONNECTION),
    ("no route", "java.net.NoRouteToHostException", "No route to host", FailureClass.CONNECTION),
    ("bytes that are no HTTP", f"{HTTP}client.ClientProtocolException", "null", FailureClass.PROTOCOL),
    ("closed without an answer", f"{HTTP}NoHttpResponseException", "127.0.0.1:34357 failed to respond",
     FailureClass.PROTOCOL),
    ("cut in the body", f"{HTTP}ConnectionClosedException",
     "Premature end of Content-Length delimited message body (expected: 100; received: 3)",
     FailureClass.PROTOCOL),
    ("a bad chunk", f"{HTTP}MalformedChunkCodingException", "Bad chunk header: ZZZ", FailureClass.PROTOCOL),
    ("cut in a chunk", f"{HTTP}TruncatedChunkException",
     "Truncated chunk (expected size: 100; actual size: 3)", FailureClass.PROTOCOL),
    ("gzip that is none", "java.util.zip.ZipException", "Not in GZIP format", FailureClass.PROTOCOL),
    ("TLS to a plain port", "javax.net.ssl.SSLException", "Unsupported or unrecognized SSL message",
     FailureClass.PROTOCOL),
    ("closed in the TLS handshake", "javax.net.ssl.SSLHandshakeException",
     "Remote host terminated the handshake", FailureClass.PROTOCOL),
    ("accepted, never answered", "java.net.SocketTimeoutException", "Read timed out", FailureClass.TIME_OUT),
    ("accepted, no TLS handshake", f"{HTTP}conn.ConnectTimeoutException", CONNECT_FAILED + "Read timed out",
     FailureClass.TIME_OUT),
    ("no port left", "java.net.BindException", "Cannot assign requested address", FailureClass.GENERATOR),
    ("no port left, older Java", "java.net.NoRouteToHostException", "Cannot assign requested address",
     FailureClass.GENERATOR),
    ("no file descriptor left", "java.net.SocketException", "Too many open files", FailureClass.GENERATOR),
    ("no memory left", "java.lang.OutOfMemoryError", "Java heap space", FailureClass.GENERATOR),
    ("no thread left", "java.lang.OutOfMemoryError",
     "unable to create native thread: possibly out of memory or process/resource limits reached",
     FailureClass.GENERATOR),
    ("an address that is none", "java.net.URISyntaxException", "Illegal character in path at index 22",
     FailureClass.OTHER),
]  # fmt: skip

STATUSES = [
    ("401", "", FailureClass.AUTH),
    ("403", "Forbidden", FailureClass.AUTH),
    ("404", "unexpected status", FailureClass.NOT_FOUND),
    ("404", "nothing extracted for token", FailureClass.NOT_FOUND),
    ("405", "", FailureClass.NOT_FOUND),
    ("410", "", FailureClass.NOT_FOUND),
    ("415", "", FailureClass.NOT_FOUND),
    ("429", "unexpected status", FailureClass.RATE_LIMITED),
    ("400", "Bad Request", FailureClass.EXPECTATION),
    ("503", "unexpected status", FailureClass.SERVER_ERROR),
    ("500", "nothing extracted for token", FailureClass.SERVER_ERROR),
    ("302", "unexpected status", FailureClass.EXPECTATION),
    ("200", "unexpected status", FailureClass.EXPECTATION),
    ("200", "expected text is missing", FailureClass.EXPECTATION),
    ("200", "a text that must not be there is there", FailureClass.EXPECTATION),
    ("200", "No results for path: $['a']", FailureClass.EXPECTATION),
    (
        "200",
        "The operation lasted too long: It took 102 milliseconds, but should not have lasted longer than 20 "
        "milliseconds.",
        FailureClass.TOO_SLOW,
    ),
    ("200", "nothing extracted for token", FailureClass.EXTRACTION),
    ("999", "Odd", FailureClass.OTHER),
    ("", "", FailureClass.OTHER),
    ("(other)", "", FailureClass.OTHER),  # beyond the reader's bound
]


@pytest.mark.parametrize(
    ("exception", "message", "found"), [row[1:] for row in SEEN], ids=[r[0] for r in SEEN]
)
def test_an_exception_has_a_class(exception: str, message: str, found: FailureClass) -> None:
    assert failure_class(CODE + exception, TEXT + message) is found
    if found is not FailureClass.GENERATOR:
        assert failure_class(CODE + exception) is found, "the message of a check may have taken its place"
        assert failure_class(CODE + exception, "unexpected status") is found
        assert failure_class(CODE + exception, "nothing extracted for token") is found


@pytest.mark.parametrize(("code", "text", "found"), STATUSES)
def test_an_answer_has_a_class(code: str, text: str, found: FailureClass) -> None:
    assert failure_class(code, text) is found


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        ("404", "Not <b>Found</b>", "status 404"),
        ("200", "expected text is missing", "status 200, but expected text is missing"),
        ("200", "Unexpected token <b> at position 6.", "status 200, but a check did not accept the answer"),
        ("200", "nothing extracted for token", "status 200, and nothing extracted for token"),
        ("200", "The operation lasted too long: It took", "status 200, later than expected"),
        (CODE + "java.net.SocketException", TEXT + "Connection reset",
         "the connection was reset (SocketException)"),
        (CODE + "org.apache.http.MalformedChunkCodingException", TEXT + "Bad chunk header: <evil>",
         "what came back was no valid HTTP answer (MalformedChunkCodingException)"),
        (CODE + "java.net.SocketException", TEXT + "Too many open files",
         "the load generator had no file descriptor left (SocketException)"),
        (CODE + "java.net.URISyntaxException", "", "URISyntaxException"),
        (CODE + "a <b>", "", "no response code"),
        ("<evil>", "", "no response code"),
    ],
)  # fmt: skip
def test_a_failure_is_told_in_words_that_the_target_cannot_choose(code: str, text: str, words: str) -> None:
    assert failure_words(code, text) == words


@given(code=st.sampled_from(["200", "404", "500", CODE + "java.net.SocketException"]), text=st.text())
def test_no_text_of_the_target_is_repeated(code: str, text: str) -> None:
    assert failure_words(code, "\x00" + text) in {
        "status 200, but a check did not accept the answer", "status 404", "status 500",
        "the connection was reset (SocketException)",
        "the load generator had no file descriptor left (SocketException)",
    }  # fmt: skip


def test_every_class_of_a_cause_has_the_kind_of_error_that_findings_are_made_of() -> None:
    kinds = {row[0]: error_kind(cause_of(CODE + row[1], TEXT + row[2])) for row in SEEN}
    assert kinds["nobody listens"] is kinds["closed without an answer"] is ErrorKind.CONNECTION
    assert kinds["accepted, no TLS handshake"] is kinds["TLS to a plain port"] is ErrorKind.CONNECTION
    assert kinds["accepted, never answered"] is ErrorKind.TIMEOUT
    assert kinds["no file descriptor left"] is kinds["no port left"] is ErrorKind.OTHER


def test_what_the_generator_lacked_is_not_counted_as_a_connection_that_the_target_reset() -> None:
    reset = CODE + "java.net.SocketException"
    found = causes({reset: 7, "503": 1}, [(reset, ""), (reset, TEXT + "Too many open files")])
    assert [(cause.code, cause.count) for cause in found] == [("too many open files", 7), ("503", 1)]
    assert causes({reset: 7}, [])[0].code == "connection reset"


def test_a_check_on_an_answer_that_never_came_does_not_hide_why_there_is_none() -> None:
    code, message = CODE + "java.net.SocketException", TEXT + "Too many open files"
    rows = ResultReader().feed(
        file(
            [
                line(1, code=code, message=message, success=False, failure="unexpected status"),
                line(2, code="200", message="OK", success=False, failure="unexpected status"),
                line(3, code="503", message="Busy", success=False),
            ]
        )
    )
    assert [failure.text for failure in rows.failures] == [message, "unexpected status", "Busy"]
