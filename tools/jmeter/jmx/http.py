"""HTTP: where requests go, samplers, headers, cookies and bodies."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlsplit

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Plan
from perfpilot.domain.spec import Endpoint, Method, Spec
from perfpilot.tools.jmeter.jmx import templates, tree
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText, require_xml_text, split

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?|")
_URL_SAFE = "!$&'()*+,-./:;=?@_~%"  # RFC 3986: what a path and a query may hold as it is
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OWN_HEADERS = frozenset({"content-length", "transfer-encoding"})
_WITHOUT_BODY = frozenset({Method.HEAD, Method.OPTIONS})


def target(spec: Spec) -> tuple[str, str, int]:
    """Scheme, host and port of the target. Raises SpecError for a host that is no host name."""
    parts = urlsplit(spec.environment.base_url)
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise SpecError(f"environment.base_url: {host!r} is not a host name", mend="write http://host:port")
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80)


def add_defaults(children: etree._Element, spec: Spec, plan: Plan) -> None:
    """Add what every sampler shares. The host stands here and nowhere else."""
    scheme, host, port = target(spec)
    node = tree.element(children, "ConfigTestElement", "target").node
    tree.string(node, "HTTPSampler.protocol", scheme)
    tree.string(node, "HTTPSampler.domain", host)
    tree.string(node, "HTTPSampler.port", str(port))
    tree.string(node, "HTTPSampler.contentEncoding", "UTF-8")
    tree.string(node, "HTTPSampler.implementation", "HttpClient4")
    _timeouts(node, plan)
    tree.collection(tree.nested(node, "HTTPsampler.Arguments", "Arguments"), "Arguments.arguments")


def add_cookies(children: etree._Element, *, new_user_each_iteration: bool) -> None:
    """Add cookies of the user's own. Where each iteration is a new user they are dropped in between."""
    node = tree.element(children, "CookieManager", "cookies").node
    tree.collection(node, "CookieManager.cookies")
    tree.boolean(node, "CookieManager.clearEachIteration", new_user_each_iteration)
    tree.boolean(node, "CookieManager.controlledByThreadGroup", False)
    tree.string(node, "CookieManager.policy", "standard")
    tree.string(
        node, "CookieManager.implementation", "org.apache.jmeter.protocol.http.control.HC4CookieHandler"
    )


def add_sampler(
    children: etree._Element, spec: Spec, plan: Plan, endpoint: Endpoint, label: str, text: OutsideText
) -> etree._Element:
    """Add one request and return the hashTree for what belongs to it.

    Redirects are not followed and pages' resources are not loaded: both can leave the target.
    """
    node, own = tree.element(children, "HTTPSamplerProxy", label)
    tree.string(node, "HTTPSampler.path", _path(spec, endpoint, text))
    tree.string(node, "HTTPSampler.method", endpoint.method.value)
    tree.boolean(node, "HTTPSampler.follow_redirects", False)
    tree.boolean(node, "HTTPSampler.auto_redirects", False)
    tree.boolean(node, "HTTPSampler.use_keepalive", True)
    tree.boolean(node, "HTTPSampler.image_parser", False)
    _timeouts(node, plan)
    body = _body(endpoint)
    if body is not None:
        tree.boolean(node, "HTTPSampler.postBodyRaw", True)
    arguments = tree.nested(node, "HTTPsampler.Arguments", "Arguments")
    values = tree.collection(arguments, "Arguments.arguments")
    if body is not None:
        argument = tree.nested(values, "", "HTTPArgument")
        tree.boolean(argument, "HTTPArgument.always_encode", False)
        tree.string(argument, "Argument.value", text.write(body, f"endpoints.{endpoint.name}.body"))
        tree.string(argument, "Argument.metadata", "=")
    _add_headers(own, _headers(spec, endpoint, text))
    return own


