"""Why a server could not be reached, in words that a person understands."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from perfpilot.tools.foreign_text import one_line

# OpenSSL's X509_V_ERR_* codes (openssl/x509_vfy.h), as Python gives them in SSLCertVerificationError.
_CERTIFICATES = {
    9: "certificate is not valid yet",
    10: "certificate expired",
    18: "certificate is self-signed and not trusted here",
    19: "certificate chain ends in a self-signed one that is not trusted here",
    20: "certificate is signed by an authority that is not trusted here",
    21: "certificate can't be verified: a link of its chain is missing",
    62: "certificate is for another host name",
    64: "certificate is for another address",
}
_ERRNOS = {
    errno.ECONNREFUSED: "connection refused: nothing listens there",
    errno.ECONNRESET: "connection reset by the other side",
    errno.EPIPE: "connection closed by the other side",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "no route to its network",
    errno.EACCES: "the system does not permit the connection",
    errno.EADDRNOTAVAIL: "no local address or port left to connect from",
    errno.EMFILE: "too many open files in this process",
}
_TLS = {
    "WRONG_VERSION_NUMBER": "no TLS there: the port speaks something else, perhaps plain HTTP",
    "RECORD_LAYER_FAILURE": "no TLS there: the port speaks something else, perhaps plain HTTP",
    "UNEXPECTED_EOF_WHILE_READING": "connection closed by the other side during the TLS handshake",
    "TLSV1_ALERT_PROTOCOL_VERSION": "no TLS version that both sides speak",
    "UNSUPPORTED_PROTOCOL": "no TLS version that both sides speak",
}


def reason(error: BaseException, timeout_s: float) -> str:
    """One clause such as `connection refused: nothing listens there` or `no answer within 5 s`."""
    for link in _chain(error):
        words = _of_link(link, timeout_s)
        if words:
            return words
    return one_line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made from: client libraries wrap the system's error two or three times."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _of_link(error: BaseException, timeout_s: float) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATES.get(error.verify_code, f"certificate refused: {one_line(error.verify_message)}")
    if isinstance(error, ssl.SSLError):
        return _TLS.get(error.reason or "", f"TLS failed: {one_line(error.reason or str(error))}")
    if isinstance(error, socket.gaierror):
        return f"the name does not resolve: {one_line(error.strerror or str(error))}"
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return f"no answer within {timeout_s:g} s"
    if type(error).__name__ == "LocalProtocolError":  # h11's text quotes the header, which may be a secret
        return "a header or the path holds what HTTP can't carry"
    if isinstance(error, UnicodeError):
        return "that is not a name or value that can be sent"
    if isinstance(error, EOFError):
        return "connection closed by the other side before an answer"
    if isinstance(error, OSError):
        return _of_system(error)
    return ""


def _of_system(error: OSError) -> str:
    if error.errno in _ERRNOS:
        return _ERRNOS[error.errno]
    # asyncio joins the errors of several addresses into one text without a number.
    for number, words in _ERRNOS.items():
        if f"[Errno {number}]" in str(error):
            return words
    return ""
