"""Paths and queries: percent-encoded where perfpilot knows the value, encoded by JMeter where it does not.

JMeter adds arguments to the address of GET and OPTIONS requests and encodes their values as it sends them,
whatever they hold by then. It does not where there is a body: it would send them as the body, with DELETE in
both places, and with HEAD nowhere (measured with 5.6.3). There the query stands in the path, and only
values that are known before can be encoded.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Endpoint, Method, Spec
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText, require_xml_text, split

_URL_SAFE = "!$&'()*+,-./:;=?@_~%"  # RFC 3986: what a path and a query may hold as it is
_VALUE_SAFE = "!'()*,-./:@_~"  # what a value of a query may hold that stays one value
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_WITH_ARGUMENTS = frozenset({Method.GET, Method.OPTIONS})


def query_is_encoded_by_jmeter(endpoint: Endpoint) -> bool:
    """Whether JMeter puts the query into the address by itself, its values encoded as they are sent."""
    body = endpoint.body not in (None, "") or endpoint.form or endpoint.files
    return endpoint.method in _WITH_ARGUMENTS and not body


def write_path(spec: Spec, endpoint: Endpoint, text: OutsideText, where: str) -> str:
    """The path of a sampler as a JMeter text, with the query where JMeter would not add it.

    Percent-encoded (RFC 3986) where a character may not stand in an address. Raises SpecError for what can't
    be encoded before it is known.
    """
    path = urlsplit(spec.environment.base_url).path + endpoint.path
    require_xml_text(path, f"{where}.path")
    written = "".join(
        _percent_encoded(piece, f"{where}.path") if isinstance(piece, str) else text.reference(piece)
        for piece in split(path, text.declared, f"{where}.path")
    )
    _require_url_values(spec, endpoint.path, f"{where}.path", safe=_URL_SAFE)
    if not endpoint.query or query_is_encoded_by_jmeter(endpoint):
        return written
    parameters = (
        f"{_encoded_name(name, where)}={_encoded_value(spec, name, value, text, where)}"
        for name, value in endpoint.query.items()
    )
    return written + ("&" if "?" in written else "?") + "&".join(parameters)


def require_name(name: str, where: str) -> None:
    """Raise SpecError for the name of a parameter or field that JMeter would leave out or evaluate."""
    require_xml_text(name, where)
    if not name.strip() or "${" in name:
        raise SpecError(f"{where}: {name!r} is no name of a parameter", mend="write a name without variables")


def _percent_encoded(piece: str, where: str) -> str:
    if "#" in piece or _BAD_PERCENT.search(piece) or re.search(r"[\t\n\r]", piece):
        raise SpecError(
            f"{where}: {piece!r} holds a fragment, a stray % or a line break",
            mend="write %23 for #, %25 for %, %0A for a line break",
        )
    return quote(piece, safe=_URL_SAFE)


def _encoded_name(name: str, where: str) -> str:
    require_name(name, f"{where}.query")
    return quote(name, safe="")


def _encoded_value(spec: Spec, name: str, value: str, text: OutsideText, where: str) -> str:
    place = f"{where}.query.{name}"
    require_xml_text(value, place)
    _require_url_values(spec, value, place, safe=_VALUE_SAFE)
    written = ""
    for piece in split(value, text.declared, place):
        if isinstance(piece, str):
            written += quote(piece, safe="")
        elif piece["variable"] in spec.test_data.values:
            written += text.reference(piece)
        else:
            raise SpecError(
                f"{place}: {piece[0]} can't be encoded in the query of a request with HEAD, DELETE or a body",
                mend="put it into path, where it is sent as it is, or into the form or the body",
            )
    return written


def _require_url_values(spec: Spec, text: str, where: str, *, safe: str) -> None:
    """Raise SpecError where a value of the test data is used in a text but may not stand in an address.

    JMeter puts values into paths as they are, and a request with a space in its path never leaves it.
    """
    for name, rows in spec.test_data.values.items():
        if f"${{{name}}}" not in text:
            continue
        for row in rows:
            if quote(row, safe=safe) != row or _BAD_PERCENT.search(row):
                mend = f"percent-encode it: {quote(row, safe='')}" if "%" in safe else "put it into path"
                raise SpecError(f"test_data.values.{name}: {row!r} may not stand in {where}", mend=mend)