def _timeouts(node: etree._Element, plan: Plan) -> None:
    """JMeter has none by default: a target that accepts and never answers would hold it for ever."""
    for name, seconds in (("connect", plan.connect_timeout_s), ("response", plan.response_timeout_s)):
        if seconds <= 0:
            raise SpecError(f"environment.timeouts.{name} must be longer than nothing", mend="write 10s")
        tree.string(node, f"HTTPSampler.{name}_timeout", str(max(1, round(seconds * 1000))))


def _path(spec: Spec, endpoint: Endpoint, text: OutsideText) -> str:
    """Path and query, percent-encoded (RFC 3986) where a character may not stand in an address."""
    where = f"endpoints.{endpoint.name}.path"
    path = urlsplit(spec.environment.base_url).path + endpoint.path
    require_xml_text(path, where)
    return "".join(
        _percent_encoded(piece, where) if isinstance(piece, str) else text.reference(piece)
        for piece in split(path, text.declared, where)
    )


def _percent_encoded(piece: str, where: str) -> str:
    if "#" in piece or _BAD_PERCENT.search(piece) or re.search(r"[\t\n\r]", piece):
        raise SpecError(
            f"{where}: {piece!r} holds a fragment, a stray % or a line break",
            mend="write %23 for #, %25 for %, %0A for a line break",
        )
    return quote(piece, safe=_URL_SAFE)


def require_url_values(spec: Spec) -> None:
    """Raise SpecError where a value of the test data is used in a path but may not stand in an address.

    JMeter puts values into paths as they are, and a request with a space in its path never leaves it.
    """
    for endpoint in spec.endpoints:
        for name, rows in spec.test_data.values.items():
            if f"${{{name}}}" not in endpoint.path:
                continue
            for row in rows:
                if quote(row, safe=_URL_SAFE) != row or _BAD_PERCENT.search(row):
                    raise SpecError(
                        f"test_data.values.{name}: {row!r} may not stand in the path of {endpoint.name}",
                        mend=f"percent-encode it: {quote(row, safe='')}",
                    )


def _body(endpoint: Endpoint) -> str | None:
    if endpoint.body is None or endpoint.body == "":
        return None
    if endpoint.method in _WITHOUT_BODY:
        raise SpecError(
            f"endpoints.{endpoint.name}.body: JMeter sends no body with {endpoint.method.value}",
            mend="remove the body, or use POST",
        )
    if isinstance(endpoint.body, str):
        return endpoint.body
    return json.dumps(endpoint.body, ensure_ascii=False)


def _headers(spec: Spec, endpoint: Endpoint, text: OutsideText) -> dict[str, str]:
    """Headers as JMeter texts. Later ones win, whatever their case: ours, the environment's, the token,
    the endpoint's own."""
    found: dict[str, tuple[str, str]] = {}
    if endpoint.body is not None and not isinstance(endpoint.body, str):
        found["content-type"] = ("Content-Type", "application/json")
    _collect(found, spec.environment.headers, text, "environment.headers")
    if authorization := _authorization(spec, endpoint, text):
        found[authorization[0].lower()] = authorization
    _collect(found, endpoint.headers, text, f"endpoints.{endpoint.name}.headers")
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
    if auth is None or not endpoint.authenticated or endpoint.name == auth.login:
        return None
    _require_header(auth.header, auth.scheme, "environment.auth")
    token = text.token() if auth.scope == "run" else templates.variable(templates.TOKEN_VARIABLE)
    scheme = text.write(auth.scheme, "environment.auth.scheme")
    return auth.header, f"{scheme} {token}" if scheme else token


def _add_headers(children: etree._Element, headers: dict[str, str]) -> None:
    if not headers:
        return
    node = tree.element(children, "HeaderManager", "headers").node
    values = tree.collection(node, "HeaderManager.headers")
    for name, value in headers.items():
        header = tree.nested(values, "", "Header")
        tree.string(header, "Header.name", name)
        tree.string(header, "Header.value", value)
