"""Headers of a request, and who it says that it comes from: a token, or HTTP Basic authentication."""

from __future__ import annotations

import re

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.jmeter.jmx import templates, tree
from perfpilot.tools.jmeter.jmx.bodies import content_type
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?|")
_OWN_HEADERS = frozenset({"content-length", "transfer-encoding"})


def add_headers(
    children: etree._Element, spec: Spec, endpoint: Endpoint, text: OutsideText, where: str
) -> None:
    """Add the headers of a sampler; nothing where there are none. Raises SpecError for impossible ones."""
    headers = _headers(spec, endpoint, text, where)
    if not headers:
        return
    node = tree.element(children, "HeaderManager", "headers").node
    values = tree.collection(node, "HeaderManager.headers")
    for name, value in headers.items():
        header = tree.nested(values, "", "Header")
        tree.string(header, "Header.name", name)
        tree.string(header, "Header.value", value)


def _headers(spec: Spec, endpoint: Endpoint, text: OutsideText, where: str) -> dict[str, str]:
    """Headers as JMeter texts. Later ones win, whatever their case: ours, the environment's, the content
    type of a form, the token, the endpoint's own."""
    found: dict[str, tuple[str, str]] = {}
    ours = content_type(endpoint)
    if ours:
        found["content-type"] = ("Content-Type", ours)
    _collect(found, spec.environment.headers, text, "environment.headers")
    if ours and endpoint.form:  # a form under any other name could not be read
        found["content-type"] = ("Content-Type", ours)
    if authorization := _authorization(spec, endpoint, text):
        found[authorization[0].lower()] = authorization
    _collect(found, endpoint.headers, text, f"{where}.headers")
    return dict(found.values())


def _collect(
    found: dict[str, tuple[str, str]], headers: dict[str, str], text: OutsideText, where: str
) -> None:
    for name, value in headers.items():
        _require_header(name, value, f"{where}.{name}")
        found[name.lower()] = (name, text.write(value, f"{where}.{name}"))


def _require_header(name: str, value: str, where: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
        raise SpecError(f"{where}: {name!r} can't be set as a header", mend="remove it or mend its name")
    if not _HEADER_VALUE.fullmatch(value):
        raise SpecError(
            f"{where}: a header holds printable ASCII, without white space at its ends",
            mend="encode other characters, for example as %C3%A9",
        )


def _authorization(spec: Spec, endpoint: Endpoint, text: OutsideText) -> tuple[str, str] | None:
    auth = spec.environment.auth
    if auth is None or not spec.sends_token(endpoint):
        return None
    _require_header(auth.header, auth.scheme, "environment.auth")
    token = text.token() if auth.scope == "run" else templates.variable(templates.TOKEN_VARIABLE)
    scheme = text.write(auth.scheme, "environment.auth.scheme")
    return auth.header, f"{scheme} {token}" if scheme else token
