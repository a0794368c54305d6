"""HTTP: where requests go, and samplers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Plan
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.jmeter.jmx import addresses, authorization, bodies, headers, tree
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


def target(spec: Spec) -> tuple[str, str, int]:
    """Scheme, host and port of the target. Raises SpecError for a host that is no host name."""
    parts = urlsplit(spec.environment.base_url)
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise SpecError(f"environment.base_url: {host!r} is not a host name", mend="write http://host:port")
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80)


def target_address(spec: Spec) -> str:
    """The target as an address, with its port and a slash at the end. Raises SpecError."""
    scheme, host, port = target(spec)
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"


def add_defaults(children: etree._Element, spec: Spec, plan: Plan) -> None:
    """Add what every sampler shares. The host stands here and nowhere else."""
    scheme, host, port = target(spec)
    node = tree.element(children, "ConfigTestElement", "target").node
    tree.comment(node, "Where every request goes. perfpilot pins the host, so that nothing else is reached.")
    tree.string(node, "HTTPSampler.protocol", scheme)
    tree.string(node, "HTTPSampler.domain", host)
    tree.string(node, "HTTPSampler.port", str(port))
    tree.string(node, "HTTPSampler.contentEncoding", "UTF-8")
    tree.string(node, "HTTPSampler.implementation", "HttpClient4")
    _timeouts(node, plan)
    tree.collection(tree.nested(node, "HTTPsampler.Arguments", "Arguments"), "Arguments.arguments")


def add_sampler(
    children: etree._Element,
    spec: Spec,
    plan: Plan,
    endpoint: Endpoint,
    label: str,
    *,
    text: OutsideText,
    uploads: Mapping[str, str],
    where: str,
) -> tree.Built:
    """Add one request; what belongs to it goes into its hashTree. `where` names it in messages.

    Pages' resources are not loaded: they can leave the target. So can redirects that are followed; but no
    other host has an address in JMeter's JVM (`jdk.net.hosts.file`), and addresses written as numbers are
    sent to a proxy that does not exist (see `properties.confine`). `httpsampler.max_redirects` bounds them.
    """
    node, own = tree.element(children, "HTTPSamplerProxy", label)
    tree.string(node, "HTTPSampler.path", addresses.write_path(spec, endpoint, text, where))
    tree.string(node, "HTTPSampler.method", endpoint.method.value)
    tree.boolean(node, "HTTPSampler.follow_redirects", endpoint.redirects)
    tree.boolean(node, "HTTPSampler.auto_redirects", False)  # followed out of sight, and twenty of them
    tree.boolean(node, "HTTPSampler.use_keepalive", True)
    tree.boolean(node, "HTTPSampler.image_parser", False)
    _timeouts(node, plan)
    bodies.add_content(node, endpoint, text, uploads, where)
    headers.add_headers(own, spec, endpoint, text, where)
    authorization.add_basic_auth(own, spec, endpoint, target_address(spec), text)
    return tree.Built(node, own)


def _timeouts(node: etree._Element, plan: Plan) -> None:
    """JMeter has none by default: a target that accepts and never answers would hold it for ever."""
    for name, seconds in (("connect", plan.connect_timeout_s), ("response", plan.response_timeout_s)):
        if seconds <= 0:
            raise SpecError(f"environment.timeouts.{name} must be longer than nothing", mend="write 10s")
        tree.string(node, f"HTTPSampler.{name}_timeout", str(max(1, round(seconds * 1000))))
