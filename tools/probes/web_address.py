"""Host and port of a web address."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from perfpilot.domain.errors import SpecError
from perfpilot.tools.foreign_text import one_line


class WebAddress(NamedTuple):
    """What a connection needs to know of `scheme://host:port/path`. Without a port: the scheme's."""

    https: bool
    host: str
    port: int
    path: str


def read_web_address(url: str) -> WebAddress:
    """Take the address apart. Raises SpecError, without the query, for what is no http or https address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port above 65535, half of an IPv6 address
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        shown = one_line(url.partition("?")[0])
        raise SpecError(f"{shown!r} is not a web address", mend="write it like http://host:8080/path")
    https = parts.scheme == "https"
    return WebAddress(https, parts.hostname, port or (443 if https else 80), parts.path)
