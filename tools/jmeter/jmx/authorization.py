"""HTTP Basic authentication: JMeter's own manager below each sampler that sends it, and below no other.

A manager above several samplers would send the password with all of them.
"""

from __future__ import annotations

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.jmeter.jmx import tree
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.spec.references import ENVIRONMENT


def add_basic_auth(
    children: etree._Element, spec: Spec, endpoint: Endpoint, address: str, text: OutsideText
) -> None:
    """Add the manager to a sampler that authenticates so. `address`: the target, with a slash at its end.

    The password is a reference to the private property file. JMeter sends it with the first request
    already, and to addresses below `address` only. Raises SpecError for a user that can't be sent.
    """
    basic = spec.environment.basic_auth
    if basic is None or not spec.sends_basic_auth(endpoint):
        return
    if not basic.user or ":" in ENVIRONMENT.sub("", basic.user) or not basic.user.isascii():
        raise SpecError(
            f"environment.basic_auth.user: {basic.user!r} can't be sent",
            mend="a user is ASCII text without a colon (RFC 7617)",
        )
    node = tree.element(children, "AuthManager", "basic authentication").node
    entry = tree.nested(tree.collection(node, "AuthManager.auth_list"), "", "Authorization")
    tree.string(entry, "Authorization.url", address)
    tree.string(entry, "Authorization.username", text.write(basic.user, "environment.basic_auth.user"))
    tree.string(
        entry, "Authorization.password", text.write(basic.password, "environment.basic_auth.password")
    )
    tree.string(entry, "Authorization.domain", "")
    tree.string(entry, "Authorization.realm", "")
    tree.string(entry, "Authorization.mechanism", "BASIC")
    tree.boolean(node, "AuthManager.controlledByThreadGroup", False)
